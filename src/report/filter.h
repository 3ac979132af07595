// Filters: which findings of a report are wanted. What is left out lands in Report::suppressed, counted and named.
// --layer-origin concerns the packages too, so that every format lists the same inventory; how many it leaves out is a
// notice.
//
// Pure; the order of findings is kept. Empty lists ask for nothing. A finding stays when every list that is not empty
// holds it. Unknown words are the caller's to refuse (finding_class_from, severity_from, fix_state_from).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

struct Filter {
  std::optional<Severity> at_least;        // --severity high: high and critical. Unknown severity stays: it may be any.
  std::vector<FixState> states;            // --state fixed,not-fixed; concerns vulnerabilities alone
  std::vector<FindingClass> classes;       // --class
  std::vector<std::string> ids;            // --id: id, alias or rule id, any case; globs
  std::vector<std::string> paths;          // --path: globs on locations
  std::vector<std::string> not_paths;      // --skip-path: left out when every location matches
  std::optional<Origin> origin;            // --layer-origin; what is of unknown origin stays
  bool empty() const {
    return !at_least && states.empty() && classes.empty() && ids.empty() && paths.empty() && not_paths.empty() && !origin;
  }
};

Report filtered(Report report, const Filter& filter);

}  // namespace plimsoll::report
