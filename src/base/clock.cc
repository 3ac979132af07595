#include "base/clock.h"

#include <cstdio>

#include "base/text.h"

namespace plimsoll {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  const auto value = parse_u64(text.substr(at, count));
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace

Time system_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::string format_date(Time time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return buffer;
}

std::string format_time(Time time) {
  const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "T%02d:%02d:%02dZ", static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return format_date(time) + buffer;
}

std::optional<Time> parse_time(std::string_view text) {
  using namespace std::chrono;
  if (text.starts_with('@')) {
    const auto value = parse_u64(text.substr(1));
    if (!value || *value > 253402300799ull) return std::nullopt;  // 9999-12-31
    return Time(seconds(*value));
  }
  const auto y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (!y || !m || !d || text[4] != '-' || text[7] != '-') return std::nullopt;
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
  if (!date.ok()) return std::nullopt;
  Time time = sys_days(date);
  text.remove_prefix(10);
  if (text.empty()) return time;
  if (text.front() != 'T' && text.front() != 't' && text.front() != ' ') return std::nullopt;
  const auto hour = digits(text, 1, 2), minute = digits(text, 4, 2), second = digits(text, 7, 2);
  if (!hour || !minute || !second || text[3] != ':' || text[6] != ':' || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  time += hours(*hour) + minutes(*minute) + seconds(*second);
  text.remove_prefix(9);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  }
  if (text.empty() || text == "Z" || text == "z") return time;
  const auto offset_hour = digits(text, 1, 2), offset_minute = digits(text, 4, 2);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !offset_hour || !offset_minute) return std::nullopt;
  const seconds offset = hours(*offset_hour) + minutes(*offset_minute);
  return text[0] == '+' ? time - offset : time + offset;
}

}  // namespace plimsoll
