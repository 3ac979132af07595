#include "cli/profiles.h"

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::cli {
namespace {

std::string file_of(const std::string& folder, std::string digest) {
  std::replace(digest.begin(), digest.end(), ':', '-');
  return cat(folder, "/", digest, ".json");
}

}  // namespace

Result<std::vector<profile::ProfileEntry>> load_profile(const std::string& name, const std::string& folder) {
  const std::string home = folder.empty() ? Context::cache_directory() + "/profiles" : folder;
  std::string path = name;
  if (name.starts_with("sha256:")) {
    if (name.find('/') != std::string::npos) return malformed(cat("\"", to_utf8(name), "\" is not a digest"));
    path = file_of(home, name);
  }
  PLIM_TRY(std::string text, read_file(path).context("binary profile", name));
  {
    PLIM_TRY(const JsonDocument document, JsonDocument::parse(text).context("binary profile", path));
    if (const JsonValue stated = document.root()["profile"]; stated.exists() && document.root()["schemaVersion"].exists()) {
      path = stated["reference"].text();
      if (path.empty() || !exists(path)) path = file_of(home, std::string(stated["digest"].text()));
      PLIM_TRY(text, read_file(path).context("the binary profile that the report names", name));
    }
  }
  const std::size_t slash = path.rfind('/');
  const std::string beside = slash == std::string::npos ? "." : path.substr(0, slash);
  return profile::read_profile(text, [&](const std::string& digest) -> Result<std::string> {
    if (digest.find('/') != std::string::npos) return malformed("a part's name is no digest");
    return read_file(file_of(beside, digest));
  });
}

}  // namespace plimsoll::cli
