#include "report/judgement_text.h"

#include <cmath>

#include "base/text.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

constexpr std::size_t kEvidenceShown = 3, kChangesShown = 8;

void add(std::vector<TextLine>& out, TextLine::Kind kind, std::string_view text, std::size_t width, std::size_t indent) {
  for (const std::string& row : wrap_words(text, width - indent)) out.push_back({kind, std::string(indent, ' ') + row});
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

void add_reason(std::vector<TextLine>& out, const VerdictReason& reason, std::size_t width, bool all) {
  using Kind = TextLine::Kind;
  const Kind kind = reason.effect == "block" ? Kind::Bad : reason.effect == "warn" ? Kind::Warning : Kind::Faint;
  // Short: the rule's title and how many; in full: what exactly was asked and found.
  const bool brief = !all && !reason.title.empty() && !reason.evidence.empty();
  const std::string said = brief ? cat(printable(reason.title), " (", reason.count, ")") : printable(reason.what);
  std::string head = cat(reason.effect, std::string(7 - std::min<std::size_t>(6, reason.effect.size()), ' '), printable(reason.rule), ": ", said);
  if (reason.in_grace != 0) head += cat("; ", reason.in_grace, " in grace until ", printable(reason.grace_ends));
  if (reason.known != 0) head += cat("; ", reason.known, " known before");
  for (std::size_t i = 0; const std::string& row : wrap_words(head, width - 2)) out.push_back({kind, (i++ == 0 ? "" : "  ") + row});
  if (reason.effect != "block" && !all) return;
  const std::size_t shown = all ? reason.evidence.size() : std::min(reason.evidence.size(), kEvidenceShown);
  for (std::size_t i = 0; i < shown; ++i) out.push_back({Kind::Plain, "       " + fit(reason.evidence[i], width - 7)});
  if (shown < reason.evidence.size()) out.push_back({Kind::Faint, cat("       and ", reason.evidence.size() - shown, " more (--all shows them)")});
  if (!reason.why.empty() && all) add(out, Kind::Faint, cat("why: ", printable(reason.why)), width, 7);
  if (!reason.fix.empty() && all) add(out, Kind::Plain, cat("fix: ", printable(reason.fix)), width, 7);
  if (!reason.exception_by.empty() && reason.effect == "block") add(out, Kind::Plain, cat("an exception can be granted by ", printable(reason.exception_by)), width, 7);
}

}  // namespace

std::string points_text(double value) {
  const auto hundredths = std::llround(value * 100);
  std::string out = std::to_string(hundredths / 100);
  if (const auto rest = hundredths % 100; rest != 0) out += rest % 10 == 0 ? cat(".", rest / 10) : cat(".", rest / 10, rest % 10);
  return out;
}

std::string score_line(const Score& score) {
  std::string out = cat("score ", points_text(score.total), " of 100");
  std::string classes;
  for (const auto& [klass, value] : score.by_class) classes += cat(classes.empty() ? "" : ", ", to_string(klass), " ", points_text(value));
  return classes.empty() ? out : cat(out, " (", classes, ")");
}

std::vector<std::string> explain_score(const Score& score, std::size_t width) {
  const auto row = [&](std::string number, std::string_view words) { return cat(std::string(8 - std::min<std::size_t>(8, number.size()), ' '), number, "  ", fit(words, width - 10)); };
  std::vector<std::string> out = {"SCORE", row("100", "nothing found")};
  for (const Deduction& deduction : score.deductions) out.push_back(row("-" + points_text(deduction.points), cat(to_string(deduction.klass), ": ", deduction.why)));
  out.push_back(row("= " + points_text(score.total), "each further finding counts less than the one before: docs/score.md"));
  return out;
}

std::vector<TextLine> verdict_lines(const Verdict& verdict, std::size_t width, bool all) {
  using Kind = TextLine::Kind;
  std::vector<TextLine> out;
  const Kind kind = verdict.result == "block" ? Kind::Bad : verdict.result == "warn" ? Kind::Warning : Kind::Strong;
  const bool unread = verdict.incomplete && verdict.result != "block";
  out.push_back({unread ? Kind::Warning : kind, cat(unread ? std::string("INCOMPLETE") : upper(verdict.result), "  standard ", printable(verdict.standard), " at stage ", printable(verdict.stage), ": ", counted(verdict.rules, "rule"), " applied")});
  if (verdict.incomplete) add(out, Kind::Warning, "the report is incomplete, and this standard does not allow that: it does not pass until everything could be read", width, 2);
  for (const VerdictReason& reason : verdict.reasons)
    if (all || reason.effect != "audit" || reason.what.starts_with("not looked for")) add_reason(out, reason, width, all);
  if (verdict.result != "block") return out;
  out.push_back({Kind::Plain, ""});
  if (verdict.shortest_fix.empty()) return out;
  out.push_back({Kind::Strong, verdict.fixable ? cat("Shortest way to pass: ", counted(verdict.shortest_fix.size(), "change")) : cat("No list of changes is known that makes it pass alone; ", counted(verdict.shortest_fix.size(), "step"))});
  const std::size_t shown = all ? verdict.shortest_fix.size() : std::min(verdict.shortest_fix.size(), kChangesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const VerdictChange& change = verdict.shortest_fix[i];
    const std::string text = cat(i + 1, ". ", printable(change.change), change.findings == 0 ? "" : cat(" (", counted(change.findings, "blocking finding"), ")"));
    for (std::size_t line = 0; const std::string& row : wrap_words(text, width - 5)) out.push_back({Kind::Plain, (line++ == 0 ? "  " : "     ") + row});
  }
  if (shown < verdict.shortest_fix.size()) out.push_back({Kind::Faint, cat("  and ", verdict.shortest_fix.size() - shown, " more (--all shows them)")});
  return out;
}

}  // namespace plimsoll::report
