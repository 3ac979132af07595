// vcpkg_packages: C and C++ packages of vcpkg, installed or pinned by a project.
//
// Input   vcpkg/status of an installed tree (paragraphs as dpkg writes them), vcpkg.json (overrides and least
// versions);
//         hostile.
// Output  one vcpkg Package for each port; features are part of their port. Those of vcpkg.json have property
// "declared";
//         a dependency without any version there names no package.
// Errors  Malformed, Limit. A paragraph that is no field list is a gap.
// Cost    one pass per file.
// Source  learn.microsoft.com/vcpkg: vcpkg.json, versioning; the status file's published form.
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/stanzas.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> read_status(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  Harvest harvest(file, "vcpkg_packages", limits);
  StanzaReader reader(text);
  while (reader.next()) {
    if (reader.bad_line() > 0) harvest.gap(cat("line ", reader.bad_line(), " is no field"));
    if (!reader.field("Status").ends_with(" installed") || !reader.field("Feature").empty()) continue;
    std::string version(reader.field("Version"));
    if (const auto port = reader.field("Port-Version"); !port.empty() && port != "0") version += cat("#", port);
    Package* package = harvest.add("vcpkg", {}, reader.field("Package"), version);
    if (!package) continue;
    package->arch = std::string(reader.field("Architecture").substr(0, 100));
    for (std::string_view one : split(reader.field("Depends"), ','))
      add_unique(package->depends, cut(cut(trim(one), ':').first, ' ').first);
  }
  return harvest.take();
}

Result<Facts> read_manifest(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "vcpkg_packages", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("vcpkg.json is a JSON object");
  const auto version_of = [](JsonValue entry) {
    for (const std::string_view key : {"version", "version-semver", "version-string", "version-date", "version>="})
      if (entry[key].is_string()) return entry[key].text();
    return std::string_view();
  };
  std::vector<std::string> pinned;
  for (const JsonValue entry : harvest.items(root["overrides"], "overrides")) {
    pinned.emplace_back(entry["name"].text());
    if (Package* package = harvest.add("vcpkg", {}, entry["name"].text(), version_of(entry)))
      package->set_property("declared", "true");
  }
  for (const JsonValue entry : harvest.items(root["dependencies"], "dependencies")) {
    const std::string_view version = version_of(entry);
    if (version.empty() || std::find(pinned.begin(), pinned.end(), entry["name"].text()) != pinned.end()) continue;
    if (Package* package = harvest.add("vcpkg", {}, entry["name"].text(), version))
      package->set_property("declared", "true");
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  return file.path.ends_with(".json") ? read_manifest(file, limits) : read_status(file, limits);
}

}  // namespace

Cataloguer vcpkg_packages() {
  return {.name = "vcpkg_packages",
          .version = 1,
          .paths = {"**/installed/vcpkg/status", "**/vcpkg.json"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
