// Runs another program without a shell: arguments as they are, input given, output bounded, time limited.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll {

struct ProcessOutput {
  int exit_code = 0;  // 128 + signal when it was killed
  std::string out;    // standard output; standard error is dropped
};

// The program is sought in PATH when its name has no '/'; it gets our environment and a process group of its own, and
// the whole group is killed when the time is over. Errors: NotFound (no such program), Limit (time, output), Io.
Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, std::string_view input,
                                  std::chrono::milliseconds time_limit, std::uint64_t max_output = 1 << 20);

}  // namespace plimsoll
