#include "advisory/reconcile.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "advisory/feed.h"
#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::advisory {
namespace {

// What one feed said of one CVE in a package.
struct Said {
  std::string cve;
  int priority = 0;
  std::string date;
  std::size_t statement = 0;  // index into the package
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

bool has_fix(const Affected& affected) {
  return std::any_of(affected.intervals.begin(), affected.intervals.end(), [](const Interval& i) { return i.end_kind == IntervalEnd::Fixed; });
}

// A record may list a package twice, with a range each: one statement.
void join_statements(Package& package) {
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

Statement choose(Content& content, const Package& package, const Said* begin, const Said* end) {
  const std::vector<AdvisoryRecord>& records = content.records;
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
    out.record = content.index_of(std::move(single));
  }
  return out;
}

}  // namespace

void reconcile(Content& content, Package& package) {
  std::vector<AdvisoryRecord>& records = content.records;
  join_statements(package);
  std::vector<Said> all;
  for (std::size_t i = 0; i < package.size(); ++i) {
    const AdvisoryRecord& record = records[package[i].record];
    const Feed* plugin = find_feed(record.feed);
    const int priority = plugin ? plugin->priority : 0;
    if (priority == 0 || record.withdrawn) continue;
    const std::string& stated = package[i].affected.date;
    const std::string date = !stated.empty() ? stated : record.modified.empty() ? content.feed(record.feed).date : record.modified;
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
    out.push_back(choose(content, package, all.data() + first, all.data() + last));
    first = last;
  }
  for (std::size_t i = 0; i < package.size(); ++i)
    if (!taken[i]) out.push_back(std::move(package[i]));
  package = std::move(out);
}

void link_by_reference(Content& content) {
  std::vector<AdvisoryRecord>& records = content.records;
  const auto nameless = [&](const AdvisoryRecord& record) { return record.fixes.empty() && cves_of(record).empty(); };
  for (const auto& [key, ecosystem] : content.ecosystems)
    for (const auto& [name, package] : ecosystem.packages) {
      if (package.size() < 2) continue;
      std::map<std::string_view, std::set<std::uint32_t>> by_report;
      for (const Statement& statement : package)
        for (const std::string& report : records[statement.record].reports) by_report[report].insert(statement.record);
      for (const auto& [report, about] : by_report) {
        // One that has a CVE, and others that lack any: more than one CVE, and the report is of several vulnerabilities.
        std::set<std::string> cves;
        for (const std::uint32_t i : about)
          for (std::string& cve : cves_of(records[i])) cves.insert(std::move(cve));
        if (cves.size() != 1) continue;
        for (const std::uint32_t i : about)
          if (nameless(records[i])) content.same.emplace(records[i].id, *cves.begin());
      }
    }
}

void close_aliases(Content& content) {
  std::vector<AdvisoryRecord>& records = content.records;
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
  for (const auto& [id, alias] : content.same) {
    const std::uint32_t a = node(id), b = node(alias);
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

}  // namespace plimsoll::advisory
