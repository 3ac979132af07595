// hex: Elixir and Erlang packages.
//
// Input   hostile text.
// Order   semver; build metadata has no precedence.
// Ranges  Elixir's requirements: `==`, `!=`, `~>` and comparators, joined by `and` and `or`; pre-releases count.
// Errors  none on order; fallback in version/semver.h.
// Source  https://hexdocs.pm/elixir/Version.html
#include "base/text.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {}); }

Result<Range> parse_native(std::string_view text) {
  Range range;
  for (const std::string_view alternative : split_alternatives(text, " or ")) {
    Conditions conditions;
    for (const std::string_view part : split_alternatives(alternative, " and ")) {
      if (conditions.size() > kMaxConditions) return limit_reached("version range has too many comparators");
      if (part.substr(0, 2) == "~>") {
        Partial partial;
        if (!parse_partial(trim(part.substr(2)), partial) || partial.count < 2) return bad_range(part);
        add_comparator(conditions, partial.count == 2 ? "^" : "~", partial, parse_one);
        if (partial.count == 2) conditions.back().bound = parse_one(bumped(partial, 0, true));
        continue;
      }
      const Comparator comparator = take_comparator(part);
      if (!is_whole_semver(comparator.version)) return bad_range(part);
      conditions.push_back({comparator.test, parse_one(comparator.version)});
    }
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme hex() {
  return {.name = "hex",
          .aliases = {"elixir", "erlang"},
          .fallback = "as semver's",
          .parse = parse_one,
          .parse_native = parse_native};
}
}  // namespace plimsoll::version
