// node_installed: npm packages that lie unpacked in an image (node_modules of npm, yarn and pnpm stores, global ones).
//
// Input   **/package.json; hostile; JSON, not always UTF-8.
// Output  one npm Package for each file with a name. Every such file counts, also below node_modules/x: bundled copies
//         live there. One without a version (bundlers drop it) has property "unversioned". Template files whose name
//         cannot be a package name are none.
// Errors  A file that is not JSON where node would load a package from (node_modules/x/package.json, or outside of
//         node_modules) is an error; deeper inside a package it is that package's test data and says nothing.
// Cost    one pass over the file, buffers reused from file to file.
// Source  npm package.json(5): name, version, license, dependencies.
#include <algorithm>

#include "base/json.h"
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

// Whether node loads a package from here: not from below node_modules/x/ or node_modules/@s/x/.
bool is_package_root(std::string_view path) {
  const std::size_t modules = path.rfind("node_modules/");
  if (modules == std::string_view::npos) return true;
  std::string_view rest = path.substr(modules + 13);
  const std::size_t depth = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '/'));
  return depth == (rest.starts_with('@') ? 2u : 1u);
}

bool is_package_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t{}<>$%\\|\"'`^") == std::string_view::npos;
}

void add_licenses(Package& package, JsonValue value) {
  if (value.is_string())
    add_license(package.licenses, value.text());
  else if (value.is_object())
    add_license(package.licenses, value["type"].is_string() ? value["type"].text() : value["url"].text());
  else
    for (const JsonValue item : value.items())
      add_license(package.licenses, item.is_string() ? item.text() : item["type"].text());
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (base_name(file.path) != "package.json") return Facts{};
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  // An image has tens of thousands of these: one set of parser buffers for each thread, with no state between files.
  static thread_local JsonReader reader;
  auto root = reader.parse(text, limits);
  std::string repaired;
  if (!root && !is_utf8(text)) {
    repaired = to_utf8(text);
    root = reader.parse(repaired, limits);
  }
  if (!root) {
    if (!is_package_root(file.path) || trim(text).empty()) return Facts{};
    return std::move(root).error();
  }
  Harvest harvest(file, "node_installed", limits);
  const JsonValue name = (*root)["name"], version = (*root)["version"];
  if (!root->is_object() || (name.exists() && !name.is_string()) || (version.exists() && !version.is_string())) {
    if (is_package_root(file.path))
      harvest.gap(root->is_object() ? "\"name\" or \"version\" is not text" : "not a JSON object");
    return harvest.take();
  }
  if (!is_package_name(name.text())) return harvest.take();
  std::string_view ns, plain = name.text();
  if (plain.starts_with('@')) {
    ns = split_last(plain, '/').first;
    plain = split_last(plain, '/').second;
  }
  if (Package* package = harvest.add("npm", ns, plain, version.text())) {
    if (package->version.empty()) package->set_property("unversioned", "true");
    add_licenses(*package, (*root)["license"]);
    if (package->licenses.empty()) add_licenses(*package, (*root)["licenses"]);
    const JsonValue dependencies = (*root)["dependencies"];
    if (dependencies.is_object()) {
      for (const auto& [dependency, range] : dependencies.members()) add_unique(package->depends, dependency);
    }
  }
  return harvest.take();
}

}  // namespace

Cataloguer node_installed() {
  return {.name = "node_installed",
          .version = 1,
          .paths = {"**/package.json"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
