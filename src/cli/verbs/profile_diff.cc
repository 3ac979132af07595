// profile diff: what another image can execute that this one cannot, and the other way about.
#include "base/json.h"
#include "base/text.h"
#include "cli/profiles.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

std::string as_json(const std::vector<profile::Change>& changes) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().key("changes").begin_array();
  for (const profile::Change& change : changes) {
    std::string line;
    JsonWriter record(line);
    record.begin_object().member("change", profile::to_string(change.kind)).member("path", change.path).text_member("before", change.before).text_member("after", change.after).end_object();
    json.raw(line);
  }
  json.end_array().end_object();
  return out + "\n";
}

std::string as_table(const std::vector<profile::Change>& changes) {
  std::string out;
  for (const profile::Change& change : changes) {
    const std::string kind(profile::to_string(change.kind));
    out += cat(kind, std::string(14 - kind.size(), ' '), to_utf8(change.path));
    if (change.kind == profile::ChangeKind::Mode || change.kind == profile::ChangeKind::Capabilities) out += cat("  ", change.before, " -> ", change.after);
    out += '\n';
  }
  return out;
}

}  // namespace

Verb profile_diff() {
  return {.name = "profile diff",
          .summary = "Compare two binary profiles; exit 1 when they differ",
          .examples = {"plimsoll profile diff yesterday.json today.json", "plimsoll profile diff sha256:4e1f... sha256:09bc... --format json"},
          .declare = [](Options& options) -> Action {
            const auto before = std::make_shared<std::string>(), after = std::make_shared<std::string>(), folder = std::make_shared<std::string>();
            const auto format = std::make_shared<std::string>("table");
            options.argument("BEFORE", *before, "a profile's file, a report of a scan, or a digest")
                .argument("AFTER", *after, "the same, of the other image")
                .choice("-f,--format", *format, {"table", "json"}, "form of the result")
                .value("--profile-dir", *folder, "folder of stored profiles, instead of the cache's");
            return [=](Context& context) {
              const auto old = load_profile(*before, *folder);
              if (!old) return context.fail(old.error());
              const auto now = load_profile(*after, *folder);
              if (!now) return context.fail(now.error());
              const std::vector<profile::Change> changes = profile::diff(*old, *now);
              context.out(*format == "json" ? as_json(changes) : as_table(changes));
              return changes.empty() ? Exit::Pass : Exit::No;
            };
          }};
}

}  // namespace plimsoll::cli
