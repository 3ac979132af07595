// One file, whole: is it a web shell, and how does the data flow?
//
//   const Analysis found = analyse(rules, "www/page.php", text, limits);
//   if (found.best() && found.best()->score >= kThreshold) ...
//
// Pure. Cost: one pass over the bytes where the file is no candidate (reach.h); else O(file) to read it and at
// most kMaxSteps to follow it. A file beyond kMaxBytes is read at both ends, where an injected shell stands.
// Posture  hostile.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "detect/webshell/pages.h"
#include "detect/webshell/value.h"

namespace plimsoll::detect::web {

inline constexpr std::size_t kMaxBytes = 2 << 20;

struct Analysis {
  std::optional<Family> family;      // empty: no script that we read
  bool candidate = false;            // it passed the gate
  bool exhausted = false;            // a bound cut the reading short
  std::vector<Report> reports;       // best first
  const Report* best() const { return reports.empty() ? nullptr : &reports.front(); }
};

// `everything`: files that Reach rules out are followed all the same, for the test that it loses nothing.
Analysis analyse(const RuleSet& rules, std::string_view path, std::string_view text, const Limits& limits, bool everything = false);

// Whether an example of a rule (Example) is reported, as a flow of that kind when one is named.
bool example_found(const RuleSet& rules, Family family, std::optional<SinkKind> kind, std::string_view text);

}  // namespace plimsoll::detect::web
