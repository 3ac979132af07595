// Time as an argument: only main paths ask the system clock, everything below is told.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

using Time = std::chrono::sys_seconds;

Time system_now();
std::string format_time(Time time);  // "2026-11-24T03:21:46Z"
std::string format_date(Time time);  // "2026-11-24"
// RFC 3339 (any offset, fractions dropped), "2026-11-24", or seconds since 1970 as "@1234". nullopt for anything else.
std::optional<Time> parse_time(std::string_view text);

}  // namespace plimsoll
