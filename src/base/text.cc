#include "base/text.h"

#include <charconv>
#include <cstring>

namespace plimsoll {
namespace {

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Length of the UTF-8 sequence at the front of `text`, 0 when it is not valid (Unicode 15, table 3-7).
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4                                    ? 4
                                                                                                 : 0;
  if (length == 0 || text.size() < length) return 0;
  unsigned char low = 0x80, high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  return length;
}

// How many bytes at the front are ASCII: whole words of eight, so it may stop a little before the first that is not.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + sizeof(word) <= text.size(); i += sizeof(word)) {
    std::memcpy(&word, text.data() + i, sizeof(word));
    if ((word & 0x8080808080808080u) != 0) break;
  }
  return i;
}

// Matches one `[...]` class at the front of `pattern`; sets its length. An unclosed class matches a literal '['.
bool match_class(std::string_view pattern, char c, std::size_t& length) {
  std::size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool matched = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      matched |= c >= pattern[i] && c <= pattern[i + 2];
      i += 3;
    } else {
      matched |= c == pattern[i++];
    }
  }
  if (i >= pattern.size()) {
    length = 1;
    return c == '[';
  }
  length = i + 1;
  return matched != negated && c != '/';
}

// Backtracking is bounded by `steps`, so that a hostile path cannot make a rule slow.
bool glob(std::string_view pattern, std::string_view path, int& steps) {
  while (!pattern.empty()) {
    if (--steps < 0) return false;
    if (pattern.starts_with("**")) {
      std::string_view rest = pattern.substr(2);
      if (rest.starts_with("/")) {  // "**/x": x at any depth, also at the top
        rest.remove_prefix(1);
        if (glob(rest, path, steps)) return true;
        for (std::size_t i = 0; i < path.size(); ++i)
          if (path[i] == '/' && glob(rest, path.substr(i + 1), steps)) return true;
        return false;
      }
      for (std::size_t i = 0; i <= path.size(); ++i)
        if (glob(rest, path.substr(i), steps)) return true;
      return false;
    }
    if (pattern[0] == '*') {
      for (std::size_t i = 0;; ++i) {
        if (glob(pattern.substr(1), path.substr(i), steps)) return true;
        if (i >= path.size() || path[i] == '/') return false;
      }
    }
    if (pattern[0] == '{') {
      const std::size_t close = pattern.find('}');
      if (close != std::string_view::npos) {
        for (std::string_view option : split(pattern.substr(1, close - 1), ','))
          if (path.starts_with(option) && glob(pattern.substr(close + 1), path.substr(option.size()), steps)) return true;
        return false;
      }
    }
    if (path.empty()) return false;
    if (pattern[0] == '[') {
      std::size_t length = 0;
      if (!match_class(pattern, path[0], length)) return false;
      pattern.remove_prefix(length);
    } else {
      if (pattern[0] == '?' ? path[0] == '/' : pattern[0] != path[0]) return false;
      pattern.remove_prefix(1);
    }
    path.remove_prefix(1);
  }
  return path.empty();
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_char(c);
  return out;
}

bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower_char(a[i]) != lower_char(b[i])) return false;
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0;;) {
    const std::size_t end = text.find(separator, start);
    parts.push_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::pair<std::string_view, std::string_view> cut(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const std::size_t end = rest.find('\n');
  line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::optional<std::uint64_t> parse_u64(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty(); text.remove_prefix(ascii_prefix(text))) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

bool glob_match(std::string_view pattern, std::string_view path) {
  int steps = 20'000;
  return glob(pattern, path, steps);
}

}  // namespace plimsoll
