// diff: what changed between two reports, two targets scanned now, or two advisory databases.
#include "report/diff.h"

#include "base/text.h"
#include "cli/database_diff.h"
#include "cli/detecting.h"
#include "cli/image_options.h"
#include "cli/narrowing.h"
#include "cli/stored_reports.h"
#include "cli/verb.h"
#include "scan/scan.h"

namespace plimsoll::cli {
namespace {

struct DiffOptions {
  std::string before, after, database, at, format = "table", output;
  ImageOptions image;
  Narrowing narrowing;
  bool all = false, no_cache = false;
};

Result<Report> report_of(const DiffOptions& options, const std::string& argument) {
  if (is_stored_report(argument)) return load_report(argument);
  PLIM_TRY(auto image, image_request(options.image, argument));
  scan::Request request{.image = std::move(image)};
  request.at = system_now();
  if (!options.at.empty()) {
    const auto at = parse_time(options.at);
    if (!at) return malformed(cat("--at \"", to_utf8(options.at), "\" is not a time like 2026-11-24T03:00:00Z"));
    request.at = *at;
  }
  request.database = options.database.empty() ? Context::data_directory() + "/advisories.db" : options.database;
  if (!options.no_cache) request.cache_directory = Context::cache_directory() + "/layers";
  PLIM_CHECK(add_fingerprint_key(request));
  return scan::scan(request);
}

Exit run_diff(Context& context, const DiffOptions& options) {
  if (is_database(options.before) && is_database(options.after)) {
    if (options.format == "markdown" || !options.output.empty()) return context.usage("databases are compared as table or json, on standard output");
    return diff_databases(context, options.before, options.after, options.format == "json");
  }
  const auto narrowing = load_narrowing(options.narrowing);
  if (!narrowing) return context.usage(narrowing.error().message());
  constexpr std::string_view kAdvice = "diff takes two JSON reports of `plimsoll scan --format json`, or two targets (plimsoll help targets)";
  auto before = report_of(options, options.before);
  if (!before) return context.fail(before.error(), kAdvice);
  auto after = report_of(options, options.after);
  if (!after) return context.fail(after.error(), kAdvice);
  before = narrow(std::move(before).value(), *narrowing);
  after = narrow(std::move(after).value(), *narrowing);
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
          .summary = "What changed between two reports, images or databases; exit 1 when the second has findings that the first has not",
          .examples = {"plimsoll diff yesterday.json today.json", "plimsoll diff app:1.2 app:1.3 --db advisories.db --format markdown"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<DiffOptions>();
            options.argument("A", o->before, "the older: a JSON report (- for standard input), a TARGET or a database")
                .argument("B", o->after, "the newer")
                .value("--db", o->database, "advisory database, for targets")
                .value("--at", o->at, "the time the scans of targets speak of")
                .flag("--no-cache", o->no_cache, "neither read nor write layer results")
                .choice("-f,--format", o->format, {"table", "json", "markdown"}, "how to print it")
                .value("-o,--output", o->output, "file to write instead of standard output")
                .flag("--all", o->all, "every row of the table");
            declare_image_options(options, o->image);
            declare_narrowing(options, o->narrowing);
            return [o](Context& context) { return run_diff(context, *o); };
          }};
}

}  // namespace plimsoll::cli
