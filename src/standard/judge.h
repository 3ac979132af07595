// From a report to its verdict, in the order that every caller must keep: the standard's own exceptions, score, facts,
// rules, words, the shortest way to pass. Pure: the same arguments give the same verdict.
//
//   PLIM_TRY(Judged judged, judge(std::move(report), standard, {.stage = Stage::Build, .at = now}));
#pragma once
#include <string>
#include <vector>

#include "model/exceptions.h"
#include "model/report.h"
#include "standard/evaluate.h"

namespace plimsoll::standard {

struct Case {
  Stage stage = Stage::Build;
  Time at{};
  std::string ns, environment;
  const Workload* workload = nullptr;
  const Provenance* provenance = nullptr;
  const Report* baseline = nullptr;    // what it already has does not block
  std::vector<Exceptions> exceptions;  // of files; the standard's own are taken as well
  bool without_workload = false;       // judge what can be judged without one (a simulation)
  bool in_words = true;                // false: result and counts only, no shortest fix
};

// The report with excepted findings left out, its score and its verdict. Errors: Denied when the standard's selector does
// not take the image; Malformed for exceptions inside the standard that cannot be read.
Result<Report> judge(Report report, const Resolved& standard, const Case& the_case);

}  // namespace plimsoll::standard
