// The word somebody probably meant.
#pragma once
#include <string_view>
#include <vector>

namespace plimsoll {

// The word nearest to `wrong` by edit distance, letters' case aside; empty when none is near (more than a third differs).
std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& words);

}  // namespace plimsoll
