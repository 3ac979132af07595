// The score of an image: 0..100, 100 when nothing was found, the same formula for the whole and for each class.
//
//   Findings are ordered by falling risk r (0..100, see match/risk.h), whatever their class. The k-th (from 0) takes
//     points(k) = r(k) * w(k),   w(k) = 0.25 * 0.5^k + 0.01 * 0.98^k
//   and score = 100 - sum of points. All w together are 1, so a score never falls below 0: half of the scale belongs to
//   the few worst findings, half to how many there are. The score of a class takes its findings alone.
//
// Laws      adding a finding, or raising a risk, never raises a score; removing one never lowers it; no class's score is
//           below the total; the deductions add up to 100 - total exactly. All hold because w falls: a new finding
//           pushes those behind it to smaller weights, and never saves more than it costs. Integers only, so they hold
//           to the last digit (property tests).
// Figures   one exploited finding (risk 95): 75.3; one critical with a fix and little known of it (47): 87.8; ten of
//           those: 72.2; 300 low ones (15): 85.0.
// Gaps      take nothing off: what could not be read is no finding. A standard demands completeness by itself.
#pragma once
#include <span>
#include <vector>

#include "model/verdict.h"

namespace plimsoll {
struct Report;
}

namespace plimsoll::standard {

// Running sum of one score: feed it risks in any order. Cheap: a histogram of 1001 buckets.
class ScoreSum {
 public:
  ScoreSum() : counts_(1001, 0) {}
  void add(double risk_0_100) { ++counts_[tenths(risk_0_100)]; }
  void remove(double risk_0_100) { --counts_[tenths(risk_0_100)]; }
  double score() const;  // hundredths
  // Risk in tenths, 0..1000; what is no number counts as 1000.
  static unsigned tenths(double risk_0_100);

 private:
  std::vector<std::uint32_t> counts_;
};

// `looked_for`: the classes that were searched, so that their absence means 100. Cost: O(findings log findings).
Score score(const Report& report, std::span<const FindingClass> looked_for = {});

}  // namespace plimsoll::standard
