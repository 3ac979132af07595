#include "scan/describe.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/malware/subjects.h"
#include "inventory/cataloguer.h"
#include "profile/executables.h"

namespace plimsoll::scan {
namespace {

using Owners = std::unordered_map<std::uint64_t, std::string>;

class KnownTree : public Tree {
 public:
  bool contains(std::string_view) const override { return true; }
};

// What a package database under `root` says of who owns what; nullopt when there is none.
std::optional<Owners> read_owners(const std::string& root) {
  static constexpr std::string_view kFiles[] = {"var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/Packages", "var/lib/rpm/Packages.db"};
  static constexpr std::string_view kFolders[] = {"var/lib/dpkg/info", "var/lib/dpkg/status.d"};
  std::vector<std::string> paths;
  for (const std::string_view file : kFiles)
    if (exists(cat(root, "/", file))) paths.emplace_back(file);
  for (const std::string_view folder : kFolders)
    if (const auto names = list_directory(cat(root, "/", folder)))
      for (const std::string& name : *names)
        if (folder.ends_with(".d") || name.ends_with(".list")) paths.push_back(cat(folder, "/", name));
  if (paths.empty()) return std::nullopt;
  std::sort(paths.begin(), paths.end());
  Owners out;
  bool any = false;
  const KnownTree tree;
  const Limits limits;
  for (const inventory::Cataloguer& cataloguer : inventory::cataloguers()) {
    if (cataloguer.name != "dpkg" && cataloguer.name != "apk" && cataloguer.name != "rpm") continue;
    std::deque<Facts> kept;
    std::vector<FileFacts> files;
    for (const std::string& path : paths) {
      const auto wanted = [&](const std::string& glob) { return glob_match(glob, path); };
      if (std::none_of(cataloguer.paths.begin(), cataloguer.paths.end(), wanted)) continue;
      const auto text = read_file(cat(root, "/", path));
      if (!text) continue;
      auto facts = cataloguer.extract({.path = path, .content = as_bytes(*text)}, limits);
      if (!facts || facts->empty()) continue;
      kept.push_back(std::move(facts).value());
      files.push_back({.path = path, .facts = &kept.back()});
    }
    const auto found = cataloguer.resolve({.files = files, .tree = tree, .layers = {}, .replaced = {}});
    if (!found) continue;
    for (const OwnedPaths& owned : found->owned) {
      if (owned.package >= found->packages.size()) continue;
      any = true;
      const std::string purl = found->packages[owned.package].purl().text();
      for (const std::uint64_t path : owned.paths) out.emplace(path, purl);
    }
  }
  if (!any) return std::nullopt;
  return out;
}

}  // namespace

Analyser binary_facts() {
  Analyser out{.name = "binary-facts", .version = 1};
  out.magics = {"\x7f" "ELF", "#!", "MZ", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe"};
  out.extract = [](const FileView& file, const Limits&) -> Result<Facts> {
    Facts facts;
    const bool script = as_text(file.content).starts_with("#!");
    if (!script && !detect::is_program(file.content)) return facts;
    const auto say = [&](std::string_view name, std::string value) {
      if (!value.empty()) facts.notes.emplace_back(name, std::move(value));
    };
    const detect::Subject subject = script ? detect::text_subject(file.path, as_text(file.content), nullptr) : detect::program_subject(file.path, file.content, nullptr);
    if (script) say("format", "script");
    for (const auto& [name, value] : subject.fields)
      if (name != "path" && name != "name") say(name == "size" ? "sizeBytes" : name == "packer_mark" ? "packerMark" : name, value);
    const Digests digests = all_digests(file.content, {});
    for (const auto& [name, value] : {std::pair{"md5", &digests.md5}, {"sha1", &digests.sha1}, {"sha256", &digests.sha256}, {"fsVerity", &digests.verity}}) say(name, to_hex(*value));
    if (const std::string id = profile::build_id(file.content); !id.empty()) say("buildId", to_hex(id));
    return facts;
  };
  out.resolve = [](const SquashedFacts&) -> Result<Catalogue> { return Catalogue{}; };
  return out;
}

void add_owners(std::vector<BinaryInfo>& binaries) {
  std::map<std::string, std::optional<Owners>> trees;
  for (BinaryInfo& binary : binaries) {
    char real[PATH_MAX];
    const std::string outer = binary.path.substr(0, binary.path.find("!/"));
    if (!::realpath(outer.c_str(), real)) continue;
    // The nearest folder above it that has a package database is the root of its tree.
    std::string_view root = real;
    do {
      root = root.substr(0, root.rfind('/'));
      auto [tree, fresh] = trees.try_emplace(std::string(root));
      if (fresh) tree->second = read_owners(tree->first);
      if (!tree->second) continue;
      const std::string inside = normalise_path(std::string_view(real).substr(root.size()));
      const auto owner = tree->second->find(owned_path_hash(inside));
      binary.facts.emplace_back("owner", owner == tree->second->end() ? "none" : owner->second);
      break;
    } while (!root.empty());
  }
}

}  // namespace plimsoll::scan
