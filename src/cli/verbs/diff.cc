// diff: what changed between two reports.
#include "report/diff.h"

#include "cli/stored_reports.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

struct DiffOptions {
  std::string before, after, format = "table", output;
  bool all = false;
};

Exit run_diff(Context& context, const DiffOptions& options) {
  const auto before = load_report(options.before);
  if (!before) return context.fail(before.error(), "diff reads what `plimsoll scan --format json` wrote");
  const auto after = load_report(options.after);
  if (!after) return context.fail(after.error(), "diff reads what `plimsoll scan --format json` wrote");
  const report::ReportDiff diff = report::diff(*before, *after);
  const bool to_terminal = options.output.empty();
  const auto text = report::write_diff(diff, options.format, {.color = to_terminal && context.color(), .width = to_terminal ? context.width() : 80, .all = options.all});
  if (!text) return context.usage(text.error().message());
  if (const Status written = context.write_result(options.output, *text); !written) return context.fail(written.error());
  return diff.appeared.empty() ? Exit::Pass : Exit::No;
}

}  // namespace

Verb diff() {
  return {.name = "diff",
          .summary = "What changed between two reports; exit 1 when the second has findings that the first has not",
          .examples = {"plimsoll diff yesterday.json today.json", "plimsoll diff old.json new.json --format markdown"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<DiffOptions>();
            options.argument("A", o->before, "the older: a JSON report, - for standard input")
                .argument("B", o->after, "the newer")
                .choice("-f,--format", o->format, {"table", "json", "markdown"}, "how to print it")
                .value("-o,--output", o->output, "file to write instead of standard output")
                .flag("--all", o->all, "every row of the table");
            return [o](Context& context) { return run_diff(context, *o); };
          }};
}

}  // namespace plimsoll::cli
