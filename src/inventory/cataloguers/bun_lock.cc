// bun_lock: what bun locked for a project.
//
// Input   bun.lock (JSON with comments and trailing commas); bun.lockb, the older binary form, is named as unread;
// hostile. Output  one npm Package for each locked name and version; property "dev" when no workspace's dependencies
// reach it. Errors  Malformed, Limit; Unsupported for bun.lockb. An entry of the wrong shape is a gap. Cost    one pass
// to strip comments, one to parse; O(entries). Source  bun.sh/docs/install/lockfile; written from the published form
// and from files bun 1.2 writes.
#include <unordered_map>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  if (file.path.ends_with(".lockb"))
    return unsupported(
        "bun.lockb is bun's binary lock file: `bun install --save-text-lockfile` writes bun.lock, which is read");
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  PLIM_TRY(const auto document,
           JsonDocument::parse(strip_json_comments(is_utf8(text) ? std::string(text) : to_utf8(text)), limits));
  Harvest harvest(file, "bun_lock", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("a lock file is a JSON object");
  const auto packages = harvest.members(root["packages"], "packages");
  std::unordered_map<std::string, std::size_t> places;
  std::vector<JsonValue> details(packages.size());  // the entry's object, wherever it stands in the list
  for (std::size_t i = 0; i < packages.size(); ++i) {
    places.emplace(std::string(packages[i].name), i);
    for (const JsonValue item : packages[i].value.items())
      if (item.is_object()) details[i] = item;
  }
  // As node does: "a/b" needs c -> "a/b/c", "a/c", "c".
  const auto find = [&](std::string_view from, std::string_view name) -> std::size_t {
    for (std::string_view at = from;;) {
      const auto found = places.find(at.empty() ? std::string(name) : cat(at, "/", name));
      if (found != places.end()) return found->second;
      if (at.empty()) return packages.size();
      at = split_last(at, '/').first;
    }
  };
  std::vector<std::vector<std::size_t>> edges(packages.size());
  for (std::size_t i = 0; i < packages.size(); ++i)
    for (const std::string_view kind : {"dependencies", "optionalDependencies", "peerDependencies"})
      for (const auto& [name, range] : details[i][kind].members()) edges[i].push_back(find(packages[i].name, name));
  std::vector<std::size_t> roots;
  for (const auto& [path, workspace] : harvest.members(root["workspaces"], "workspaces"))
    for (const std::string_view kind : {"dependencies", "optionalDependencies", "peerDependencies"})
      for (const auto& [name, range] : workspace[kind].members()) roots.push_back(find({}, name));
  const auto production = reachable(packages.size(), std::move(roots), edges);

  for (std::size_t i = 0; i < packages.size(); ++i) {
    const std::string_view id = packages[i].value.at(0).text();
    const std::size_t at = id.find('@', 1);
    if (at == std::string_view::npos) {
      harvest.gap(cat("\"", to_utf8(packages[i].name.substr(0, 100)), "\" does not say name@version"));
      continue;
    }
    const std::string_view version = id.substr(at + 1);
    if (version.starts_with("workspace:") || version.starts_with("link:") || version.starts_with("file:")) continue;
    const bool registry = version.find_first_of(":/") == std::string_view::npos;
    if (Package* package = harvest.add_npm(id.substr(0, at), registry ? version : std::string_view(), !production[i])) {
      if (!registry) package->set_property("resolved", version.substr(0, kMaxNameBytes));
      for (const auto& [name, range] : details[i]["dependencies"].members()) add_unique(package->depends, name);
    }
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer bun_lock() {
  return {.name = "bun_lock",
          .version = 2,
          .paths = {"**/bun.lock", "**/bun.lockb"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
