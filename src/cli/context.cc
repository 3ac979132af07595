#include "cli/context.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};

bool write_fully(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    else if (count < 0 && errno != EINTR) return false;
  }
  return true;
}

std::string state_directory(const char* variable, std::string_view below_home) {
  if (const auto folder = environment(variable)) return cat(*folder, "/plimsoll");
  return cat(environment("HOME").value_or("/root"), "/", below_home, "/plimsoll");
}

}  // namespace

void Context::set_up(std::string_view log_level, std::string_view log_format, std::string_view color, bool quiet) {
  stdout_is_terminal_ = ::isatty(STDOUT_FILENO) == 1;
  stderr_is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  for (std::size_t i = 0; i < std::size(kLevels); ++i)
    if (log_level == kLevels[i]) level_ = static_cast<LogLevel>(i);
  if (quiet && level_ < LogLevel::Error) level_ = LogLevel::Error;
  json_log_ = log_format == "json";
  color_ = color == "always" || (color != "never" && stdout_is_terminal_ && !environment("NO_COLOR"));
}

unsigned Context::width() const {
  winsize size{};
  if (stdout_is_terminal_ && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void Context::out(std::string_view text) {
  if (!output_failed_ && !write_fully(STDOUT_FILENO, text)) output_failed_ = true;
}

Status Context::write_result(const std::string& file, std::string_view text) {
  if (!file.empty() && file != "-") return write_result_file(file, as_bytes(text));
  out(text);
  if (output_failed_) return io_error("cannot write to standard output");
  return Ok{};
}

void Context::log(LogLevel level, std::string_view message) {
  if (level < level_) return;
  std::string line;
  if (json_log_) {
    JsonWriter(line).begin_object().member("time", format_time(system_now())).member("level", kLevels[static_cast<std::size_t>(level)]).member("message", message).end_object();
  } else {
    line = cat("plimsoll: ", level == LogLevel::Warning ? "warning: " : level == LogLevel::Debug ? "debug: " : "", to_utf8(message));
  }
  line += '\n';
  write_fully(STDERR_FILENO, line);
}

Exit Context::fail(const Error& error, std::string_view advice) {
  log(LogLevel::Error, advice.empty() ? error.message() : cat(error.message(), "; ", advice));
  return Exit::Failed;
}

Exit Context::usage(std::string_view message) {
  log(LogLevel::Error, message);
  return Exit::Usage;
}

std::string Context::cache_directory() {
  return environment("PLIMSOLL_CACHE").value_or(state_directory("XDG_CACHE_HOME", ".cache"));
}
std::string Context::data_directory() { return state_directory("XDG_DATA_HOME", ".local/share"); }

}  // namespace plimsoll::cli
