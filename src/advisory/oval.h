// OVAL: definitions of Debian, Ubuntu, Red Hat, SUSE and Oracle, read in one streamed pass.
//
// Tests, objects and states stand after the definitions that refer to them, so a document is kept in a compact form and
// resolved at its end: each definition becomes its metadata and the package conditions under its criteria.
// Source  OVAL 5.11 (oval.mitre.org): dpkginfo_test, rpminfo_test, variable objects.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisory/feed.h"

namespace plimsoll::advisory {

// "NAME is earlier than VERSION", with what stands beside it under the criteria.
struct OvalCondition {
  std::vector<std::string> names;  // one, or those of a variable
  std::string version;             // the bound, epoch 0 dropped
  bool less_than = true;           // false: any installed version ("NAME is installed", "greater than 0:0-0")
  std::string module;              // "Module nodejs:18 is enabled" on the way down
  // "Oracle Linux 8 is installed" on the way down, without " is installed"; several where any of them will do (SUSE).
  std::vector<std::string> platforms;
  std::string comment;
};
struct OvalCve {
  std::string id, severity, cvss3, cvss2, cwe;
};
// Red Hat's unpatched definitions: the state of named components.
struct OvalResolution {
  std::string state;
  std::vector<std::string> components;
};
struct OvalDefinition {
  std::string klass, title, severity, issued, updated;
  std::vector<std::string> platforms, products, cpes;
  std::vector<OvalResolution> resolutions;
  std::vector<std::pair<std::string, std::string>> references;  // source, id
  std::vector<OvalCve> cves;
  std::vector<OvalCondition> conditions;
};
struct OvalDocument {
  std::string timestamp, product;
  std::vector<OvalDefinition> definitions;
};

// Errors: Malformed, Limit.
Result<OvalDocument> read_oval(Input& input, const Limits& limits);
// Whether a file's head is an OVAL document with `word` in it.
bool is_oval(const FeedFile& file, std::string_view word);
// "0:1.2-3" -> "1.2-3".
std::string_view drop_zero_epoch(std::string_view version);

}  // namespace plimsoll::advisory
