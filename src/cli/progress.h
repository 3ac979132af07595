// A progress line on a terminal: bytes, layers, rate, time left. Draws nothing when stderr is no terminal.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "cli/context.h"

namespace plimsoll::cli {

struct ProgressState {
  std::uint64_t done_bytes = 0, total_bytes = 0;  // stored (compressed) bytes of all layers; total 0 when not known
  std::uint32_t done_layers = 0, total_layers = 0;
};

// The line for one moment, at most `width` columns: pure, so that it can be tested.
std::string progress_line(const ProgressState& state, std::chrono::milliseconds elapsed, unsigned width);

class Progress {
 public:
  explicit Progress(const Context& context);
  ~Progress();  // wipes the line
  // At most ten draws a second; call as often as you like, from one thread at a time.
  void show(const ProgressState& state);

 private:
  bool enabled_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace plimsoll::cli
