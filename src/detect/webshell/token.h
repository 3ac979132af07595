// Tokens of the languages web shells are written in, all in one form that one interpreter reads.
//
// The lexers bring every language to the same small grammar, so that the interpreter knows no language's layout:
//   - blocks are `{` `}` and statements end in `;` (Python's indentation, VBScript's lines and `End If` are rewritten);
//   - a member is reached by `.` (PHP's and Perl's `->` and `::` too), texts are joined by `<.>`;
//   - a text with variables inside ("a{$b}c", `a${b}`, f"{a}") is `(` "a" <.> b <.> "c" `)`;
//   - escapes in strings and names are resolved, comments are gone.
//
// Posture  hostile. Every lexer is one pass, O(text), and stops at kMaxTokens (Tokens::cut tells).
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "detect/webshell/words.h"

namespace plimsoll::detect::web {

enum class Language : std::uint8_t { Php, Java, CSharp, JavaScript, Python, Perl, VisualBasic };

enum class Kind : std::uint8_t {
  End,
  Ident,   // a name or keyword
  Var,     // a name with its sigil: "$x" (all sigils of Perl are written so)
  String,  // resolved text
  Number,
  Regex,   // the pattern, with its delimiters and flags as written: "/a/e"
  Op,      // everything else
};

struct Token {
  Kind kind = Kind::End;
  std::uint32_t line = 0;
  std::uint32_t match = 0;  // for brackets: index of the other one; 0 when it has none
  std::string_view text;    // into the source or into Tokens::kept
  Word word = {};           // of an Ident or an Op
};

inline constexpr std::size_t kMaxTokens = 1'000'000;

// A move keeps all views valid; a copy would not, so there is none.
struct Tokens {
  Language language = Language::Php;
  std::vector<Token> all;         // ends with one Kind::End
  std::deque<std::string> kept;   // texts that are not in the source as they stand
  bool cut = false;               // kMaxTokens reached
  std::string tail;               // what follows __halt_compiler, __END__ or __DATA__

  Tokens() = default;
  Tokens(Tokens&&) = default;
  Tokens& operator=(Tokens&&) = default;
  Tokens(const Tokens&) = delete;
  Tokens& operator=(const Tokens&) = delete;

  bool folds_case() const { return language == Language::Php || language == Language::VisualBasic; }
  std::string_view keep(std::string text) { return kept.emplace_back(std::move(text)); }
  void add(Kind kind, std::string_view text, std::uint32_t line) {
    if (all.size() >= kMaxTokens) {
      cut = true;
      return;
    }
    all.push_back({kind, line, 0, text, kind == Kind::Ident || kind == Kind::Op ? Word::of(text, kind == Kind::Ident && folds_case()) : Word()});
  }
  void op(std::string_view text, std::uint32_t line) { add(Kind::Op, text, line); }
};

// Appends the tokens of `code` (program text, not a page with HTML) to `out`. `out.language` says how to read it; `code`
// must outlive `out`.
void lex(std::string_view code, std::uint32_t line, Tokens& out);
// Adds Kind::End and pairs the brackets; called once, after the last lex.
void finish(Tokens& out);

// The languages; lex() chooses.
void lex_c_like(std::string_view code, std::uint32_t line, Tokens& out);  // PHP, Java, C#, JavaScript
void lex_python(std::string_view code, std::uint32_t line, Tokens& out);
void lex_perl(std::string_view code, std::uint32_t line, Tokens& out);
void lex_visual_basic(std::string_view code, std::uint32_t line, Tokens& out);

// Shared by the lexers.
bool is_name_start(char c);
bool is_name_char(char c);
// Whether an operator may have this as its second character.
inline bool continues_op(char c) { return std::string_view("=<>.:?&|+-*/~").find(c) != std::string_view::npos; }
// Resolves the escapes of a string's inside (\n \x41 \101 \u0041 \u{41}); unknown ones keep the backslash when `keep_unknown`.
std::string unescape(std::string_view inside, bool octal, bool keep_unknown);
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace plimsoll::detect::web
