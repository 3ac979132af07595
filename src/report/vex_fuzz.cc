#include "report/vex.h"

#include "model/exceptions.h"

// Any document, against a report with one finding: it stays or is left out, and is never lost.
void fuzz_report_vex(plimsoll::Bytes input) {
  using namespace plimsoll;
  Report report;
  report.image.reference = "shop:1";
  report.packages.push_back({.id = "a", .type = "npm", .name = "a", .version = "1"});
  report.findings.push_back({.id = "CVE-2021-44228", .key = "k", .package = "a"});
  if (const auto vex = report::read_vex(input, "fuzz")) {
    const Report after = report::with_vex(report, *vex);
    PLIM_ASSERT(after.findings.size() + after.suppressed.size() == 1);
  }
  if (const auto exceptions = read_exceptions(as_text(input), "fuzz")) {
    const Report after = without_excepted(report, *exceptions, "2026-11-24");
    PLIM_ASSERT(after.findings.size() + after.suppressed.size() == 1);
  }
}
