// maven_project: the dependencies a Maven project declares.
//
// Input   pom.xml of a source tree (not those inside META-INF); hostile.
// Output  one maven Package for each declared dependency whose version the tree tells: its own, its parents' properties
//         and dependencyManagement, imported BOMs when they are in the tree. Scope "test" has property "dev".
// Errors  Malformed, Limit. Dependencies whose version only a parent outside the tree knows are one gap per file,
// named. Cost    XML of each POM; joins in O(POMs + dependencies). Source  Maven 3.8 POM reference.
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/pom.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
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
    own.insert(cat(poms.group(std::string(file.path)), ":", poms.artifact(std::string(file.path))));
  for (const FileFacts& file : facts.files) {
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
          .version = 1,
          .paths = {"**/pom.xml"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
