// debian_changelog: facts read from the changelogs and the index of Debian 12's packages.
//
// Input   JSON lines {source, version, distribution, date, cves}: an upload whose changelog names CVEs; and {release,
//         suite, source, versions}: the newest version in a security suite.
// Output  of the first, per CVE: fixed below that version, as the lesser authority beside OVAL and tracker (an entry may
//         name a CVE to take a fix back). Of the second a notice without CVE ("security-upload"): an older version lacks
//         a security upload whose CVEs no feed here names.
// Source  derived; see data/facts/SOURCES.md
#include <ctime>

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  if (file.json.empty() || !file.has("\"source\"")) return 0;
  return (file.has("\"cves\"") && file.has("\"distribution\"")) || (file.has("\"suite\"") && file.has("\"versions\"")) ? 8 : 0;
}

// "Sat, 05 Apr 2025 16:09:38 +0200" -> "2025-04-05".
std::string iso_of(const std::string& text) {
  std::tm parts{};
  if (strptime(text.c_str(), "%a, %d %b %Y", &parts) == nullptr) return {};
  char out[16];
  return std::string(out, std::strftime(out, sizeof out, "%Y-%m-%d", &parts));
}

void read_upload(JsonValue value, FeedSink& sink) {
  const std::string date = iso_of(std::string(value["date"].text()));
  const std::string ecosystem = "debian:12";  // of the packages the changelogs were taken from
  sink.covers(ecosystem);
  sink.date(date);
  for (const JsonValue& cve : value["cves"].items()) {
    AdvisoryRecord record;
    record.id = cve_id(cve.text());
    if (record.id.empty()) continue;
    Affected& affected = record.affected.emplace_back();
    affected.ecosystem = ecosystem;
    affected.name = value["source"].text();
    affected.name_kind = NameKind::Source;
    affected.date = date;
    affected.intervals.push_back(fixed_below(value["version"].text()));
    sink.record(std::move(record), Merge::Join);
  }
}

void read_newest(JsonValue value, FeedSink& sink) {
  const std::string ecosystem = distribution_key("debian", value["release"].text());
  for (const JsonValue& version : value["versions"].items()) {
    AdvisoryRecord record;
    record.id = cat(value["suite"].text(), ":", value["source"].text());
    Affected& affected = record.affected.emplace_back();
    affected.ecosystem = ecosystem;
    affected.name = value["source"].text();
    affected.name_kind = NameKind::Source;
    affected.word = "security-upload";
    affected.intervals.push_back(fixed_below(version.text()));
    sink.record(std::move(record), Merge::Join);
    return;
  }
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) {
    if (value["source"].text().empty()) sink.note(where, "an entry without a source");
    else if (value["cves"].is_array()) read_upload(value, sink);
    else read_newest(value, sink);
  });
}

}  // namespace

Feed debian_changelog() {
  return {.name = "debian_changelog", .source = "changelogs of Debian 12 packages (derived)", .licence = "bare facts", .priority = 1, .scope = "debian:12", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
