// nodejs_wg: the Node.js security working group's records of Node itself and (to 2020) of npm packages.
//
// Input   JSON files vuln/core/N.json and vuln/npm/N.json, or JSON lines of {path, advisory}.
// Output  npm: what vulnerable_versions says, less patched_versions. Core: what `vulnerable` says less `patched`, under
//         Node's CPE.
// Source  https://github.com/nodejs/security-wg
#include "advisory/feed.h"
#include "advisory/range_set.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  if (file.json.empty()) return 0;
  if (file.has("\"vulnerable_versions\"") && file.has("\"patched_versions\"") && file.has("\"module_name\"")) return 7;
  return file.has("\"vulnerable\":") && file.has("\"patched\":") && file.has("\"cve\"") ? 6 : 0;
}

std::vector<Interval> safe_versions(std::string_view text) {
  text = trim(text);
  if (text.empty() || equals_ignore_case(text, "none") || text == "<0.0.0") return {};
  return parse_requirement("npm", text).value_or(std::vector<Interval>{});
}

void read_one(std::string_view path, JsonValue advisory, FeedSink& sink) {
  if (path.ends_with("/index.json")) return;  // the list of the others
  const bool core = advisory["vulnerable"].exists();
  std::vector<std::string> cves;
  for (const char* key : {"cve", "cves"}) {
    if (const std::string cve = cve_id(advisory[key].text()); !cve.empty()) cves.push_back(cve);
    for (const JsonValue& cve : advisory[key].items())
      if (std::string id = cve_id(cve.text()); !id.empty()) cves.push_back(std::move(id));
  }
  std::string_view number = path.substr(path.rfind('/') + 1);
  number = number.substr(0, number.find('.'));
  AdvisoryRecord record;
  record.id = core ? cat("NODE-CORE-", number) : cat("NSWG-ECO-", number);
  if (cves.size() == 1) record.aliases = cves;
  else record.fixes = cves;  // one entry may speak of several
  record.title = to_utf8(advisory["title"].text().substr(0, 240));
  record.published = iso_date(advisory["publish_date"].text(advisory["created_at"].text()));
  if (const auto cvss = cvss_of(advisory["cvss_vector"].text(), "nodejs")) record.cvss.push_back(*cvss);
  for (const JsonValue& reference : advisory["references"].items())
    if (std::string report = report_address(reference.text()); !report.empty()) record.reports.push_back(std::move(report));
  Affected& affected = record.affected.emplace_back();
  affected.ecosystem = core ? "cpe" : "npm";
  affected.name = core ? "nodejs:node.js" : std::string(advisory["module_name"].text());
  const std::string_view vulnerable = core ? advisory["vulnerable"].text() : advisory["vulnerable_versions"].text();
  const std::string_view patched = core ? advisory["patched"].text() : advisory["patched_versions"].text();
  if (affected.name.empty()) return sink.note(path, "a record without a module");
  const auto of = parse_requirement("npm", vulnerable);
  if (of) affected.intervals = subtract("npm", *of, safe_versions(patched));
  else if (!core) affected.native = vulnerable, affected.except = safe_versions(patched).empty() ? std::string_view{} : patched;
  else return sink.note(path, cat("versions that cannot be read: ", vulnerable.substr(0, 80)));
  // "<=1.2.3" of the vulnerable and ">=1.2.4" of the patched: the fix is known.
  for (Interval& interval : affected.intervals)
    if (interval.end_kind == IntervalEnd::LastAffected)
      if (const auto safe = safe_versions(patched); safe.size() == 1 && !safe[0].introduced_exclusive && safe[0].end_kind == IntervalEnd::Open && !safe[0].introduced.empty() &&
                                                    subtract("npm", {{.introduced = interval.end, .end = safe[0].introduced, .introduced_exclusive = true, .end_kind = IntervalEnd::Fixed}}, {}).size() == 1)
        interval.end = safe[0].introduced, interval.end_kind = IntervalEnd::Fixed;
  sink.covers(affected.ecosystem);
  sink.date(record.published);
  sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_advisory(input, sink, limits, [&](std::string_view path, JsonValue advisory) { read_one(path, advisory, sink); });
}

}  // namespace

Feed nodejs_wg() { return {.name = "nodejs_wg", .source = "Node.js security working group", .licence = "MIT", .priority = 0, .scope = "npm cpe", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
