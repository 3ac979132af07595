// Intervals: the ranges and lists of versions that feeds write -> the intervals a database holds.
//
// Threads: pure. Cost: a version parsed for each bound; n log n in the events of a range.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/advisory.h"

namespace plimsoll::advisory {

// OSV's rule (https://ossf.github.io/osv-schema/#evaluation) carried out on the events of one range: the intervals in
// which it says affected, in order.
std::vector<Interval> intervals_of(std::string_view scheme, const std::vector<RangeEvent>& events);

// Turns events and exact versions of a statement into intervals; nothing is left in the other fields. What was cut
// because no real record is like it is told in `notes`.
void settle(Affected& affected, std::set<std::string>& notes);

}  // namespace plimsoll::advisory
