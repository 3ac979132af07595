// nvd_cpe: NVD's CPE configurations (and overrides of them), for programs that no package manager knows.
//
// Input   NVD API 2.0 documents ({"vulnerabilities": [{"cve": {...}}]}), or lines of {"cve": {"configurations"}} with an
//         `_annotation` that names the CVE.
// Output  under the key "cpe", named vendor:product: an interval a vulnerable match of an application that runs anywhere
//         (target software "*" or "-"). A configuration that demands a second product beside it is left out: whether
//         that one is there cannot be told from a binary. CVSS of the record as facts of the CVE.
// Source  https://nvd.nist.gov/developers/vulnerabilities, https://github.com/anchore/nvd-data-overrides
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  if (file.json.empty()) return 0;
  if (file.has("\"cpeMatch\"") || (file.has("\"_annotation\"") && file.has("\"configurations\""))) return 8;
  return file.has("\"NVD_CVE\"") || (file.has("\"vulnerabilities\"") && file.has("\"sourceIdentifier\"")) ? 8 : 0;
}

void read_match(JsonValue match, std::vector<std::pair<std::string, Interval>>& out) {
  if (match["vulnerable"].boolean() == false) return;
  std::string_view cpe = match["criteria"].text();
  if (!cpe.starts_with("cpe:2.3:a:")) return;
  // Escaped colons ("\:") do not separate.
  std::vector<std::string> parts(1);
  for (std::size_t i = 10; i < cpe.size(); ++i) {
    if (cpe[i] == '\\' && i + 1 < cpe.size()) parts.back() += cpe[++i];
    else if (cpe[i] == ':') parts.emplace_back();
    else parts.back() += cpe[i];
  }
  if (parts.size() < 8 || (parts[7] != "*" && parts[7] != "-")) return;  // target software: a plugin of something else
  Interval interval;
  const auto get = [&](const char* key) { return std::string(match[key].text()); };
  interval.introduced = get("versionStartIncluding");
  if (const std::string after = get("versionStartExcluding"); !after.empty()) interval.introduced = after, interval.introduced_exclusive = true;
  if (const std::string end = get("versionEndExcluding"); !end.empty()) interval.end = end, interval.end_kind = IntervalEnd::Fixed;
  else if (const std::string last = get("versionEndIncluding"); !last.empty()) interval.end = last, interval.end_kind = IntervalEnd::LastAffected;
  else if (parts[2] != "*") {
    if (parts[2] == "-") return;  // "no version": says nothing of any
    interval.introduced = parts[3] == "*" || parts[3] == "-" ? parts[2] : cat(parts[2], "-", parts[3]);
    interval.end = interval.introduced, interval.end_kind = IntervalEnd::LastAffected;
  }
  out.emplace_back(lower(cat(parts[0], ":", parts[1])), std::move(interval));
}

void read_configuration(JsonValue configuration, std::vector<std::pair<std::string, Interval>>& out) {
  const std::vector<JsonValue> nodes = configuration["nodes"].items();
  if (configuration["operator"].text() == "AND" && nodes.size() > 1) return;
  for (const JsonValue& node : nodes) {
    if (node["negate"].boolean().value_or(false) || (node["operator"].text() == "AND" && node["cpeMatch"].size() > 1)) continue;
    for (const JsonValue& match : node["cpeMatch"].items()) read_match(match, out);
  }
}

void read_metrics(JsonValue metrics, CveFacts& facts) {
  for (const char* key : {"cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"})
    for (const JsonValue& metric : metrics[key].items())
      if (auto cvss = cvss_of(metric["cvssData"]["vectorString"].text(), metric["source"].text("nvd"))) facts.cvss.push_back(std::move(*cvss));
}

void read_cve(JsonValue cve, std::string_view id, std::string_view where, FeedSink& sink) {
  AdvisoryRecord record;
  record.id = cve_id(id);
  if (record.id.empty()) return sink.note(where, "a configuration without a CVE id");
  record.modified = iso_date(cve["lastModified"].text());
  sink.date(record.modified);
  std::vector<std::pair<std::string, Interval>> matches;
  for (const JsonValue& configuration : cve["configurations"].items()) read_configuration(configuration, matches);
  for (auto& [name, interval] : matches) {
    Affected* same = nullptr;
    for (Affected& affected : record.affected)
      if (affected.name == name) same = &affected;
    if (!same) {
      same = &record.affected.emplace_back();
      same->ecosystem = "cpe";
      same->name = name;
    }
    same->intervals.push_back(std::move(interval));
  }
  CveFacts facts;
  facts.cve = record.id;
  facts.published = iso_date(cve["published"].text());
  read_metrics(cve["metrics"], facts);
  if (!facts.cvss.empty()) sink.cve(std::move(facts));
  sink.covers("cpe");
  if (!record.affected.empty()) sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) {
    if (value["vulnerabilities"].is_array()) {
      sink.date(iso_date(value["timestamp"].text()));
      for (const JsonValue& item : value["vulnerabilities"].items()) read_cve(item["cve"], item["cve"]["id"].text(), where, sink);
    } else {
      const std::string_view annotated = value["_annotation"]["cve_id"].text();
      sink.date(iso_date(value["_annotation"]["modified"].text()));
      read_cve(value["cve"], annotated.empty() ? value["cve"]["id"].text() : annotated, where, sink);
    }
  });
}

}  // namespace

Feed nvd_cpe() { return {.name = "nvd_cpe", .source = "NVD configurations and overrides of them", .licence = "public domain; overrides CC0-1.0", .priority = 0, .scope = "cpe", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
