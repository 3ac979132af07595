// Python: indentation becomes braces, lines become statements, f-strings become joins.
//
// Source  The Python Language Reference, ch. 2 (lexical analysis) and 8 (compound statements).
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/cursor.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::uint32_t kMaxInterpolation = 6;

class PythonLexer : private Cursor {
 public:
  PythonLexer(std::string_view text, std::uint32_t line, Tokens& out, std::uint32_t depth) : Cursor(text, line, out, depth) {}

  void run_file() {
    while (i_ < s_.size() && !out_.cut) {
      if (line_start_ && depth_parens_ == 0) indentation();
      if (i_ < s_.size()) step();
    }
    end_statement();
    while (indents_.size() > 1) close_block();
  }
  void run_expression() {
    depth_parens_ = 1;
    while (i_ < s_.size() && !out_.cut) step();
  }

 private:

  void close_block() {
    out_.op("}", line_);
    indents_.pop_back();
  }

  void indentation() {
    std::size_t column = 0;
    std::size_t j = i_;
    for (; j < s_.size() && (s_[j] == ' ' || s_[j] == '\t' || s_[j] == '\f'); ++j) column = s_[j] == '\t' ? (column / 8 + 1) * 8 : column + 1;
    i_ = j;
    if (j >= s_.size() || s_[j] == '\n' || s_[j] == '\r' || s_[j] == '#') return;  // an empty line says nothing
    line_start_ = false;
    if (expecting_) {
      expecting_ = false;
      if (column > indents_.back() && indents_.size() < 200) {
        indents_.push_back(column);
        return;
      }
      out_.op("}", line_);  // a block without a body
    }
    while (indents_.size() > 1 && column < indents_.back()) close_block();
  }

  void end_statement() {
    if (tokens_in_statement_ > 0) out_.op(";", line_);
    while (inline_blocks_ > 0) {
      out_.op("}", line_);
      --inline_blocks_;
    }
    tokens_in_statement_ = 0;
    compound_ = false;
    lambdas_ = 0;
  }

  void step() {
    const char c = s_[i_];
    if (c == '\n') {
      ++line_;
      ++i_;
      if (depth_parens_ == 0) {
        if (expecting_inline_) {  // "if x:" and nothing behind it
          expecting_inline_ = false;
          expecting_ = true;
          tokens_in_statement_ = 0;
          compound_ = false;
        } else {
          end_statement();
        }
        line_start_ = true;
      }
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\0') {
      ++i_;
    } else if (c == '\\' && (at(i_ + 1) == '\n' || (at(i_ + 1) == '\r' && at(i_ + 2) == '\n'))) {
      i_ += at(i_ + 1) == '\n' ? 2 : 3;
      ++line_;
    } else if (c == '#') {
      skip_line();
    } else if (c == '"' || c == '\'' || string_prefix()) {
      string();
    } else if (is_name_start(c)) {
      const std::size_t end = name_end(i_);
      name(s_.substr(i_, end - i_));
      i_ = end;
    } else if (number_here()) {
      token(Kind::Number, number());
    } else {
      op(c);
    }
  }

  void token(Kind kind, std::string_view text) {
    if (expecting_inline_) {  // a body on the same line
      expecting_inline_ = false;
      ++inline_blocks_;
      tokens_in_statement_ = 0;
      compound_ = false;
    }
    if (kind == Kind::String && !out_.all.empty() && out_.all.back().kind == Kind::String && tokens_in_statement_ > 0) out_.op("<.>", line_);
    out_.add(kind, text, line_);
    ++tokens_in_statement_;
  }

  void name(std::string_view text) {
    static constexpr std::string_view kCompound[] = {"if", "elif", "else", "for", "while", "def", "class", "with", "try", "except", "finally", "async", "match", "case"};
    const bool first = tokens_in_statement_ == 0 || expecting_inline_;
    token(Kind::Ident, text);
    if (first) compound_ = std::find(std::begin(kCompound), std::end(kCompound), text) != std::end(kCompound);
    if (text == "lambda") ++lambdas_;
  }

