#include "advisory/builder.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "advisory/encoding.h"
#include "advisory/layout.h"
#include "advisory/record_code.h"
#include "advisory/signature.h"
#include "base/hash.h"
#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxVersions = 200'000;     // of one statement
constexpr std::size_t kMaxFiledBytes = 0xfffffff0;  // offsets are 32 bits wide

struct Statement {
  std::uint32_t record = 0;  // index into the records
  Affected affected;         // its intervals complete
};

using Package = std::vector<Statement>;

// What one feed said of one CVE in a package.
struct Said {
  std::string cve;
  int priority = 0;
  std::string date;
  std::size_t statement = 0;  // index into the package
};

struct Ecosystem {
  std::map<std::string, Package, std::less<>> packages;
  std::set<std::uint32_t> feeds;
};

bool lists_one_cve(const AdvisoryRecord& record) { return record.fixes.empty() && is_cve(record.id); }

// Every CVE a record is about.
std::vector<std::string> cves_of(const AdvisoryRecord& record) {
  std::vector<std::string> out = record.fixes;
  if (is_cve(record.id)) out.push_back(record.id);
  if (out.empty())
    for (const std::string& alias : record.aliases)
      if (is_cve(alias)) out.push_back(alias);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void sort_unique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

bool has_fix(const Affected& affected) {
  return std::any_of(affected.intervals.begin(), affected.intervals.end(), [](const Interval& i) { return i.end_kind == IntervalEnd::Fixed; });
}

// A hash table of 8-byte slots (high half of the hash, offset + 1) over items; see FORMAT.md.
std::string slots_of(const std::vector<std::pair<std::string_view, std::uint32_t>>& items) {
  std::size_t slots = 1;
  while (slots < items.size() * 3 / 2 + 1) slots *= 2;
  std::vector<std::uint64_t> table(slots, 0);
  for (const auto& [name, offset] : items) {
    const std::uint64_t hashed = hash64(name);
    std::size_t slot = hashed & (slots - 1);
    while (table[slot] != 0) slot = (slot + 1) & (slots - 1);
    table[slot] = (hashed >> 32) | static_cast<std::uint64_t>(offset + 1) << 32;
  }
  std::string out;
  out.reserve(slots * 8);
  Encoder e(out);
  for (const std::uint64_t entry : table) e.fixed(entry);
  return out;
}

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

struct Builder::State {
  std::map<std::string, FeedSummary, std::less<>> feeds;
  std::vector<AdvisoryRecord> records;
  std::unordered_map<std::string, std::uint32_t> by_id;  // feed + '\n' + id
  std::map<std::uint32_t, CveFacts> cves;
  std::vector<EndOfLife> ends;
  std::set<std::string> notes;
  std::map<std::string, std::set<std::string>, std::less<>> covered;  // ecosystem -> feeds

  FeedSummary& feed(std::string_view name) {
    const auto at = feeds.find(name);
    if (at != feeds.end()) return at->second;
    FeedSummary& fresh = feeds[std::string(name)];
    fresh.name = name;
    return fresh;
  }

  // Intervals complete: events and exact versions turned into them, nothing left in the other fields.
  void settle(Affected& affected) {
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

  // A record may list a package twice, with a range each: one statement.
  static void join_statements(Package& package) {
    Package out;
    std::map<std::tuple<std::uint32_t, std::string, std::string, FixState>, std::size_t> first;
    for (Statement& statement : package) {
      const Affected& one = statement.affected;
      const auto [at, fresh] = first.emplace(std::tuple(statement.record, one.module, one.channel, one.state), out.size());
      if (fresh || one.name_kind != out[at->second].affected.name_kind) {
        out.push_back(std::move(statement));
        continue;
      }
      std::vector<Interval>& into = out[at->second].affected.intervals;
      for (Interval& interval : statement.affected.intervals) into.push_back(std::move(interval));
    }
    package = std::move(out);
  }

  // One statement a (Debian package, CVE): see the header.
  void reconcile(Package& package) {
    join_statements(package);
    std::vector<Said> all;
    for (std::size_t i = 0; i < package.size(); ++i) {
      const AdvisoryRecord& record = records[package[i].record];
      const Feed* plugin = find_feed(record.feed);
      const int priority = plugin ? plugin->priority : 0;
      if (priority == 0 || record.withdrawn) continue;
      const std::string& stated = package[i].affected.date;
      const std::string date = !stated.empty() ? stated : record.modified.empty() ? feed(record.feed).date : record.modified;
      for (std::string& cve : cves_of(record)) all.push_back({std::move(cve), priority, date, i});
    }
    std::stable_sort(all.begin(), all.end(), [&](const Said& a, const Said& b) {
      const bool a_notice = !records[package[a.statement].record].fixes.empty(), b_notice = !records[package[b.statement].record].fixes.empty();
      return std::tie(a.cve, b.priority, b.date, a_notice) < std::tie(b.cve, a.priority, a.date, b_notice);
    });
    Package out;
    std::vector<bool> taken(package.size(), false);
    for (std::size_t first = 0; first < all.size();) {
      std::size_t last = first;
      while (last < all.size() && all[last].cve == all[first].cve) taken[all[last++].statement] = true;
      out.push_back(choose(package, all.data() + first, all.data() + last));
      first = last;
    }
    for (std::size_t i = 0; i < package.size(); ++i)
      if (!taken[i]) out.push_back(std::move(package[i]));
    package = std::move(out);
  }

  Statement choose(const Package& package, const Said* begin, const Said* end) {
    const Said* chosen = begin;
    const version::Scheme* deb = version::find_scheme("deb");
    const auto lowest_fix = [&](const Said& s) -> const std::string& {
      static const std::string kNone;
      for (const Interval& interval : package[s.statement].affected.intervals)
        if (interval.end_kind == IntervalEnd::Fixed) return interval.end;
      return kNone;
    };
    for (const Said* other = begin + 1; other != end; ++other) {
      const Affected& mine = package[chosen->statement].affected;
      const Affected& theirs = package[other->statement].affected;
      if (!has_fix(theirs)) continue;
      const bool open = !has_fix(mine) && mine.state != FixState::NotAffected;
      if (open && other->date > chosen->date) chosen = other;
      // Several fixes of one lesser feed: the first upload that has it (changelogs name a CVE again for regressions).
      else if (has_fix(mine) && other->priority == chosen->priority && other->date != chosen->date && chosen->priority <= 2 &&
               version::compare(*deb, lowest_fix(*other), lowest_fix(*chosen)) < 0)
        chosen = other;
    }
    Statement out = package[chosen->statement];
    const std::string_view source = records[out.record].feed;
    for (const Said* each = begin; each != end; ++each) {
      const AdvisoryRecord& record = records[package[each->statement].record];
      const Affected& affected = package[each->statement].affected;
      out.affected.aliases.insert(out.affected.aliases.end(), affected.aliases.begin(), affected.aliases.end());
      if (record.id != chosen->cve) out.affected.aliases.push_back(record.id);
      if (out.affected.severity == Severity::Unknown) out.affected.severity = affected.severity;
      if (out.affected.word.empty() && !has_fix(out.affected)) out.affected.word = affected.word;
    }
    sort_unique(out.affected.aliases);
    if (!lists_one_cve(records[out.record]) || records[out.record].id != chosen->cve) {
      // The statement of a notice about many CVEs, now about one.
      AdvisoryRecord single;
      single.id = chosen->cve;
      single.feed = source;
      single.published = records[out.record].published;
      single.modified = records[out.record].modified;
      out.record = index_of(std::move(single));
    }
    return out;
  }

  std::uint32_t index_of(AdvisoryRecord&& record) {
    const auto [at, fresh] = by_id.try_emplace(cat(record.feed, "\n", record.id), static_cast<std::uint32_t>(records.size()));
    if (fresh) records.push_back(std::move(record));
    return at->second;
  }

  // Names of one vulnerability, closed over all records that give names (not notices); groups that hold more than one
  // CVE are left as their records say, lest one careless record fuses two vulnerabilities.
  void close_aliases() {
    std::unordered_map<std::string, std::uint32_t> group_of;
    std::vector<std::uint32_t> parent;
    const auto root = [&](std::uint32_t i) {
      while (parent[i] != i) i = parent[i] = parent[parent[i]];
      return i;
    };
    const auto node = [&](const std::string& id) {
      const auto [at, fresh] = group_of.try_emplace(id, static_cast<std::uint32_t>(parent.size()));
      if (fresh) parent.push_back(at->second);
      return at->second;
    };
    for (const AdvisoryRecord& record : records)
      if (record.fixes.empty())
        for (const std::string& alias : record.aliases) {
          const std::uint32_t a = node(record.id), b = node(alias);
          parent[root(a)] = root(b);
        }
    std::unordered_map<std::uint32_t, std::vector<std::string>> groups;
    for (const auto& [id, index] : group_of) groups[root(index)].push_back(id);
    for (AdvisoryRecord& record : records) {
      const auto at = group_of.find(record.id);
      if (!record.fixes.empty() || at == group_of.end()) continue;
      const std::vector<std::string>& names = groups[root(at->second)];
      if (names.size() > 32 || std::count_if(names.begin(), names.end(), is_cve) > 1) continue;
      for (const std::string& name : names)
        if (name != record.id) record.aliases.push_back(name);
    }
    for (AdvisoryRecord& record : records) {
      sort_unique(record.aliases);
      std::erase(record.aliases, record.id);
      sort_unique(record.fixes);
    }
  }
};

Builder::Builder() : state_(std::make_unique<State>()) {}
Builder::~Builder() = default;

void Builder::add(std::string_view feed, AdvisoryRecord&& record, Merge merge) {
  if (record.id.empty()) return;
  record.feed = feed;
  FeedSummary& summary = state_->feed(feed);
  const auto [at, fresh] = state_->by_id.try_emplace(cat(feed, "\n", record.id), static_cast<std::uint32_t>(state_->records.size()));
  if (fresh) {
    ++summary.records;
    state_->records.push_back(std::move(record));
    return;
  }
  AdvisoryRecord& known = state_->records[at->second];
  if (merge == Merge::Newest) {
    // Equal times: the greater number of statements, so that the order of files does not decide.
    const auto rank = [](const AdvisoryRecord& r) { return std::tuple(r.modified, r.affected.size(), r.aliases.size()); };
    if (rank(record) > rank(known)) known = std::move(record);
    return;
  }
  std::move(record.affected.begin(), record.affected.end(), std::back_inserter(known.affected));
  known.aliases.insert(known.aliases.end(), record.aliases.begin(), record.aliases.end());
  known.fixes.insert(known.fixes.end(), record.fixes.begin(), record.fixes.end());
  known.severity = std::max(known.severity, record.severity);
  if (known.severity_source.empty()) known.severity_source = record.severity_source;
  if (known.title.empty()) known.title = record.title;
  if (known.cvss.empty()) known.cvss = std::move(record.cvss);
  if (known.cwes.empty()) known.cwes = std::move(record.cwes);
  known.modified = std::max(known.modified, record.modified);
}

void Builder::add(std::string_view feed, CveFacts&& facts) {
  const std::uint32_t packed = pack_cve(facts.cve);
  if (packed == 0) return;
  ++state_->feed(feed).cves;
  CveFacts& known = state_->cves[packed];
  known.cve = facts.cve;
  for (Cvss& cvss : facts.cvss)
    if (std::none_of(known.cvss.begin(), known.cvss.end(), [&](const Cvss& c) { return c.vector == cvss.vector && c.source == cvss.source; }))
      known.cvss.push_back(std::move(cvss));
  if (facts.epss) known.epss = facts.epss;
  if (facts.kev) known.kev = facts.kev;
  if (!facts.ssvc.exploitation.empty()) known.ssvc = facts.ssvc;
  known.cwes.insert(known.cwes.end(), facts.cwes.begin(), facts.cwes.end());
  if (known.published.empty()) known.published = facts.published;
  known.rejected = known.rejected || facts.rejected;
}

void Builder::add(EndOfLife&& end) {
  for (EndOfLife& known : state_->ends)
    if (known.distribution == end.distribution && known.release == end.release) {
      known = std::move(end);
      return;
    }
  state_->ends.push_back(std::move(end));
}

void Builder::date(std::string_view feed, std::string_view iso) {
  FeedSummary& summary = state_->feed(feed);
  if (summary.date < iso) summary.date = iso;
}

void Builder::covers(std::string_view feed, std::string_view ecosystem) {
  state_->feed(feed);
  state_->covered[std::string(ecosystem)].insert(std::string(feed));
}

void Builder::file(std::string_view feed) { ++state_->feed(feed).files; }
void Builder::note(std::string text) {
  if (state_->notes.size() < 1000) state_->notes.insert(std::move(text));
}

namespace {

// The data region: sections one after another, each at a multiple of 16.
struct Region {
  std::string bytes;
  std::array<Span, kSections> spans;
  void put(Section section, std::string_view content) {
    bytes.resize((bytes.size() + 15) / 16 * 16, '\0');
    spans[section] = {bytes.size(), content.size()};
    bytes.append(content);
  }
};

std::string assemble(Region& region, std::int64_t built_at, Header& header) {
  const std::uint64_t blocks = (region.bytes.size() + kBlockBytes - 1) / kBlockBytes;
  std::string leaves, groups;
  const Bytes data = as_bytes(region.bytes);
  for (std::uint64_t i = 0; i < blocks; ++i)
    leaves += hash(HashKind::Sha256, data.subspan(i * kBlockBytes, std::min<std::uint64_t>(kBlockBytes, data.size() - i * kBlockBytes)));
  constexpr std::size_t kGroupBytes = kLeavesPerGroup * kHashBytes;
  for (std::size_t at = 0; at < leaves.size(); at += kGroupBytes) groups += hash(HashKind::Sha256, as_bytes(std::string_view(leaves).substr(at, kGroupBytes)));
  header.built_at = built_at;
  header.key_rules = version_key_rules();
  header.groups = {kHeaderBytes, groups.size()};
  header.leaves = {kHeaderBytes + groups.size(), leaves.size()};
  const std::uint64_t start = (header.leaves.offset + leaves.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  header.data = {start, region.bytes.size()};
  header.file_bytes = start + region.bytes.size();
  for (std::size_t i = 0; i < kSections; ++i) header.sections[i] = {start + region.spans[i].offset, region.spans[i].bytes};
  header.root = hash(HashKind::Sha256, as_bytes(groups));
  std::string rest = groups + leaves;
  rest.resize(start - kHeaderBytes, '\0');
  return rest;
}

}  // namespace

Result<Builder::Built> Builder::build(std::int64_t built_at, std::string_view private_key_pem) {
  State& s = *state_;

  // Statements by ecosystem and package.
  std::map<std::string, Ecosystem, std::less<>> ecosystems;
  std::map<std::string, std::uint32_t> feed_index;
  for (auto& [name, feed] : s.feeds) feed_index.emplace(name, static_cast<std::uint32_t>(feed_index.size()));
  for (std::uint32_t i = 0; i < s.records.size(); ++i) {
    AdvisoryRecord& record = s.records[i];
    for (Affected& affected : record.affected) {
      if (affected.ecosystem.empty() || affected.name.empty()) continue;
      s.settle(affected);
      ++s.feed(record.feed).affected;
      Ecosystem& ecosystem = ecosystems[affected.ecosystem];
      ecosystem.feeds.insert(feed_index.at(record.feed));
      if (affected.intervals.empty() && affected.native.empty()) continue;  // affects no version that can be told
      std::string name = affected.name;
      ecosystem.packages[std::move(name)].push_back({i, std::move(affected)});
    }
    record.affected.clear();
    record.affected.shrink_to_fit();
  }
  for (const auto& [key, names] : s.covered)
    for (const std::string& name : names) ecosystems[key].feeds.insert(feed_index.at(name));
  for (auto& [key, ecosystem] : ecosystems)
    if (key.starts_with("debian:"))
      for (auto& [name, package] : ecosystem.packages) s.reconcile(package);
  s.close_aliases();

  // Records, in the order of feed and id; only then are their places known.
  std::vector<std::uint32_t> order(s.records.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(s.records[a].feed, s.records[a].id) < std::tie(s.records[b].feed, s.records[b].id);
  });
  std::string records;
  std::vector<std::uint32_t> place(s.records.size());
  std::map<std::string, std::vector<std::uint32_t>> ids;
  for (const std::uint32_t i : order) {
    const AdvisoryRecord& record = s.records[i];
    if (records.size() > kMaxFiledBytes) return limit_reached("the advisory database's records are beyond 4 GiB");
    place[i] = static_cast<std::uint32_t>(records.size());
    std::string item;
    write_record(item, record, feed_index.at(record.feed));
    Encoder(records).fixed(static_cast<std::uint32_t>(item.size()));
    records += item;
    ids[lower(record.id)].push_back(place[i]);
    for (const auto* list : {&record.aliases, &record.fixes})
      for (const std::string& id : *list) ids[lower(id)].push_back(place[i]);
  }

  // Packages.
  std::string packages, directory;
  Encoder directory_out(directory);
  directory_out.count(ecosystems.size());
  for (auto& [key, ecosystem] : ecosystems) {
    const std::string_view scheme_name = scheme_of_ecosystem(key);
    const version::Scheme* scheme = version::find_scheme(scheme_name);
    if (!scheme) scheme = version::find_scheme("generic");
    std::unordered_map<std::string, std::string> keys;  // one feed names the same versions again and again
    const auto sort_key = [&](const std::string& text) -> const std::string& {
      const auto [at, fresh] = keys.try_emplace(text);
      if (fresh) at->second = scheme->parse(text).key;
      return at->second;
    };
    std::string items;
    std::vector<std::pair<std::string_view, std::uint32_t>> offsets;
    std::uint64_t entries = 0;
    for (auto& [name, package] : ecosystem.packages) {
      std::stable_sort(package.begin(), package.end(), [&](const Statement& a, const Statement& b) { return place[a.record] < place[b.record]; });
      std::string item;
      Encoder e(item);
      e.text(name);
      e.count(package.size());
      for (Statement& statement : package) {
        std::vector<KeyedInterval> intervals;
        for (Interval& interval : statement.affected.intervals) {
          KeyedInterval keyed{interval, {}, {}};
          if (!interval.introduced.empty()) keyed.introduced_key = sort_key(interval.introduced);
          if (interval.end_kind != IntervalEnd::Open) keyed.end_key = sort_key(interval.end);
          intervals.push_back(std::move(keyed));
        }
        write_statement(e, place[statement.record], statement.affected, intervals, s.records[statement.record].withdrawn);
        ++entries;
      }
      if (items.size() > kMaxFiledBytes) return limit_reached(cat("the advisories of ", key, " are beyond 4 GiB"));
      offsets.emplace_back(name, static_cast<std::uint32_t>(items.size()));
      Encoder(items).fixed(static_cast<std::uint32_t>(item.size()));
      items += item;
    }
    packages.resize((packages.size() + 7) / 8 * 8, '\0');
    const std::string slots = slots_of(offsets);
    directory_out.text(key), directory_out.text(scheme->name);
    directory_out.count(ecosystem.packages.size()), directory_out.count(entries);
    directory_out.count(ecosystem.feeds.size());
    for (const std::uint32_t feed : ecosystem.feeds) directory_out.count(feed);
    directory_out.count(packages.size()), directory_out.count(slots.size() / 8), directory_out.count(items.size());
    packages += slots;
    packages += items;
    for (auto& [feed_name, summary] : s.feeds)
      if (ecosystem.feeds.count(feed_index.at(feed_name))) summary.ecosystems.push_back(key);
  }

  // Ids.
  std::string id_items;
  std::vector<std::pair<std::string_view, std::uint32_t>> id_offsets;
  for (auto& [id, places] : ids) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::string item;
    Encoder e(item);
    e.text(id);
    e.count(places.size());
    for (const std::uint32_t at : places) e.count(at);
    id_offsets.emplace_back(id, static_cast<std::uint32_t>(id_items.size()));
    Encoder(id_items).fixed(static_cast<std::uint32_t>(item.size()));
    id_items += item;
    if (id_items.size() > kMaxFiledBytes) return limit_reached("the advisory database's ids are beyond 4 GiB");
  }
  const std::string id_slots = slots_of(id_offsets);
  std::string id_section;
  Encoder(id_section).fixed(static_cast<std::uint64_t>(id_slots.size() / 8));
  id_section += id_slots;
  id_section += id_items;

  // CVEs.
  std::string rows, index, details;
  for (auto& [packed, facts] : s.cves) {
    if (rows.size() % kBlockBytes == 0) Encoder(index).fixed(packed);
    sort_unique(facts.cwes);
    write_cve(rows, details, packed, facts);
  }

  Built built;
  std::string meta;
  Encoder meta_out(meta);
  meta_out.count(s.feeds.size());
  for (const auto& [name, feed] : s.feeds) {
    meta_out.text(name), meta_out.text(feed.date);
    meta_out.count(feed.files), meta_out.count(feed.records), meta_out.count(feed.affected), meta_out.count(feed.cves);
    meta_out.count(feed.ecosystems.size());
    for (const std::string& ecosystem : feed.ecosystems) meta_out.text(ecosystem);
    built.feeds.push_back(feed);
  }
  meta_out.count(s.notes.size());
  for (const std::string& note : s.notes) meta_out.text(note);
  std::string ends;
  Encoder ends_out(ends);
  std::sort(s.ends.begin(), s.ends.end(), [](const EndOfLife& a, const EndOfLife& b) { return std::tie(a.distribution, a.release) < std::tie(b.distribution, b.release); });
  ends_out.count(s.ends.size());
  for (const EndOfLife& end : s.ends) ends_out.text(end.distribution), ends_out.text(end.release), ends_out.text(end.date), ends_out.text(end.extended);

  Region region;
  region.put(kMeta, meta), region.put(kEndOfLife, ends), region.put(kEcosystems, directory), region.put(kPackages, packages);
  region.put(kRecords, records), region.put(kIds, id_section), region.put(kCveRows, rows), region.put(kCveIndex, index), region.put(kCveDetails, details);
  Header header;
  const std::string checksums = assemble(region, built_at, header);
  built.bytes = write_header(header);
  if (!private_key_pem.empty()) {
    PLIM_TRY(const Signed signature, sign(private_key_pem, header.digest));
    header.public_key = signature.public_key, header.signature = signature.signature;
    built.bytes = write_header(header);
  }
  built.bytes += checksums;
  built.bytes += region.bytes;
  return built;
}

}  // namespace plimsoll::advisory
