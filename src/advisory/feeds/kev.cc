// kev: CISA's catalogue of vulnerabilities that are known to be exploited.
//
// Input   known_exploited_vulnerabilities.json. Output: dates and ransomware use, as facts of the CVE.
// Source  https://www.cisa.gov/known-exploited-vulnerabilities-catalog
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return !file.json.empty() && file.has("\"catalogVersion\"") && file.has("\"cveID\"") && file.has("\"dateAdded\"") ? 9 : 0; }

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue catalogue, std::string_view where) {
    sink.date(iso_date(catalogue["dateReleased"].text()));
    for (const JsonValue& entry : catalogue["vulnerabilities"].items()) {
      CveFacts facts;
      facts.cve = cve_id(entry["cveID"].text());
      if (facts.cve.empty()) {
        sink.note(where, "an entry without a CVE id");
        continue;
      }
      facts.kev = Kev{.date_added = std::string(iso_date(entry["dateAdded"].text())), .due_date = std::string(iso_date(entry["dueDate"].text())),
                      .ransomware = entry["knownRansomwareCampaignUse"].text() == "Known"};
      for (const JsonValue& cwe : entry["cwes"].items())
        if (cwe.text().starts_with("CWE-") && cwe.text().size() <= 10) facts.cwes.emplace_back(cwe.text());
      sink.cve(std::move(facts));
    }
  });
}

}  // namespace

Feed kev() { return {.name = "kev", .source = "CISA KEV", .licence = "CC0-1.0", .priority = 0, .scope = "", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
