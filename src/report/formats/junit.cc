// junit: JUnit XML, for build servers: what someone can act on fails, the rest is skipped with its reason.
//
// Output  a suite for each class of finding. A test case is one finding: a failure when it can be fixed today, skipped
//         when not (its state is the message) or when an exception or VEX left it out. The first suite holds one case,
//         "every part was read", with an error for each gap.
// Source  the JUnit XML form that Jenkins and GitLab read (testsuites, testsuite, testcase, failure, error, skipped).
#include <map>

#include "base/text.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

struct Suite {
  std::string cases;
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

std::string attribute(std::string_view name, std::string_view value) { return cat(" ", name, "=\"", escape_markup(value), "\""); }

std::string open_case(std::string_view subject, std::string_view name) { return cat("    <testcase", attribute("classname", subject), attribute("name", name), ">\n"); }

void add_finding(Suite& suite, const FixGroup& group, const Finding& finding) {
  const std::string& subject = group.subject;
  std::string text = cat(finding.id, " in ", subject, finding.installed_version.empty() ? "" : " ", finding.installed_version);
  suite.cases += open_case(subject, finding.klass == FindingClass::Vulnerability ? text : cat(finding.id, finding.locations.empty() ? "" : cat(" at ", finding.locations.front().path)));
  ++suite.tests;
  if (!group.actionable) {
    ++suite.skipped;
    suite.cases += cat("      <skipped", attribute("message", finding.klass == FindingClass::Vulnerability ? in_words(finding.state) : "negligible"), "/>\n    </testcase>\n");
    return;
  }
  ++suite.failures;
  std::string details = cat("severity: ", to_string(finding.severity), "\nrisk: ", static_cast<int>(finding.risk_0_100 + 0.5), "\n");
  if (!finding.title.empty()) details += cat("title: ", printable(finding.title), "\n");
  for (const Location& place : finding.locations) details += cat("at: ", printable(place.path), place.line == 0 ? "" : cat(":", place.line), "\n");
  // Line ends are ours: each value was made printable by itself.
  std::string escaped;
  for (const std::string_view row : split(details, '\n')) escaped += row.empty() ? "" : cat(escape_markup(row), "\n");
  suite.cases += cat("      <failure", attribute("message", group.change), attribute("type", to_string(finding.severity)), ">", escaped, "</failure>\n    </testcase>\n");
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  const Overview all = overview(report);
  std::map<FindingClass, Suite> suites;
  for (const std::vector<FixGroup>* groups : {&all.now, &all.later})
    for (const FixGroup& group : *groups)
      for (const Finding* finding : group.findings) add_finding(suites[finding->klass], group, *finding);

  Suite scan{.tests = 1};
  scan.cases = open_case("plimsoll", "every part was read");
  for (const Gap* gap : ordered(report.gaps, std::less<Gap>())) {
    ++scan.errors;
    scan.cases += cat("      <error", attribute("type", gap->part), attribute("message", cat(gap->where, ": ", gap->why)), "/>\n");
  }
  scan.errors = std::min<std::size_t>(scan.errors, 1);  // counts test cases
  scan.cases += "    </testcase>\n";
  for (const Suppressed* item : ordered(report.suppressed, SuppressedOrder())) {
    ++scan.tests, ++scan.skipped;
    scan.cases += open_case(item->package.empty() ? "plimsoll" : item->package, cat(item->id, " left out"));
    scan.cases += cat("      <skipped", attribute("message", cat(item->by, item->reason.empty() ? "" : ": ", item->reason)), "/>\n    </testcase>\n");
  }

  std::string body;
  Suite total;
  const std::string at = date_time(report.tool.at);
  const auto add_suite = [&](std::string_view name, const Suite& suite) {
    body += cat("  <testsuite", attribute("name", name), " tests=\"", suite.tests, "\" failures=\"", suite.failures, "\" errors=\"", suite.errors, "\" skipped=\"", suite.skipped, "\"");
    if (!at.empty()) body += attribute("timestamp", std::string_view(at).substr(0, 19));
    body += cat(" time=\"0\">\n", suite.cases, "  </testsuite>\n");
    total.tests += suite.tests, total.failures += suite.failures, total.errors += suite.errors, total.skipped += suite.skipped;
  };
  add_suite("scan", scan);
  for (const auto& [klass, suite] : suites) add_suite(to_string(klass), suite);
  return cat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", attribute("name", cat("plimsoll ", image_name(report.image))), " tests=\"", total.tests, "\" failures=\"", total.failures,
             "\" errors=\"", total.errors, "\" skipped=\"", total.skipped, "\" time=\"0\">\n", body, "</testsuites>\n");
}

}  // namespace

Format junit() { return {.name = "junit", .extension = "junit.xml", .description = "JUnit XML, for build servers: what can be fixed today fails", .write = write}; }

}  // namespace plimsoll::report
