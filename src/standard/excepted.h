// A standard's own exceptions on facts, where there is no report to take findings out of: a simulation.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/exceptions.h"
#include "standard/resolve.h"

namespace plimsoll::standard {

// The exceptions of a standard, those that last longer than it grants marked as expired. Errors: Malformed.
Result<std::vector<Exceptions>> own_exceptions(const Resolved& standard, Time at);
// By finding: 1 when an exception that holds takes it out; empty when none does. The scores in `facts` are then those of
// the rest, as judge() reckons them.
std::vector<std::uint8_t> leave_out_excepted(Facts& facts, const std::vector<Exceptions>& exceptions);

}  // namespace plimsoll::standard
