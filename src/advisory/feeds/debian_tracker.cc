// debian_tracker: the Debian security tracker's JSON, all releases in one document.
//
// Input   {"SOURCE": {"CVE-...": {"releases": {"bookworm": {status, fixed_version, urgency, nodsa, nodsa_reason}}}}}.
// Output  per CVE a statement on the source package of each release. resolved: fixed below fixed_version ("0": never
//         affected). open: by nodsa_reason ignored -> will-not-fix, postponed -> postponed; any other nodsa -> not-fixed
//         ("no-dsa"); urgency unimportant -> negligible, end-of-life -> end-of-life. undetermined: under investigation.
// Source  https://security-tracker.debian.org/tracker/data/json
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) {
  return !file.json.empty() && file.has("\"releases\"") && file.has("\"repositories\"") && file.has("\"urgency\"") ? 9 : 0;
}

void read_release(JsonValue state, Affected& affected) {
  const std::string_view status = state["status"].text(), urgency = state["urgency"].text(), reason = state["nodsa_reason"].text();
  const std::string_view fixed = state["fixed_version"].text();
  if (urgency == "unimportant") affected.severity = Severity::Negligible;
  else if (const auto severity = severity_from(cut(urgency, '*').first); severity && urgency != "end-of-life") affected.severity = *severity;
  if (status == "resolved") {
    if (fixed == "0" || fixed.empty()) affected.state = FixState::NotAffected, affected.intervals.push_back(all_versions());
    else affected.intervals.push_back(fixed_below(fixed));
    return;
  }
  affected.intervals.push_back(all_versions());
  affected.state = FixState::NotFixed;
  if (status == "undetermined") affected.state = FixState::UnderInvestigation, affected.word = "undetermined";
  else if (urgency == "end-of-life") affected.state = FixState::EndOfLife, affected.word = "end-of-life";
  else if (reason == "ignored") affected.state = FixState::WillNotFix, affected.word = "ignored";
  else if (reason == "postponed") affected.state = FixState::Postponed, affected.word = "postponed";
  else if (urgency == "unimportant") affected.word = "unimportant";
  else if (state["nodsa"].exists()) affected.word = "no-dsa";
}

void read_document(JsonValue document, std::string_view where, FeedSink& sink) {
  if (!document.is_object()) return sink.note(where, "not an object of packages");
  for (const JsonValue::Member& package : document.members())
    for (const JsonValue::Member& issue : package.value.members()) {
      AdvisoryRecord record;
      record.id = issue.name;
      for (const JsonValue::Member& release : issue.value["releases"].members()) {
        Affected& affected = record.affected.emplace_back();
        affected.ecosystem = distribution_key("debian", release.name);
        affected.name = package.name;
        affected.name_kind = NameKind::Source;
        read_release(release.value, affected);
        sink.covers(affected.ecosystem);
      }
      if (record.affected.empty()) sink.note(cat(where, " ", package.name, " ", issue.name), "an issue without releases");
      else sink.record(std::move(record), Merge::Join);
    }
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) { read_document(value, where, sink); });
}

}  // namespace

Feed debian_tracker() {
  return {.name = "debian_tracker", .source = "Debian security tracker", .licence = "Debian project data, none stated", .priority = 4, .scope = "debian:", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
