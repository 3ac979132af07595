// VBScript and VB.NET, statement by statement: `Set x = y` is `x = y ;`, `f a, b` is `f ( a , b ) ;`, blocks get braces.
//
// Names are lower case (the language does not tell them apart). `=` that compares is `==`, `&` is `<.>`; a leading dot
// inside With is `__with.`.
//
// Source  [MS-VBSL] VBScript language specification, ch. 3 to 5; Visual Basic language reference, Statements.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/cursor.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

class BasicLexer : private Cursor {
 public:
  BasicLexer(std::string_view text, std::uint32_t line, Tokens& out) : Cursor(text, line, out, 0) {}

  void run() {
    while (i_ < s_.size() && !out_.cut) {
      read_statement();
      write_statement(0, now_.size());
      now_.clear();
    }
  }

 private:
  void take(Kind kind, std::string_view text) { now_.push_back({kind, line_, 0, text}); }

  // The tokens up to the end of a line or a colon.
  void read_statement() {
    while (i_ < s_.size()) {
      const char c = s_[i_];
      if (c == '\n') {
        ++line_;
        ++i_;
        return;
      }
      if (c == ':' && at(i_ + 1) != '=') {
        ++i_;
        return;
      }
      if (c == '\'') {
        skip_line();
      } else if (c == '_' && continued()) {
      } else if (c == '"') {
        string();
      } else if (is_name_start(c) || (c == '[' && is_name_start(at(i_ + 1)) && now_.empty())) {
        std::size_t j = name_end(i_);
        if (j == i_) ++j;
        const std::string name = lower(s_.substr(i_, j - i_));
        i_ = j;
        if (name == "rem" && now_.empty()) i_ = std::min(s_.find('\n', i_), s_.size());
        else if (name != "[") take(Kind::Ident, out_.keep(name));
      } else if (c >= '0' && c <= '9') {
        std::size_t j = i_;
        while (j < s_.size() && (is_name_char(s_[j]) || s_[j] == '.')) ++j;
        take(Kind::Number, s_.substr(i_, j - i_));
        i_ = j;
      } else if (c == '&' && (at(i_ + 1) == 'H' || at(i_ + 1) == 'h')) {
        std::size_t j = i_ + 2;
        while (j < s_.size() && is_name_char(s_[j])) ++j;
        if (j > i_ + 2) {
          take(Kind::Number, out_.keep(cat("0x", s_.substr(i_ + 2, j - i_ - 2))));
        } else {
          take(Kind::Op, "<.>");
        }
        i_ = std::min(at(j) == '&' ? j + 1 : j, s_.size());
      } else if (c == '&') {
        take(Kind::Op, at(i_ + 1) == '=' ? "<.>=" : "<.>");
        i_ += at(i_ + 1) == '=' ? 2 : 1;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\0') {
        ++i_;
      } else {
        static constexpr std::string_view kOps[] = {"<>", "<=", ">=", "+=", ":="};
        std::string_view text = s_.substr(i_, 1);
        for (const std::string_view op : kOps)
          if (s_.substr(i_).starts_with(op)) text = op;
        i_ += text.size();
        if (text == "." && !after_value()) take(Kind::Ident, "__with");
        take(Kind::Op, text == ":=" ? std::string_view(",") : text);
      }
    }
  }

  bool after_value() const {
    if (now_.empty()) return false;
    const Token& t = now_.back();
    return t.kind != Kind::Op || t.text == ")" || t.text == "]";
  }

  // "_" alone before the end of a line joins the next one.
  bool continued() {
    std::size_t j = i_ + 1;
    while (at(j) == ' ' || at(j) == '\t' || at(j) == '\r') ++j;
    if (at(j) != '\n') return false;
    ++line_;
    i_ = j + 1;
    return true;
  }

  void string() {
    std::string text;
    std::size_t j = i_ + 1;
    while (j < s_.size() && s_[j] != '\n') {
      if (s_[j] == '"') {
        if (at(j + 1) != '"') break;
        ++j;
      }
      text += s_[j++];
    }
    take(Kind::String, out_.keep(std::move(text)));
    i_ = std::min(at(j) == '"' ? j + 1 : j, s_.size());
    if (at(i_) == 'c' && !is_name_char(at(i_ + 1))) ++i_;
  }

