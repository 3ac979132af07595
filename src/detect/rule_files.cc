#include <array>
#include <algorithm>

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/engine.h"
#include "detect/malware/hash_list.h"

namespace plimsoll::detect {
namespace {

bool is_engine(std::string_view name) {
  return std::any_of(engines().begin(), engines().end(), [&](const Engine& engine) { return engine.name == name; });
}

}  // namespace

Result<std::string> engine_of(const RuleFile& file) {
  static constexpr std::array<std::string_view, 29> kMalware = {".yar", ".yara", ".hashes", ".md5", ".sha1", ".sha256", ".hdb", ".hsb", ".hdu", ".hsu", ".mdb", ".msb", ".mdu", ".msu", ".ndb",
                                                                   ".ndu", ".ldb", ".ldu", ".fp", ".sfp", ".cvd", ".cld", ".cud", ".cdb", ".idb", ".crb", ".ign2", ".ftm", ".cbc"};
  const std::string name = lower(base_name(file.path));
  if (name.ends_with(".toml")) return std::string("secrets");
  if (std::any_of(kMalware.begin(), kMalware.end(), [&](std::string_view ending) { return name.ends_with(ending); })) return std::string("malware");
  std::string folder(base_name(parent_path(file.path)));
  std::replace(folder.begin(), folder.end(), '-', '_');
  if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
    PLIM_TRY(const JsonDocument document, JsonDocument::parse_yaml(file.text).context("rule file", file.path));
    if (const JsonValue engine = document.root()["engine"]; engine.exists()) {
      std::string stated(engine.text());
      std::replace(stated.begin(), stated.end(), '-', '_');
      if (!is_engine(stated)) return unsupported(cat("rule file ", file.path, ": no engine is called \"", to_utf8(stated), "\""));
      return stated;
    }
    if (is_engine(folder)) return folder;
    // The members of a rule tell as well.
    const JsonValue rule = document.root()["rules"].at(0);
    for (const auto& [member, engine] : {std::pair{"pattern", "secrets"}, {"subject", "configuration"}, {"paths", "sensitive_files"}})
      if (rule[member].exists()) return std::string(engine);
  }
  if (is_engine(folder)) return folder;
  if (looks_like_hash_list(file.text)) return std::string("malware");
  return unsupported(cat("rule file ", file.path, ": neither its ending nor a member \"engine\" tells which engine it is for"));
}

}  // namespace plimsoll::detect
