// Facts: all that a standard can speak about, of one image, in one flat form. A verdict is reckoned from this alone.
//
// Made from a report (facts_of), or from the compact index of reports (plan/index.h), so that CI, cluster and simulation
// judge by the same code. Numbers that are not known are NaN, days that are not known are kNoDay, texts that are not known
// have a null data(). Days count from 1970-01-01.
// Views point into the Report or index it was made from, or into `texts`: a Facts lives no longer than its source. It may
// be moved, not copied.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/report.h"
#include "standard/workload.h"

namespace plimsoll::standard {

constexpr std::int32_t kNoDay = std::numeric_limits<std::int32_t>::min();
std::int32_t day_of(std::string_view iso_date);  // kNoDay when it is none
std::int32_t day_of(Time time);
std::string day_text(std::int32_t day);

using Texts = std::span<const std::string_view>;
using Pair = std::pair<std::string_view, std::string_view>;
using Pairs = std::span<const Pair>;

struct FindingRow {
  FindingClass klass{};
  Severity severity{};
  FixState state{};
  Origin origin{};
  bool exploited = false, ransomware = false, fix_available = false;
  float risk = 0, cvss, epss, epss_percentile;  // NaN: unknown
  std::int32_t published = kNoDay, exploited_since = kNoDay, exploited_due = kNoDay;
  std::string_view key, rule, title, installed, fixed, severity_source, fix;
  std::string_view package, package_name, package_type, package_source;
  Texts ids;    // id first, then aliases
  Texts paths;
  Pairs evidence;
  std::string_view id() const { return ids.empty() ? std::string_view() : ids.front(); }
};

struct PackageRow {
  std::string_view id, type, ns, name, version, arch, source, owned_by;
  Origin origin{};
  Texts licenses, paths;
  Pairs properties;
};

struct LayerRow {
  Origin origin{};
  std::uint64_t size_bytes = 0;
  std::string_view created_by;
};
struct GapRow {
  std::string_view part, where, why;
};
struct CoverageRow {
  std::string_view ecosystem, feed;
  std::uint64_t packages = 0;
  std::int32_t feed_day = kNoDay;  // of the oldest of its feeds
};

// A statement of how the image was built, unverified.
struct ClaimRow {
  std::string_view found_in, predicate_type, builder, source, revision;  // null data(): it does not say
};

struct ImageRow {
  std::string_view reference, repository, registry, tag, kind, digest, platform, base_name, base_digest;
  std::string_view os_id, os_version, os_name, user, entrypoint, working_dir;
  std::int32_t created = kNoDay, os_end_of_life = kNoDay, database_day = kNoDay;
  std::string_view database_digest;
  double runs_as_root, healthcheck;  // 0, 1, NaN
  std::uint64_t size_bytes = 0;
  Texts exposed_ports, volumes, environment, history;
  Pairs labels;
  double score_total;
  std::array<double, 8> score_by_class;  // by FindingClass
  bool complete = true, config_known = false;
};

// What whoever verified the image knows; nothing of it comes from the image itself.
struct Provenance {
  bool is_signed = false;
  std::vector<std::string> signers, attestations;  // identities or key names; predicate types
  std::string builder, source;
};

struct Facts {
  Facts() = default;
  Facts(Facts&&) = default;
  Facts& operator=(Facts&&) = default;

  Time at{};
  std::int32_t today = kNoDay;
  ImageRow image;
  std::vector<FindingRow> findings;
  std::vector<PackageRow> packages;
  std::vector<LayerRow> layers;
  std::vector<GapRow> gaps;
  std::vector<CoverageRow> coverage;
  std::vector<ClaimRow> claims;
  const Workload* workload = nullptr;      // null: none was given
  const Provenance* provenance = nullptr;  // null: nobody verified it

  std::deque<std::string> texts;  // owns what had to be made
  std::vector<std::string_view> pool;
  std::vector<Pair> pairs;
  std::deque<std::vector<std::string_view>> lists;
  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
};

// Cost: about 0.2 us a finding. `at`: the time the verdict speaks of.
Facts facts_of(const Report& report, Time at);

// The parts of facts_of that an index needs alone.
void read_reference(Facts& facts, std::string_view reference);
void read_config(Facts& facts, std::string_view config_json);

}  // namespace plimsoll::standard
