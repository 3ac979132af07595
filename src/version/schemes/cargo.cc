// cargo: Rust crates.
//
// Input   hostile text.
// Order   semver, and then by build metadata, as the `semver` crate's total order has it: 1.0.0 < 1.0.0+a < 1.0.0+b. A
//         range's bound without build metadata ignores that of the candidate.
// Ranges  Cargo's requirements: `1.2` and `^1.2`, `~1.2`, `=1.2`, `1.*`, comparators joined by commas; pre-releases as
//         in npm's rule, which the crate shares.
// Errors  none on order; fallback in version/semver.h.
// Source  https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html; docs.rs/semver, Version::cmp.
#include "base/text.h"
#include "version/range_text.h"
#include "version/scheme.h"
#include "version/semver.h"

namespace plimsoll::version {
namespace {

Version parse_one(std::string_view text) { return parse_semver(text, {.build = Build::Cargo}); }

Result<Range> parse_native(std::string_view text) {
  Range range{{}, admits_prerelease};
  std::size_t count = 0;
  for (const std::string_view alternative : split_alternatives(text, "||")) {
    Conditions conditions;
    for (const std::string_view part : split(alternative, ',')) {
      if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
      std::string_view rest = trim(part);
      std::string_view op = "^";
      for (const std::string_view known : {"<=", ">=", "<", ">", "=", "~", "^"}) {
        if (rest.substr(0, known.size()) != known) continue;
        op = known;
        rest.remove_prefix(known.size());
        break;
      }
      Partial partial;
      rest = trim(rest);
      if (rest.empty() || !parse_partial(rest, partial)) return bad_range(part);
      const bool wildcard = rest.find_first_of("*xX") != std::string_view::npos && partial.pre.empty();
      add_comparator(conditions, wildcard && op == "^" ? std::string_view("=") : op, partial, parse_one);
    }
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Scheme cargo() {
  return {.name = "cargo",
          .aliases = {"crates.io", "rust"},
          .fallback = "as semver's",
          .parse = parse_one,
          .parse_native = parse_native,
          .is_whole = is_whole_semver};
}
}  // namespace plimsoll::version
