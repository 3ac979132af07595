// When a distribution's free security support ends (rules/distributions/end-of-life.tsv).
#pragma once
#include <optional>
#include <string>

#include "model/package.h"

namespace plimsoll::inventory {

// ISO date of the last day, by id and VERSION_ID or its leading parts ("3.19.1" is found as "3.19"); nullopt: not known.
std::optional<std::string> end_of_life(const Distribution& distribution);

}  // namespace plimsoll::inventory
