#include "advisory/record_code.h"

#include <cmath>

#include "advisory/layout.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

// Flags of a statement.
constexpr std::uint8_t kHasTexts = 1 << 5, kWithdrawn = 1 << 6, kHasSeverity = 1 << 7;
// Flags of an interval.
constexpr std::uint8_t kIntroducedExclusive = 1 << 2, kHasIntroduced = 1 << 3;
// Flags of a record.
constexpr std::uint8_t kRecordWithdrawn = 1 << 3;

void write_list(Encoder& out, const std::vector<std::string>& list) {
  out.count(list.size());
  for (const std::string& text : list) out.text(text);
}
void read_list(Cursor& c, std::vector<std::string>& list) {
  for (std::uint64_t n = c.items(); n > 0 && c.good(); --n) list.emplace_back(c.text());
}

void write_cvss(Encoder& out, const std::vector<Cvss>& list) {
  out.count(list.size());
  for (const Cvss& cvss : list) {
    out.text(cvss.version), out.text(cvss.vector), out.text(cvss.source);
    out.byte(static_cast<std::uint8_t>(std::lround(cvss.score_0_10 * 10)));
  }
}
void read_cvss(Cursor& c, std::vector<Cvss>& list) {
  for (std::uint64_t n = c.items(4); n > 0 && c.good(); --n) {
    Cvss& cvss = list.emplace_back();
    cvss.version = c.text(), cvss.vector = c.text(), cvss.source = c.text();
    cvss.score_0_10 = c.byte() / 10.0;
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : " ").append(word);
  return out;
}

// EPSS figures are published with five to nine decimals; a billionth keeps them as they are.
std::uint32_t parts(double fraction) { return static_cast<std::uint32_t>(std::lround(std::fmin(std::fmax(fraction, 0), 1) * 1e9)); }

}  // namespace

void write_statement(Encoder& out, std::uint32_t record, const Affected& affected, const std::vector<KeyedInterval>& intervals, bool withdrawn) {
  const std::string aliases = joined(affected.aliases);
  const std::string_view texts[] = {affected.word, affected.module, affected.channel, affected.native, affected.except, aliases};
  std::uint8_t mask = 0;
  for (std::size_t i = 0; i < std::size(texts); ++i)
    if (!texts[i].empty()) mask |= static_cast<std::uint8_t>(1 << i);
  std::uint8_t flags = static_cast<std::uint8_t>(static_cast<unsigned>(affected.name_kind) | static_cast<unsigned>(affected.state) << 2);
  if (mask) flags |= kHasTexts;
  if (withdrawn) flags |= kWithdrawn;
  if (affected.severity != Severity::Unknown) flags |= kHasSeverity;
  out.count(record);
  out.byte(flags);
  if (flags & kHasSeverity) out.byte(static_cast<std::uint8_t>(affected.severity));
  if (mask) {
    out.byte(mask);
    for (const std::string_view text : texts)
      if (!text.empty()) out.text(text);
  }
  out.count(intervals.size());
  for (const KeyedInterval& each : intervals) {
    const Interval& interval = each.interval;
    out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(interval.end_kind) | (interval.introduced_exclusive ? kIntroducedExclusive : 0) |
                                       (interval.introduced.empty() ? 0 : kHasIntroduced)));
    if (!interval.introduced.empty()) out.text(interval.introduced), out.text(each.introduced_key);
    if (interval.end_kind != IntervalEnd::Open) out.text(interval.end), out.text(each.end_key);
  }
}

Status read_candidates(Cursor& c, CandidateList& out) {
  for (std::uint64_t n = c.items(3); n > 0 && c.good(); --n) {
    Candidate& candidate = out.candidates.emplace_back();
    candidate.record = static_cast<std::uint32_t>(c.count());
    const std::uint8_t flags = c.byte();
    candidate.name_kind = static_cast<NameKind>(std::min(flags & 3, 2));
    candidate.state = static_cast<FixState>(std::min((flags >> 2) & 7, static_cast<int>(FixState::EndOfLife)));
    candidate.withdrawn = flags & kWithdrawn;
    if (flags & kHasSeverity) candidate.severity = static_cast<Severity>(std::min<int>(c.byte(), static_cast<int>(Severity::Critical)));
    if (flags & kHasTexts) {
      const std::uint8_t mask = c.byte();
      std::string_view* const texts[] = {&candidate.word, &candidate.module, &candidate.channel, &candidate.native, &candidate.except, &candidate.aliases};
      for (std::size_t i = 0; i < std::size(texts); ++i)
        if (mask & (1 << i)) *texts[i] = c.text();
    }
    candidate.first_interval = static_cast<std::uint32_t>(out.intervals.size());
    candidate.intervals = static_cast<std::uint32_t>(c.items());
    for (std::uint32_t i = 0; i < candidate.intervals && c.good(); ++i) {
      IntervalView& interval = out.intervals.emplace_back();
      const std::uint8_t bits = c.byte();
      interval.end_kind = static_cast<IntervalEnd>(std::min(bits & 3, 2));
      interval.introduced_exclusive = bits & kIntroducedExclusive;
      if (bits & kHasIntroduced) interval.introduced = c.text(), interval.introduced_key = c.text();
      if (interval.end_kind != IntervalEnd::Open) interval.end = c.text(), interval.end_key = c.text();
    }
  }
  if (!c.good()) return malformed("advisory database: a package's statements cannot be read");
  return Ok{};
}

