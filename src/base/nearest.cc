#include "base/nearest.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace plimsoll {

std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& words) {
  const std::string asked = lower(wrong.substr(0, 80));
  std::string_view best;
  std::size_t least = asked.size() / 3 + 2;
  std::vector<std::size_t> row;
  for (const std::string_view word : words) {
    const std::string other = lower(word);
    row.resize(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= asked.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const std::size_t above = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (asked[i - 1] != other[j - 1])});
        diagonal = above;
      }
    }
    if (row[other.size()] < least) least = row[other.size()], best = word;
  }
  return best;
}

}  // namespace plimsoll
