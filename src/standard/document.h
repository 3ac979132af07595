// The security standard: what an image must satisfy at a stage, as a document (docs/standard.md; api/standard.schema.json).
//
//   apiVersion: plimsoll.dev/v1alpha1
//   kind: SecurityStandard
//   metadata: {name: shop}
//   spec:
//     inherits: [baseline]                 # shipped names, or files beside this one
//     exceptions: {grantedBy: "security team", maximumDays: 90}
//     rules:
//       - id: no-old-critical
//         why: A critical vulnerability with a fix is the commonest way in.
//         fix: Raise the package, or rebuild on a fresh base image.
//         check: findings
//         forbid: {all: [{field: severity, operator: is, value: critical}, {field: fixAvailable, operator: is, value: true}]}
//         grace: {days: 7, since: published}
//         stages: [push, deploy]
//         effect: block
//     overrides:
//       - {rule: score, atLeast: 70, why: our fleet is there since May}
//
// Reading is strict: an unknown member, field, operator or word is an error with line, column and the nearest right name,
// since a misspelt rule would let through what it was to stop.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "standard/condition.h"

namespace plimsoll::standard {

enum class Stage : std::uint8_t { Build, Push, Deploy, Run };
constexpr std::size_t kStages = 4;
std::string_view to_string(Stage stage);
std::optional<Stage> stage_from(std::string_view text);

enum class Effect : std::uint8_t { Off, Audit, Warn, Block };  // ordered
std::string_view to_string(Effect effect);
std::optional<Effect> effect_from(std::string_view text);

// Which images, workloads and places something is for. Empty lists: any. What is not known matches no list.
struct Selector {
  std::vector<std::string> repositories, namespaces, environments;  // globs
  std::vector<std::pair<std::string, std::string>> labels;          // of the image or the workload: name, glob
  bool empty() const { return repositories.empty() && namespaces.empty() && environments.empty() && labels.empty(); }
};

// How long something may be there before it counts.
struct Grace {
  std::uint32_t days = 0;
  const Field* since = nullptr;  // a date of the subject; what has none has no grace
  std::int32_t until = kNoDay;   // or: the rule as a whole only warns until this day
};

struct Rule {
  std::string id, title, why, fix;
  Subject check{};
  bool forbid = true;       // forbid: what meets the condition counts against it; require: what does not
  Condition when;
  std::uint64_t more_than = 0;             // forbid: how many are tolerated
  std::optional<std::uint64_t> at_least;   // require over a list: so many must meet it; none: each
  std::array<Effect, kStages> effects{};   // by Stage
  std::optional<bool> unknown_counts;      // what is not known counts against it; default: for image and workload
  std::optional<Grace> grace;
  Selector selector;
  std::string exception_by;
  std::string from;                        // name of the standard that wrote it
  std::vector<std::string> changed;        // what overrides changed: "effect: block -> warn, by shop: why"
  int line = 0;
  bool counts_unknown() const { return unknown_counts.value_or(check == Subject::Image || check == Subject::Workload); }
};

// A change to an inherited rule; it must say why.
struct Override {
  std::string rule, why;
  std::optional<std::array<Effect, kStages>> effects;
  std::optional<std::uint64_t> more_than, at_least;
  std::optional<std::string> value;      // of the rule's one criterion
  std::optional<YamlNode> forbid, require;
  std::optional<Grace> grace;
  bool no_grace = false;
  int line = 0;
};

// What a standard proves itself with: a report in small, and what must be said of it.
struct Example {
  std::string name;
  Stage stage = Stage::Build;
  std::string expect;                 // "pass", "warn", "block"
  std::vector<std::string> rules;     // that must speak; empty: any
  YamlNode report, workload, provenance;
  std::string at = "2026-11-01";
  int line = 0;
};

struct Standard {
  std::string name, title, description, version, source;
  std::vector<std::string> inherits;
  std::vector<Rule> rules;
  std::vector<Override> overrides;
  std::vector<Example> examples;
  Selector selector;
  std::optional<bool> allow_incomplete;
  std::string granted_by;                     // who can grant exceptions
  std::optional<std::uint32_t> maximum_days;  // how long they may last
  std::string exception_entries;              // a whole Exception document as JSON; empty when there are none
  int overrides_line = 0, inherits_line = 0;
};

// Errors are in `problems`; nullopt when there are any. Warnings alone do not stop it.
std::optional<Standard> read_standard(std::string_view document, std::string_view source, Problems& problems);

// For resolve.
void apply_override(Rule& rule, const Override& change, std::string_view by, Problems& problems);

}  // namespace plimsoll::standard
