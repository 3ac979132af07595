// The rules that are part of the program and that facts depend on (licences, Java groups): which they are.
#pragma once
#include <string>

namespace plimsoll::inventory {

// SHA-256, hex, of the names and texts of all of them; part of the facts cache's key. Computed on first use: about a
// millisecond. The classifiers' rules are in their cataloguer's version (classifiers.h). Thread-safe.
const std::string& rules_digest();

}  // namespace plimsoll::inventory
