// helm_chart: Helm charts and the charts they depend on.
//
// Input   Chart.yaml, Chart.lock, requirements.yaml and requirements.lock (Helm 2); hostile.
// Output  one helm Package for the chart itself (property "app-version") and for each dependency; property
//         "repository". One whose version is a range has none and property "declared". Where a lock stands beside
//         Chart.yaml, dependencies are the lock's.
// Errors  Malformed, Limit. A chart without a name or version is a gap.
// Cost    YAML of each file.
// Source  helm.sh/docs/topics/charts.
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

// A range names no version yet: "~1.2", ">=1 <2", "1.x".
bool is_range(std::string_view version) {
  if (version.empty() || version.find_first_of("^~<>=*|, ") != std::string_view::npos) return true;
  for (const std::string_view part : split(version.substr(0, version.find_first_of("-+")), '.'))
    if (part == "x" || part == "X") return true;
  return false;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_yaml_file(file, limits));
  Harvest harvest(file, "helm_chart", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("a chart file is a YAML mapping");
  if (base_name(file.path) == "Chart.yaml") {
    const std::string_view name = root["name"].text(), version = root["version"].text();
    if (name.empty() || version.empty()) harvest.gap(cat("no ", name.empty() ? "name" : "version"));
    if (Package* package = harvest.add("helm", {}, name, version)) {
      if (const auto app = root["appVersion"].text(); !app.empty())
        package->set_property("app-version", app.substr(0, 200));
      for (const JsonValue dependency : root["dependencies"].items())
        add_unique(package->depends, dependency["name"].text());
    }
  }
  for (const JsonValue dependency : harvest.items(root["dependencies"], "dependencies")) {
    const std::string_view name = dependency["name"].text(), version = dependency["version"].text();
    if (name.empty()) harvest.gap("a dependency has no name");
    const bool range = is_range(version);
    Package* package = harvest.add("helm", {}, name, range ? std::string_view() : version);
    if (!package) continue;
    if (range) package->set_property("declared", "true");
    if (const auto repository = dependency["repository"].text(); !repository.empty())
      package->set_property("repository", repository.substr(0, kMaxNameBytes));
    package->set_property("dependency", "true");
  }
  return harvest.take();
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  std::set<std::string> locked;
  for (const FileFacts& file : facts.files)
    if (file.path.ends_with(".lock")) locked.emplace(parent_path(file.path));
  std::erase_if(out.packages, [&](const Package& package) {
    const std::string& path = package.locations.front().path;
    return path.ends_with(".yaml") && !package.property("dependency").empty() &&
           locked.contains(std::string(parent_path(path)));
  });
  for (Package& package : out.packages)
    std::erase_if(package.properties, [](const auto& property) { return property.first == "dependency"; });
  return out;
}

}  // namespace

Cataloguer helm_chart() {
  return {.name = "helm_chart",
          .version = 2,
          .paths = {"**/Chart.{yaml,lock}", "**/requirements.{yaml,lock}"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
