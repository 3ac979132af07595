// convert: a stored JSON report in any other format; filters, exceptions and VEX narrow it on the way.
#include "base/text.h"
#include "cli/narrowing.h"
#include "cli/result_files.h"
#include "cli/stored_reports.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

struct ConvertOptions {
  std::string report, output;
  std::vector<std::string> formats;
  Narrowing narrowing;
  bool all = false, explain_score = false;
};

Exit run_convert(Context& context, const ConvertOptions& options) {
  const auto files = result_files(options.formats, options.output, "table");
  if (!files) return context.usage(files.error().message());
  const auto narrowing = load_narrowing(options.narrowing);
  if (!narrowing) return context.usage(narrowing.error().message());
  auto report = load_report(options.report);
  if (!report) return context.fail(report.error(), "convert reads what `plimsoll scan --format json` wrote");
  report = narrow(std::move(report).value(), *narrowing);
  if (const Status written = write_results(context, *files, *report, {.all = options.all, .explain_score = options.explain_score}); !written) return context.fail(written.error());
  if (!report->complete()) context.warn(cat("the report is incomplete: ", report->gaps.size(), report->gaps.size() == 1 ? " part was" : " parts were", " not read"));
  return Exit::Pass;
}

}  // namespace

Verb convert() {
  return {.name = "convert",
          .summary = "A stored JSON report in any other format",
          .examples = {"plimsoll convert report.json --format html=report.html", "plimsoll convert report.json --format sarif --output report.sarif", "plimsoll convert - <report.json"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<ConvertOptions>();
            options.argument("REPORT", o->report, "a JSON report, - for standard input")
                .values("-f,--format", o->formats, "FORMAT or FORMAT=FILE, repeatable (plimsoll help formats)")
                .value("-o,--output", o->output, "file for the format that names none")
                .flag("--explain-score", o->explain_score, "the table also shows what takes how much off the score")
                .flag("--all", o->all, "tables also show what nobody can act on today");
            declare_narrowing(options, o->narrowing);
            return [o](Context& context) { return run_convert(context, *o); };
          }};
}

}  // namespace plimsoll::cli
