// What operators and words mean to the interpreter, the same in all of its files.
#pragma once
#include <algorithm>
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

inline constexpr std::string_view kAssign[] = {"=", "+=", "<.>=", "-=", "*=", "/=", "%=", "^=", "|=", "&=", "?" "?=", "||=", "&&=", "//=", ":=", "x=", "**=", "<<=", ">>=", ">>>="};

// How tightly an operator binds; 0: none.
inline int level_of(const Token& t) {
  if (t.kind == Kind::Op) {
    static constexpr std::pair<std::string_view, int> kLevels[] = {
        {"?", 2}, {"??", 2}, {"||", 3}, {"&&", 4}, {"|", 5}, {"^", 5}, {"&", 5}, {"==", 6}, {"!=", 6}, {"===", 6}, {"!==", 6}, {"<>", 6}, {"<=>", 6}, {"<", 6}, {">", 6}, {"<=", 6}, {">=", 6}, {"=~", 6}, {"!~", 6},
        {"<<", 7}, {">>", 7}, {"..", 7}, {"...", 7}, {"+", 8}, {"-", 8}, {"<.>", 8}, {"*", 9}, {"/", 9}, {"%", 9}, {"**", 9}, {"//", 9}};
    for (const auto& [text, level] : kLevels)
      if (t.text == text) return level;
    return 0;
  }
  if (t.kind != Kind::Ident) return 0;
  static constexpr std::pair<std::string_view, int> kWords[] = {{"or", 3}, {"xor", 3}, {"and", 4}, {"in", 6}, {"instanceof", 6}, {"is", 6}, {"eq", 6}, {"ne", 6}, {"lt", 6}, {"gt", 6}, {"le", 6}, {"ge", 6}, {"cmp", 6}, {"mod", 9}, {"x", 9}, {"AND", 4}, {"OR", 3}};
  for (const auto& [text, level] : kWords)
    if (t.text == text) return level;
  return 0;
}

inline bool starts_operand(const Token& t) {
  if (t.kind == Kind::String || t.kind == Kind::Var || t.kind == Kind::Number || t.kind == Kind::Regex) return true;
  if (t.kind == Kind::Ident) return level_of(t) == 0 && t.text != "if" && t.text != "unless" && t.text != "for" && t.text != "foreach" && t.text != "while" && t.text != "until" && t.text != "else" && t.text != "as";
  return t.text == "@" || t.text == "(" || t.text == "[";
}

}  // namespace plimsoll::detect::web
