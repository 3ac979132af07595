// What every verb works with: the two streams, the terminal, the log, and where state lies.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll::cli {

// CLI.md, exit codes. No wins over Incomplete.
enum class Exit { Pass = 0, No = 1, Usage = 2, Failed = 3, Incomplete = 4 };

enum class LogLevel { Debug, Info, Warning, Error };

class Context {
 public:
  // Results go to stdout; everything else to stderr.
  void out(std::string_view text);
  // A result into `file` (written beside it and renamed; "-" or empty is stdout).
  Status write_result(const std::string& file, std::string_view text);
  void log(LogLevel level, std::string_view message);
  void hint(std::string_view message) { log(LogLevel::Info, message); }
  void warn(std::string_view message) { log(LogLevel::Warning, message); }
  // Reports the error in one sentence, with `advice` on what to try, and gives the exit code for it.
  Exit fail(const Error& error, std::string_view advice = {});
  Exit usage(std::string_view message);

  bool stdout_is_terminal() const { return stdout_is_terminal_; }
  bool stderr_is_terminal() const { return stderr_is_terminal_; }
  bool quiet() const { return level_ > LogLevel::Info; }
  bool color() const { return color_; }
  unsigned width() const;  // columns of the terminal, 80 when there is none

  // $XDG_CACHE_HOME/plimsoll and $XDG_DATA_HOME/plimsoll (by HOME when unset).
  static std::string cache_directory();
  static std::string data_directory();

  void set_up(std::string_view log_level, std::string_view log_format, std::string_view color, bool quiet);
  bool output_failed() const { return output_failed_; }

 private:
  bool stdout_is_terminal_ = false, stderr_is_terminal_ = false, color_ = false, json_log_ = false, output_failed_ = false;
  LogLevel level_ = LogLevel::Info;
};

}  // namespace plimsoll::cli
