// Score and verdict: what an organisation's standard makes of a report. Computed by src/standard, carried by Report.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/finding.h"

namespace plimsoll {

// One named part of what is missing to 100.
struct Deduction {
  FindingClass klass = FindingClass::Vulnerability;
  std::vector<std::string> finding_keys;  // Finding::key, sorted, each once
  double points = 0;                      // hundredths at the finest; the points of all deductions add up to 100 - total
  std::string why;                        // "openssl 3.0.11-1: 12 findings, the worst critical (CVE-2023-0001, risk 71.5)"
};

struct Score {
  double total = 100;  // 0..100, 100: nothing found
  std::vector<std::pair<FindingClass, double>> by_class;  // the classes that were looked for or found, in their order
  std::vector<Deduction> deductions;                      // what weighs most first
};

// Why a verdict is not a plain pass: one rule that speaks.
struct VerdictReason {
  std::string rule, title;
  std::string effect;  // "block", "warn", "audit"
  std::string what;    // what was seen, one sentence: "3 findings match; none may"
  std::string why, fix;  // the rule's own sentences
  std::vector<std::string> evidence;      // what matched, the worst first; at most kEvidenceShown, then "and N more"
  std::vector<std::string> finding_keys;  // all findings that count, sorted; empty for rules over other things
  std::uint64_t count = 0;                // things that count against the rule
  std::uint64_t known = 0;                // things that are in the baseline and therefore do not count
  std::uint64_t in_grace = 0;             // things whose grace period still runs
  std::string grace_ends;                 // the day the first of them counts; empty when none
  std::string exception_by;               // who can grant an exception
  std::string from;                       // the standard that wrote the rule, where it is inherited
};

// One change of the shortest list that makes an image pass.
struct VerdictChange {
  std::string kind;    // "raise", "rebuild", "fix", "exception"
  std::string target;  // package, file or rule
  std::string change;  // a sentence without full stop
  std::vector<std::string> rules;  // the blocking rules it answers
  std::uint64_t findings = 0;      // blocking findings that go away
};

struct Verdict {
  std::string standard, digest;  // name; "sha256:..." of the resolved standard
  std::string stage;             // "build", "push", "deploy", "run"
  std::string result;            // "pass", "warn", "block"
  std::string at;                // the time it speaks of
  std::vector<VerdictReason> reasons;  // blocking ones first, in the standard's order
  std::vector<VerdictChange> shortest_fix;
  bool fixable = true;           // false: not every blocking rule has a change that answers it
  bool incomplete = false;       // the report has gaps and the standard does not allow them
  std::uint64_t rules = 0;       // rules that spoke of this image at this stage
};

}  // namespace plimsoll
