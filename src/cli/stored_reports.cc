#include "cli/stored_reports.h"

#include "base/file.h"
#include "base/text.h"
#include "report/stored.h"

namespace plimsoll::cli {
namespace {

// Reports of large images: tens of megabytes.
constexpr std::uint64_t kMaxReportBytes = 512ull << 20;

Result<std::string> read_input(const std::string& path) {
  if (path != "-") return read_file(path, kMaxReportBytes);
  const Fd input(0);
  std::string text;
  std::uint8_t buffer[1 << 16];
  for (;;) {
    PLIM_TRY(const std::size_t got, read_some(input, buffer, sizeof buffer));
    if (got == 0) return text;
    if (text.size() + got > kMaxReportBytes) return limit_reached("standard input is larger than a report may be");
    text.append(reinterpret_cast<const char*>(buffer), got);
  }
}

}  // namespace

bool is_stored_report(const std::string& argument) {
  if (argument == "-") return true;
  const auto file = open_file(argument);
  if (!file || is_directory(argument)) return false;
  std::uint8_t head[256];
  const auto got = read_at(*file, 0, head, sizeof head);
  return got && trim(as_text({head, *got})).starts_with('{') && as_text({head, *got}).find("\"schemaVersion\"") != std::string_view::npos;
}

Result<Report> load_report(const std::string& path) {
  PLIM_TRY(const std::string text, read_input(path));
  Limits limits;
  limits.metadata_bytes = kMaxReportBytes;
  return report::read_report(as_bytes(text), limits).context("report", path == "-" ? "standard input" : path);
}

}  // namespace plimsoll::cli
