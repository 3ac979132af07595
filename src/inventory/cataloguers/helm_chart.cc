// helm_chart: Helm charts and the charts they depend on.
//
// Input   Chart.yaml, Chart.lock, requirements.yaml and requirements.lock (Helm 2); hostile.
// Output  one helm Package for the chart itself (property "app-version") and for each dependency with an exact version;
//         property "repository". Where a lock stands beside Chart.yaml, dependencies are the lock's.
// Errors  Malformed, Limit. A chart without a name or version is a gap.
// Cost    YAML of each file.
// Source  helm.sh/docs/topics/charts.
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

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
    const std::string_view version = dependency["version"].text();
    if (version.empty() || version.find_first_of("^~<>=*|, xX") != std::string_view::npos) continue;
    Package* package = harvest.add("helm", {}, dependency["name"].text(), version);
    if (!package) continue;
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
          .version = 1,
          .paths = {"**/Chart.{yaml,lock}", "**/requirements.{yaml,lock}"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
