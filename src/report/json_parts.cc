#include "report/json_parts.h"

#include <functional>

namespace plimsoll::report {
namespace {

void write_pairs(JsonWriter& json, std::string_view name, const std::vector<std::pair<std::string, std::string>>& pairs) {
  if (pairs.empty()) return;
  json.key(name).begin_object();
  std::string_view last;
  for (const auto& [key, value] : pairs) {
    if (key == last) continue;  // a key is written once: a second one could not be read back
    json.member(key, value);
    last = key;
  }
  json.end_object();
}

// Evidence keeps its order and may repeat a key ("range" of two records): repeated values become an array.
void write_evidence(JsonWriter& json, const std::vector<std::pair<std::string, std::string>>& evidence) {
  if (evidence.empty()) return;
  json.key("evidence").begin_object();
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    const std::string& key = evidence[i].first;
    const auto same = [&](const auto& pair) { return pair.first == key; };
    const auto at = evidence.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find_if(evidence.begin(), at, same) != at) continue;
    json.key(key);
    if (std::none_of(at + 1, evidence.end(), same)) {
      json.value(evidence[i].second);
      continue;
    }
    json.begin_array();
    for (const auto& pair : evidence)
      if (same(pair)) json.value(pair.second);
    json.end_array();
  }
  json.end_object();
}

void write_locations(JsonWriter& json, const std::vector<Location>& locations) {
  if (locations.empty()) return;
  json.key("locations").begin_array();
  for (const Location* location : ordered(locations, std::less<Location>())) write_location(json, *location);
  json.end_array();
}

void write_scores(JsonWriter& json, const Finding& finding) {
  if (!finding.cvss.empty()) {
    json.key("cvss").begin_array();
    for (const Cvss& cvss : finding.cvss)
      json.begin_object().member("version", cvss.version).text_member("vector", cvss.vector).member("score", cvss.score_0_10).text_member("source", cvss.source).end_object();
    json.end_array();
  }
  if (finding.epss)
    json.key("epss").begin_object().member("score", finding.epss->score).member("percentile", finding.epss->percentile).text_member("date", finding.epss->date).end_object();
  if (finding.kev)
    json.key("kev").begin_object().text_member("dateAdded", finding.kev->date_added).text_member("dueDate", finding.kev->due_date).member("ransomware", finding.kev->ransomware).end_object();
}

}  // namespace

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_location(JsonWriter& json, const Location& location) {
  json.begin_object().member("path", location.path).text_member("layer", location.layer);
  if (location.line != 0) json.member("line", location.line);
  json.end_object();
}

void write_package(JsonWriter& json, const Package& package) {
  json.begin_object().member("id", package.id).member("type", package.type).text_member("namespace", package.ns);
  json.member("name", package.name).member("version", package.version).text_member("arch", package.arch);
  json.member("purl", package.purl_text());
  if (!package.source_name.empty())
    json.key("source").begin_object().member("name", package.source_name).text_member("version", package.source_version).end_object();
  write_locations(json, package.locations);
  json.member("origin", to_string(package.origin));
  json.text_member("ownedBy", package.owned_by);
  write_texts(json, "licenses", package.licenses);
  write_texts(json, "depends", package.depends);
  write_texts(json, "foundBy", package.found_by);
  write_pairs(json, "properties", package.properties);
  json.end_object();
}

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object().member("id", finding.id).member("key", finding.key).member("class", to_string(finding.klass));
  write_texts(json, "aliases", finding.aliases);
  json.member("severity", to_string(finding.severity)).text_member("severitySource", finding.severity_source);
  write_scores(json, finding);
  if (finding.klass == FindingClass::Vulnerability) json.member("state", to_string(finding.state));
  json.text_member("package", finding.package).text_member("installedVersion", finding.installed_version);
  json.text_member("fixedVersion", finding.fixed_version).text_member("title", finding.title).text_member("ruleId", finding.rule_id);
  write_evidence(json, finding.evidence);
  write_locations(json, finding.locations);
  json.member("origin", to_string(finding.origin));
  json.text_member("published", finding.published).text_member("fix", finding.fix).member("risk", finding.risk_0_100);
  write_texts(json, "references", finding.references);
  json.end_object();
}

void write_gap(JsonWriter& json, const Gap& gap) {
  json.begin_object().member("part", gap.part).member("where", gap.where).member("why", gap.why).end_object();
}

}  // namespace plimsoll::report
