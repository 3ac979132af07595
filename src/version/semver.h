// The semver family: what semver, npm, cargo, hex, pub, go and nuget share
// (https://semver.org/spec/v2.0.0.html#spec-item-11).
//
// Fallback of the whole family: a leading `v` or `=` is dropped; missing numbers are 0, further numbers count (1.2.3.4
// > 1.2.3), leading zeros do not; what follows the numbers without `-` is a pre-release (1.0rc1 = 1.0.0-rc1); a text
// that does not start with a number is below all that do, in natural order (key.h).
#pragma once
#include <string>
#include <string_view>

#include "version/range.h"
#include "version/version.h"

namespace plimsoll::version {

enum class Build : std::uint8_t {
  Ignored,  // semver: no precedence
  Lists,    // pub: identifiers compare as those of pre-releases do, none is lowest
  Cargo,    // the semver crate: as Lists, but 0 < 00 < 1 < 01
};
struct SemverStyle {
  bool fold_case = false;     // identifiers compare without case (NuGet)
  std::string_view largest_number = {};  // numeric identifiers beyond it compare as text (NuGet, pub); empty: none does
  bool below_zero = false;  // -5 is a number too (NuGet, pub: their languages read it so)
  Build build = Build::Ignored;
};
Version parse_semver(std::string_view text, const SemverStyle& style);
// Digits, dots, digits, dots, digits, and nothing but - or + after them.
bool is_whole_semver(std::string_view text);

// A version in a requirement, which may leave numbers out or open: 1, 1.2, 1.x, 1.2.*, 1.2.3-rc.1.
struct Partial {
  std::string_view numbers[3];  // digits; count of them are given
  int count = 0;                // 0: `*` or nothing
  std::string_view pre;         // without the '-'; only when count is 3
};
// False when `text` is no such thing. Leading v and = are dropped; build metadata is ignored.
bool parse_partial(std::string_view text, Partial& out);

// Adds the conditions of a comparator on a partial version, as npm's semver does; `op` is nothing or = < <= > >= ^ ~.
// Upper bounds that come from leaving numbers open are `<X-0`, so that they keep pre-releases of X out.
void add_comparator(Conditions& conditions, std::string_view op, const Partial& partial,
                    Version (*parse)(std::string_view));
// npm's and cargo's rule: a pre-release is in only when some comparator has a pre-release of the same three numbers.
bool admits_prerelease(const Conditions& conditions, const Version& candidate);
// The three numbers of `partial` (0 where not given) with the number at `bump` (0 to 2) one greater and those after it
// 0; `bump` 3 leaves them. "-0" is appended when `lowest`: the lowest pre-release.
std::string bumped(const Partial& partial, int bump, bool lowest);

}  // namespace plimsoll::version
