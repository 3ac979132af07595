// pnpm_lock: what pnpm locked for a project.
//
// Input   pnpm-lock.yaml, lockfileVersion 5.x ("/name/1.0.0"), 6.x ("/name@1.0.0(peer@2)") and 9 ("name@1.0.0" with
//         "snapshots"); hostile.
// Output  one npm Package for each locked name and version; property "dev" from the entry's own flag, or in version 9
//         from what the importers' dependencies reach.
// Errors  Malformed, Limit. A key that names no package is a gap.
// Cost    YAML of the whole file; O(entries).
// Source  pnpm/spec lockfile 5.2, 6.0, 9.0.
#include <unordered_map>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

struct Key {
  std::string_view name, version;
};

// "@babel/types@7.22.5(peer@1)" -> {"@babel/types", "7.22.5"}
Key of_at_key(std::string_view key) {
  key = key.substr(0, key.find('('));
  const std::size_t at = key.find('@', 1);
  if (at == std::string_view::npos) return {};
  return {key.substr(0, at), key.substr(at + 1)};
}

// "/@babel/types/7.22.5_peer@1" -> {"@babel/types", "7.22.5"}
Key of_slash_key(std::string_view key) {
  const auto [name, version] = split_last(key.substr(0, key.find('(')), '/');
  return {name, version.substr(0, version.find('_'))};
}

Key of_key(std::string_view key, bool slashes) {
  const std::size_t host = key.find('/');
  if (key.starts_with('/'))
    key.remove_prefix(1);
  else if (slashes && host != std::string_view::npos && key.substr(0, host).find('.') != std::string_view::npos)
    key.remove_prefix(host + 1);  // "registry.npmjs.org/name/1.0.0"
  return slashes ? of_slash_key(key) : of_at_key(key);
}

// Version 9: every snapshot that importers reach without their devDependencies.
class Production {
 public:
  explicit Production(JsonValue root) {
    const auto snapshots = root["snapshots"].members();
    for (std::size_t i = 0; i < snapshots.size(); ++i) index_.emplace(std::string(snapshots[i].name), i);
    std::vector<std::vector<std::size_t>> edges(snapshots.size());
    for (std::size_t i = 0; i < snapshots.size(); ++i)
      for (const std::string_view kind : {"dependencies", "optionalDependencies"})
        for (const auto& [name, version] : snapshots[i].value[kind].members()) follow(name, version.text(), edges[i]);
    std::vector<std::size_t> roots;
    for (const auto& [path, importer] : root["importers"].members())
      for (const std::string_view kind : {"dependencies", "optionalDependencies"})
        for (const auto& [name, entry] : importer[kind].members()) follow(name, entry["version"].text(), roots);
    const auto seen = reachable(snapshots.size(), std::move(roots), edges);
    for (std::size_t i = 0; i < snapshots.size(); ++i)
      if (seen[i]) needed_.emplace(std::string(snapshots[i].name.substr(0, snapshots[i].name.find('('))), true);
  }
  bool needs(std::string_view key) const { return needed_.contains(std::string(key)); }

 private:
  void follow(std::string_view name, std::string_view version, std::vector<std::size_t>& into) const {
    auto found = index_.find(cat(name, "@", version));
    if (found == index_.end()) found = index_.find(std::string(version));  // an alias: "lodash@4.17.21"
    if (found != index_.end()) into.push_back(found->second);
  }
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::string, bool> needed_;
};

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  PLIM_TRY(const auto document, parse_yaml_file(file, limits));
  const JsonValue root = document.root();
  Harvest harvest(file, "pnpm_lock", limits);
  if (!root.is_object()) return malformed("a lock file is a YAML mapping");
  const JsonValue format = root["lockfileVersion"];
  if (format.exists()) harvest.recognised();
  const double version = format.is_string() ? static_cast<double>(parse_u64(cut(format.text(), '.').first).value_or(0))
                                            : format.number().value_or(0);
  const bool slashes = version < 6, graph = version >= 9;
  const Production production(graph ? root : JsonValue());
  const JsonValue snapshots = root["snapshots"];
  for (const auto& [key, entry] : harvest.members(root["packages"], "packages")) {
    Key id = of_key(key, slashes);
    if (entry["name"].is_string()) id.name = entry["name"].text();
    if (entry["version"].is_string()) id.version = entry["version"].text();
    if (id.version.starts_with("file:") || id.version.starts_with("link:") || key.starts_with("file:")) continue;
    if (id.name.empty() || id.version.empty()) {
      harvest.gap(cat("\"", to_utf8(key.substr(0, 100)), "\" names no package"));
      continue;
    }
    const bool dev = graph ? !production.needs(key.substr(0, key.find('('))) : entry["dev"].boolean().value_or(false);
    const bool remote = id.version.find("://") != std::string_view::npos;
    if (Package* package = harvest.add_npm(id.name, remote ? std::string_view() : id.version, dev)) {
      if (remote) package->set_property("resolved", id.version.substr(0, kMaxNameBytes));
      for (const std::string_view kind : {"dependencies", "optionalDependencies"})
        for (const auto& [name, range] : (graph ? snapshots[key] : entry)[kind].members())
          add_unique(package->depends, name);
    }
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer pnpm_lock() {
  return {.name = "pnpm_lock",
          .version = 2,
          .paths = {"**/pnpm-lock.yaml"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
