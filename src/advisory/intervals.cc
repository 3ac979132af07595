#include "advisory/intervals.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "model/ecosystem.h"
#include "version/scheme.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxVersions = 200'000;  // of one statement

}  // namespace

std::vector<Interval> intervals_of(std::string_view scheme_name, const std::vector<RangeEvent>& events) {
  using Kind = RangeEvent::Kind;
  const version::Scheme* scheme = version::find_scheme(scheme_name);
  if (!scheme) scheme = version::find_scheme("generic");
  struct Point {
    version::Version version;
    Kind kind;
    bool unbounded;
    std::string_view text;
  };
  std::vector<Point> points;
  bool introduced = false;
  std::vector<version::Version> limits;
  std::vector<std::string_view> limit_texts;
  for (const RangeEvent& event : events) {
    if (event.kind == Kind::Limit) {
      if (event.version != "*") limits.push_back(scheme->parse(event.version)), limit_texts.push_back(event.version);
      continue;
    }
    introduced = introduced || event.kind == Kind::Introduced;
    points.push_back({scheme->parse(event.version), event.kind, event.kind == Kind::Introduced && event.version == "0", event.version});
  }
  if (!introduced) return {};  // OSV: a range has at least one introduced event
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    if (a.unbounded != b.unbounded) return a.unbounded;
    if (const int order = version::compare(a.version, b.version)) return order < 0;
    // At one version the record's own order holds: "introduced 2, fixed 2" is empty, "fixed 2, introduced 2" begins
    // again; only a last_affected always takes its version in.
    return b.kind == Kind::LastAffected && a.kind != Kind::LastAffected;
  });
  std::vector<Interval> out;
  bool inside = false;
  for (const Point& point : points) {
    if (point.kind == Kind::Introduced) {
      if (!inside) out.push_back({.introduced = point.unbounded ? std::string{} : std::string(point.text), .end = {}});
      inside = true;
    } else if (inside) {
      out.back().end = point.text;
      out.back().end_kind = point.kind == Kind::Fixed ? IntervalEnd::Fixed : IntervalEnd::LastAffected;
      inside = false;
      if (point.kind == Kind::Fixed && version::compare(scheme->parse(out.back().introduced), point.version) == 0 && !out.back().introduced.empty()) out.pop_back();
    }
  }
  // Limits: a version counts when it is below any of them, so only the greatest matters.
  if (!limits.empty()) {
    std::size_t greatest = 0;
    for (std::size_t i = 1; i < limits.size(); ++i)
      if (version::compare(limits[greatest], limits[i]) < 0) greatest = i;
    for (std::size_t i = 0; i < out.size();) {
      if (!out[i].introduced.empty() && version::compare(scheme->parse(out[i].introduced), limits[greatest]) >= 0) {
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      const bool beyond = out[i].end_kind == IntervalEnd::Open || version::compare(scheme->parse(out[i].end), limits[greatest]) >= 0;
      if (beyond) out[i].end = limit_texts[greatest], out[i].end_kind = IntervalEnd::Fixed;
      ++i;
    }
  }
  return out;
}

void settle(Affected& affected, std::set<std::string>& notes) {
  const version::Scheme* scheme = version::find_scheme(scheme_of_ecosystem(affected.ecosystem));
  if (!scheme) scheme = version::find_scheme("generic");
  for (const std::vector<RangeEvent>& range : affected.ranges)
    for (Interval& interval : intervals_of(scheme->name, range)) affected.intervals.push_back(std::move(interval));
  affected.ranges.clear();
  if (affected.versions.size() > kMaxVersions) {
    notes.insert(cat(affected.name, ": only the first ", kMaxVersions, " of its listed versions are kept"));
    affected.versions.resize(kMaxVersions);
  }
  if (affected.versions.empty()) return;
  struct Bounds {
    version::Version low, high;
  };
  std::vector<Bounds> bounds;
  for (const Interval& interval : affected.intervals) bounds.push_back({scheme->parse(interval.introduced), scheme->parse(interval.end)});
  std::set<std::string_view> seen;
  std::vector<Interval> more;
  for (const std::string& text : affected.versions) {
    if (!seen.insert(text).second) continue;
    const version::Version version = scheme->parse(text);
    bool inside = false;
    // A record with that many of both is no real one; its versions are then kept as they are.
    const bool reasonable = bounds.size() * affected.versions.size() < 50'000'000;
    for (std::size_t i = 0; i < bounds.size() && !inside && reasonable; ++i) {
      const Interval& interval = affected.intervals[i];
      const bool after = interval.introduced.empty() || version::compare(version, bounds[i].low) >= 0;
      const int end = interval.end_kind == IntervalEnd::Open ? -1 : version::compare(version, bounds[i].high);
      inside = after && (end < 0 || (end == 0 && interval.end_kind == IntervalEnd::LastAffected));
    }
    if (!inside) more.push_back({.introduced = text, .end = text, .introduced_exclusive = false, .end_kind = IntervalEnd::LastAffected});
  }
  affected.versions.clear();
  affected.intervals.insert(affected.intervals.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace plimsoll::advisory
