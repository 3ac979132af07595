// npm: Node packages.
//
// Input   hostile text.
// Order   semver; build metadata has no precedence.
// Ranges  node-semver: x-ranges, `^`, `~`, `A - B`, space for and, `||` for or. A pre-release is inside only when a
//         comparator of its alternative has a pre-release of the same three numbers. A text node-semver refuses is
//         Malformed.
// Errors  none on order; fallback in version/semver.h.
// Source  https://docs.npmjs.com/cli/v10/using-npm/semver#ranges; checked against semver 7 in tests/differential.
#include "base/text.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {}); }

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Takes an operator off the front of `text`: "" when there is none. `~>` is `~`.
std::string_view take_operator(std::string_view& text) {
  for (const std::string_view op : {"~>", "<=", ">=", "~", "^", "<", ">", "="}) {
    if (text.substr(0, op.size()) != op) continue;
    text.remove_prefix(op.size());
    return op == "~>" ? "~" : op;
  }
  return {};
}

bool add_hyphen(Conditions& conditions, std::string_view from, std::string_view to) {
  Partial low;
  Partial high;
  if (!parse_partial(trim(from), low) || !parse_partial(trim(to), high)) return false;
  if (low.count > 0) add_comparator(conditions, ">=", low, parse_one);
  if (high.count > 0) add_comparator(conditions, "<=", high, parse_one);
  return true;
}

// " - " between two versions that hold no space themselves.
std::size_t find_hyphen(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i)
    if (text[i] == '-' && is_space(text[i - 1]) && is_space(text[i + 1])) return i;
  return std::string_view::npos;
}

Result<Range> parse_native(std::string_view text) {
  Range range{{}, admits_prerelease};
  const Version first_release = parse_one("0.0.0");
  std::size_t count = 0;
  for (std::string_view alternative : split_alternatives(text, "||")) {
    Conditions conditions;
    if (const std::size_t hyphen = find_hyphen(alternative); hyphen != std::string_view::npos) {
      if (!add_hyphen(conditions, alternative.substr(0, hyphen), alternative.substr(hyphen + 1)))
        return bad_range(alternative);
      alternative = {};
    }
    while (!alternative.empty()) {
      if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
      const std::string_view op = take_operator(alternative);
      alternative = trim(alternative);
      std::size_t end = 0;
      while (end < alternative.size() && !is_space(alternative[end])) ++end;
      Partial partial;
      if (!parse_partial(alternative.substr(0, end), partial)) return bad_range(alternative.substr(0, end));
      add_comparator(conditions, op, partial, parse_one);
      alternative = trim(alternative.substr(end));
    }
    // node-semver drops `>=0.0.0`, however it was written, so that 0.0.0-rc.1 is not kept out by it.
    bool any = true;
    for (Condition& condition : conditions) {
      if (condition.holds == is_greater_equal && compare(condition.bound, first_release) == 0) condition.holds = is_any;
      any = any && condition.holds == is_any;
    }
    // An alternative for any version makes node-semver forget the others, and the pre-releases that they let in.
    if (any) return Range{{{{is_any, {}}}}, admits_prerelease};
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme npm() {
  return {.name = "npm",
          .aliases = {"node", "javascript"},
          .fallback = "as semver's",
          .parse = parse_one,
          .parse_native = parse_native,
          .is_whole = is_whole_semver};
}
}  // namespace plimsoll::version
