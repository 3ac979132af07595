// Standards as arguments of verbs, and what a verdict needs from the command line.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/narrowing.h"
#include "cli/verb.h"
#include "model/report.h"
#include "standard/judge.h"

namespace plimsoll::cli {

// A shipped standard by name, or a file. Parents are shipped names, or files beside the one that names them.
Result<standard::Document> find_standard(const std::string& name);
standard::Loader standard_loader();
// Read and flattened. Warnings go to the log; errors come back as one text of a line each ("FILE:3:7: error: ...").
Result<standard::Resolved> load_standard(Context& context, const std::string& name);

struct JudgeOptions {
  std::string standard, stage = "build", workload, ns, environment, baseline;
};
// --standard, --stage, --workload, --workload-namespace, --environment, --baseline.
void declare_judging(Options& options, JudgeOptions& into, bool standard_needed);

// Everything read before a long scan, so that a mistyped file costs seconds.
struct Judge {
  standard::Resolved resolved;
  std::unique_ptr<standard::Workload> workload;
  std::unique_ptr<Report> baseline;
  standard::Case the_case;
};
Result<Judge> make_judge(Context& context, const JudgeOptions& options);

// The verdict on a report: VEX, exceptions (within what the standard grants), the standard, then the filters.
Result<Report> judged(Report report, Judge& judge, NarrowingRules& narrowing, Time at);

// CLI.md, exit codes: 1 wins over 4.
Exit verdict_exit(Context& context, const Report& report, bool allow_incomplete);

}  // namespace plimsoll::cli
