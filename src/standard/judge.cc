#include "standard/judge.h"

#include "base/text.h"
#include "standard/fix.h"
#include "standard/score.h"

namespace plimsoll::standard {
namespace {

Status take_out_excepted(Report& report, const Resolved& standard, const Case& the_case) {
  std::vector<Exceptions> all = the_case.exceptions;
  for (const std::string& text : standard.exceptions) {
    PLIM_TRY(auto own, read_exceptions(text, cat("standard ", standard.name)));
    all.push_back(std::move(own));
  }
  const std::string at = format_time(the_case.at);
  for (Exceptions& exceptions : all) {
    if (standard.maximum_days) exceptions = within(std::move(exceptions), *standard.maximum_days, at, report.notices);
    report = without_excepted(std::move(report), exceptions, at);
  }
  return Ok{};
}

void score_again(Report& report) {
  if (!report.score) return;
  std::vector<FindingClass> searched;
  for (const auto& [klass, value] : report.score->by_class) searched.push_back(klass);
  report.score = score(report, searched);
}

}  // namespace

Result<Report> judge(Report report, const Resolved& standard, const Case& the_case) {
  const std::size_t before = report.findings.size();
  PLIM_CHECK(take_out_excepted(report, standard, the_case));
  if (report.findings.size() != before) score_again(report);
  Verdict verdict;
  {
    Facts facts = facts_of(report, the_case.at);
    facts.workload = the_case.workload;
    facts.provenance = the_case.provenance;
    Context context{.stage = the_case.stage, .ns = the_case.ns, .environment = the_case.environment, .without_workload = the_case.without_workload};
    if (!selects(standard.selector, facts, context)) return denied(cat("standard ", standard.name, " is not for this image: its selector does not take ", to_utf8(report.image.reference)));
    Baseline baseline;
    if (the_case.baseline != nullptr) {
      Facts older = facts_of(*the_case.baseline, the_case.at);
      older.workload = the_case.workload;
      older.provenance = the_case.provenance;
      baseline = baseline_of(standard, older, context);
      context.baseline = &baseline;
    }
    const Judgement judgement = evaluate(standard, facts, context);
    verdict = describe(judgement, standard, facts, context);
    if (the_case.in_words) find_shortest_fix(judgement, standard, facts, verdict);
  }
  report.verdict = std::move(verdict);
  return report;
}

}  // namespace plimsoll::standard
