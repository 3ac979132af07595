// victims_java: the Victims CVE database's Java part, Maven coordinates (to 2020).
//
// Input   YAML files database/java/YEAR/NUMBER.yaml, or JSON lines of {path, advisory}: affected[].version "<=2.3.1,2.3",
//         which is "at most 2.3.1 and of the series 2.3".
// Output  an interval a condition; a series is the lower bound.
// Source  https://github.com/victims/victims-cve-db
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.has("groupId") && file.has("artifactId") && file.has("fixedin") && !file.has("<project") ? 7 : 0; }

// nullopt: not a condition.
std::optional<Interval> interval_of(std::string_view text) {
  const auto [condition, series] = cut(trim(text), ',');
  const std::size_t op_size = std::min(condition.find_first_not_of("<>="), condition.size());
  const std::string_view op = condition.substr(0, op_size), version = trim(condition.substr(op_size));
  if (version.empty()) return std::nullopt;
  Interval out;
  out.introduced = trim(series);
  if (op == "<=") out.end = version, out.end_kind = IntervalEnd::LastAffected;
  else if (op == "<") out.end = version, out.end_kind = IntervalEnd::Fixed;
  else if (op == "==" || op == "=") out.introduced = out.end = version, out.end_kind = IntervalEnd::LastAffected;
  else if (op == ">=") {  // from here to the end of its series
    out.introduced = version;
    const std::size_t dot = series.rfind('.');
    const auto last = parse_u64(series.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (!series.empty() && last) out.end = cat(dot == std::string_view::npos ? std::string_view{} : series.substr(0, dot + 1), *last + 1), out.end_kind = IntervalEnd::Fixed;
  } else return std::nullopt;
  return out;
}

void read_one(std::string_view path, JsonValue advisory, FeedSink& sink) {
  AdvisoryRecord record;
  record.id = cve_id(advisory["cve"].text());
  if (record.id.empty()) return sink.note(path, "a record without a CVE id");
  record.title = to_utf8(advisory["title"].text().substr(0, 240));
  for (const JsonValue& item : advisory["affected"].items()) {
    const std::string_view group = item["groupId"].text(), artifact = item["artifactId"].text();
    if (group.empty() || artifact.empty()) continue;
    Affected& affected = record.affected.emplace_back();
    affected.ecosystem = "maven";
    affected.name = cat(group, ":", artifact);
    for (const JsonValue& version : item["version"].items()) {
      if (const auto interval = interval_of(version.text())) affected.intervals.push_back(*interval);
      else sink.note(cat(path, " ", affected.name), "a version condition that cannot be read");
    }
  }
  sink.covers("maven");
  sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_advisory(input, sink, limits, [&](std::string_view path, JsonValue advisory) { read_one(path, advisory, sink); });
}

}  // namespace

Feed victims_java() { return {.name = "victims_java", .source = "Victims CVE database, Java", .licence = "CC-BY-SA-4.0", .priority = 0, .scope = "maven", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
