// Perl: sigils are dropped to one, quote-like operators become texts and calls, `->[` and `->{` are plain subscripts.
//
//   `cmd`, qx{cmd}   readpipe ( text )          <FH>          readline ( FH )
//   s/a/b/e          subst ( "a" , b , "e" )    tr/a/b/       transliterate ( "a" , "b" )
//
// Source  perlop (Quote-Like Operators), perldata, perlref.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/cursor.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::uint32_t kMaxInterpolation = 6;

class PerlLexer : private Cursor {
 public:
  PerlLexer(std::string_view text, std::uint32_t line, Tokens& out, std::uint32_t depth) : Cursor(text, line, out, depth) {}
  void run() {
    while (i_ < s_.size() && !out_.cut && !stopped_) step();
  }

 private:

  // Whether the last token is a value, so that what follows is an operator.
  bool after_value() const {
    if (out_.all.empty()) return false;
    const Token& t = out_.all.back();
    if (t.kind == Kind::Op) return t.text == ")" || t.text == "]" || t.text == "}";
    if (t.kind != Kind::Ident) return true;
    static constexpr std::string_view kWords[] = {"split", "grep", "map", "join", "if", "unless", "and", "or", "not", "return", "while", "until", "print", "push", "x", "eq", "ne", "eval", "do", "system", "exec", "require", "my", "our", "local", "keys", "values", "each", "scalar", "delete", "exists", "defined", "ref", "sort", "reverse", "foreach", "for", "unshift", "shift", "pop", "splice", "die", "warn", "say", "printf", "lc", "uc", "length", "lt", "gt", "le", "ge", "cmp", "xor", "else", "when", "wantarray", "undef", "chomp", "in", "elsif", "sub", "ucfirst", "lcfirst", "bless"};
    return std::find(std::begin(kWords), std::end(kWords), t.text) == std::end(kWords);
  }
  bool after_member() const { return !out_.all.empty() && out_.all.back().kind == Kind::Op && out_.all.back().text == "."; }

  void step() {
    const char c = s_[i_];
    if (c == '\n') {
      ++line_;
      ++i_;
      if (heredoc_resume_ > i_) {
        count_lines(i_, heredoc_resume_);
        i_ = heredoc_resume_;
      }
      heredoc_resume_ = 0;
      if (at(i_) == '=' && is_name_start(at(i_ + 1))) pod();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\0') {
      ++i_;
    } else if (c == '#') {
      i_ = std::min(s_.find('\n', i_), s_.size());
    } else if (c == '=' && i_ == 0 && is_name_start(at(1))) {
      pod();
    } else if (c == '$' || c == '@' || ((c == '%' || c == '&' || c == '*') && sigil_here())) {
      variable(c);
    } else if (c == '"') {
      const std::size_t end = quote_end(i_ + 1, '"');
      interpolated(s_.substr(i_ + 1, end - i_ - 1));
      move_to(end + 1);
    } else if (c == '\'') {
      const std::size_t end = quote_end(i_ + 1, '\'');
      out_.add(Kind::String, out_.keep(single_quoted(s_.substr(i_ + 1, end - i_ - 1))), line_);
      move_to(end + 1);
    } else if (c == '`') {
      const std::size_t end = quote_end(i_ + 1, '`');
      call("readpipe", s_.substr(i_ + 1, end - i_ - 1));
      move_to(end + 1);
    } else if (is_name_start(c)) {
      word();
    } else if (c >= '0' && c <= '9') {
      out_.add(Kind::Number, number(), line_);
    } else if (c == '<' && !after_value() && (heredoc() || read_handle())) {
    } else if (c == '/' && !after_value()) {
      const std::size_t end = quote_end(i_ + 1, '/');
      std::size_t j = std::min(end + 1, s_.size());
      while (j < s_.size() && is_name_char(s_[j])) ++j;
      out_.add(Kind::Regex, s_.substr(i_, j - i_), line_);
      move_to(j);
    } else {
      op();
    }
  }

  void pod() {
    const std::size_t cut = s_.find("\n=cut", i_);
    if (cut == std::string_view::npos) {
      i_ = s_.size();
      return;
    }
    const std::size_t end = std::min(s_.find('\n', cut + 1), s_.size());
    count_lines(i_, end);
    i_ = end;
  }

  // % & * are sigils where no value stands before them.
  bool sigil_here() const {
    const char next = at(i_ + 1);
    return !after_value() && (is_name_start(next) || next == '$' || next == '{');
  }

