// cve5: CVE records in JSON 5 form, with what authorised publishers (CISA) add: CVSS, SSVC, CWE.
//
// Input   CVE JSON 5 records: one a file, JSON lines, or lists.
// Output  facts of the CVE; no statement on packages, since product names of CVE records are no package names.
// Source  https://github.com/CVEProject/cve-schema 5.1, https://github.com/cisagov/vulnrichment
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return !file.json.empty() && (file.has("\"cveMetadata\"") || file.has("\"CVE_RECORD\"")) ? 9 : 0; }

void read_ssvc(JsonValue content, CveFacts& facts) {
  for (const JsonValue& option : content["options"].items())
    for (const JsonValue::Member& member : option.members()) {
      if (member.name == "Exploitation") facts.ssvc.exploitation = member.value.text();
      if (member.name == "Automatable") facts.ssvc.automatable = member.value.text();
      if (member.name == "Technical Impact") facts.ssvc.technical_impact = member.value.text();
    }
}

void read_container(JsonValue container, CveFacts& facts) {
  const std::string source(container["providerMetadata"]["shortName"].text());
  for (const JsonValue& metric : container["metrics"].items()) {
    for (const char* key : {"cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"})
      if (auto cvss = cvss_of(metric[key]["vectorString"].text(), source)) facts.cvss.push_back(std::move(*cvss));
    if (metric["other"]["type"].text() == "ssvc") read_ssvc(metric["other"]["content"], facts);
  }
  for (const JsonValue& problem : container["problemTypes"].items())
    for (const JsonValue& description : problem["descriptions"].items()) {
      std::string_view cwe = description["cweId"].text(description["description"].text());
      cwe = cut(cwe, ' ').first;
      if (cwe.starts_with("CWE-") && cwe.size() <= 10) facts.cwes.emplace_back(cwe);
    }
}

void read_one(JsonValue record, std::string_view where, FeedSink& sink) {
  JsonValue metadata = record["cveMetadata"];
  CveFacts facts;
  facts.cve = cve_id(metadata["cveId"].text());
  if (facts.cve.empty()) return sink.note(where, "a CVE record without an id");
  facts.rejected = metadata["state"].text() == "REJECTED";
  facts.published = iso_date(metadata["datePublished"].text());
  sink.date(iso_date(metadata["dateUpdated"].text()));
  read_container(record["containers"]["cna"], facts);
  for (const JsonValue& adp : record["containers"]["adp"].items()) read_container(adp, facts);
  sink.cve(std::move(facts));
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) { read_one(value, where, sink); });
}

}  // namespace

Feed cve5() { return {.name = "cve5", .source = "CVE records with CISA's Vulnrichment", .licence = "CVE terms of use; CISA: CC0-1.0", .priority = 0, .scope = "", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
