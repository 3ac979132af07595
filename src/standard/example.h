// A standard's own examples, run: "what must be said of this report" (`plimsoll standard test`).
#pragma once
#include <string>
#include <vector>

#include "standard/judge.h"

namespace plimsoll::standard {

struct ExampleResult {
  std::string name;
  int line = 0;
  bool passed = false;
  std::string why;  // what was expected and what was said, when it did not pass
};
std::vector<ExampleResult> run_examples(const Resolved& standard);
// Rules of its own that block or warn somewhere and that no example makes speak.
std::vector<std::string> rules_without_example(const Resolved& standard);

// A report written in short: members as in the JSON report, all optional; findings get key, risk and the like by default;
// `times: 11` repeats one.
Result<Report> report_in_short(const YamlNode& node);

}  // namespace plimsoll::standard
