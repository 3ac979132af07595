// The end-of-life dates that every database starts with (data/facts/end-of-life.tsv, compiled in): without them a scan
// could not tell a distribution whose feed has ended from one in which nothing was found.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/advisory.h"

namespace plimsoll::advisory {

std::vector<EndOfLife> shipped_ends_of_life();
// Rows DISTRIBUTION<TAB>RELEASE<TAB>END<TAB>EXTENDED (may be empty)<TAB>SOURCE; `#` starts a comment line.
// Errors: Malformed, with the line.
Result<std::vector<EndOfLife>> parse_life_table(std::string_view text);

}  // namespace plimsoll::advisory
