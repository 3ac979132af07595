#include "version/range.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "version/range_text.h"
#include "version/scheme.h"

namespace plimsoll::version {

namespace {

// What precedence ignores (a PEP 440 local label, build metadata that cargo orders by) counts in a test only
// when the bound has it too: 1.0+deb1 is inside <=1.0, and libgit2-sys 0.13.2+1.4.2 is =0.13.2.
int against(const Version& candidate, const Version& bound) {
  if (bound.public_size == 0 || bound.public_size < bound.key.size()) return compare(candidate, bound);
  return compare_prefix(candidate, candidate.public_size, bound, bound.public_size);
}

}  // namespace

bool is_equal(const Version& candidate, const Version& bound) { return against(candidate, bound) == 0; }
bool is_not_equal(const Version& candidate, const Version& bound) { return against(candidate, bound) != 0; }
bool is_less(const Version& candidate, const Version& bound) { return against(candidate, bound) < 0; }
bool is_less_equal(const Version& candidate, const Version& bound) { return against(candidate, bound) <= 0; }
bool is_greater(const Version& candidate, const Version& bound) { return against(candidate, bound) > 0; }
bool is_greater_equal(const Version& candidate, const Version& bound) { return against(candidate, bound) >= 0; }
bool is_any(const Version&, const Version&) { return true; }

namespace {

std::optional<Condition> generic_condition(const Scheme& scheme, std::string_view part) {
  const Comparator comparator = take_comparator(part);
  if (!comparator.test || comparator.version.empty()) return std::nullopt;
  return Condition{comparator.test, parse(scheme, comparator.version)};
}

// Whether each part of `text` is one of the five operators and one version; a whole one when that is asked.
bool is_generic(const Scheme& scheme, std::string_view text, bool whole) {
  for (const std::string_view alternative : split_alternatives(text, "||")) {
    for (const std::string_view part : split(alternative, ',')) {
      const Comparator comparator = take_comparator(trim(part));
      if (comparator.op.empty() || comparator.op == "==" || comparator.op == "!=" || comparator.version.empty())
        return false;
      if (comparator.version.find_first_of(" \t<>=!^|*") != std::string_view::npos) return false;
      if (whole && scheme.is_whole && !scheme.is_whole(comparator.version)) return false;
    }
  }
  return true;
}

Result<Range> parse_generic(const Scheme& scheme, std::string_view text) {
  Range range;
  std::size_t count = 0;
  for (const std::string_view alternative : split_alternatives(text, "||")) {
    Conditions conditions;
    for (const std::string_view part : split_comparators(alternative)) {
      if (++count > kMaxConditions) return limit_reached("version range has too many comparators");
      if (part == "*") {
        conditions.push_back({is_any, {}});
        continue;
      }
      auto condition = generic_condition(scheme, part);
      if (!condition) return bad_range(part);
      conditions.push_back(std::move(*condition));
    }
    if (conditions.empty()) return bad_range(text);
    range.any_of.push_back(std::move(conditions));
  }
  return range;
}

}  // namespace

Result<Range> parse_range(const Scheme& scheme, std::string_view text) {
  text = trim(text);
  if (text.size() > kMaxVersionBytes) return limit_reached("version range is too long");
  if (!scheme.parse_native || is_generic(scheme, text, true)) return parse_generic(scheme, text);
  auto native = scheme.parse_native(text);
  // A plain comparator on a version that the scheme calls invalid (npm: >=1.2.3.4) still has its fallback order.
  if (!native && native.error().kind() == ErrorKind::Malformed && is_generic(scheme, text, false))
    return parse_generic(scheme, text);
  return native;
}

bool contains(const Range& range, const Version& version) {
  for (const Conditions& conditions : range.any_of) {
    const bool all = std::all_of(conditions.begin(), conditions.end(),
                                 [&](const Condition& condition) { return condition.holds(version, condition.bound); });
    if (all && (!range.admits || range.admits(conditions, version))) return true;
  }
  return false;
}

Event make_event(const Scheme& scheme, EventKind kind, std::string_view version) {
  const bool unbounded =
      (kind == EventKind::Introduced && version == "0") || (kind == EventKind::Limit && version == "*");
  return {kind, unbounded, unbounded ? Version{} : parse(scheme, version)};
}

void sort_events(std::vector<Event>& events) {
  // At one version introduced comes first, so that introduced X, fixed X is empty.
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    if (a.unbounded || b.unbounded) return a.unbounded && !b.unbounded;
    if (const int order = compare(a.version, b.version); order != 0) return order < 0;
    return a.kind < b.kind;
  });
}

bool is_affected(const std::vector<Event>& sorted_events, const Version& version) {
  bool affected = false;
  bool limited = false;
  bool below_a_limit = false;
  for (const Event& event : sorted_events) {
    const int order = event.unbounded ? 1 : against(version, event.version);
    switch (event.kind) {
      case EventKind::Introduced:
        affected = affected || order >= 0;
        break;
      case EventKind::Fixed:
        affected = affected && order < 0;
        break;
      case EventKind::LastAffected:
        affected = affected && order <= 0;
        break;
      case EventKind::Limit:
        limited = true;
        below_a_limit = below_a_limit || event.unbounded || order < 0;
        break;
    }
  }
  return affected && (!limited || below_a_limit);
}

}  // namespace plimsoll::version
