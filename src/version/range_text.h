// Pieces that range syntaxes share: comparators, alternatives, intervals. For range.cc and schemes/*.cc.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "version/range.h"

namespace plimsoll::version {

struct Comparator {
  std::string_view op;       // "" when the text starts with none of = == != <> < <= > >=
  Test test = nullptr;       // is_equal when there is no operator
  std::string_view version;  // the rest, trimmed
};
Comparator take_comparator(std::string_view text);

Error bad_range(std::string_view part);
// Splits at `separator` ("||" or "|" or ","), trims the parts, keeps empty ones.
std::vector<std::string_view> split_alternatives(std::string_view text, std::string_view separator);
// Splits `>=1.0 , < 2.0 !=1.5` into its comparators: at commas, and at white space unless an operator is before it.
std::vector<std::string_view> split_comparators(std::string_view text);

// Intervals as Maven and NuGet write them: `[1.0,2.0)`, `(,1.0]`, `[1.5]`, several joined by commas.
Result<Range> parse_intervals(std::string_view text, Version (*parse)(std::string_view));

}  // namespace plimsoll::version
