#include "cli/standards.h"

#include "base/file.h"
#include "base/nearest.h"
#include "base/text.h"
#include "cli/stored_reports.h"
#include "standard/lint.h"

namespace plimsoll::cli {
namespace {

bool looks_like_a_file(std::string_view name) { return name.find('/') != std::string_view::npos || name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"); }

Result<standard::Document> read_document(const std::string& path) {
  PLIM_TRY(std::string text, read_file(path, 1 << 20).context("standard", path));
  return standard::Document{std::move(text), path};
}

Error unknown_standard(std::string_view name) {
  std::vector<std::string_view> names;
  std::string all;
  for (const auto& [each, text] : standard::shipped_standards()) {
    names.push_back(each);
    all += cat(all.empty() ? "" : ", ", each);
  }
  const std::string_view near = nearest(name, names);
  return not_found(cat("no standard \"", to_utf8(name), "\"", near.empty() ? "" : cat("; did you mean \"", near, "\"?"), " There are ", all, ", and files (name.yaml)"));
}

}  // namespace

Result<standard::Document> find_standard(const std::string& name) {
  if (looks_like_a_file(name) || exists(name)) {
    if (!is_directory(name)) return read_document(name);
  }
  if (const auto text = standard::shipped_standard(name)) return standard::Document{std::string(*text), name};
  return unknown_standard(name);
}

standard::Loader standard_loader() {
  return [](std::string_view name, std::string_view from) -> Result<standard::Document> {
    if (!looks_like_a_file(name)) {
      if (const auto text = standard::shipped_standard(name)) return standard::Document{std::string(*text), std::string(name)};
      return unknown_standard(name);
    }
    if (name.front() == '/') return read_document(std::string(name));
    const std::size_t slash = from.rfind('/');
    return read_document(cat(slash == std::string_view::npos ? std::string_view() : from.substr(0, slash + 1), name));
  };
}

Result<standard::Resolved> load_standard(Context& context, const std::string& name) {
  PLIM_TRY(const standard::Document document, find_standard(name));
  standard::Problems problems;
  auto resolved = standard::resolve(document, standard_loader(), problems);
  if (resolved) standard::lint(*resolved, problems);
  if (!resolved || problems.has_errors()) {
    std::string text = problems.text(document.source);
    if (text.ends_with('\n')) text.pop_back();
    return malformed(cat("the standard is not right:\n", text));
  }
  for (const standard::Problem& problem : problems.list()) context.warn(cat(document.source, problem.line > 0 ? cat(":", problem.line) : "", ": ", problem.message));
  return std::move(*resolved);
}

void declare_judging(Options& options, JudgeOptions& o, bool needed) {
  options.value("--standard", o.standard, needed ? "the standard: a shipped name or a file (needed)" : "also judge by this standard: a shipped name or a file")
      .choice("--stage", o.stage, {"build", "push", "deploy", "run"}, "the stage to judge for")
      .value("--baseline", o.baseline, "JSON report: what it already has does not block")
      .value("--workload", o.workload, "Kubernetes manifest (YAML or JSON) of what will run the image")
      .value("--workload-namespace", o.ns, "namespace it will run in, where no manifest says so")
      .value("--environment", o.environment, "environment, for rules that are for one");
}

Result<Judge> make_judge(Context& context, const JudgeOptions& options) {
  Judge out;
  PLIM_TRY(out.resolved, load_standard(context, options.standard));
  out.the_case.stage = standard::stage_from(options.stage).value_or(standard::Stage::Build);
  out.the_case.ns = options.ns;
  out.the_case.environment = options.environment;
  if (!options.workload.empty()) {
    PLIM_TRY(const std::string text, read_file(options.workload, 4 << 20));
    PLIM_TRY(auto workload, standard::read_workload(text, options.workload));
    out.workload = std::make_unique<standard::Workload>(std::move(workload));
    out.the_case.workload = out.workload.get();
  }
  if (!options.baseline.empty()) {
    PLIM_TRY(auto baseline, load_report(options.baseline));
    out.baseline = std::make_unique<Report>(std::move(baseline));
    out.the_case.baseline = out.baseline.get();
  }
  return out;
}

Result<Report> judged(Report report, Judge& judge, NarrowingRules& narrowing, Time at) {
  judge.the_case.at = at;
  judge.the_case.exceptions = std::move(narrowing.exceptions);
  narrowing.exceptions.clear();
  PLIM_TRY(Report out, standard::judge(except(std::move(report), narrowing), judge.resolved, judge.the_case));
  return filter(std::move(out), narrowing);
}

Exit verdict_exit(Context& context, const Report& report, bool allow_incomplete) {
  if (!report.verdict) return Exit::Pass;
  if (report.verdict->result == "block") return Exit::No;
  if (report.verdict->incomplete && !allow_incomplete) {
    context.warn(cat("not a pass: parts could not be read (", report.gaps.size(), "), the first: ", report.gaps.front().part, " ", report.gaps.front().where, ": ", report.gaps.front().why, "; --allow-incomplete, or incomplete: allow in the standard, accepts that"));
    return Exit::Incomplete;
  }
  return Exit::Pass;
}

}  // namespace plimsoll::cli
