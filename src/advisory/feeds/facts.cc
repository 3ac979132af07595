// facts: what `plimsoll db export` wrote, read back as the feeds it came from. The form is told in advisory/export.h.
#include <algorithm>

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return !file.json.empty() && file.json.starts_with("{\"plimsollFacts\"") ? 10 : 0; }

void texts(JsonValue list, std::vector<std::string>& out) {
  for (const JsonValue& item : list.items()) out.emplace_back(item.text());
}

void read_cvss(JsonValue list, std::vector<Cvss>& out) {
  for (const JsonValue& item : list.items())
    out.push_back({.version = std::string(item.at(0).text()), .vector = std::string(item.at(1).text()),
                   .score_0_10 = std::clamp(item.at(2).number().value_or(0), 0.0, 10.0), .source = std::string(item.at(3).text())});
}

void read_header(JsonValue header, FeedSink& sink) {
  for (const JsonValue& feed : header["feeds"].items()) {
    sink.speak_as(feed["name"].text());
    sink.date(feed["date"].text());
    for (const JsonValue& ecosystem : feed["ecosystems"].items()) sink.covers(ecosystem.text());
  }
  for (const JsonValue& missing : header["shortfalls"].items())
    if (!missing.at(0).text().empty()) sink.shortfall({std::string(missing.at(0).text()), std::string(missing.at(1).text()), std::string(missing.at(2).text())});
  for (const JsonValue& end : header["endOfLife"].items()) {
    if (iso_date(end.at(2).text()).empty()) continue;
    if (end.size() < 5) {  // older files say the end of the one kind of longer support that a distribution has
      const bool free = end.at(0).text() == "debian";
      sink.end_of_life({std::string(end.at(0).text()), std::string(end.at(1).text()), std::string(end.at(2).text()), std::string(free ? end.at(3).text() : ""), std::string(free ? "" : end.at(3).text())});
    } else
      sink.end_of_life({std::string(end.at(0).text()), std::string(end.at(1).text()), std::string(end.at(2).text()), std::string(end.at(3).text()), std::string(end.at(4).text())});
  }
}

void read_repository(JsonValue line, FeedSink& sink) {
  std::vector<std::string> cpes;
  texts(line["cpes"], cpes);
  sink.speak_as("redhat_repositories");
  if (!cpes.empty()) sink.repository(std::string(line["repository"].text()), std::move(cpes));
}

Interval read_interval(JsonValue value) {
  Interval out;
  std::string_view introduced = value.at(0).text(), end = value.at(1).text();
  if (introduced.starts_with('>')) out.introduced_exclusive = true, introduced.remove_prefix(1);
  out.introduced = introduced;
  if (end.starts_with('<')) out.end_kind = IntervalEnd::Fixed;
  else if (end.starts_with('=')) out.end_kind = IntervalEnd::LastAffected;
  if (out.end_kind != IntervalEnd::Open) out.end = end.substr(1);
  return out;
}

void read_record(JsonValue line, FeedSink& sink) {
  AdvisoryRecord record;
  record.id = line["id"].text();
  texts(line["al"], record.aliases), texts(line["fx"], record.fixes), texts(line["cw"], record.cwes);
  record.withdrawn = line["wd"].boolean().value_or(false);
  record.severity = severity_from(line["sv"].text()).value_or(Severity::Unknown);
  record.severity_source = line["ss"].text();
  record.published = line["pu"].text(), record.modified = line["mo"].text();
  read_cvss(line["cv"], record.cvss);
  for (const JsonValue& item : line["af"].items()) {
    Affected& affected = record.affected.emplace_back();
    affected.ecosystem = item.at(0).text(), affected.name = item.at(1).text();
    affected.name_kind = static_cast<NameKind>(std::clamp<std::int64_t>(item.at(2).integer().value_or(2), 0, 2));
    for (const JsonValue& interval : item.at(3).items()) affected.intervals.push_back(read_interval(interval));
    JsonValue more = item.at(4);
    affected.state = fix_state_from(more["st"].text()).value_or(FixState::NotFixed);
    affected.severity = severity_from(more["sv"].text()).value_or(Severity::Unknown);
    affected.word = more["wo"].text(), affected.module = more["mo"].text(), affected.channel = more["ch"].text();
    affected.native = more["na"].text(), affected.except = more["ex"].text();
    for (const std::string_view alias : split(more["al"].text(), ' '))
      if (!alias.empty()) affected.aliases.emplace_back(alias);
  }
  sink.speak_as(line["f"].text());
  sink.record(std::move(record), Merge::Join);
}

void read_cve(JsonValue line, FeedSink& sink) {
  CveFacts facts;
  facts.cve = cve_id(line["cve"].text());
  facts.rejected = line["rejected"].boolean().value_or(false);
  if (JsonValue e = line["e"]; e.is_array()) facts.epss = Epss{.score = e.at(0).number().value_or(0), .percentile = e.at(1).number().value_or(0), .date = {}};
  if (JsonValue k = line["k"]; k.is_array())
    facts.kev = Kev{.date_added = std::string(k.at(0).text()), .due_date = std::string(k.at(1).text()), .ransomware = k.at(2).boolean().value_or(false)};
  if (JsonValue s = line["s"]; s.is_array()) facts.ssvc = {std::string(s.at(0).text()), std::string(s.at(1).text()), std::string(s.at(2).text())};
  read_cvss(line["cv"], facts.cvss);
  texts(line["cw"], facts.cwes);
  facts.published = line["pu"].text();
  sink.speak_as(facts.kev ? "kev" : facts.cvss.empty() ? "epss" : "cve5");
  if (!facts.cve.empty()) sink.cve(std::move(facts));
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue line, std::string_view where) {
    if (line["plimsollFacts"].exists()) read_header(line, sink);
    else if (!line["repository"].text().empty()) read_repository(line, sink);
    else if (line["cve"].exists()) read_cve(line, sink);
    else if (!line["id"].text().empty() && !line["f"].text().empty()) read_record(line, sink);
    else sink.note(where, "neither a record nor a CVE");
  });
}

}  // namespace

Feed facts() { return {.name = "facts", .source = "plimsoll db export", .licence = "that of each feed in it", .priority = 0, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
