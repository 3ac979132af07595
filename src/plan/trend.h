// The line over time: how a fleet stood against a standard, period by period, from the days that its reports speak of.
#pragma once
#include <string>
#include <vector>

#include "plan/simulate.h"

namespace plimsoll::plan {

enum class Period { Day, Week, Month };

struct TrendPoint {
  std::string period;  // "2026-11-01", "2026-11" or the Monday of a week
  std::uint64_t images = 0, pass = 0, warn = 0, block = 0, incomplete = 0;
  double median_score = 0;  // of the images that have one; NaN: none has
  double median_vulnerability_score = 0;
  std::uint64_t findings = 0, exploited = 0;
};
// Of each image (by repository and tag) the last report of a period counts. Each is judged as of its own day.
struct Trend {
  std::vector<TrendPoint> points;   // oldest first
  std::uint64_t without_day = 0;    // reports that do not say of what day they speak: in no point
};
Trend trend(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, Period period);

std::string trend_json(const Index& index, const standard::Resolved& standard, const Trend& trend);
std::string trend_text(const standard::Resolved& standard, const Trend& trend);

}  // namespace plimsoll::plan
