// Maven's pom.xml as far as an inventory needs it, and what a set of them says together.
//
// Reading  parse_pom keeps coordinates, parent, properties, declared and managed dependencies, licences. It does not
// run
//          profiles or plugins: what only those set stays "${...}".
// Joining  PomSet holds many; coordinates inherit from parents in the set, ${...} is filled from the POM, its parents
// and
//          the project.* names, dependency versions from dependencyManagement (imported BOMs included when in the set).
// Bounds   Inheritance and substitution are cut at kMaxParents / kMaxSubstitutions, so circles end.
// Source   Maven 3.8 POM reference: inheritance, project interpolation, dependency management.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::inventory {

inline constexpr int kMaxParents = 32;
inline constexpr int kMaxSubstitutions = 64;

struct PomDependency {
  std::string group, artifact, version, scope, type, classifier;
  bool optional = false;
};

struct Pom {
  std::string group, artifact, version;                                    // as written; empty when inherited
  std::string parent_group, parent_artifact, parent_version, parent_path;  // parent_path: <relativePath> as written
  std::map<std::string, std::string, std::less<>> properties;
  std::vector<PomDependency> dependencies, managed;
  std::vector<std::string> licenses;  // as metadata_license says them

  bool has_parent() const { return !parent_artifact.empty(); }
  // All of it as text for Facts::notes, and back (an unreadable text gives an empty Pom).
  std::string packed() const;
  static Pom unpacked(std::string_view text);
};
// Errors: Malformed (not XML, or not a <project>), Limit.
Result<Pom> parse_pom(Bytes document, const Limits& limits);

class PomSet {
 public:
  // `key` names the document (its path) so that relative parents are found; the first of equal coordinates wins.
  void add(std::string path, Pom pom);
  const Pom* by_path(std::string_view path) const;
  // Coordinates with parents and ${...} applied; what cannot be filled stays "${...}".
  std::string group(const std::string& path) const;
  std::string version(const std::string& path) const;
  std::string artifact(const std::string& path) const;
  // Dependencies of that POM and its parents, with versions from management; scope "compile" when none is written.
  std::vector<PomDependency> dependencies(const std::string& path) const;

 private:
  struct Entry {
    std::string path;
    Pom pom;
  };
  std::vector<const Entry*> line_of(const Entry& entry) const;  // the POM, its parent, its parent's parent...
  const Entry* find(std::string_view path) const;
  const Entry* parent_of(const Entry& entry) const;
  std::string fill(std::string_view text, const std::vector<const Entry*>& line) const;
  void collect_managed(const Entry& entry, std::map<std::string, PomDependency>& managed, int depth) const;

  std::map<std::string, Entry, std::less<>> by_path_;
  std::map<std::string, std::string, std::less<>> by_coordinates_;  // "g:a:v" and "g:a" -> path
};

}  // namespace plimsoll::inventory