  void op(char c) {
    static constexpr std::string_view kOps[] = {"**=", "//=", ">>=", "<<=", "...", "->", ":=", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "<<", ">>"};
    if (const std::string_view text = operator_here(kOps); !text.empty()) {
      token(Kind::Op, text);
      i_ += text.size();
      return;
    }
    if (c == '(' || c == '[' || c == '{') ++depth_parens_;
    if ((c == ')' || c == ']' || c == '}') && depth_parens_ > 0) --depth_parens_;
    const std::string_view one = s_.substr(i_, 1);
    ++i_;
    if (c == ';' && depth_parens_ == 0) {
      out_.op(";", line_);
      tokens_in_statement_ = 0;
      return;
    }
    if (c == ':' && lambdas_ > 0) {
      --lambdas_;
    } else if (c == ':' && depth_parens_ == 0 && compound_) {
      out_.op("{", line_);
      expecting_inline_ = true;
      return;
    }
    token(Kind::Op, one);
  }

  bool string_prefix() const {
    std::size_t j = i_;
    while (j < i_ + 3 && j < s_.size() && std::string_view("rRbBuUfF").find(s_[j]) != std::string_view::npos) ++j;
    return j > i_ && (at(j) == '"' || at(j) == '\'');
  }

  void string() {
    bool raw = false, holes = false;
    while (at(i_) != '"' && at(i_) != '\'') {
      raw |= at(i_) == 'r' || at(i_) == 'R';
      holes |= at(i_) == 'f' || at(i_) == 'F';
      ++i_;
    }
    const char quote = s_[i_];
    const bool triple = at(i_ + 1) == quote && at(i_ + 2) == quote;
    std::size_t j = i_ + (triple ? 3 : 1);
    const std::size_t start = j;
    while (j < s_.size()) {
      if (s_[j] == '\\') {
        j += 2;
      } else if (triple ? s_.substr(j).starts_with(std::string(3, quote)) : s_[j] == quote || s_[j] == '\n') {
        break;
      } else {
        ++j;
      }
    }
    j = std::min(j, s_.size());
    const std::string_view inside = s_.substr(start, j - start);
    if (holes && depth_ < kMaxInterpolation) {
      format(inside, raw);
    } else {
      token(Kind::String, raw || inside.find('\\') == std::string_view::npos ? inside : out_.keep(unescape(inside, true, true)));
    }
    line_ += static_cast<std::uint32_t>(std::count(inside.begin(), inside.end(), '\n'));
    i_ = std::min(j + (triple ? 3 : (at(j) == quote ? 1 : 0)), s_.size());
  }

  void format(std::string_view text, bool raw) {
    token(Kind::Op, "(");
    bool first = true;
    std::string plain;
    const auto join = [&] {
      if (!first) out_.op("<.>", line_);
      first = false;
    };
    const auto flush = [&] {
      if (plain.empty()) return;
      join();
      out_.add(Kind::String, out_.keep(raw ? plain : unescape(plain, true, true)), line_);
      plain.clear();
    };
    for (std::size_t k = 0; k < text.size();) {
      if ((text[k] == '{' || text[k] == '}') && k + 1 < text.size() && text[k + 1] == text[k]) {
        plain += text[k];
        k += 2;
      } else if (text[k] == '{') {
        flush();
        std::size_t depth = 0, end = k, code_end = 0;
        for (; end < text.size(); ++end) {
          const char c = text[end];
          if (c == '{' || c == '(' || c == '[') ++depth;
          if (c == '}' || c == ')' || c == ']') {
            if (depth > 0) --depth;
            if (depth == 0 && c == '}') break;
          }
          if (depth == 1 && code_end == 0 && (c == ':' || (c == '!' && end + 1 < text.size() && text[end + 1] != '='))) code_end = end;
        }
        end = std::min(end, text.size());
        if (code_end == 0) code_end = end;
        join();
        out_.op("(", line_);
        PythonLexer(text.substr(k + 1, code_end - k - 1), line_, out_, depth_ + 1).run_expression();
        out_.op(")", line_);
        k = end + 1;
      } else {
        plain += text[k++];
      }
    }
    flush();
    if (first) out_.add(Kind::String, "", line_);
    out_.op(")", line_);
  }

  std::vector<std::size_t> indents_{0};
  std::size_t depth_parens_ = 0, tokens_in_statement_ = 0, inline_blocks_ = 0, lambdas_ = 0;
  bool line_start_ = true, expecting_ = false, expecting_inline_ = false, compound_ = false;
};

}  // namespace

void lex_python(std::string_view code, std::uint32_t line, Tokens& out) { PythonLexer(code, line, out, 0).run_file(); }

}  // namespace plimsoll::detect::web
