// gate: the verdict of a standard on an image or a stored report: what blocks, why, and the shortest way to pass.
#include "base/text.h"
#include "cli/image_options.h"
#include "cli/narrowing.h"
#include "cli/progress.h"
#include "cli/result_files.h"
#include "cli/standards.h"
#include "cli/stored_reports.h"
#include "cli/verb.h"
#include "scan/scan.h"
#include "standard/score.h"

namespace plimsoll::cli {
namespace {

struct GateOptions {
  std::string subject, at, database, cache, output;
  std::vector<std::string> overlays, formats;
  ImageOptions image;
  Narrowing narrowing;
  JudgeOptions judging;
  std::uint64_t threads = 0;
  bool no_cache = false, allow_incomplete = false, all = false;
};

Result<Report> scanned(Context& context, const GateOptions& options, Time at) {
  PLIM_TRY(auto image, image_request(options.image, options.subject));
  scan::Request request{.image = std::move(image), .overlays = options.overlays};
  request.at = at;
  request.database = options.database.empty() ? Context::data_directory() + "/advisories.db" : options.database;
  if (!options.no_cache) request.cache_directory = (options.cache.empty() ? Context::cache_directory() : options.cache) + "/layers";
  request.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 256));
  Progress progress(context);
  request.progress = [&](const scan::Progress& p) { progress.show({p.bytes_done, p.bytes_total, p.layers_done, p.layers_total}); };
  request.log = [&](std::string_view message) { context.hint(message); };
  return scan::scan(request);
}

// The report, and the time its verdict is to speak of: --at, else now. A stored report is judged today: grace periods and
// exceptions end while it lies there.
Result<Report> report_of(Context& context, const GateOptions& options, Time at) {
  if (!is_stored_report(options.subject)) return scanned(context, options, at);
  PLIM_TRY(Report report, load_report(options.subject));
  if (!report.score && report.tool.database) {  // written before there were scores
    const FindingClass searched[] = {FindingClass::Vulnerability};
    report.score = standard::score(report, searched);
  }
  return report;
}

Exit run_gate(Context& context, const GateOptions& options) {
  if (options.judging.standard.empty()) return context.usage("gate needs --standard: a shipped name (plimsoll standard list) or a file");
  Time at = system_now();
  if (!options.at.empty()) {
    const auto given = parse_time(options.at);
    if (!given) return context.usage(cat("--at \"", to_utf8(options.at), "\" is not a time like 2026-11-24T03:00:00Z"));
    at = *given;
  }
  const auto files = result_files(options.formats, options.output, "verdict");
  if (!files) return context.usage(files.error().message());
  auto narrowing = load_narrowing(options.narrowing);
  if (!narrowing) return context.usage(narrowing.error().message());
  auto judge = make_judge(context, options.judging);
  if (!judge) return context.fail(judge.error(), judge.error().kind() == ErrorKind::Malformed ? "" : "plimsoll standard list shows those that are shipped");
  auto report = report_of(context, options, at);
  if (!report) return context.fail(report.error(), "gate takes a JSON report of `plimsoll scan --format json`, or a target (plimsoll help targets)");
  if (const auto spoken = parse_time(report->tool.at); options.at.empty() && spoken && *spoken > at + std::chrono::days(1))
    return context.fail(malformed(cat("the report speaks of ", report->tool.at, ", but the clock here says ", format_time(at), ": grace periods and exceptions cannot be reckoned")), "set the clock, or say with --at of what time the verdict is to speak");
  report = judged(std::move(report).value(), *judge, *narrowing, at);
  if (!report) return context.fail(report.error());
  if (const Status written = write_results(context, *files, *report, {.all = options.all}); !written) return context.fail(written.error());
  return verdict_exit(context, *report, options.allow_incomplete);
}

}  // namespace

Verb gate() {
  return {.name = "gate",
          .summary = "Whether an image or a stored report meets a standard at a stage; why not, and the shortest way to pass",
          .examples = {"plimsoll gate report.json --standard baseline --stage build", "plimsoll gate registry.example/app:1.2 --standard ./shop.yaml --stage push --baseline main.json",
                       "plimsoll gate report.json --standard baseline --stage deploy --workload deployment.yaml"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<GateOptions>();
            options.argument("TARGET|REPORT", o->subject, "an image (plimsoll help targets), or a JSON report (- for standard input)");
            declare_judging(options, o->judging, true);
            options.values("-f,--format", o->formats, "FORMAT or FORMAT=FILE, repeatable (plimsoll help formats)")
                .value("-o,--output", o->output, "file for the format that names none")
                .value("--at", o->at, "the time the verdict speaks of")
                .value("--db", o->database, "advisory database, for targets")
                .values("--overlay", o->overlays, "overlay database over it, repeatable")
                .flag("--allow-incomplete", o->allow_incomplete, "parts that could not be read do not stop a pass")
                .flag("--all", o->all, "all evidence, all changes, and rules that only count")
                .flag("--no-cache", o->no_cache, "neither read nor write layer results")
                .value("--cache", o->cache, "folder for layer results")
                .number("--threads", o->threads, "threads, 0 for one per processor");
            declare_image_options(options, o->image);
            declare_narrowing(options, o->narrowing);
            return [o](Context& context) { return run_gate(context, *o); };
          }};
}

}  // namespace plimsoll::cli
