// Range sets: requirement expressions of package managers as intervals, and what is left of them without others.
//
// Feeds that tell the safe versions (Ruby, Node) are turned inside out here, so that a database holds intervals alone
// and each knows the version that fixes it.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "model/advisory.h"

namespace plimsoll::advisory {

// Alternatives are joined by "||", conditions by "," or blanks: = < <= > >= (with "* / x" parts), ^, ~ (npm), ~> (Ruby), a
// bare version, or "*". nullopt: something else stands there. At most 1000 conditions.
std::optional<std::vector<Interval>> parse_requirement(std::string_view scheme, std::string_view text);

// The versions in `of` that are in none of `without`, in order; an interval that ends where a safe one begins is Fixed
// there.
std::vector<Interval> subtract(std::string_view scheme, const std::vector<Interval>& of, const std::vector<Interval>& without);

}  // namespace plimsoll::advisory
