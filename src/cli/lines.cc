#include "cli/lines.h"

#include <unistd.h>

#include <string>

#include "base/file.h"

namespace plimsoll::cli {

Status each_input_line(const std::function<void(std::string_view line)>& answer) {
  constexpr std::size_t kMaxLine = 64u << 20;
  const Fd input(::dup(STDIN_FILENO));
  if (!input.open()) return errno_error("cannot read standard input");
  std::string pending;
  std::string buffer(1u << 16, '\0');
  const auto emit = [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    answer(line);
  };
  for (;;) {
    PLIM_TRY(const std::size_t count, read_some(input, reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()).context("standard input"));
    if (count == 0) break;
    std::string_view rest(buffer.data(), count);
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
      pending.append(rest.substr(0, end));
      emit(pending);
      pending.clear();
    }
    pending.append(rest);
    if (pending.size() > kMaxLine) return limit_reached("a line of standard input is longer than 64 MiB");
  }
  if (!pending.empty()) emit(pending);
  return Ok{};
}

}  // namespace plimsoll::cli
