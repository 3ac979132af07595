// Configuration rules: what is set up in a way that weakens an image, told by data (rules/configuration/*.yaml).
//
// Readers (image config, Dockerfile, Kubernetes manifest, account files, file attributes) turn what they read into
// Subjects: a kind, and fields with their values. A rule names a kind and says what its fields must hold; it knows nothing
// of where they come from, and the readers know nothing of what is bad. docs/configuration-rules.md lists kinds and fields.
//
//   - id: image-runs-as-root
//     title: The image runs as root
//     severity: high
//     subject: image
//     when: [{field: uid, is: "0"}]
//     why: Whoever breaks into the process is root in the container.
//     fix: Create a user and end the Dockerfile with USER and its number.
//     cis: "4.1"
//     evidence: [user, uid]
//     match: [{image: {}}]                # examples; a test runs them
//     no_match: [{image: {User: "1000"}}]
//
// Conditions, all of which must hold: {field: F, is: T or [T...]}, {field: F, like: GLOB...}, {field: F, has: TEXT...}
// (letter case counts for none of them), {field: F, matches: RE2...}, {field: F, at_least: N}, {field: F, at_most: N}, {field: F, missing: true};
// {not: C}, {any: [C...]}, {all: [C...]}, nested three deep. A field with several values holds when one of them does.
//
// Threads  rules are immutable once read.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"
#include "detect/engine.h"
#include "detect/secrets/regex.h"
#include "model/finding.h"

namespace plimsoll::detect {

struct Subject {
  std::string kind;
  std::vector<std::pair<std::string, std::string>> fields;   // a name may stand several times
  std::vector<std::pair<std::string, JsonValue>> documents;  // "container": then field "container.tty" is its member tty
  std::uint32_t line = 0;  // in the file it was read from; 0: none

  Subject& add(std::string_view name, std::string_view value) {
    fields.emplace_back(name, value);
    return *this;
  }
  // Scalars as JSON would write them, elements of a list each by itself; empty when there is none.
  std::vector<std::string> values(std::string_view field) const;
  // The line of a field inside a document that knows its lines; 0 when it is not there or has none.
  std::uint32_t line_of(std::string_view field) const;
};

struct Condition {
  enum class Form : std::uint8_t { Is, Like, Has, Matches, AtLeast, AtMost, Missing, Not, Any, All };
  Form form = Form::All;
  std::string field;
  std::vector<std::string> texts;  // lower case
  std::vector<std::shared_ptr<const Regex>> expressions;  // shared, since rules are copied and expressions are not
  std::uint64_t number = 0;
  std::vector<Condition> parts;
  bool holds(const Subject& subject) const;
};

struct ConfigurationRule {
  std::string id, title, why, fix, subject, cis;
  Severity severity = Severity::Unknown;
  Condition when;
  std::vector<std::string> evidence;  // fields to show
  std::vector<std::string> files;     // globs on the path: for subject "file" alone, what is looked for
  std::vector<std::string> references;
  std::uint32_t line = 0;       // of its id in the file; 0 for shipped ones
  bool unless_owned = false;    // malware alone: no finding where a package of the distribution installed the file
  bool needs_packages = false;  // malware alone: no finding where nobody knows what packages installed
  bool group = false;  // one finding for the whole image, with every place, instead of one a place
  // Examples as they stand in the file: JSON text of {"image": {...}}, {"dockerfile": "..."}...
  std::vector<std::string> match, no_match;
};

// Errors: Malformed, "FILE:LINE: rule ID: what is wrong" (no line for JSON). `engine: configuration` may stand at the top;
// `rules:` must. With `refused`, a bad rule is put there and the others are read.
Result<std::vector<ConfigurationRule>> read_configuration_rules(std::string_view name, std::string_view yaml, const Limits& limits = {},
                                                                std::vector<RuleProblem>* refused = nullptr);
const std::vector<ConfigurationRule>& shipped_configuration_rules();

// Adds a finding for each rule that the subject breaks. Its location is `path` (none when empty) and the subject's line.
void judge(const std::vector<ConfigurationRule>& rules, const Subject& subject, std::string_view path, std::vector<Finding>& out);

}  // namespace plimsoll::detect
