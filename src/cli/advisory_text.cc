#include "cli/advisory_text.h"

#include "base/text.h"
#include "match/explain.h"

namespace plimsoll::cli {
namespace {

void write_cvss(JsonWriter& w, const std::vector<Cvss>& list) {
  w.key("cvss").begin_array();
  for (const Cvss& cvss : list) w.begin_object().member("version", cvss.version).text_member("vector", cvss.vector).member("score", cvss.score_0_10).text_member("source", cvss.source).end_object();
  w.end_array();
}

void write_texts(JsonWriter& w, std::string_view key, const std::vector<std::string>& list) {
  w.key(key).begin_array();
  for (const std::string& text : list) w.value(text);
  w.end_array();
}

std::string ranges_of(const Candidate& candidate, const CandidateList& list) {
  std::string out;
  for (std::uint32_t i = 0; i < candidate.intervals; ++i) out.append(out.empty() ? "" : " || ").append(match::range_text(list.intervals[candidate.first_interval + i]));
  if (!candidate.native.empty()) out.append(out.empty() ? "" : " || ").append(candidate.native);
  if (!candidate.except.empty()) out += cat(" except ", candidate.except);
  return out;
}

}  // namespace

std::string describe(const Candidate& candidate, const CandidateList& list) {
  std::string out = ranges_of(candidate, list);
  if (candidate.state != FixState::NotFixed) out += cat("  ", to_string(candidate.state));
  for (const auto& [label, text] : {std::pair<std::string_view, std::string_view>{"", candidate.word}, {"module ", candidate.module}, {"channel ", candidate.channel}, {"by ", candidate.aliases}})
    if (!text.empty()) out += cat("  ", label, text);
  if (candidate.withdrawn) out += "  withdrawn";
  return out;
}

void write_candidate(JsonWriter& w, const Candidate& candidate, const CandidateList& list) {
  w.member("range", ranges_of(candidate, list)).member("state", to_string(candidate.state));
  if (candidate.severity != Severity::Unknown) w.member("severity", to_string(candidate.severity));
  w.text_member("word", candidate.word).text_member("module", candidate.module).text_member("channel", candidate.channel).text_member("notices", candidate.aliases);
  if (candidate.withdrawn) w.member("withdrawn", true);
  if (candidate.layer > 0) w.member("overlay", static_cast<std::int64_t>(candidate.layer));
}

void write_record(JsonWriter& w, const AdvisoryRecord& record) {
  w.member("id", record.id).member("feed", record.feed);
  write_texts(w, "aliases", record.aliases);
  write_texts(w, "fixes", record.fixes);
  w.text_member("title", record.title).text_member("published", record.published).text_member("modified", record.modified);
  if (record.withdrawn) w.member("withdrawn", true);
  w.member("severity", to_string(record.severity)).text_member("severitySource", record.severity_source);
  write_texts(w, "cwes", record.cwes);
  write_cvss(w, record.cvss);
}

void write_cve(JsonWriter& w, const CveFacts& facts) {
  w.member("id", facts.cve).text_member("published", facts.published);
  if (facts.rejected) w.member("rejected", true);
  write_cvss(w, facts.cvss);
  if (facts.epss) w.key("epss").begin_object().member("score", facts.epss->score).member("percentile", facts.epss->percentile).text_member("date", facts.epss->date).end_object();
  if (facts.kev)
    w.key("kev").begin_object().member("dateAdded", facts.kev->date_added).text_member("dueDate", facts.kev->due_date).member("ransomware", facts.kev->ransomware).end_object();
  if (!facts.ssvc.exploitation.empty())
    w.key("ssvc").begin_object().member("exploitation", facts.ssvc.exploitation).member("automatable", facts.ssvc.automatable).member("technicalImpact", facts.ssvc.technical_impact).end_object();
  write_texts(w, "cwes", facts.cwes);
}

}  // namespace plimsoll::cli
