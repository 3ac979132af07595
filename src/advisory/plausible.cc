#include "advisory/plausible.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "base/text.h"

namespace plimsoll::advisory {
namespace {

// "2026-11-28" -> days since 1970.
std::int64_t day_number(std::string_view iso) {
  const auto part = [&](std::size_t at, std::size_t n) { return static_cast<unsigned>(parse_u64(iso.substr(at, n)).value_or(0)); };
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(part(0, 4))), std::chrono::month(std::clamp(part(5, 2), 1u, 12u)), std::chrono::day(1));
  return (std::chrono::sys_days(date).time_since_epoch().count()) + part(8, 2) - 1;
}

bool too_long(const std::vector<std::string>& texts, std::size_t most) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) { return text.size() > most; });
}

bool is_absurd(const Affected& affected) {
  std::size_t bounds = affected.intervals.size();
  for (const Interval& interval : affected.intervals)
    if (interval.introduced.size() > kMaxVersionText || interval.end.size() > kMaxVersionText) return true;
  for (const auto& range : affected.ranges) {
    bounds += range.size();
    for (const RangeEvent& event : range)
      if (event.version.size() > kMaxVersionText) return true;
  }
  return bounds > kMaxBounds || affected.name.size() > kMaxNameText || affected.ecosystem.size() > kMaxIdBytes || affected.native.size() > (64u << 10) || affected.except.size() > (64u << 10) ||
         affected.module.size() > kMaxIdBytes || affected.channel.size() > kMaxIdBytes || affected.word.size() > kMaxIdBytes || affected.aliases.size() > kMaxNames ||
         too_long(affected.aliases, kMaxIdBytes) || too_long(affected.versions, kMaxVersionText);
}

// All that a statement says, as one text.
std::string text_of(const Affected& a) {
  std::string out = cat(a.ecosystem, "\n", a.name, "\n", static_cast<int>(a.name_kind), "\n", a.native, "\n", a.except, "\n", static_cast<int>(a.state), "\n", a.word, "\n", a.module, "\n", a.channel, "\n",
                        static_cast<int>(a.severity), "\n", a.date);
  for (const Interval& i : a.intervals) out += cat("\ni ", i.introduced, " ", i.end, " ", i.introduced_exclusive ? 1 : 0, " ", static_cast<int>(i.end_kind));
  for (const auto& range : a.ranges) {
    out += "\nr";
    for (const RangeEvent& event : range) out += cat(" ", static_cast<int>(event.kind), " ", event.version);
  }
  for (const std::string& version : a.versions) out += cat("\nv ", version);
  for (const std::string& alias : a.aliases) out += cat("\na ", alias);
  return out;
}

// True when `from` held something new.
bool add_names(std::vector<std::string>& into, const std::vector<std::string>& from) {
  bool fresh = false;
  for (const std::string& name : from)
    if (std::find(into.begin(), into.end(), name) == into.end()) into.push_back(name), fresh = true;
  return fresh;
}

}  // namespace

bool is_to_come(std::string_view date, std::string_view today) { return !today.empty() && date.size() >= 10 && day_number(date) > day_number(today) + 1; }

bool make_plausible(AdvisoryRecord& record, std::string_view today, std::set<std::string>& notes) {
  const std::string shown = to_utf8(std::string_view(record.id).substr(0, kMaxIdBytes));
  const auto note = [&](std::string_view why) { notes.insert(cat(shown, ": ", why)); };
  if (record.id.empty()) return false;
  if (record.id.size() > kMaxIdBytes) {
    note("an id of absurd length: the record is left out");
    return false;
  }
  for (std::string* date : {&record.modified, &record.published})
    if (is_to_come(*date, today)) {
      note(cat("it is dated ", to_utf8(date->substr(0, 10)), ", which is yet to come: the date is not believed"));
      date->clear();
    }
  for (std::vector<std::string>* names : {&record.aliases, &record.fixes, &record.cwes})
    if (names->size() > kMaxNames || too_long(*names, kMaxIdBytes)) {
      note("names of absurd number or length are left out");
      std::erase_if(*names, [](const std::string& name) { return name.size() > kMaxIdBytes; });
      if (names->size() > kMaxNames) names->resize(kMaxNames);
    }
  const std::size_t before = record.affected.size();
  std::erase_if(record.affected, is_absurd);
  if (record.affected.size() > kMaxStatements) record.affected.resize(kMaxStatements);
  if (record.affected.size() < before) note(cat(before - record.affected.size(), " statements of absurd size are left out"));
  return true;
}

bool unite(AdvisoryRecord& known, AdvisoryRecord&& more) {
  std::set<std::string> mine, theirs;
  for (const Affected& affected : known.affected) mine.insert(text_of(affected));
  for (const Affected& affected : more.affected) theirs.insert(text_of(affected));
  bool differ = mine != theirs;
  for (Affected& affected : more.affected)
    if (mine.insert(text_of(affected)).second) known.affected.push_back(std::move(affected));
  // In an order that does not tell which was first.
  if (differ) std::sort(known.affected.begin(), known.affected.end(), [](const Affected& a, const Affected& b) { return text_of(a) < text_of(b); });
  differ = add_names(known.aliases, more.aliases) || differ;
  differ = add_names(known.fixes, more.fixes) || differ;
  differ = differ || known.withdrawn != more.withdrawn || known.severity != more.severity;
  known.withdrawn = known.withdrawn && more.withdrawn;  // rather one alarm too many
  if (more.severity > known.severity) known.severity = more.severity, known.severity_source = more.severity_source;
  known.title = std::max(known.title, more.title), known.published = std::max(known.published, more.published);
  for (Cvss& cvss : more.cvss)
    if (std::none_of(known.cvss.begin(), known.cvss.end(), [&](const Cvss& c) { return c.vector == cvss.vector && c.source == cvss.source; })) known.cvss.push_back(std::move(cvss));
  std::sort(known.cvss.begin(), known.cvss.end(), [](const Cvss& a, const Cvss& b) { return std::tie(a.vector, a.source) < std::tie(b.vector, b.source); });
  add_names(known.cwes, more.cwes);
  std::sort(known.cwes.begin(), known.cwes.end());
  return differ;
}

}  // namespace plimsoll::advisory
