// What is wrong with a standard although it reads well: rules that can never speak, that contradict each other, or that
// another rule makes pointless.
#pragma once
#include "standard/resolve.h"

namespace plimsoll::standard {

// Adds to `problems`: errors for contradictions (no image can pass) and rules that can never match, which would look like
// protection; warnings for the rest. Lines are those of the document that wrote the rule; only rules written by
// `standard.name` itself are judged one by one, inherited ones only in pairs with them.
void lint(const Resolved& standard, Problems& problems);

}  // namespace plimsoll::standard
