// Any text as a standard, a workload and a report in short; what reads well is flattened, linted and judged by.
#include "base/bytes.h"
#include "standard/example.h"
#include "standard/lint.h"

void fuzz_standard_document(plimsoll::Bytes input);
void fuzz_standard_document(plimsoll::Bytes input) {
  using namespace plimsoll;
  using namespace plimsoll::standard;
  const std::string text(as_text(input));
  (void)read_workload(text, "fuzz");
  Problems problems;
  const Loader loader = [](std::string_view name, std::string_view) -> Result<Document> {
    const auto shipped = shipped_standard(name);
    if (!shipped) return not_found("none");
    return Document{std::string(*shipped), std::string(name)};
  };
  const auto resolved = resolve({text, "fuzz"}, loader, problems);
  if (!resolved) return;
  lint(*resolved, problems);
  (void)run_examples(*resolved);
  Report report;
  report.findings.resize(2);
  report.packages.resize(1);
  for (const Stage stage : {Stage::Build, Stage::Deploy}) (void)judge(report, *resolved, {.stage = stage});
}
