// scan: the single pass over one target, and what is done with its report.
#include "scan/scan.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/detecting.h"
#include "cli/image_options.h"
#include "cli/narrowing.h"
#include "cli/progress.h"
#include "cli/result_files.h"
#include "cli/standards.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

struct ScanOptions {
  std::string target, at, database, cache, max_db_age, fail_on, verify_packages = "executables", profile_directory;
  ImageOptions image;
  JudgeOptions judging;
  Narrowing narrowing;
  RuleOptions rules;
  std::vector<std::string> only, overlays, formats, base_lists;
  std::string output, classifiers;
  std::uint64_t threads = 0;
  bool no_cache = false, strict = false, allow_incomplete = false, all = false, explain_score = false;
};

// "high" or "high:fixed": the least severity that fails, and whether only what has a fix counts; what is no vulnerability
// (a secret, a setting) can always be fixed.
struct FailOn {
  Severity severity = Severity::Unknown;
  bool fixed_only = false;
};

Result<FailOn> parse_fail_on(std::string_view text) {
  const auto [severity, state] = cut(text, ':');
  const auto parsed = severity_from(severity);
  if (!parsed || (!state.empty() && state != "fixed"))
    return malformed(cat("--fail-on \"", to_utf8(text), "\" is not SEVERITY or SEVERITY:fixed; severities are critical, high, medium, low, negligible, unknown"));
  return FailOn{*parsed, state == "fixed"};
}

bool fails(const Report& report, const FailOn& rule) {
  for (const Finding& finding : report.findings)
    if (finding.severity >= rule.severity && (!rule.fixed_only || finding.klass != FindingClass::Vulnerability || finding.state == FixState::Fixed)) return true;
  return false;
}

Result<scan::Request> make_request(const ScanOptions& options) {
  PLIM_TRY(auto image, image_request(options.image, options.target));
  scan::Request request{.image = std::move(image), .overlays = options.overlays, .known_bases = options.base_lists, .classifiers = options.classifiers};
  request.at = system_now();
  if (!options.at.empty()) {
    const auto at = parse_time(options.at);
    if (!at) return malformed(cat("--at \"", to_utf8(options.at), "\" is not a time like 2026-11-24T03:00:00Z"));
    request.at = *at;
  }
  if (!options.only.empty()) {
    request.parts.clear();
    for (const std::string& name : options.only) {
      const auto part = scan::part_from(name);
      if (!part) return malformed(cat("--only \"", to_utf8(name), "\" is none of ", scan::part_names()));
      request.parts.insert(*part);
    }
  }
  if (!options.max_db_age.empty()) {
    std::string_view days = options.max_db_age;
    if (days.ends_with('d')) days.remove_suffix(1);
    const auto count = parse_u64(days);
    if (!count || *count > 36500) return malformed(cat("--max-db-age \"", to_utf8(options.max_db_age), "\" is not a number of days like 7d"));
    request.max_database_age = std::chrono::days(*count);
  }
  request.database = options.database.empty() ? Context::data_directory() + "/advisories.db" : options.database;
  if (!options.no_cache) request.cache_directory = (options.cache.empty() ? Context::cache_directory() : options.cache) + "/layers";
  if (options.verify_packages == "none") request.verify_packages = profile::VerifyFiles::None;
  if (options.verify_packages == "all") request.verify_packages = profile::VerifyFiles::All;
  request.profile_directory = options.profile_directory;
  if (request.profile_directory.empty() && !options.no_cache) request.profile_directory = (options.cache.empty() ? Context::cache_directory() : options.cache) + "/profiles";
  request.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 256));
  return request;
}

// CLI.md, exit codes: 1 wins over 4; gaps alone are 0 unless someone asked for a judgement.
Exit verdict(Context& context, const ScanOptions& options, const std::optional<FailOn>& rule, const Report& report) {
  const bool no = rule && fails(report, *rule);
  if (report.verdict && report.verdict->result == "block") return Exit::No;
  if (!report.complete()) {
    context.warn(cat("parts could not be read (", report.gaps.size(), "), the first: ", report.gaps.front().part, " ", report.gaps.front().where, ": ", report.gaps.front().why));
    const bool asked = rule || options.strict || (report.verdict && report.verdict->incomplete);
    if (!no && asked && !options.allow_incomplete) return Exit::Incomplete;
  }
  return no ? Exit::No : Exit::Pass;
}

