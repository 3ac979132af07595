// nuget: .NET packages.
//
// Input   hostile text.
// Order   semver with up to four numbers (1.0 = 1.0.0.0), pre-release identifiers without case, build metadata
//         ignored. Numeric identifiers beyond 2^31-1 compare as text, as NuGet.Versioning does, for it reads them as
//         Int32.
// Ranges  intervals `[1.0,2.0)`, `(,1.0]`, `[1.5]`, several joined by commas; a bare version is that or newer. A lower
//         bound may float; what it holds is then what its lowest version begins: `*` from 0.0, `1.2.*` from 1.2.0,
//         `1.0.0-*` from 1.0.0-0, `1.0.0-beta*` from 1.0.0-beta, `1.*-*` from 1.0.0-0. An upper bound may not.
// Errors  none on order; fallback in version/semver.h. A range whose bounds NuGet refuses is Malformed.
// Source  https://learn.microsoft.com/nuget/concepts/package-versioning; NuGet.Client, NuGet.Versioning: FloatRange.cs,
//         VersionRangeFactory.cs and VersionRangeBase.cs (Satisfies), read for their facts.
#include <optional>

#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {.fold_case = true, .largest_number = "2147483647", .below_zero = true}); }

// What NuGet takes for a version: one to four numbers of 32 bits, labels, metadata.
bool is_version(std::string_view text) {
  for (int numbers = 1;; ++numbers) {
    const std::string_view digits = take_while(text, is_digit);
    if (digits.empty() || numbers > 4 || compare_numbers(digits, "2147483647") > 0) return false;
    if (text.empty() || text[0] != '.') break;
    text.remove_prefix(1);
  }
  const auto identifiers = [](std::string_view list, bool zeros_allowed) {
    for (const std::string_view part : split(list, '.')) {
      if (part.empty() || (!zeros_allowed && part.size() > 1 && part[0] == '0' && all_digits(part))) return false;
      for (const char c : part)
        if (!is_alnum(c) && c != '-') return false;
    }
    return true;
  };
  const std::size_t plus = text.find('+');
  const std::string_view pre = text.substr(0, plus);
  if (!pre.empty() && (pre[0] != '-' || !identifiers(pre.substr(1), false))) return false;
  return plus == std::string_view::npos || identifiers(text.substr(plus + 1), true);
}

// The version that a bound begins at; nullopt when it is none.
std::optional<std::string> lowest(std::string_view text, bool may_float) {
  text = trim(text);
  std::string out(text);
  if (text.find('*') != std::string_view::npos) {
    if (!may_float || text.back() != '*' || text.find('+') != std::string_view::npos) return std::nullopt;
    if (text == "*") return "0.0.0";
    out.pop_back();
    const std::size_t dash = out.find('-');
    // "1.*-beta*": the star before the dash is the number that is left open.
    if (dash != std::string::npos && dash > 0 && out[dash - 1] == '*') out[dash - 1] = '0';
    // An open number, or an open label after nothing or a dot, is lowest as 0.
    if (dash == std::string::npos || out.back() == '.' || dash + 1 == out.size()) out.push_back('0');
  }
  if (!is_version(out)) return std::nullopt;
  return out;
}

Result<Range> parse_native(std::string_view text) {
  text = trim(text);
  Range range;
  if (text.empty() || (text[0] != '[' && text[0] != '(')) {
    const auto low = lowest(text, true);
    if (!low) return bad_range(text);
    range.any_of.push_back({{is_greater_equal, parse_one(*low)}});
    return range;
  }
  for (std::string_view rest = text;;) {
    const std::size_t end = rest.find_first_of("])");
    if (rest.empty() || (rest[0] != '[' && rest[0] != '(') || end == std::string_view::npos) return bad_range(text);
    const bool with_low = rest[0] == '[', with_high = rest[end] == ']';
    const auto bounds = split(rest.substr(1, end - 1), ',');
    Conditions conditions;
    if (bounds.size() > 2 || (bounds.size() == 1 && !(with_low && with_high))) return bad_range(rest.substr(0, end + 1));
    const std::string_view low = trim(bounds.front()), high = trim(bounds.back());
    if (low.empty() && high.empty()) return bad_range(rest.substr(0, end + 1));
    if (!low.empty()) {
      const auto version = lowest(low, true);
      if (!version) return bad_range(low);
      conditions.push_back({with_low ? is_greater_equal : is_greater, parse_one(*version)});
    }
    if (!high.empty()) {
      const auto version = lowest(high, false);
      if (!version) return bad_range(high);
      conditions.push_back({with_high ? is_less_equal : is_less, parse_one(*version)});
    }
    range.any_of.push_back(std::move(conditions));
    if (range.any_of.size() > kMaxConditions) return limit_reached("version range has too many intervals");
    rest = trim(rest.substr(end + 1));
    if (rest.empty()) return range;
    if (rest[0] != ',') return bad_range(text);
    rest = trim(rest.substr(1));
  }
}

}  // namespace

Scheme nuget() {
  return {.name = "nuget",
          .aliases = {".net", "dotnet"},
          .fallback = "as semver's; four numbers are no exception",
          .parse = parse_one,
          .parse_native = parse_native};
}
}  // namespace plimsoll::version
