// What changed between two reports: of two images, of one image at two times, of one image with two databases.
//
// Findings are the same when their key is (Finding::key: never version, layer or line). New: a key only `after` has; gone:
// only `before` has; changed: both have it, but severity, state, fixed version, installed versions or exploited differ.
// What a filter, an exception or VEX left out of one report counts as absent there.
// Packages are the same when type, namespace, name and architecture are; a package is changed when its set of versions is.
// Borrows from both reports. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "model/report.h"
#include "report/format.h"

namespace plimsoll::report {

struct FindingChange {
  const Finding* before = nullptr;  // what weighs most of that key
  const Finding* after = nullptr;
  std::vector<std::string> what;  // "severity medium, now high"
};
struct PackageChange {
  std::string type, ns, name, arch;
  std::vector<std::string> before, after;  // versions, sorted as text; one side is empty for added and removed
};
struct ReportDiff {
  const Report* before = nullptr;
  const Report* after = nullptr;
  std::vector<const Finding*> appeared, gone;  // what weighs most first
  std::vector<FindingChange> changed;
  std::size_t same = 0;  // findings of `after` whose key and facts did not change
  std::vector<PackageChange> added, removed, altered;  // sorted
  std::vector<const Gap*> gaps_appeared, gaps_gone;
};

ReportDiff diff(const Report& before, const Report& after);

// "table", "json", "markdown". Errors: Unsupported for another format (names these).
Result<std::string> write_diff(const ReportDiff& diff, std::string_view format, const WriteOptions& options);

}  // namespace plimsoll::report
