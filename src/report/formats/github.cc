// github: GitHub Actions' workflow commands, one a rule: errors, warnings and notices on the run's page.
//
// Output  "::error title=T::message" and so on. GitHub shows ten of each kind a step, so there is one a rule and not one a
//         finding, then the shortest way to pass as a notice.
// Source  GitHub Docs, "Workflow commands for GitHub Actions".
#include <map>

#include "base/text.h"
#include "report/annotations.h"
#include "report/format.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string escape(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') out += "%25";
    else if (c == '\r') out += "%0D";
    else if (c == '\n') out += "%0A";
    else if (property && c == ':') out += "%3A";
    else if (property && c == ',') out += "%2C";
    else out += c;
  }
  return out;
}

std::string_view command_of(std::string_view effect) { return effect == "block" ? "error" : effect == "warn" ? "warning" : "notice"; }

Result<std::string> write(const Report& report, const WriteOptions&) {
  std::string out;
  std::vector<std::string> rules;
  std::map<std::string, std::vector<const Annotation*>> by_rule;
  const std::vector<Annotation> all = annotations(report);
  for (const Annotation& each : all) {
    auto& rows = by_rule[each.rule];
    if (rows.empty()) rules.push_back(each.rule);
    rows.push_back(&each);
  }
  for (const std::string& rule : rules) {
    const auto& rows = by_rule[rule];
    std::string message;
    for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 10); ++i) message += cat(i == 0 ? "" : "\n", rows[i]->message);
    if (rows.size() > 10) message += cat("\nand ", rows.size() - 10, " more");
    if (!rows.front()->advice.empty()) message += cat("\nWhat to do: ", rows.front()->advice);
    out += cat("::", command_of(rows.front()->effect), " title=", escape(cat("plimsoll ", rule, ": ", rows.front()->title), true), "::", escape(message, false), "\n");
  }
  if (report.verdict && !report.verdict->shortest_fix.empty()) {
    std::string message;
    for (const VerdictChange& change : report.verdict->shortest_fix) message += cat(message.empty() ? "" : "\n", printable(change.change));
    out += cat("::notice title=plimsoll%3A the shortest way to pass::", escape(message, false), "\n");
  }
  return out;
}

}  // namespace

Format github() { return {.name = "github", .extension = "github.txt", .description = "a verdict as annotations of GitHub Actions", .write = write}; }

}  // namespace plimsoll::report
