// What the lexers have in common: a place in the text, its line, and the few things that every language has in the same
// form (numbers, names, quotes with backslashes, operators by longest match).
//
// Posture  hostile: nothing here reads beyond the text; every function is O(what it passes).
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "detect/webshell/token.h"

namespace plimsoll::detect::web {

class Cursor {
 protected:
  Cursor(std::string_view text, std::uint32_t line, Tokens& out, std::uint32_t depth) : s_(text), line_(line), out_(out), depth_(depth) {}

  char at(std::size_t i) const { return i < s_.size() ? s_[i] : '\0'; }
  bool looking_at(std::string_view text) const { return s_.substr(std::min(i_, s_.size())).starts_with(text); }
  void count_lines(std::string_view text) { line_ += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')); }
  void count_lines(std::size_t from, std::size_t to) {
    to = std::min(to, s_.size());
    if (from < to) count_lines(s_.substr(from, to - from));
  }
  // To `to`, at least one character on, with its lines counted.
  void move_to(std::size_t to) {
    to = std::min(to, s_.size());
    count_lines(i_, to);
    i_ = std::max(to, i_ + 1);
  }
  void skip_line() { i_ = std::min(s_.find('\n', i_), s_.size()); }

  // Behind the name that begins at `from`.
  std::size_t name_end(std::size_t from) const {
    while (from < s_.size() && is_name_char(s_[from])) ++from;
    return from;
  }
  bool number_here() const { return (at(i_) >= '0' && at(i_) <= '9') || (at(i_) == '.' && at(i_ + 1) >= '0' && at(i_ + 1) <= '9'); }
  // Reads a number: 1, 1.5, 0x1f, 1e9, 10L.
  std::string_view number() {
    std::size_t j = i_;
    while (j < s_.size() && (is_name_char(s_[j]) || (s_[j] == '.' && at(j + 1) >= '0' && at(j + 1) <= '9'))) ++j;
    const std::string_view text = s_.substr(i_, j - i_);
    i_ = std::max(j, i_ + 1);
    return text;
  }
  // Where the text that is open at `from` is closed by `quote`; a backslash takes the next character with it.
  std::size_t quote_end(std::size_t from, char quote) const {
    while (from < s_.size() && s_[from] != quote) from += s_[from] == '\\' ? 2 : 1;
    return std::min(from, s_.size());
  }
  // The first of `ops`, longest first, that stands here; empty for none of them.
  template <std::size_t N>
  std::string_view operator_here(const std::string_view (&ops)[N]) const {
    if (!continues_op(at(i_ + 1))) return {};
    for (const std::string_view text : ops)
      if (text[0] == s_[i_] && looking_at(text)) return text;
    return {};
  }
  // Perl's and PHP's single quotes: only \\ and \' are escapes.
  static std::string single_quoted(std::string_view in) {
    std::string out;
    for (std::size_t k = 0; k < in.size(); ++k) {
      if (in[k] == '\\' && k + 1 < in.size() && (in[k + 1] == '\\' || in[k + 1] == '\'')) ++k;
      out += in[k];
    }
    return out;
  }

  std::string_view s_;
  std::size_t i_ = 0;
  std::uint32_t line_;
  Tokens& out_;
  std::uint32_t depth_;  // of programs inside texts inside programs
};

}  // namespace plimsoll::detect::web
