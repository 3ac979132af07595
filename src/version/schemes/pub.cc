// pub: Dart packages.
//
// Input   hostile text.
// Order   semver, and then by build metadata, whose identifiers compare as those of pre-releases; none is lowest. A
//         range's bound without build metadata ignores that of the candidate.
// Ranges  `^1.2.3`, `any`, comparators with spaces between; an upper bound without a pre-release keeps the
//         pre-releases of that very version out. `^0.1.2` and `^0.0.3` both end before 0.2.0 and 0.1.0: the minor
//         number.
// Errors  none on order; fallback in version/semver.h.
// Source  https://dart.dev/tools/pub/dependencies#version-constraints; pub.dev/packages/pub_semver, "Semantics".
#include "base/text.h"
#include "version/key.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {.build = Build::Lists}); }

Result<Range> parse_native(std::string_view text) {
  Range range;
  Conditions conditions;
  if (text == "any" || text == "*" || text.empty()) {
    range.any_of.emplace_back();
    return range;
  }
  for (std::string_view part : split_comparators(text)) {
    if (conditions.size() > kMaxConditions) return limit_reached("version range has too many comparators");
    const bool caret = part[0] == '^';
    Partial partial;
    const Comparator comparator = take_comparator(caret ? trim(part.substr(1)) : part);
    if (!parse_partial(comparator.version, partial) || partial.count < 3) return bad_range(part);
    if (caret) {
      add_comparator(conditions, ">=", partial, parse_one);
      conditions.push_back(
          {is_less, parse_one(bumped(partial, strip_zeros(partial.numbers[0]).empty() ? 1 : 0, true))});
    } else if (comparator.op == "<" && partial.pre.empty()) {
      conditions.push_back({is_less, parse_one(bumped(partial, 3, true))});
    } else {
      conditions.push_back({comparator.test, parse_one(comparator.version)});
    }
  }
  range.any_of.push_back(std::move(conditions));
  return range;
}

}  // namespace

Scheme pub() {
  return {
      .name = "pub", .aliases = {"dart"}, .fallback = "as semver's", .parse = parse_one, .parse_native = parse_native};
}
}  // namespace plimsoll::version
