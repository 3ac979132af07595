// ruby_advisory_db: the Ruby Advisory Database, of gems and of Ruby itself.
//
// Input   YAML files gems/NAME/ID.yml and rubies/ENGINE/ID.yml, or JSON lines of {path, advisory}.
// Output  the versions that are neither patched nor unaffected, as intervals; Ruby itself under its CPE.
// Source  https://github.com/rubysec/ruby-advisory-db
#include "advisory/feed.h"
#include "advisory/range_set.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  const bool yaml = file.name.ends_with(".yml") || file.name.ends_with(".yaml");
  if (yaml) return (file.has("\ngem:") || file.head.starts_with("gem:") || file.has("\nengine:") || file.head.starts_with("engine:")) && file.has("\ntitle:") ? 7 : 0;
  if (file.json.empty() || !file.has("\"advisory\"")) return 0;
  return (file.has("\"patched_versions\"") || file.has("\"unaffected_versions\"")) && (file.has("\"gem\":") || file.has("\"engine\":")) ? 7 : 0;
}

std::string number_text(JsonValue value) { return value.is_string() ? std::string(value.text()) : value.integer() ? std::to_string(*value.integer()) : std::string{}; }

void read_one(std::string_view path, JsonValue advisory, FeedSink& sink) {
  const std::string_view gem = advisory["gem"].text(), engine = advisory["engine"].text();
  if (gem.empty() && engine.empty()) return sink.note(path, "an advisory without gem or engine");
  AdvisoryRecord record;
  const std::string cve = cve_id(number_text(advisory["cve"]));
  if (!cve.empty()) record.aliases.push_back(cve);
  if (const std::string ghsa = number_text(advisory["ghsa"]); !ghsa.empty()) record.aliases.push_back(ghsa.starts_with("GHSA-") ? ghsa : cat("GHSA-", ghsa));
  if (const std::string osvdb = number_text(advisory["osvdb"]); !osvdb.empty()) record.aliases.push_back(cat("OSVDB-", osvdb));
  if (record.aliases.empty()) {  // the file's own name
    std::string_view name = path.substr(path.rfind('/') + 1);
    record.aliases.emplace_back(name.substr(0, name.rfind('.')));
  }
  record.id = record.aliases.front();
  record.aliases.erase(record.aliases.begin());
  record.title = to_utf8(advisory["title"].text().substr(0, 240));
  record.published = iso_date(advisory["date"].text());
  sink.date(record.published);
  for (const auto& [key, version] : {std::pair{"cvss_v4", "4.0"}, std::pair{"cvss_v3", "3.1"}, std::pair{"cvss_v2", "2.0"}})
    if (const auto score = advisory[key].number(); score && *score >= 0 && *score <= 10) record.cvss.push_back({.version = version, .vector = {}, .score_0_10 = *score, .source = "rubysec"});
    else if (const auto text = advisory[key].text(); !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos && text.size() < 5)
      record.cvss.push_back({.version = version, .vector = {}, .score_0_10 = std::min(10.0, std::strtod(std::string(text).c_str(), nullptr)), .source = "rubysec"});

  std::vector<Interval> safe;
  for (const char* key : {"patched_versions", "unaffected_versions"})
    for (const JsonValue& requirement : advisory[key].items()) {
      const auto intervals = parse_requirement("rubygems", requirement.text());
      if (!intervals) return sink.note(cat(path, " ", record.id), cat("a requirement that cannot be read: ", requirement.text().substr(0, 80)));
      safe.insert(safe.end(), intervals->begin(), intervals->end());
    }
  Affected& affected = record.affected.emplace_back();
  affected.ecosystem = gem.empty() ? "cpe" : "gem";
  affected.name = !gem.empty() ? std::string(gem) : engine == "ruby" || engine == "mruby" ? cat(engine == "ruby" ? "ruby-lang:" : "mruby:", engine) : cat(engine, ":", engine);
  affected.intervals = subtract("rubygems", {all_versions()}, safe);
  sink.covers("gem");
  sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_advisory(input, sink, limits, [&](std::string_view path, JsonValue advisory) { read_one(path, advisory, sink); });
}

}  // namespace

Feed ruby_advisory_db() {
  return {.name = "ruby_advisory_db", .source = "Ruby Advisory Database", .licence = "public domain", .priority = 0, .scope = "gem cpe", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
