// Standard input, a line at a time, for verbs that answer each line (`version compare SCHEME -`).
#pragma once
#include <functional>
#include <string_view>

#include "base/result.h"

namespace plimsoll::cli {

// Calls `answer` with each line, without its end; the last one may lack it. Errors: Io, Limit (a line beyond 64 MiB).
Status each_input_line(const std::function<void(std::string_view line)>& answer);

}  // namespace plimsoll::cli