Exit run_scan(Context& context, const ScanOptions& options) {
  auto request = make_request(options);
  if (!request) return context.usage(request.error().message());
  std::optional<FailOn> rule;
  if (!options.fail_on.empty()) {
    const auto parsed = parse_fail_on(options.fail_on);
    if (!parsed) return context.usage(parsed.error().message());
    rule = *parsed;
  }
  const auto files = result_files(options.formats, options.output, "table");
  if (!files) return context.usage(files.error().message());

  auto narrowing = load_narrowing(options.narrowing);
  if (!narrowing) return context.usage(narrowing.error().message());
  std::optional<Judge> judge;
  if (!options.judging.standard.empty()) {
    auto made = make_judge(context, options.judging);
    if (!made) return context.fail(made.error());
    judge = std::move(*made);
  }

  if (const Status status = add_rules(options.rules, *request); !status) return context.fail(status.error());
  if (request->parts.contains(scan::Part::Secrets))
    if (const Status status = add_fingerprint_key(*request); !status) return context.fail(status.error());

  Result<Report> report = [&] {
    Progress progress(context);
    request->progress = [&](const scan::Progress& p) { progress.show({p.bytes_done, p.bytes_total, p.layers_done, p.layers_total}); };
    request->log = [&](std::string_view message) { context.hint(message); };
    return scan::scan(*request);
  }();
  if (!report) {
    const bool no_database = !exists(request->database) && report.error().kind() == ErrorKind::NotFound && request->parts.contains(scan::Part::Vulnerabilities);
    return context.fail(report.error(), no_database ? "make one with `plimsoll db update` or `plimsoll db import DIR`, name one with --db, or scan with --only inventory" : "");
  }
  if (judge) {
    report = judged(std::move(report).value(), *judge, *narrowing, request->at);
    if (!report) return context.fail(report.error());
  } else {
    report = narrow(std::move(report).value(), *narrowing);
  }
  // Not taken apart again: the process ends with it, and thousands of small texts take milliseconds to free.
  static const Report& kept = *new Report(std::move(report).value());
  if (const Status written = write_results(context, *files, kept, {.all = options.all, .explain_score = options.explain_score}); !written) return context.fail(written.error());
  return verdict(context, options, rule, kept);
}

}  // namespace

Verb scan() {
  return {.name = "scan",
          .summary = "What is in an image, a file system, a source tree or an SBOM, and what is wrong with it",
          .examples = {"plimsoll scan registry.example/app:1.2 --fail-on high:fixed", "plimsoll scan oci:./image --format json=report.json --format sarif=report.sarif",
                       "plimsoll scan app:1.2 --standard baseline --stage build",
                       "plimsoll scan sbom:bom.json --only inventory --format table"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<ScanOptions>();
            options.argument("TARGET", o->target, "what to scan (plimsoll help targets)")
                .values("--only", o->only, scan::part_names() + "; repeat or separate by commas")
                .values("-f,--format", o->formats, "FORMAT or FORMAT=FILE, repeatable (plimsoll help formats)")
                .value("-o,--output", o->output, "file for the format that names none")
                .value("--db", o->database, "advisory database")
                .values("--overlay", o->overlays, "overlay database over it, repeatable")
                .value("--max-db-age", o->max_db_age, "an older database is a gap, e.g. 7d")
                .value("--at", o->at, "the time the report speaks of")
                .value("--fail-on", o->fail_on, "SEVERITY[:fixed]: exit 1 when a finding is that bad")
                .flag("--strict", o->strict, "exit 4 when parts were unreadable")
                .flag("--allow-incomplete", o->allow_incomplete, "never exit 4")
                .flag("--all", o->all, "tables also show what nobody can act on today")
                .choice("--verify-packages", o->verify_packages, {"executables", "all", "none"}, "which files are held against their package's checksums")
                .value("--profile-dir", o->profile_directory, "folder for the binary profile, instead of the cache's")
                .flag("--explain-score", o->explain_score, "the table also shows what takes how much off the score")
                .flag("--no-cache", o->no_cache, "neither read nor write layer results")
                .value("--cache", o->cache, "folder for layer results")
                .values("--base-list", o->base_lists, "file of base images by their layers (docs/images.md), repeatable")
                .value("--classifiers", o->classifiers, "folder of classifier rules beside the program's own (docs/inventory.md)")
                .number("--threads", o->threads, "threads, 0 for one per processor");
            declare_judging(options, o->judging, false);
            declare_image_options(options, o->image);
            declare_rule_options(options, o->rules);
            declare_narrowing(options, o->narrowing);
            return [o](Context& context) { return run_scan(context, *o); };
          }};
}

}  // namespace plimsoll::cli
