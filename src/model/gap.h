// A gap: an answer was given, but a part was not read. It is named in the report and makes it incomplete.
#pragma once
#include <string>
#include <vector>

namespace plimsoll {

struct Gap {
  std::string part;   // what kind of reading was cut short: "dpkg", "tar", "jar", "feed", "archive"
  std::string where;  // path, layer, feed, distribution
  std::string why;    // one sentence
  friend bool operator==(const Gap&, const Gap&) = default;
  friend auto operator<=>(const Gap&, const Gap&) = default;
};
using Gaps = std::vector<Gap>;

}  // namespace plimsoll
