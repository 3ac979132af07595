// maven_project: the dependencies a Maven project declares or locks.
//
// Input   pom.xml of a source tree (not those inside META-INF), lockfile.json of the maven-lockfile plug-in; hostile.
// Output  one maven Package for each declared dependency whose version the tree tells: its own, its parents' properties
//         and dependencyManagement, imported BOMs when they are in the tree. Scope "test" has property "dev". Where a
//         lock stands beside the POM, its dependencies are the lock's, those of dependencies too; plug-ins and
//         extensions, which only the build runs, are "dev".
// Errors  Malformed, Limit. Dependencies whose version only a parent outside the tree knows are one gap per file,
//         named. A lockfile.json of another tool is none.
// Cost    XML of each POM; joins in O(POMs + dependencies).
// Source  Maven 3.8 POM reference; lockfile.json as io.github.chains-project:maven-lockfile 5 writes it (version 1).
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/pom.h"

namespace plimsoll::inventory {
namespace {

// One dependency and those below it; their depth is bounded by the JSON reader.
void read_locked(JsonValue entry, bool dev, Harvest& harvest) {
  const std::string_view group = entry["groupId"].text(), artifact = entry["artifactId"].text();
  if (group.empty() || artifact.empty()) return harvest.gap("a dependency has no groupId or artifactId");
  dev = dev || entry["scope"].text() == "test";
  const std::vector<JsonValue> below = harvest.items(entry["children"], "children"),
                               of_plugin = harvest.items(entry["dependencies"], "dependencies");
  // One that lost to another version of itself is not part of the build; its winner stands elsewhere.
  if (entry["included"].boolean().value_or(true)) {
    const std::string_view selected = entry["selectedVersion"].text();
    const std::string_view version = selected.empty() ? entry["version"].text() : selected;
    if (version.empty()) harvest.gap(cat(to_utf8(group.substr(0, 100)), ":", to_utf8(artifact.substr(0, 100)), " has no version"));
    if (Package* package = harvest.add_dev("maven", group, artifact, version, dev))
      for (const auto* list : {&below, &of_plugin})
        for (const JsonValue child : *list) add_unique(package->depends, cat(child["groupId"].text(), ":", child["artifactId"].text()));
  }
  for (const auto* list : {&below, &of_plugin})
    for (const JsonValue child : *list) read_locked(child, dev, harvest);
}

Result<Facts> read_lock(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  if (text.find("\"lockFileVersion\"") == std::string_view::npos) return Facts{};
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("lockfile.json is a JSON object");
  Harvest harvest(file, "maven_project", limits);
  for (const JsonValue entry : harvest.items(root["dependencies"], "dependencies")) read_locked(entry, false, harvest);
  for (const std::string_view kind : {"mavenPlugins", "mavenExtensions"})
    for (const JsonValue entry : harvest.items(root[kind], kind)) read_locked(entry, true, harvest);
  harvest.facts().notes.emplace_back("lock", "true");
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (base_name(file.path) == "lockfile.json") return read_lock(file, limits);
  Facts facts;
  if (file.path.find("META-INF/maven/") != std::string_view::npos) return facts;
  PLIM_TRY(const Pom pom, parse_pom(file.content, limits));
  facts.notes.emplace_back("pom", pom.packed());
  return facts;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  PomSet poms;
  for (const FileFacts& file : facts.files)
    if (const auto pom = file.facts->note("pom"); !pom.empty()) poms.add(std::string(file.path), Pom::unpacked(pom));
  std::set<std::string> own;  // modules of this tree are no outside packages
  for (const FileFacts& file : facts.files)
    if (poms.by_path(file.path)) own.insert(cat(poms.group(std::string(file.path)), ":", poms.artifact(std::string(file.path))));
  std::set<std::string_view> locked;  // folders
  for (const FileFacts& file : facts.files) {
    if (file.facts->note("lock").empty()) continue;
    locked.insert(parent_path(file.path));
    for (const Package& stated : file.facts->packages) {
      if (own.contains(cat(stated.ns, ":", stated.name))) continue;
      Package& package = out.packages.emplace_back(stated);
      package.locations = {facts.location(file)};
    }
  }
  for (const FileFacts& file : facts.files) {
    if (locked.contains(parent_path(file.path)) || !poms.by_path(file.path)) continue;
    std::string unknown;
    std::size_t count = 0;
    for (const PomDependency& dependency : poms.dependencies(std::string(file.path))) {
      const std::string coordinates = cat(dependency.group, ":", dependency.artifact);
      if (dependency.artifact.empty() || own.contains(coordinates)) continue;
      std::string version = dependency.version;
      if (version.starts_with('[') && version.ends_with(']') && version.find(',') == std::string::npos)
        version = version.substr(1, version.size() - 2);
      if (version.empty() || version.find_first_of("${}[](),") != std::string::npos) {
        if (++count <= 8) unknown += cat(unknown.empty() ? "" : ", ", coordinates);
        version.clear();
      }
      Package package;
      package.type = "maven";
      package.ns = dependency.group.find("${") == std::string::npos ? dependency.group : std::string();
      package.name = dependency.artifact;
      package.version = version;
      package.set_property("declared", "true");
      if (dependency.scope == "test") package.set_property("dev", "true");
      package.locations = {facts.location(file)};
      out.packages.push_back(std::move(package));
    }
    if (count > 0)
      out.gaps.push_back(
          {"maven_project", to_utf8(file.path),
           cat("the version of ", count, " dependencies is a range or comes from a parent that is not in the tree: ",
               to_utf8(unknown), count > 8 ? "..." : "")});
  }
  return out;
}

}  // namespace

Cataloguer maven_project() {
  return {.name = "maven_project",
          .version = 2,
          .paths = {"**/pom.xml", "**/lockfile.json"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
