// jenkins: the native JSON of Jenkins' Warnings Next Generation plugin, read by recordIssues(tool: issues()).
//
// Output  one issue for each finding that counts against the standard.
// Source  jenkinsci/analysis-model, JSON of a Report: issues[] with fileName, lineStart, severity, type, category, message.
#include "base/json.h"
#include "base/text.h"
#include "report/annotations.h"
#include "report/format.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string_view severity_of(const Annotation& each) { return each.effect == "block" ? (each.severity == Severity::Critical ? "ERROR" : "HIGH") : each.effect == "warn" ? "NORMAL" : "LOW"; }

Result<std::string> write(const Report& report, const WriteOptions&) {
  const std::vector<Annotation> all = annotations(report);
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("_class", "io.jenkins.plugins.analysis.core.restapi.ReportApi").key("issues").begin_array();
  for (const Annotation& each : all) {
    json.begin_object().member("fileName", each.path.empty() ? "Dockerfile" : each.path).member("lineStart", each.line).member("severity", severity_of(each));
    json.member("category", report.verdict ? report.verdict->standard : std::string("plimsoll")).member("type", each.rule).member("message", escape_markup(cat(each.title, ": ", each.message)));
    json.member("description", escape_markup(each.advice)).member("fingerprint", each.fingerprint).end_object();
  }
  json.end_array().member("size", static_cast<std::uint64_t>(all.size())).end_object();
  out += '\n';
  return out;
}

}  // namespace

Format jenkins() { return {.name = "jenkins", .extension = "jenkins.json", .description = "a verdict as issues of Jenkins' Warnings Next Generation", .write = write}; }

}  // namespace plimsoll::report
