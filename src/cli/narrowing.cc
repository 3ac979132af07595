#include "cli/narrowing.h"

#include "base/file.h"
#include "base/text.h"
#include "standard/score.h"

namespace plimsoll::cli {
namespace {

template <class T>
Status read_words(const std::vector<std::string>& words, std::optional<T> (*from)(std::string_view), std::string_view what, std::vector<T>& into) {
  for (const std::string& word : words) {
    const auto value = from(word);
    if (!value) return malformed(cat("\"", to_utf8(word), "\" is no ", what));
    into.push_back(*value);
  }
  return Ok{};
}

Result<report::Filter> make_filter(const Narrowing& narrowing) {
  report::Filter filter{.ids = narrowing.ids, .paths = narrowing.paths, .not_paths = narrowing.not_paths};
  if (!narrowing.severity.empty()) {
    filter.at_least = severity_from(narrowing.severity);
    if (!filter.at_least) return malformed(cat("--severity \"", to_utf8(narrowing.severity), "\" is none of critical, high, medium, low, negligible, unknown"));
  }
  PLIM_CHECK(read_words(narrowing.states, fix_state_from, "state (fixed, not-fixed, will-not-fix, postponed, not-affected, under-investigation, end-of-life)", filter.states));
  PLIM_CHECK(read_words(narrowing.classes, finding_class_from, "class of findings", filter.classes));
  if (!narrowing.layer_origin.empty()) filter.origin = narrowing.layer_origin == "base" ? Origin::Base : Origin::Own;
  return filter;
}

}  // namespace

void declare_narrowing(Options& options, Narrowing& n) {
  options.value("--severity", n.severity, "only findings at least this bad")
      .values("--state", n.states, "only vulnerabilities in these states, e.g. fixed,not-fixed")
      .values("--class", n.classes, "only these classes of findings")
      .values("--id", n.ids, "only these ids (globs)")
      .values("--path", n.paths, "only findings in these places (globs)")
      .values("--skip-path", n.not_paths, "no findings that lie only in these places (globs)")
      .choice("--layer-origin", n.layer_origin, {"base", "own"}, "only what the base image, or the own layers, brought")
      .values("--ignore", n.ignore_files, "exceptions that expire: a document of kind Exception, repeatable")
      .values("--vex", n.vex_files, "OpenVEX, CSAF or CycloneDX VEX, repeatable");
}

Result<NarrowingRules> load_narrowing(const Narrowing& narrowing) {
  NarrowingRules rules;
  PLIM_TRY(rules.filter, make_filter(narrowing));
  for (const std::string& path : narrowing.vex_files) {
    PLIM_TRY(const std::string text, read_file(path));
    PLIM_TRY(auto document, report::read_vex(as_bytes(text), path).context("VEX", path));
    rules.vex.push_back(std::move(document));
  }
  for (const std::string& path : narrowing.ignore_files) {
    PLIM_TRY(const std::string text, read_file(path));
    PLIM_TRY(auto exceptions, read_exceptions(text, path).context("ignore file", path));
    rules.exceptions.push_back(std::move(exceptions));
  }
  return rules;
}

Report except(Report report, const NarrowingRules& rules) {
  const std::size_t before = report.findings.size();
  for (const report::VexDocument& document : rules.vex) report = report::with_vex(std::move(report), document);
  const std::string at = report.tool.at;
  for (const Exceptions& exceptions : rules.exceptions) report = without_excepted(std::move(report), exceptions, at);
  if (report.score && report.findings.size() != before) {
    std::vector<FindingClass> searched;
    for (const auto& [klass, value] : report.score->by_class) searched.push_back(klass);
    report.score = standard::score(report, searched);
  }
  return report;
}

Report filter(Report report, const NarrowingRules& rules) { return rules.filter.empty() ? std::move(report) : report::filtered(std::move(report), rules.filter); }

Report narrow(Report report, const NarrowingRules& rules) {
  return filter(except(std::move(report), rules), rules);
}

}  // namespace plimsoll::cli
