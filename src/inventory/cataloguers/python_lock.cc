// python_lock: what Python project tools locked, in their TOML files.
//
// Input   poetry.lock, uv.lock, pdm.lock, pylock.toml and pylock.*.toml (PEP 751); hostile.
// Output  one pypi Package for each locked name and version; the project itself (editable, virtual, directory sources)
// is
//         left out; property "dev" where the file tells it: poetry's category and groups, pdm's groups, and in uv what
//         the project's own dependencies do not reach; "resolved" for what comes from version control.
// Errors  Malformed, Limit. A package without a name is a gap.
// Cost    TOML of the whole file; O(entries).
// Source  python-poetry.org/docs, docs.astral.sh/uv/concepts/projects/layout, pdm-project.org, PEP 751.
#include <unordered_map>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

std::string_view requirement_name(std::string_view requirement) {
  return requirement.substr(0, std::min(requirement.find_first_of(" [<>=!~;("), requirement.size()));
}

bool is_local(JsonValue source) {
  return source["editable"].exists() || source["virtual"].exists() || source["directory"].exists() ||
         source["type"].text() == "directory" || source["path"].exists();
}

std::vector<std::string_view> dependency_names(JsonValue dependencies) {
  std::vector<std::string_view> out;
  for (const auto& [name, constraint] : dependencies.members()) out.push_back(name);  // poetry: a table
  for (const JsonValue item : dependencies.items())                                   // uv: {name}; pdm: "name>=1"
    if (const auto name = item.is_string() ? requirement_name(item.text()) : item["name"].text(); !name.empty())
      out.push_back(name);
  return out;
}

// poetry 2 and pdm: "groups" without the main one; poetry 1: category.
bool only_dev_groups(JsonValue package) {
  if (package["category"].text() == "dev") return true;
  const auto groups = package["groups"].items();
  if (groups.empty()) return false;
  for (const JsonValue group : groups)
    if (group.text() == "main" || group.text() == "default") return false;
  return true;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  PLIM_TRY(const auto document, parse_toml_file(file, limits));
  Harvest harvest(file, "python_lock", limits);
  const JsonValue root = document.root();
  for (const std::string_view key : {"version", "lock-version", "metadata"})  // of a lock without packages
    if (root[key].exists()) harvest.recognised();
  const auto packages = harvest.items(root["package"].exists() ? root["package"] : root["packages"], "package");

  std::vector<bool> production(packages.size(), true);
  if (base_name(file.path) == "uv.lock") {
    std::unordered_multimap<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < packages.size(); ++i) by_name.emplace(packages[i]["name"].text(), i);
    std::vector<std::vector<std::size_t>> edges(packages.size());
    std::vector<std::size_t> roots;
    const auto follow = [&](std::size_t from, JsonValue list) {
      for (const auto name : dependency_names(list)) {
        const auto [begin, end] = by_name.equal_range(name);
        for (auto at = begin; at != end; ++at) edges[from].push_back(at->second);
      }
    };
    for (std::size_t i = 0; i < packages.size(); ++i) {
      follow(i, packages[i]["dependencies"]);
      for (const auto& [extra, list] : packages[i]["optional-dependencies"].members()) follow(i, list);
      if (is_local(packages[i]["source"])) roots.push_back(i);
    }
    if (!roots.empty()) production = reachable(packages.size(), std::move(roots), edges);
  }

  for (std::size_t i = 0; i < packages.size(); ++i) {
    const JsonValue entry = packages[i];
    if (!entry["name"].is_string()) {
      harvest.gap(cat("package ", i + 1, " has no name"));
      continue;
    }
    if (is_local(entry["source"]) || is_local(entry) || entry["directory"].exists()) continue;
    Package* package = harvest.add_dev("pypi", {}, entry["name"].text(), entry["version"].text(),
                                       !production[i] || only_dev_groups(entry));
    if (!package) continue;
    for (const auto name : dependency_names(entry["dependencies"])) add_unique(package->depends, name);
    const JsonValue source = entry["source"];
    const std::string_view git =
        source["git"].text(source["type"].text() == "git" ? source["url"].text() : entry["vcs"]["url"].text());
    if (!git.empty()) package->set_property("resolved", git.substr(0, kMaxNameBytes));
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer python_lock() {
  return {.name = "python_lock",
          .version = 2,
          .paths = {"**/poetry.lock", "**/uv.lock", "**/pdm.lock", "**/pylock.toml", "**/pylock.*.toml"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
