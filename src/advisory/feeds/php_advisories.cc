// php_advisories: FriendsOfPHP's security advisories of Composer packages.
//
// Input   YAML files VENDOR/PACKAGE/ID.yaml, or JSON lines of {path, advisory}: reference "composer://vendor/name",
//         branches of conditions that must all hold.
// Output  an interval a branch.
// Source  https://github.com/FriendsOfPHP/security-advisories
#include "advisory/feed.h"
#include "advisory/range_set.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.has("composer://") && file.has("branches") && !file.has("\"affected\"") ? 7 : 0; }

void read_one(std::string_view path, JsonValue advisory, FeedSink& sink) {
  const std::string_view reference = advisory["reference"].text();
  if (!reference.starts_with("composer://")) return sink.note(path, "an advisory whose reference is no Composer package");
  AdvisoryRecord record;
  record.id = cve_id(advisory["cve"].text());
  if (record.id.empty()) {  // the path is the source's own name of it
    std::string_view name = path;
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) name = name.substr(0, dot);
    record.id = cat("FOP-", name.substr(0, 200));
  }
  record.title = to_utf8(advisory["title"].text().substr(0, 240));
  Affected& affected = record.affected.emplace_back();
  affected.ecosystem = "composer";
  affected.name = ecosystem_name("composer", reference.substr(11));
  for (const JsonValue::Member& branch : advisory["branches"].members()) {
    std::string all;
    for (const JsonValue& condition : branch.value["versions"].items()) all.append(all.empty() ? "" : ",").append(condition.text());
    const auto intervals = all.empty() ? std::nullopt : parse_requirement("packagist", all);
    if (!intervals) {
      sink.note(cat(path, " ", branch.name), "a branch whose versions cannot be read");
      continue;
    }
    affected.intervals.insert(affected.intervals.end(), intervals->begin(), intervals->end());
    sink.date(iso_date(branch.value["time"].text()));
    if (record.published.empty()) record.published = iso_date(branch.value["time"].text());
  }
  sink.covers("composer");
  sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_advisory(input, sink, limits, [&](std::string_view path, JsonValue advisory) { read_one(path, advisory, sink); });
}

}  // namespace

Feed php_advisories() { return {.name = "php_advisories", .source = "FriendsOfPHP security advisories", .licence = "Unlicense", .priority = 0, .scope = "composer", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