  // Writing.
  bool is(std::size_t i, std::string_view word) const { return i < now_.size() && now_[i].kind == Kind::Ident && now_[i].text == word; }
  bool is_op(std::size_t i, std::string_view op) const { return i < now_.size() && now_[i].kind == Kind::Op && now_[i].text == op; }
  std::uint32_t line_of(std::size_t i) const { return i < now_.size() ? now_[i].line : line_; }

  void write(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const Token& t = now_[i];
      out_.add(t.kind, t.kind == Kind::Op && t.text == "=" ? std::string_view("==") : t.text, t.line);
    }
  }
  std::size_t find_word(std::size_t from, std::size_t to, std::string_view word) const {
    std::size_t depth = 0;
    for (std::size_t i = from; i < to; ++i) {
      if (is_op(i, "(")) ++depth;
      if (is_op(i, ")") && depth > 0) --depth;
      if (depth == 0 && is(i, word)) return i;
    }
    return to;
  }
  void condition(std::size_t from, std::size_t to, std::string_view keyword) {
    out_.add(Kind::Ident, keyword, line_of(from));
    out_.op("(", line_of(from));
    write(from, to);
    out_.op(")", line_of(from));
    out_.op("{", line_of(from));
  }

  void write_statement(std::size_t from, std::size_t to) {
    static constexpr std::string_view kModifiers[] = {"public", "private", "protected", "friend", "shared", "overrides", "overridable", "static", "default", "readonly", "shadows"};
    if (from >= to) return;
    const std::uint32_t line = line_of(from);
    std::size_t i = from;
    bool declares = false;
    while (i < to && now_[i].kind == Kind::Ident && std::find(std::begin(kModifiers), std::end(kModifiers), now_[i].text) != std::end(kModifiers)) {
      declares = true;
      ++i;
    }
    // VB.NET attributes before a procedure.
    if (is_op(i, "<")) while (i < to && !is(i, "function") && !is(i, "sub") && !is(i, "public")) ++i;
    if (is(i, "public")) ++i;
    if (i >= to) return;
    if (is(i, "function") || is(i, "sub")) return procedure(i + 1, to);
    if (is(i, "property")) return procedure(i + 2, to);
    if (is(i, "class") || is(i, "module")) {
      out_.add(Kind::Ident, "class", line);
      write(i + 1, std::min(i + 2, to));
      return out_.op("{", line);
    }
    if (is(i, "dim") || is(i, "const") || is(i, "redim") || declares) return declaration(declares && !is(i, "dim") && !is(i, "const") ? i : i + 1, to);
    if (is(i, "end")) {
      if (i + 1 < to) out_.op("}", line);
      return;
    }
    if (is(i, "next") || is(i, "loop") || is(i, "wend")) return out_.op("}", line);
    if (is(i, "on") || is(i, "option") || is(i, "imports") || is(i, "exit") || is(i, "case")) return out_.op(";", line);
    if (is(i, "if") || is(i, "elseif")) return if_statement(i, to);
    if (is(i, "else")) {
      out_.op("}", line);
      out_.add(Kind::Ident, "else", line);
      out_.op("{", line);
      return write_statement(i + 1, to);
    }
    if (is(i, "for")) return for_statement(i, to);
    if (is(i, "do") || is(i, "while")) {
      const bool plain = is(i, "do") && !is(i + 1, "while") && !is(i + 1, "until");
      return condition(plain ? to : is(i, "do") ? i + 2 : i + 1, to, "while");
    }
    if (is(i, "select")) return condition(std::min(i + 2, to), to, "if");
    if (is(i, "try") || is(i, "catch") || is(i, "finally")) return out_.op(";", line);
    if (is(i, "with")) {
      out_.add(Kind::Ident, "__with", line);
      out_.op("=", line);
      write(i + 1, to);
      out_.op(";", line);
      return out_.op("{", line);
    }
    if (is(i, "set") || is(i, "let") || is(i, "call")) ++i;
    simple(i, to);
  }

  void procedure(std::size_t i, std::size_t to) {
    if (i >= to) return;
    const std::uint32_t line = line_of(i);
    out_.add(Kind::Ident, "function", line);
    write(i, i + 1);
    out_.op("(", line);
    if (is_op(i + 1, "(")) {
      // Only the names: "ByVal s As Object" is s.
      bool take_next = true, first = true;
      for (std::size_t k = i + 2; k < to && !is_op(k, ")"); ++k) {
        if (is(k, "byval") || is(k, "byref") || is(k, "optional")) continue;
        if (is_op(k, ",")) {
          take_next = true;
        } else if (take_next && now_[k].kind == Kind::Ident) {
          if (!first) out_.op(",", line);
          first = false;
          write(k, k + 1);
          take_next = false;
        }
      }
    }
    out_.op(")", line);
    out_.op("{", line);
  }

  // Dim a, b(2), c As New T(x), d As T = e
  void declaration(std::size_t i, std::size_t to) {
    if (i >= to) return;
    if (const std::size_t as = find_word(i, to, "as"); as < to) {
      const std::uint32_t line = line_of(i);
      std::size_t value = as + 1;
      while (value < to && !is_op(value, "=")) ++value;
      write(i, i + 1);
      out_.op("=", line);
      if (value < to) {
        write(value + 1, to);
      } else {
        if (!is(as + 1, "new")) out_.add(Kind::Ident, "new", line);
        write(as + 1, to);
      }
      return out_.op(";", line);
    }
    for (std::size_t k = i; k < to; ++k)
      if (is_op(k, "=")) return simple(i, to);
    out_.op(";", line_of(i));
  }

  void if_statement(std::size_t i, std::size_t to) {
    const std::size_t then = find_word(i + 1, to, "then");
    if (is(i, "elseif")) out_.op("}", line_of(i));
    condition(i + 1, then, "if");
    if (then + 1 >= to) return;
    const std::size_t other = find_word(then + 1, to, "else");
    write_statement(then + 1, other);
    if (other < to) write_statement(other + 1, to);
    out_.op("}", line_of(i));
  }

  void for_statement(std::size_t i, std::size_t to) {
    const std::uint32_t line = line_of(i);
    out_.add(Kind::Ident, "for", line);
    out_.op("(", line);
    if (is(i + 1, "each")) {
      write(i + 2, to);
    } else {
      const std::size_t until = find_word(i + 1, to, "to");
      if (i + 2 < to) {
        write(i + 1, i + 2);
        out_.op("=", line);
        write(std::min(i + 3, until), until);
      }
      out_.op(";", line);
    }
    out_.op(")", line);
    out_.op("{", line);
  }

  // An assignment, or a call with or without its parentheses.
  void simple(std::size_t i, std::size_t to) {
    if (i >= to) return;
    const std::uint32_t line = line_of(i);
    std::size_t j = i;
    std::size_t last_paren = to;
    if (now_[i].kind == Kind::Ident && !is(i, "return")) {
      ++j;
      while (j < to) {
        if (is_op(j, ".") && j + 1 < to) {
          j += 2;
        } else if (is_op(j, "(")) {
          last_paren = j;
          std::size_t depth = 0;
          for (; j < to; ++j) {
            if (is_op(j, "(")) ++depth;
            if (is_op(j, ")") && --depth == 0) break;
          }
          j = std::min(j + 1, to);
        } else {
          break;
        }
      }
      if (j < to && now_[j].kind == Kind::Op && (now_[j].text == "=" || now_[j].text == "<.>=" || now_[j].text == "+=")) {
        write(i, j);
        out_.op(now_[j].text, line);
        write(j + 1, to);
        return out_.op(";", line);
      }
      const bool ended_in_paren = j > i && is_op(j - 1, ")");
      if (j >= to && ended_in_paren) {
        write(i, to);
        return out_.op(";", line);
      }
      std::size_t open = j;
      if (j < to && ended_in_paren && now_[j].kind == Kind::Op && last_paren < to) open = last_paren;  // f (a) & b, c
      write(i, open);
      out_.op("(", line);
      write(open, to);
      out_.op(")", line);
      return out_.op(";", line);
    }
    write(i, to);
    out_.op(";", line);
  }

  std::vector<Token> now_;
};

}  // namespace

void lex_visual_basic(std::string_view code, std::uint32_t line, Tokens& out) { BasicLexer(code, line, out).run(); }

}  // namespace plimsoll::detect::web