  void variable(char sigil) {
    if (sigil == '$' && at(i_ + 1) == '#') {  // $#x: a number
      i_ += 2;
      out_.add(Kind::Number, "0", line_);
      while (i_ < s_.size() && (is_name_char(s_[i_]) || s_[i_] == '$')) ++i_;
      return;
    }
    std::size_t j = i_ + 1;
    while (at(j) == '$' && (is_name_start(at(j + 1)) || at(j + 1) == '{' || at(j + 1) == '$')) ++j;  // a reference followed
    if (at(j) == '{') {
      const std::size_t close = s_.find('}', j);
      const std::string_view inside = close == std::string_view::npos ? std::string_view() : trim(s_.substr(j + 1, close - j - 1));
      if (!inside.empty() && is_name_start(inside[0]) && std::all_of(inside.begin(), inside.end(), is_name_char) && sigil != '&') {
        emit_variable(inside);
        i_ = close + 1;
        return;
      }
      out_.op("@", line_);
      i_ = j;
      return;
    }
    const std::size_t start = j;
    while (j < s_.size() && (is_name_char(s_[j]) || (s_[j] == ':' && at(j + 1) == ':' && is_name_start(at(j + 2))) || (s_[j] == ':' && j > start && s_[j - 1] == ':'))) ++j;
    if (j == start) {
      if (sigil == '$' && j < s_.size() && s_[j] != ' ' && s_[j] != '\n') ++j;  // $!, $/, $0...
      else if (sigil != '$' && sigil != '@') {
        op();
        return;
      }
    }
    const std::string_view name = s_.substr(start, j - start);
    if ((sigil == '&' || sigil == '*') && s_[i_ + 1] != '$') {
      out_.add(Kind::Ident, name, line_);
      std::size_t next = j;
      while (at(next) == ' ') ++next;
      if (sigil == '&' && at(next) == ';' && (i_ == 0 || s_[i_ - 1] != '\\')) {  // &f; is a call
        out_.op("(", line_);
        out_.op(")", line_);
      }
    } else {
      emit_variable(name);
    }
    i_ = std::max(j, i_ + 1);
  }
  void emit_variable(std::string_view name) { out_.add(Kind::Var, out_.keep(cat("$", name)), line_); }

  // The body of a quote-like operator at j (its delimiter); j moves behind it.
  std::string_view quoted(std::size_t& j) {
    const char open = at(j);
    const char close = open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : open == '<' ? '>' : open;
    const std::size_t start = j + 1;
    std::size_t depth = 1;
    for (j = start; j < s_.size(); ++j) {
      if (s_[j] == '\\') {
        ++j;
      } else if (s_[j] == close && --depth == 0) {
        break;
      } else if (s_[j] == open && open != close) {
        ++depth;
      }
    }
    j = std::min(j, s_.size());
    const std::string_view inside = s_.substr(start, j - start);
    if (j < s_.size()) ++j;
    return inside;
  }

  void call(std::string_view name, std::string_view text) {
    out_.add(Kind::Ident, name, line_);
    out_.op("(", line_);
    interpolated(text);
    out_.op(")", line_);
  }

  void word() {
    std::size_t j = i_;
    while (j < s_.size() && (is_name_char(s_[j]) || (s_[j] == ':' && at(j + 1) == ':' && is_name_start(at(j + 2))) || (s_[j] == ':' && j > i_ && s_[j - 1] == ':' && s_[j - 2] != ':'))) ++j;
    std::string_view text = s_.substr(i_, j - i_);
    if (text == "__END__" || text == "__DATA__") {
      const std::size_t eol = s_.find('\n', j);
      out_.tail = std::string(eol == std::string_view::npos ? std::string_view() : s_.substr(eol + 1, 1 << 20));
      stopped_ = true;
      return;
    }
    if (!after_member() && quote_like(text, j)) return;
    // Package names stay whole: "CGI::param"; the interpreter reads them as members.
    std::size_t from = 0;
    while (true) {
      const std::size_t colons = text.find("::", from);
      const std::string_view piece = text.substr(from, colons == std::string_view::npos ? colons : colons - from);
      if (!piece.empty()) out_.add(Kind::Ident, piece, line_);
      if (colons == std::string_view::npos) break;
      out_.op(".", line_);
      from = colons + 2;
    }
    i_ = j;
  }

