#include "advisory/export.h"

#include <zstd.h>

#include <map>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

bool is_left_out(const std::vector<std::string>& without, std::string_view ecosystem) {
  for (const std::string& each : without)
    if (ecosystem == each || (each.ends_with(':') && ecosystem.starts_with(each))) return true;
  return false;
}

void write_list(JsonWriter& w, std::string_view key, const std::vector<std::string>& list) {
  if (list.empty()) return;
  w.key(key).begin_array();
  for (const std::string& text : list) w.value(text);
  w.end_array();
}

void write_cvss(JsonWriter& w, const std::vector<Cvss>& list) {
  if (list.empty()) return;
  w.key("cv").begin_array();
  for (const Cvss& cvss : list) w.begin_array().value(cvss.version).value(cvss.vector).value(cvss.score_0_10).value(cvss.source).end_array();
  w.end_array();
}

// What one statement says, as an element of "af".
std::string statement(std::string_view ecosystem, std::string_view name, const Candidate& c, const CandidateList& list) {
  std::string out;
  JsonWriter w(out);
  w.begin_array().value(ecosystem).value(name).value(static_cast<int>(c.name_kind)).begin_array();
  for (std::uint32_t i = 0; i < c.intervals; ++i) {
    const IntervalView& interval = list.intervals[c.first_interval + i];
    const char* mark = interval.end_kind == IntervalEnd::Open ? "" : interval.end_kind == IntervalEnd::Fixed ? "<" : "=";
    w.begin_array().value(cat(interval.introduced_exclusive ? ">" : "", interval.introduced)).value(cat(mark, interval.end)).end_array();
  }
  w.end_array();
  const bool usual = c.state == FixState::NotFixed && c.severity == Severity::Unknown && c.word.empty() && c.module.empty() && c.channel.empty() && c.native.empty() && c.aliases.empty();
  if (!usual) {
    w.begin_object();
    if (c.state != FixState::NotFixed) w.member("st", to_string(c.state));
    if (c.severity != Severity::Unknown) w.member("sv", to_string(c.severity));
    w.text_member("wo", c.word).text_member("mo", c.module).text_member("ch", c.channel).text_member("na", c.native).text_member("ex", c.except).text_member("al", c.aliases);
    w.end_object();
  }
  w.end_array();
  return out;
}

std::string header(const Database& database, const ExportOptions& options) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("plimsollFacts", 1).key("feeds").begin_array();
  for (const FeedSummary& feed : database.feeds()) {
    w.begin_object().member("name", feed.name).member("date", feed.date).key("ecosystems").begin_array();
    for (const std::string& ecosystem : feed.ecosystems)
      if (!is_left_out(options.without, ecosystem)) w.value(ecosystem);
    w.end_array().end_object();
  }
  w.end_array().key("endOfLife").begin_array();
  for (const EndOfLife& end : database.ends_of_life()) w.begin_array().value(end.distribution).value(end.release).value(end.date).value(end.long_term).value(end.paid).end_array();
  w.end_array();
  if (const std::vector<Shortfall> shortfalls = database.shortfalls(); !shortfalls.empty()) {
    w.key("shortfalls").begin_array();
    for (const Shortfall& each : shortfalls) w.begin_array().value(each.ecosystem).value(each.where).value(each.why).end_array();
    w.end_array();
  }
  w.end_object();
  return out + "\n";
}

std::string repository_line(std::string_view name, const std::vector<std::string>& cpes) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("repository", name);
  write_list(w, "cpes", cpes);
  w.end_object();
  return out + "\n";
}

std::string record_line(const AdvisoryRecord& record, const std::vector<std::string>& statements) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("f", record.feed).member("id", record.id);
  write_list(w, "al", record.aliases);
  write_list(w, "fx", record.fixes);
  if (record.withdrawn) w.member("wd", true);
  if (record.severity != Severity::Unknown) w.member("sv", to_string(record.severity));
  w.text_member("ss", record.severity_source);
  write_cvss(w, record.cvss);
  write_list(w, "cw", record.cwes);
  w.text_member("pu", record.published).text_member("mo", record.modified);
  if (!statements.empty()) {
    w.key("af").begin_array();
    for (const std::string& each : statements) w.raw(each);
    w.end_array();
  }
  w.end_object();
  return out + "\n";
}

std::string cve_line(const CveFacts& facts) {
  std::string out;
  JsonWriter w(out);
  w.begin_object().member("cve", facts.cve);
  if (facts.rejected) w.member("rejected", true);
  if (facts.epss) w.key("e").begin_array().value(facts.epss->score).value(facts.epss->percentile).end_array();
  if (facts.kev) w.key("k").begin_array().value(facts.kev->date_added).value(facts.kev->due_date).value(facts.kev->ransomware).end_array();
  if (!facts.ssvc.exploitation.empty()) w.key("s").begin_array().value(facts.ssvc.exploitation).value(facts.ssvc.automatable).value(facts.ssvc.technical_impact).end_array();
  write_cvss(w, facts.cvss);
  write_list(w, "cw", facts.cwes);
  w.text_member("pu", facts.published);
  w.end_object();
  return out + "\n";
}

Result<std::string> pack(const std::string& text, int level) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (!context) return io_error("no memory to compress");
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 25);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  const std::size_t size = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
  ZSTD_freeCCtx(context);
  if (ZSTD_isError(size)) return io_error(cat("zstd: ", ZSTD_getErrorName(size)));
  out.resize(size);
  return out;
}

}  // namespace

Result<ExportSummary> export_facts(const Database& database, const std::string& file, const ExportOptions& options) {
  ExportSummary summary;
  std::map<std::uint32_t, std::vector<std::string>> statements;  // by record, which is in order of feed and id
  for (const std::string& ecosystem : database.ecosystems()) {
    if (is_left_out(options.without, ecosystem)) continue;
    PLIM_CHECK(database.each_package(ecosystem, [&](std::string_view name, const CandidateList& list) {
      for (const Candidate& candidate : list.candidates) statements[candidate.record].push_back(statement(ecosystem, name, candidate, list));
      summary.statements += list.candidates.size();
      return Status();
    }));
  }
  std::string text = header(database, options);
  std::set<std::string> cves;
  for (const auto& [at, each] : statements) {
    PLIM_TRY(const AdvisoryRecord record, database.record_at(at));
    text += record_line(record, each);
    ++summary.records;
    cves.insert(record.id);
    cves.insert(record.aliases.begin(), record.aliases.end());
    cves.insert(record.fixes.begin(), record.fixes.end());
  }
  PLIM_CHECK(database.each_repository([&](std::string_view name, const std::vector<std::string>& cpes) {
    text += repository_line(name, cpes);
    return Status();
  }));
  PLIM_CHECK(database.each_cve([&](const CveFacts& facts) {
    if (!options.all_cves && !facts.kev && cves.count(facts.cve) == 0) return Status();
    text += cve_line(facts);
    ++summary.cves;
    return Status();
  }));
  summary.bytes = text.size();
  PLIM_TRY(const std::string packed, pack(text, options.level));
  summary.packed_bytes = packed.size();
  PLIM_CHECK(replace_file(file, as_bytes(packed)));
  return summary;
}

}  // namespace plimsoll::advisory
