// Range: a set of versions, in the generic syntax or in that of an ecosystem; and OSV events.
//
// Generic   `=`, `<`, `<=`, `>`, `>=` and a version, joined by `,` (and) and `||` (or); pre-releases are versions like
//           any other. `*` is every version. Also read: `==` as `=`, `!=`, and a space for `,` between two
//           comparators.
// Native    npm, pep440, maven, rubygems, packagist (and cargo, nuget, hex, pub, conan) read their own syntax.
// Which     a text is generic when each part between `,` and `||` is one of the five operators and one whole version
//           of the scheme. Anything else is native where the scheme has a syntax of its own. So for npm `<2.0.0` is
//           generic and holds 2.0.0-rc.1; `>=1.0.0 <2.0.0`, `<2` and `1.2.3` are native and follow node-semver, whose
//           pre-release rule keeps 1.5.0-rc.1 out. For pep440 `>=1.0,<2.0` is generic and holds 2.0rc1; `~=1.4`,
//           `==1.*` or any text with `==`, `!=`, `===` is native. Comparators that the native syntax refuses for the
//           sake of their versions (npm `>=1.2.3.4`) are generic after all.
// Bare      a version alone is native where there is a native syntax (npm, packagist, rubygems, hex, pub, maven,
//           pep440: that version; cargo: `^`; nuget: that version or newer), else `=`.
// Errors    Malformed, naming the part that was not understood. Bounded: at most kMaxConditions comparators.
// Example   PLIM_TRY(auto range, parse_range(npm, "^1.2.3 || >=3.0.0-rc.1 <3.1.0"));
//           bool inside = contains(range, parse(npm, "1.9.0"));
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "version/version.h"

namespace plimsoll::version {

struct Scheme;

// A test of a candidate against a bound: is_less(candidate, bound) and so on, or a scheme's own.
using Test = bool (*)(const Version& candidate, const Version& bound);
bool is_equal(const Version& candidate, const Version& bound);
bool is_not_equal(const Version& candidate, const Version& bound);
bool is_less(const Version& candidate, const Version& bound);
bool is_less_equal(const Version& candidate, const Version& bound);
bool is_greater(const Version& candidate, const Version& bound);
bool is_greater_equal(const Version& candidate, const Version& bound);
bool is_any(const Version& candidate, const Version& bound);

struct Condition {
  Test holds;
  Version bound;
};
using Conditions = std::vector<Condition>;  // all must hold; none: every version

struct Range {
  std::vector<Conditions> any_of;
  // A further say on an alternative whose conditions all hold (node-semver's pre-release rule); may be nullptr.
  bool (*admits)(const Conditions& conditions, const Version& candidate) = nullptr;
};

constexpr std::size_t kMaxConditions = 10'000;

Result<Range> parse_range(const Scheme& scheme, std::string_view text);
bool contains(const Range& range, const Version& version);

// OSV events (https://ossf.github.io/osv-schema/#affectedrangesevents-fields). `0` as introduced is the beginning of
// time, below every version; limit `*` is no limit.
enum class EventKind : std::uint8_t { Introduced, Fixed, LastAffected, Limit };
struct Event {
  EventKind kind;
  bool unbounded;  // introduced "0", limit "*"
  Version version;
};
Event make_event(const Scheme& scheme, EventKind kind, std::string_view version);
// Sorts by version, as is_affected needs them; once per range.
void sort_events(std::vector<Event>& events);
bool is_affected(const std::vector<Event>& sorted_events, const Version& version);

}  // namespace plimsoll::version