void write_record(std::string& out, const AdvisoryRecord& record, std::uint64_t feed) {
  Encoder e(out);
  e.text(record.id);
  e.count(feed);
  e.byte(static_cast<std::uint8_t>(static_cast<unsigned>(record.severity) | (record.withdrawn ? kRecordWithdrawn : 0)));
  e.text(record.severity_source), e.text(record.title), e.text(record.published), e.text(record.modified);
  write_list(e, record.aliases), write_list(e, record.fixes), write_list(e, record.cwes);
  write_cvss(e, record.cvss);
}

Status read_record(Bytes item, AdvisoryRecord& out, std::uint64_t& feed) {
  Cursor c(item);
  out.id = c.text();
  feed = c.count();
  const std::uint8_t flags = c.byte();
  out.severity = static_cast<Severity>(std::min(flags & 7, static_cast<int>(Severity::Critical)));
  out.withdrawn = flags & kRecordWithdrawn;
  out.severity_source = c.text(), out.title = c.text(), out.published = c.text(), out.modified = c.text();
  read_list(c, out.aliases), read_list(c, out.fixes), read_list(c, out.cwes);
  read_cvss(c, out.cvss);
  if (!c.good()) return malformed("advisory database: a record cannot be read");
  return Ok{};
}

void write_cve(std::string& rows, std::string& details, std::uint32_t packed, const CveFacts& facts) {
  Encoder row(rows);
  std::uint32_t offset = 0;
  const bool more = !facts.cvss.empty() || facts.kev || !facts.cwes.empty() || !facts.ssvc.exploitation.empty() || !facts.ssvc.automatable.empty() ||
                    !facts.ssvc.technical_impact.empty() || !facts.published.empty() || facts.rejected || (facts.epss && !facts.epss->date.empty());
  if (more) {
    std::string item;
    Encoder e(item);
    e.byte(static_cast<std::uint8_t>((facts.rejected ? 1 : 0) | (facts.kev ? 2 : 0) | (facts.kev && facts.kev->ransomware ? 4 : 0)));
    e.text(facts.published);
    e.text(facts.epss ? facts.epss->date : "");
    if (facts.kev) e.text(facts.kev->date_added), e.text(facts.kev->due_date);
    e.text(facts.ssvc.exploitation), e.text(facts.ssvc.automatable), e.text(facts.ssvc.technical_impact);
    write_list(e, facts.cwes);
    write_cvss(e, facts.cvss);
    offset = static_cast<std::uint32_t>(details.size()) + 1;
    Encoder(details).fixed(static_cast<std::uint32_t>(item.size()));
    details += item;
  }
  row.fixed(packed);
  row.fixed(facts.epss ? parts(facts.epss->score) : 0xffffffffu);
  row.fixed(facts.epss ? parts(facts.epss->percentile) : 0xffffffffu);
  row.fixed(offset);
}

Result<std::optional<CveFacts>> read_cve(Bytes row, const std::function<Result<Bytes>(std::uint32_t)>& details) {
  CveFacts facts;
  facts.cve = unpack_cve(load_le<std::uint32_t>(row, 0));
  const std::uint32_t score = load_le<std::uint32_t>(row, 4), percentile = load_le<std::uint32_t>(row, 8), offset = load_le<std::uint32_t>(row, 12);
  if (score != 0xffffffffu) facts.epss = Epss{.score = score / 1e9, .percentile = percentile / 1e9, .date = {}};
  if (offset != 0) {
    PLIM_TRY(const Bytes item, details(offset - 1));
    Cursor c(item);
    const std::uint8_t flags = c.byte();
    facts.rejected = flags & 1;
    facts.published = c.text();
    const std::string_view date = c.text();
    if (facts.epss) facts.epss->date = date;
    if (flags & 2) {
      facts.kev.emplace();
      facts.kev->date_added = c.text(), facts.kev->due_date = c.text();
      facts.kev->ransomware = flags & 4;
    }
    facts.ssvc.exploitation = c.text(), facts.ssvc.automatable = c.text(), facts.ssvc.technical_impact = c.text();
    read_list(c, facts.cwes);
    read_cvss(c, facts.cvss);
    if (!c.good()) return malformed("advisory database: the facts of a CVE cannot be read");
  }
  return std::optional<CveFacts>(std::move(facts));
}

}  // namespace plimsoll::advisory
