// Score and verdict in words, for tables and logs: short, so that a developer sees what blocks, which change fixes it,
// who can grant an exception and how long it waits.
#pragma once
#include <string>
#include <vector>

#include "model/verdict.h"

namespace plimsoll::report {

// "score 83.27 of 100 (vulnerability 83.27, secret 100)"
std::string score_line(const Score& score);
// One line a deduction, and the sum: every step from 100 down to the score.
std::vector<std::string> explain_score(const Score& score, std::size_t width);

struct TextLine {
  enum class Kind { Plain, Strong, Bad, Warning, Faint } kind = Kind::Plain;
  std::string text;
};
// At most `shown` pieces of evidence a rule and changes of the fix; `all` shows each.
std::vector<TextLine> verdict_lines(const Verdict& verdict, std::size_t width, bool all);

// 83.27, 75.3, 100: without zeros at the end.
std::string points_text(double value);

}  // namespace plimsoll::report
