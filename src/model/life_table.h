// When the support of distribution releases ends: one table (data/facts/end-of-life.tsv, compiled in), which the inventory
// reads for what it tells of an image's system, and every advisory database starts with. Without it a scan could not tell a
// distribution whose feed has ended from one in which nothing was found.
// Threads: pure.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/advisory.h"
#include "model/package.h"

namespace plimsoll {

std::vector<EndOfLife> shipped_ends_of_life();
// Rows DISTRIBUTION<TAB>RELEASE<TAB>END<TAB>LONG-TERM<TAB>PAID<TAB>SOURCE; the last three may be empty or left out; `#` starts a
// comment line. Errors: Malformed, with the line.
Result<std::vector<EndOfLife>> parse_life_table(std::string_view text);

// The names under which a distribution's row is filed: {"debian", "12"}, {"centos-stream", "9"}.
std::pair<std::string, std::string> life_key(const Distribution& distribution);
// Its row in the shipped table; null when it has none.
const EndOfLife* shipped_end_of_life(const Distribution& distribution);

}  // namespace plimsoll
