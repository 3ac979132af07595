// The two streams of the command line: `version compare SCHEME -` and `version match SCHEME -`, a line at a time.
//
// Every line has an answer: a line without a tab has an empty second part; a range that cannot be read holds no version
// ("false"), and `problem` says why.
#pragma once
#include <string>
#include <string_view>

#include "version/scheme.h"

namespace plimsoll::version {

struct LineAnswer {
  std::string_view text;  // "-1", "0", "1"; "true", "false"; static
  std::string problem;    // why the answer is a default; empty when it is not
};

// `A<TAB>B` -> -1, 0 or 1.
LineAnswer compare_line(const Scheme& scheme, std::string_view line);
// `VERSION<TAB>RANGE` -> true or false.
LineAnswer match_line(const Scheme& scheme, std::string_view line);

}  // namespace plimsoll::version