  bool quote_like(std::string_view text, std::size_t j) {
    if (text != "q" && text != "qq" && text != "qw" && text != "qx" && text != "m" && text != "s" && text != "tr" && text != "y" && text != "qr") return false;
    std::size_t k = j;
    while (at(k) == ' ' || at(k) == '\t') ++k;
    const char d = at(k);
    if (d == '\0' || d == ',' || d == ';' || d == ')' || d == '\n' || is_name_char(d) || (d == '=' && (at(k + 1) == '>' || k > j)) || (d == '#' && k > j)) return false;
    if (d == '}' || (!out_.all.empty() && out_.all.back().text == "{" && d == '}')) return false;
    const std::size_t begin = i_;
    const std::uint32_t line = line_;
    const std::string_view body = quoted(k);
    if (text == "q") {
      out_.add(Kind::String, out_.keep(single_quoted(body)), line);
    } else if (text == "qq") {
      interpolated(body);
    } else if (text == "qx") {
      call("readpipe", body);
    } else if (text == "qw") {
      out_.op("(", line);
      bool first = true;
      for (std::string_view rest = trim(body); !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
        if (!first) out_.op(",", line);
        first = false;
        out_.add(Kind::String, rest.substr(0, end), line);
        rest = trim(rest.substr(end));
      }
      out_.op(")", line);
    } else if (text == "m" || text == "qr") {
      std::size_t flags = k;
      while (flags < s_.size() && is_name_char(s_[flags])) ++flags;
      out_.add(Kind::Regex, out_.keep(cat("/", body, "/", s_.substr(k, flags - k))), line);
      k = flags;
    } else {
      if (d == '(' || d == '[' || d == '{' || d == '<') {
        while (k < s_.size() && (at(k) == ' ' || at(k) == '\n' || at(k) == '\t' || at(k) == '\r')) ++k;
      } else if (k > 0) {
        --k;  // the middle delimiter opens the second part
      }
      const std::string_view second = k < s_.size() ? quoted(k) : std::string_view();
      std::size_t flags = k;
      while (flags < s_.size() && is_name_char(s_[flags])) ++flags;
      const std::string_view mode = s_.substr(k, flags - k);
      out_.add(Kind::Ident, text == "s" ? "subst" : "transliterate", line);
      out_.op("(", line);
      out_.add(Kind::String, body, line);
      out_.op(",", line);
      if (text == "s" && mode.find('e') != std::string_view::npos && depth_ < kMaxInterpolation) {
        out_.op("(", line);
        PerlLexer(second, line, out_, depth_ + 1).run();
        out_.op(")", line);
      } else if (text == "s") {
        interpolated(second);
      } else {
        out_.add(Kind::String, second, line);
      }
      out_.op(",", line);
      out_.add(Kind::String, mode, line);
      out_.op(")", line);
      k = flags;
    }
    i_ = begin;
    move_to(k);
    return true;
  }

  bool read_handle() {
    std::size_t j = i_ + 1;
    if (at(j) == '$') ++j;
    while (j < s_.size() && is_name_char(s_[j])) ++j;
    if (at(j) != '>') return false;
    const std::string_view name = s_.substr(i_ + 1, j - i_ - 1);
    out_.add(Kind::Ident, "readline", line_);
    out_.op("(", line_);
    out_.add(name.starts_with('$') ? Kind::Var : Kind::Ident, name.empty() ? "STDIN" : name, line_);
    out_.op(")", line_);
    i_ = j + 1;
    return true;
  }

  bool heredoc() {
    if (!looking_at("<<")) return false;
    std::size_t j = i_ + 2;
    if (at(j) == '~') ++j;
    const char quote = at(j) == '"' || at(j) == '\'' ? at(j) : '\0';
    if (quote) ++j;
    if (!is_name_start(at(j))) return false;
    const std::size_t start = j;
    while (j < s_.size() && (quote ? s_[j] != quote : is_name_char(s_[j]))) ++j;
    const std::string_view label = s_.substr(start, j - start);
    if (quote) ++j;
    std::size_t from = heredoc_resume_ ? heredoc_resume_ : s_.find('\n', j);
    if (from == std::string_view::npos || from >= s_.size()) return false;
    if (!heredoc_resume_) ++from;
    std::size_t at_line = from;
    std::size_t end = s_.size(), after = s_.size();
    while (at_line < s_.size()) {
      const std::size_t eol = std::min(s_.find('\n', at_line), s_.size());
      if (trim(s_.substr(at_line, eol - at_line)) == label) {
        end = at_line;
        after = std::min(eol + 1, s_.size());
        break;
      }
      at_line = eol + 1;
    }
    const std::string_view body = s_.substr(from, end - std::min(from, end));
    if (quote == '\'') out_.add(Kind::String, body, line_);
    else interpolated(body);
    heredoc_resume_ = after;
    i_ = std::min(j, s_.size());
    return true;
  }

