// gitlab-quality: GitLab's Code Quality report, which a merge request shows beside its changes.
//
// Output  an array of issues, one for each finding that counts against the standard. A path of the image stands as it is;
//         what is of the image as a whole stands at "Dockerfile".
// Source  GitLab Docs, "Code Quality": description, check_name, fingerprint, severity, location.path, location.lines.begin.
#include "base/json.h"
#include "base/text.h"
#include "report/annotations.h"
#include "report/format.h"

namespace plimsoll::report {
namespace {

std::string_view severity_of(const Annotation& each) {
  if (each.effect == "block") return each.severity == Severity::Critical ? "blocker" : "critical";
  return each.effect == "warn" ? "major" : "info";
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_array();
  for (const Annotation& each : annotations(report)) {
    json.begin_object().member("description", cat(each.title, ": ", each.message, each.advice.empty() ? "" : ". ", each.advice)).member("check_name", each.rule).member("fingerprint", each.fingerprint);
    json.member("severity", severity_of(each)).key("location").begin_object().member("path", each.path.empty() ? "Dockerfile" : each.path).key("lines").begin_object();
    json.member("begin", std::max<std::uint32_t>(each.line, 1)).end_object().end_object().end_object();
  }
  json.end_array();
  out += '\n';
  return out;
}

}  // namespace

Format gitlab_quality() { return {.name = "gitlab-quality", .extension = "quality.json", .description = "a verdict as GitLab's Code Quality report", .write = write}; }

}  // namespace plimsoll::report
