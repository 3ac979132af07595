// gradle_lock: what Gradle locked for a project.
//
// Input   gradle.lockfile, buildscript-gradle.lockfile, gradle/dependency-locks/*.lockfile (Gradle before 6.8), and
// version
//         catalogues *.versions.toml (declared); hostile.
// Output  one maven Package for each; property "dev" when only test or build-script configurations use it, "declared"
//         for those of a catalogue.
// Errors  Malformed (TOML), Limit. A line that is not group:artifact:version is a gap.
// Cost    one pass by lines.
// Source  docs.gradle.org: Dependency Locking, Version Catalogs.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

bool only_tests(std::string_view configurations) {
  if (configurations.empty()) return false;
  for (const std::string_view one : split(configurations, ','))
    if (!lower(one).starts_with("test") && lower(one).find("test") == std::string::npos) return false;
  return true;
}

void add_coordinates(Harvest& harvest, std::string_view coordinates, std::string_view version, bool dev,
                     bool declared) {
  const auto [group, artifact] = cut(coordinates, ':');
  if (Package* package = harvest.add_dev("maven", group, artifact, version, dev); package && declared)
    package->set_property("declared", "true");
}

Result<Facts> read_catalogue(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_toml_file(file, limits));
  Harvest harvest(file, "gradle_lock", limits);
  const JsonValue root = document.root(), versions = root["versions"];
  for (const auto& [alias, library] : harvest.members(root["libraries"], "libraries")) {
    if (library.is_string()) {
      const auto [coordinates, version] = split_last(library.text(), ':');
      add_coordinates(harvest, coordinates, version, false, true);
      continue;
    }
    const std::string coordinates = library["module"].is_string()
                                        ? std::string(library["module"].text())
                                        : cat(library["group"].text(), ":", library["name"].text());
    JsonValue version = library["version"];
    if (version["ref"].is_string()) version = versions[version["ref"].text()];
    std::string_view text = version.text();
    for (const std::string_view kind : {"strictly", "require", "prefer"})
      if (text.empty()) text = version[kind].text();
    if (coordinates.find(':') == std::string::npos || coordinates.size() < 3) {
      harvest.gap(cat("library \"", to_utf8(alias.substr(0, 100)), "\" has no module"));
      continue;
    }
    if (!text.empty() && text.find_first_of("[](),+") == std::string_view::npos)
      add_coordinates(harvest, coordinates, text, false, true);
  }
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (file.path.ends_with(".toml")) return read_catalogue(file, limits);
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "gradle_lock", limits);
  const bool build_script = base_name(file.path).starts_with("buildscript");
  std::string_view line;
  std::size_t number = 0;
  while (next_line(text, line)) {
    ++number;
    line = trim(line);
    if (line.empty() || line[0] == '#' || line.starts_with("empty=")) {
      if (line.starts_with("empty=")) harvest.recognised();
      continue;
    }
    const auto [coordinates, configurations] = cut(line, '=');
    const auto [module, version] = split_last(coordinates, ':');
    if (module.find(':') == std::string_view::npos || version.empty()) {
      harvest.gap(cat("line ", number, " is not group:artifact:version"));
      continue;
    }
    add_coordinates(harvest, module, version, build_script || only_tests(configurations), false);
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer gradle_lock() {
  return {.name = "gradle_lock",
          .version = 2,
          .paths = {"**/*gradle.lockfile", "**/gradle/dependency-locks/*.lockfile", "**/*.versions.toml"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