  void interpolated(std::string_view in) {
    if (in.find_first_of("$@") == std::string_view::npos || depth_ >= kMaxInterpolation) {
      out_.add(Kind::String, in.find('\\') == std::string_view::npos ? in : out_.keep(unescape(in, true, false)), line_);
      return;
    }
    if (!out_.all.empty() && out_.all.back().kind == Kind::Ident && !after_member()) {
      // eval "..." . $x: the bracket that follows is no list of arguments.
      out_.add(Kind::String, "", line_);
      out_.op("<.>", line_);
    }
    out_.op("(", line_);
    bool first = true;
    std::string plain;
    const auto join = [&] {
      if (!first) out_.op("<.>", line_);
      first = false;
    };
    const auto flush = [&] {
      if (plain.empty()) return;
      join();
      out_.add(Kind::String, out_.keep(unescape(plain, true, false)), line_);
      plain.clear();
    };
    for (std::size_t k = 0; k < in.size();) {
      const char next = k + 1 < in.size() ? in[k + 1] : '\0';
      if (in[k] == '\\' && next) {
        plain += in.substr(k, 2);
        k += 2;
      } else if ((in[k] == '$' && (is_name_char(next) || next == '{' || next == '$')) || (in[k] == '@' && (is_name_start(next) || next == '{' || next == '$'))) {
        std::size_t j = k + 1;
        while (j < in.size() && in[j] == '$') ++j;
        if (j < in.size() && in[j] == '{') {
          j = bracket_end(in, j);
        } else {
          while (j < in.size() && (is_name_char(in[j]))) ++j;
        }
        while (j < in.size()) {  // subscripts
          const std::size_t arrow = in.substr(j).starts_with("->") ? 2 : 0;
          if (j + arrow < in.size() && (in[j + arrow] == '{' || in[j + arrow] == '[')) j = bracket_end(in, j + arrow);
          else break;
        }
        flush();
        join();
        out_.op("(", line_);
        PerlLexer(in.substr(k, j - k), line_, out_, depth_ + 1).run();
        out_.op(")", line_);
        k = std::max(j, k + 1);
      } else {
        plain += in[k++];
      }
    }
    flush();
    if (first) out_.add(Kind::String, "", line_);
    out_.op(")", line_);
  }
  static std::size_t bracket_end(std::string_view in, std::size_t open) {
    std::size_t depth = 0, j = open;
    for (; j < in.size(); ++j) {
      if (in[j] == '{' || in[j] == '[') ++depth;
      if ((in[j] == '}' || in[j] == ']') && --depth == 0) return j + 1;
    }
    return in.size();
  }

  void op() {
    static constexpr std::string_view kOps[] = {"<=>", "**=", "||=", "&&=", "//=", "...", "=>", "=~", "!~", "==", "!=", "<=", ">=", "&&", "||", "//", "++", "--", "+=", "-=", "*=", "/=", ".=", "x=", "|=", "^=", "%=", "..", "<<", ">>", "**"};
    if (looking_at("->")) {
      i_ += 2;
      while (at(i_) == ' ') ++i_;
      if (at(i_) == '@' || at(i_) == '%') i_ += at(i_ + 1) == '*' ? 2 : 0;  // postfix dereference
      else if (at(i_) != '[' && at(i_) != '{' && at(i_) != '(') out_.op(".", line_);
      return;
    }
    if (s_[i_] == '\\') {  // a reference is read as the thing itself
      ++i_;
      return;
    }
    if (const std::string_view text = operator_here(kOps); !text.empty()) {
      out_.op(text == ".=" ? std::string_view("<.>=") : text, line_);
      i_ += text.size();
      return;
    }
    const std::string_view one = s_.substr(i_, 1);
    out_.op(one == "." ? std::string_view("<.>") : one, line_);
    ++i_;
  }

  std::size_t heredoc_resume_ = 0;
  bool stopped_ = false;
};

}  // namespace

void lex_perl(std::string_view code, std::uint32_t line, Tokens& out) { PerlLexer(code, line, out, 0).run(); }

}  // namespace plimsoll::detect::web
