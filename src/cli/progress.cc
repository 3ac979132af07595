#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>

#include "base/text.h"

namespace plimsoll::cli {
namespace {

std::string megabytes(double bytes) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), bytes < 100e6 ? "%.1f" : "%.0f", bytes / 1e6);
  return buffer;
}

void write_line(std::string_view text) {
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // a progress line that cannot be drawn is no failure
}

}  // namespace

std::string progress_line(const ProgressState& state, std::chrono::milliseconds elapsed, unsigned width) {
  const double seconds = static_cast<double>(elapsed.count()) / 1000.0;
  const double rate = seconds > 0.2 ? static_cast<double>(state.done_bytes) / seconds : 0;
  std::string line = cat("layer ", state.done_layers, "/", state.total_layers, "  ", megabytes(static_cast<double>(state.done_bytes)));
  if (state.total_bytes > 0) line += cat(" of ", megabytes(static_cast<double>(state.total_bytes)));
  line += " MB";
  if (rate > 0) line += cat("  ", megabytes(rate), " MB/s");
  if (rate > 0 && state.total_bytes > state.done_bytes)
    line += cat("  ", static_cast<std::uint64_t>(static_cast<double>(state.total_bytes - state.done_bytes) / rate) + 1, " s left");
  return line.substr(0, width > 1 ? width - 1 : 0);
}

Progress::Progress(const Context& context)
    : enabled_(context.stderr_is_terminal() && !context.quiet()), start_(std::chrono::steady_clock::now()), last_(start_) {}

Progress::~Progress() {
  if (drawn_) write_line("\r\x1b[K");
}

void Progress::show(const ProgressState& state) {
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  write_line(cat("\r\x1b[K", progress_line(state, std::chrono::duration_cast<std::chrono::milliseconds>(now - start_), 80)));
}

}  // namespace plimsoll::cli
