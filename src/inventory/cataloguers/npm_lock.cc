// npm_lock: what npm locked for a project.
//
// Input   package-lock.json and npm-shrinkwrap.json, lockfileVersion 1, 2 and 3; hostile; not below node_modules.
// Output  one npm Package for each locked name and version, the project and its workspaces left out; property "dev",
//         "resolved" for what does not come from a registry. Aliases are listed under their real name.
// Errors  Malformed, Limit. An entry of the wrong shape is a gap; the others are kept.
// Cost    one pass, O(file).
// Source  npm package-lock.json(5).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

void add_depends(Package& package, JsonValue dependencies) {
  for (const auto& [name, range] : dependencies.members()) add_unique(package.depends, name);
}

bool is_registry_version(std::string_view version) {
  return !version.empty() && version.find_first_of(":/") == std::string_view::npos;
}

// Versions 2 and 3: "packages", keyed by place in the tree.
void read_packages(JsonValue packages, Harvest& harvest) {
  for (const auto& [place, entry] : harvest.members(packages, "packages")) {
    const std::size_t modules = place.rfind("node_modules/");
    if (modules == std::string_view::npos) continue;  // the project itself or a workspace
    if (!entry.is_object()) {
      harvest.gap(cat("\"", to_utf8(place.substr(0, 100)), "\" is not an object"));
      continue;
    }
    if (entry["link"].boolean().value_or(false)) continue;  // its target has an entry of its own
    const std::string_view name = entry["name"].text(place.substr(modules + 13)), resolved = entry["resolved"].text();
    Package* package = harvest.add_npm(name, entry["version"].text(), entry["dev"].boolean().value_or(false));
    if (!package) continue;
    if (!resolved.empty() && !resolved.starts_with("http"))
      package->set_property("resolved", resolved.substr(0, kMaxNameBytes));
    if (package->licenses.empty()) add_license(package->licenses, entry["license"].text());
    add_depends(*package, entry["dependencies"]);
    add_depends(*package, entry["optionalDependencies"]);
  }
}

// Version 1: "dependencies", nested as the tree is. Depth is bounded by the JSON reader.
void read_tree(JsonValue dependencies, Harvest& harvest) {
  for (const auto& [alias, entry] : harvest.members(dependencies, "dependencies")) {
    if (!entry.is_object()) {
      harvest.gap(cat("\"", to_utf8(alias.substr(0, 100)), "\" is not an object"));
      continue;
    }
    std::string_view name = alias, version = entry["version"].text();
    if (version.starts_with("npm:")) {
      const auto [real, real_version] = split_last(version.substr(4), '@');
      name = real;
      version = real_version;
    }
    const bool local = version.starts_with("file:") || version.starts_with("link:");
    if (!local) {
      const bool registry = is_registry_version(version);
      if (Package* package =
              harvest.add_npm(name, registry ? version : std::string_view(), entry["dev"].boolean().value_or(false))) {
        if (!registry) package->set_property("resolved", version.substr(0, kMaxNameBytes));
        add_depends(*package, entry["requires"]);
      }
    }
    read_tree(entry["dependencies"], harvest);
  }
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (is_vendored_path(file.path)) return Facts{};
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  const JsonValue root = document.root();
  Harvest harvest(file, "npm_lock", limits);
  if (!root.is_object()) return malformed("a lock file is a JSON object");
  if (root["lockfileVersion"].exists()) harvest.recognised();
  if (root["packages"].exists())
    read_packages(root["packages"], harvest);
  else
    read_tree(root["dependencies"], harvest);
  return harvest.take_lock();
}

}  // namespace

Cataloguer npm_lock() {
  return {.name = "npm_lock",
          .version = 2,
          .paths = {"**/package-lock.json", "**/npm-shrinkwrap.json"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
