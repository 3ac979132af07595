// The verdict: what a resolved standard says of an image. A pure function of facts, standard and context (stage, place,
// baseline, exceptions, time); CI, cluster and simulation call the same one.
//
// Two steps: evaluate() is fast and counts (50 rules on 1,000 findings in well under 1 ms); describe() writes what it
// found in words and is only called for what a person will read.
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/verdict.h"
#include "standard/resolve.h"

namespace plimsoll::standard {

// What an older report already had: things a rule counted there do not count again.
struct Baseline {
  std::map<std::string, std::set<std::string>, std::less<>> failed;  // rule id -> identities of what counted against it
  std::array<double, 9> scores{};                                    // total, then by class; NaN: not known
};

struct Context {
  Stage stage = Stage::Build;
  std::string_view ns, environment;         // empty: not known
  const Baseline* baseline = nullptr;
  std::span<const std::uint8_t> left_out;   // by finding: 1 when an exception (or a what-if) takes it away; empty: none
  bool without_workload = false;            // rules over the workload are passed over where none is given (simulation)
};

struct RuleResult {
  const Rule* rule = nullptr;
  Effect effect = Effect::Off;       // at this stage, after grace; Off: it is satisfied
  std::vector<std::uint32_t> items;  // rows that count against it; for the image: none
  std::uint64_t count = 0, known = 0, in_grace = 0;
  std::uint64_t met = 0;             // require over a list: rows that meet it
  std::int32_t grace_ends = kNoDay;  // the first day on which something in grace counts
  bool not_known = false;            // it fails only because something is not known
  bool no_subject = false;           // no workload was given
  bool not_searched = false;         // the scan did not look for the classes of findings it is about: it could not speak
};

struct Judgement {
  Effect worst = Effect::Off;
  std::uint64_t rules = 0;           // that spoke
  std::vector<RuleResult> results;   // those that are not satisfied, or have something in grace
};

Judgement evaluate(const Resolved& standard, const Facts& facts, const Context& context);
// Whether one rule is about this image in this place.
bool selects(const Selector& selector, const Facts& facts, const Context& context);

// What `facts` (of an older report) fails, for Context::baseline.
Baseline baseline_of(const Resolved& standard, const Facts& facts, const Context& context);

// In words. `shortest_fix` is left empty: see fix.h.
Verdict describe(const Judgement& judgement, const Resolved& standard, const Facts& facts, const Context& context);

// One row in words: "CVE-2021-44228 critical, log4j-core 2.14.1 (app/lib/log4j.jar)".
std::string row_text(const Facts& facts, Subject subject, std::uint32_t index);

}  // namespace plimsoll::standard
