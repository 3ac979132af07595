// Small text helpers shared by every reader: no locale, no exceptions, no allocation unless the result owns bytes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace plimsoll {

std::string_view trim(std::string_view text);                         // ASCII white space at both ends
std::string lower(std::string_view text);                             // ASCII only
bool equals_ignore_case(std::string_view a, std::string_view b);      // ASCII only
std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty parts
// Cuts `text` at the first `separator`: {before, after}; {text, ""} when there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator);
// Takes the next line (without \n or \r\n) off the front of `rest`; false at the end.
bool next_line(std::string_view& rest, std::string_view& line);
std::optional<std::uint64_t> parse_u64(std::string_view digits);      // whole string, decimal, no sign; nullopt on overflow
bool is_utf8(std::string_view text);
// `text` with every byte that is not part of valid UTF-8 replaced by U+FFFD, so that any report can carry it.
std::string to_utf8(std::string_view text);
// Shell-style match on '/'-separated paths: `?`, `*` (not across '/'), `**` (across), `[a-z]`, `{a,b}`.
bool glob_match(std::string_view pattern, std::string_view path);

// cat("a", 1, 'x'): one string from strings, characters and integers.
inline void append_part(std::string& out, std::string_view part) { out.append(part); }
inline void append_part(std::string& out, char part) { out.push_back(part); }
template <class T>
  requires std::is_integral_v<T>
void append_part(std::string& out, T part) { out.append(std::to_string(part)); }
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (append_part(out, parts), ...);
  return out;
}

}  // namespace plimsoll
