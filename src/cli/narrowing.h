// Filters, ignore files and VEX: what narrows a report, with the same flags for scan, convert and gate.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "model/report.h"
#include "model/exceptions.h"
#include "report/filter.h"
#include "report/vex.h"

namespace plimsoll::cli {

struct Narrowing {
  std::string severity, layer_origin;
  std::vector<std::string> states, classes, ids, paths, not_paths, ignore_files, vex_files;
};

void declare_narrowing(Options& options, Narrowing& narrowing);

// The same, read and understood: done before a long scan, so that a mistyped file costs seconds.
struct NarrowingRules {
  report::Filter filter;
  std::vector<report::VexDocument> vex;
  std::vector<Exceptions> exceptions;
};
// Errors: a word that is no severity, state or class; a file that cannot be read whole.
Result<NarrowingRules> load_narrowing(const Narrowing& narrowing);

// Applies VEX, then exceptions; what they leave out stands in Report::suppressed. A score that the report carries is
// reckoned anew without it.
Report except(Report report, const NarrowingRules& rules);
// The filters alone.
Report filter(Report report, const NarrowingRules& rules);
// Both: exceptions, then the filters: for reading, so score and verdict stay those of the report before them.
Report narrow(Report report, const NarrowingRules& rules);

}  // namespace plimsoll::cli
