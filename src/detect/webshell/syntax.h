// What operators and words mean to the interpreter, the same in all of its files.
#pragma once
#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <utility>

#include "detect/webshell/token.h"

namespace plimsoll::detect::web {

inline constexpr int kMaxDepth = 160;

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

inline constexpr WordSet kAssign{"=", "+=", "<.>=", "-=", "*=", "/=", "%=", "^=", "|=", "&=", "?" "?=", "||=", "&&=", "//=", ":=", "x=", "**=", "<<=", ">>=", ">>>="};

// How tightly an operator binds; 0: none.
namespace words {
consteval std::array<std::uint8_t, kCount> make_levels() {
  std::array<std::uint8_t, kCount> out{};
  const auto set = [&](int level, std::initializer_list<const char*> texts) {
    for (const char* text : texts) out[find(text)] = static_cast<std::uint8_t>(level);
  };
  set(2, {"?"});
  set(3, {"?" "?", "||", "or", "xor"});
  set(4, {"&&", "and"});
  set(5, {"|", "^", "&"});
  set(6, {"==", "!=", "===", "!==", "<>", "<=>", "<", ">", "<=", ">=", "=~", "!~", "in", "instanceof", "is", "eq", "ne", "lt", "gt", "le", "ge", "cmp"});
  set(7, {"<<", ">>", "..", "..."});
  set(8, {"+", "-", "<.>"});
  set(9, {"*", "/", "%", "**", "//", "mod", "x"});
  return out;
}
inline constexpr std::array<std::uint8_t, kCount> kLevels = make_levels();
}  // namespace words
inline int level_of(const Token& t) { return words::kLevels[t.word.id()]; }

inline constexpr WordSet kBehind{"if", "unless", "for", "foreach", "while", "until", "else", "as"}, kOpensOperand{"@", "(", "["};
inline bool starts_operand(const Token& t) {
  if (t.kind == Kind::String || t.kind == Kind::Var || t.kind == Kind::Number || t.kind == Kind::Regex) return true;
  if (t.kind == Kind::Ident) return level_of(t) == 0 && !kBehind.contains(t.word);
  return kOpensOperand.contains(t.word);
}

// Whether deleting what this regular expression finds leaves only harmless characters: "[^a-z0-9_]".
inline bool bounded_by(std::string_view regex) {
  while (!regex.empty() && std::string_view("/#~!@{(").find(regex[0]) != std::string_view::npos) regex.remove_prefix(1);
  if (!regex.starts_with("[^")) return false;
  const std::size_t close = regex.find(']', 2);
  const std::string_view inside = regex.substr(2, close == std::string_view::npos ? close : close - 2);
  return inside.find_first_of("$;|&`(<>\"'") == std::string_view::npos;
}


}  // namespace plimsoll::detect::web
