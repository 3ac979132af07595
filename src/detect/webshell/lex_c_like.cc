// PHP, Java, C# and JavaScript: what they have in common is most of it.
//
// Source  PHP manual, "Language Reference: Basic syntax, Strings"; JLS 17 ch. 3; ECMA-334 ch. 6; ECMA-262 ch. 12.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/cursor.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::uint32_t kMaxInterpolation = 8;  // texts inside variables inside texts...

class CLexer : private Cursor {
 public:
  CLexer(std::string_view text, std::uint32_t line, Tokens& out, std::uint32_t depth) : Cursor(text, line, out, depth), lang_(out.language) {}

  void run() {
    while (i_ < s_.size() && !out_.cut && !stopped_) step();
  }

 private:
  bool php() const { return lang_ == Language::Php; }
  bool js() const { return lang_ == Language::JavaScript; }

  void step() {
    const char c = s_[i_];
    if (c == '\n') {
      ++line_;
      ++i_;
      newline_ = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\0') {
      ++i_;
    } else if (looking_at("//") || (c == '#' && php() && at(i_ + 1) != '[')) {
      line_comment();
    } else if (c == '#' && lang_ == Language::CSharp) {
      line_comment();  // #region, #if
    } else if (c == '#' && js() && at(i_ + 1) == '!') {
      line_comment();
    } else if (c == '#' && js() && is_name_start(at(i_ + 1))) {
      ++i_;  // a private member
    } else if (looking_at("/*")) {
      const std::size_t end = s_.find("*/", i_ + 2);
      const std::size_t stop = end == std::string_view::npos ? s_.size() : end + 2;
      count_lines(s_.substr(i_, stop - i_));
      i_ = stop;
    } else if (php() && looking_at("<<<") && heredoc()) {
    } else if (php() && c == '$') {
      php_variable();
    } else if (is_name_start(c) || (c == '\\' && (php() || at(i_ + 1) == 'u')) || (c == '$' && !php() && !(lang_ == Language::CSharp && (at(i_ + 1) == '"' || at(i_ + 1) == '@'))) || (c == '@' && lang_ == Language::CSharp && is_name_start(at(i_ + 1)))) {
      name();
    } else if (number_here()) {
      emit(Kind::Number, number());
    } else if (c == '"' || c == '\'') {
      string(c);
    } else if (c == '`') {
      js() ? js_template() : backticks();
    } else if (lang_ == Language::CSharp && (looking_at("@\"") || looking_at("$\"") || looking_at("$@\"") || looking_at("@$\""))) {
      csharp_string();
    } else if (c == '/' && js() && regex_may_start()) {
      regex();
    } else {
      op();
    }
  }

  void line_comment() {
    std::size_t end = std::min(s_.find('\n', i_), s_.size());
    if (php()) end = std::min(end, s_.find("?>", i_));
    i_ = end;
  }

  void name() {
    std::size_t j = i_;
    bool escaped = false;
    if (php()) {
      while (j < s_.size() && (is_name_char(s_[j]) || s_[j] == '\\')) ++j;
    } else {
      if (s_[j] == '@') ++j;
      while (j < s_.size()) {
        if (s_[j] == '\\' && at(j + 1) == 'u') {  // the digits that follow are characters of a name
          escaped = true;
          ++j;
          while (at(j) == 'u') ++j;
          if (at(j) == '{') j = std::min(s_.find('}', j), s_.size() - 1) + 1;
        } else if (is_name_char(s_[j]) || s_[j] == '$') {
          ++j;
        } else {
          break;
        }
      }
    }
    if (j == i_) j = i_ + 1;
    std::string_view text = s_.substr(i_, j - i_);
    i_ = j;
    if (php()) {
      if (const std::size_t slash = text.rfind('\\'); slash != std::string_view::npos) text = text.substr(slash + 1);
      if (text.empty()) return;
      if (equals_ignore_case(text, "__halt_compiler")) {
        out_.add(Kind::Ident, text, line_);
        std::size_t semicolon = s_.find(';', i_);
        out_.tail = std::string(semicolon == std::string_view::npos ? std::string_view() : s_.substr(semicolon + 1, 1 << 20));
        out_.op("(", line_);
        out_.op(")", line_);
        out_.op(";", line_);
        stopped_ = true;
        return;
      }
    } else if (escaped) {
      text = out_.keep(java_unescape(text));
      // A whole expression may be written in escapes: Runtime.getRuntime().
      if (!std::all_of(text.begin(), text.end(), [](char c) { return is_name_char(c); })) {
        if (depth_ < kMaxInterpolation) CLexer(text, line_, out_, depth_ + 1).run();
        return;
      }
    } else if (text[0] == '@') {
      text = text.substr(1);
    }
    emit(Kind::Ident, text);
  }

  static std::string java_unescape(std::string_view text) {
    std::string one_u;  // Java allows \uuuu0041
    for (std::size_t i = 0; i < text.size(); ++i)
      if (!(text[i] == 'u' && i > 0 && text[i - 1] == 'u' && one_u.ends_with("\\u"))) one_u += text[i];
    return unescape(one_u, false, false);
  }

  void emit(Kind kind, std::string_view text) {
    // JavaScript's automatic semicolon: a line that ends in a value and a next one that begins with a name.
    if (js() && newline_ && !out_.all.empty() && (kind == Kind::Ident || kind == Kind::Var)) {
      const Token& last = out_.all.back();
      const bool ends = last.kind == Kind::String || last.kind == Kind::Number || (last.kind == Kind::Ident && !continues(last.text)) || last.text == ")" || last.text == "]" || last.text == "}";
      if (ends && text != "in" && text != "of" && text != "instanceof") out_.op(";", last.line);
    }
    newline_ = false;
    out_.add(kind, text, line_);
  }
  static bool continues(std::string_view text) {
    static constexpr std::string_view kWords[] = {"return", "typeof", "new", "await", "yield", "const", "let", "var", "in", "of", "async", "else", "function", "class", "extends", "case", "throw", "delete", "void", "static"};
    return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
  }

  void string(char quote) {
    if (!php() && lang_ != Language::JavaScript && looking_at("\"\"\"")) {  // Java text block, C# raw string
      const std::size_t end = s_.find("\"\"\"", i_ + 3);
      const std::size_t stop = std::min(end, s_.size());
      emit(Kind::String, out_.keep(unescape(s_.substr(i_ + 3, stop - i_ - 3), true, false)));
      count_lines(s_.substr(i_, stop - i_));
      i_ = std::min(stop + 3, s_.size());
      return;
    }
    const std::size_t end = quote_end(i_ + 1, quote);
    const std::string_view inside = s_.substr(i_ + 1, end - i_ - 1);
    const std::uint32_t start = line_;
    if (php() && quote == '"') {
      interpolated(inside, start);
    } else if (php()) {
      emit(Kind::String, out_.keep(single_quoted(inside)));
    } else {
      emit(Kind::String, inside.find('\\') == std::string_view::npos ? inside : out_.keep(unescape(inside, lang_ != Language::CSharp, false)));
    }
    count_lines(inside);
    i_ = std::min(end + 1, s_.size());
  }

  void csharp_string() {
    const std::size_t open = s_.find('"', i_);
    const bool verbatim = s_.substr(i_, open - i_).find('@') != std::string_view::npos;
    const bool holes = s_.substr(i_, open - i_).find('$') != std::string_view::npos;
    std::size_t j = open + 1;
    std::string text;
    while (j < s_.size()) {
      if (holes && s_[j] == '{' && at(j + 1) != '{') {  // quotes inside a hole are its own
        std::size_t depth = 0, k = j;
        for (; k < s_.size() && s_[k] != '\n'; ++k) {
          if (s_[k] == '{') ++depth;
          if (s_[k] == '}' && --depth == 0) break;
        }
        if (k < s_.size() && s_[k] == '}') {
          text += s_.substr(j, k + 1 - j);
          j = k + 1;
          continue;
        }
      }
      if (s_[j] == '"' && verbatim && at(j + 1) == '"') {
        text += '"';
        j += 2;
      } else if (s_[j] == '"') {
        break;
      } else if (s_[j] == '\\' && !verbatim) {
        text += s_.substr(j, 2);
        j += 2;
      } else {
        text += s_[j++];
      }
    }
    const std::uint32_t start = line_;
    if (!verbatim) text = unescape(text, false, false);
    holes ? braces(out_.keep(std::move(text)), start, "{") : emit(Kind::String, out_.keep(std::move(text)));
    j = std::min(j, s_.size());
    count_lines(s_.substr(i_, j - i_));
    i_ = std::min(j + 1, s_.size());
  }

  void js_template() {
    std::size_t j = i_ + 1;
    std::size_t depth = 0;
    while (j < s_.size() && !(s_[j] == '`' && depth == 0)) {
      if (s_[j] == '\\') {
        j += 2;
        continue;
      }
      if (s_[j] == '$' && at(j + 1) == '{') ++depth, ++j;
      else if (s_[j] == '}' && depth > 0) --depth;
      ++j;
    }
    j = std::min(j, s_.size());
    const std::string_view inside = s_.substr(i_ + 1, j - i_ - 1);
    braces(inside, line_, "${");
    count_lines(inside);
    i_ = std::min(j + 1, s_.size());
  }

  // `text` with expressions between `open` and "}": as a chain of joins.
  void braces(std::string_view text, std::uint32_t line, std::string_view open) {
    begin_join(line);
    while (!text.empty()) {
      const std::size_t hole = depth_ < kMaxInterpolation ? text.find(open) : std::string_view::npos;
      const std::string_view plain = text.substr(0, hole);
      if (!plain.empty()) part(js() ? unescape(plain, true, false) : std::string(plain), line);
      if (hole == std::string_view::npos) break;
      std::size_t depth = 1;
      std::size_t j = hole + open.size();
      while (j < text.size() && depth > 0) {
        if (text[j] == '{') ++depth;
        if (text[j] == '}') --depth;
        ++j;
      }
      const std::size_t inner_end = depth == 0 ? j - 1 : j;
      code_part(text.substr(hole + open.size(), inner_end - hole - open.size()), line);
      text.remove_prefix(j);
    }
    end_join(line);
  }

  void begin_join(std::uint32_t line) {
    emit(Kind::Op, "(");
    out_.all.back().line = line;
    first_part_ = true;
  }
  void end_join(std::uint32_t line) {
    if (first_part_) out_.add(Kind::String, "", line);
    out_.op(")", line);
  }
  void part(std::string text, std::uint32_t line) {
    if (!first_part_) out_.op("<.>", line);
    first_part_ = false;
    out_.add(Kind::String, out_.keep(std::move(text)), line);
  }
  void code_part(std::string_view code, std::uint32_t line) {
    if (!first_part_) out_.op("<.>", line);
    first_part_ = false;
    out_.op("(", line);
    CLexer(code, line, out_, depth_ + 1).run();
    out_.op(")", line);
    first_part_ = false;
  }

  // A PHP text in double quotes or a heredoc.
  void interpolated(std::string_view in, std::uint32_t line) {
    if (in.find('$') == std::string_view::npos || depth_ >= kMaxInterpolation) {
      emit(Kind::String, in.find('\\') == std::string_view::npos ? in : out_.keep(unescape(in, true, true)));
      return;
    }
    begin_join(line);
    std::string plain;
    const auto flush = [&] {
      if (!plain.empty()) part(unescape(plain, true, true), line);
      plain.clear();
    };
    for (std::size_t k = 0; k < in.size();) {
      if (in[k] == '\\' && k + 1 < in.size()) {
        plain += in.substr(k, 2);
        k += 2;
      } else if ((in[k] == '{' && k + 1 < in.size() && in[k + 1] == '$') || (in[k] == '$' && k + 1 < in.size() && in[k + 1] == '{')) {
        std::size_t depth = 0;
        std::size_t j = in[k] == '{' ? k : k + 1;
        const std::size_t open = j;
        for (; j < in.size(); ++j) {
          if (in[j] == '{') ++depth;
          if (in[j] == '}' && --depth == 0) break;
        }
        j = std::min(j, in.size());
        flush();
        std::string_view code = in.substr(open + 1, j - open - 1);
        if (in[k] == '$') {
          std::size_t name = 0;
          while (name < code.size() && is_name_char(code[name])) ++name;
          const bool variable = name > 0 && is_name_start(code[0]) && (name == code.size() || code[name] == '[');
          code = out_.keep(variable ? cat("$", code) : cat("${", code, "}"));
        }
        code_part(code, line);
        k = std::min(j + 1, in.size());
      } else if (in[k] == '$' && k + 1 < in.size() && is_name_start(in[k + 1])) {
        flush();
        std::size_t j = k + 1;
        while (j < in.size() && is_name_char(in[j])) ++j;
        std::string code(in.substr(k, j - k));
        if (j < in.size() && in[j] == '[') {
          const std::size_t close = in.find(']', j);
          if (close != std::string_view::npos) {
            std::string_view key = in.substr(j + 1, close - j - 1);
            const bool bare = !key.empty() && is_name_start(key[0]);
            code += bare ? cat("['", key, "']") : cat("[", key, "]");
            j = close + 1;
          }
        } else if (j + 2 < in.size() && in[j] == '-' && in[j + 1] == '>' && is_name_start(in[j + 2])) {
          std::size_t end = j + 2;
          while (end < in.size() && is_name_char(in[end])) ++end;
          code += in.substr(j, end - j);
          j = end;
        }
        code_part(out_.keep(std::move(code)), line);
        k = j;
      } else {
        plain += in[k++];
      }
    }
    flush();
    end_join(line);
  }

  bool heredoc() {
    std::size_t j = i_ + 3;
    while (at(j) == ' ' || at(j) == '\t') ++j;
    const char quote = at(j) == '\'' || at(j) == '"' ? at(j) : '\0';
    if (quote) ++j;
    const std::size_t start = j;
    while (j < s_.size() && is_name_char(s_[j])) ++j;
    const std::string_view label = s_.substr(start, j - start);
    if (label.empty()) return false;
    const std::size_t eol = s_.find('\n', j);
    if (eol == std::string_view::npos) return false;
    // The label alone at a line's start, indented perhaps.
    std::size_t line_start = eol + 1;
    std::size_t end = s_.size();
    std::size_t after = s_.size();
    while (line_start <= s_.size()) {
      std::size_t k = line_start;
      while (at(k) == ' ' || at(k) == '\t') ++k;
      if (s_.substr(k).starts_with(label) && !is_name_char(at(k + label.size()))) {
        end = line_start;
        after = k + label.size();
        break;
      }
      const std::size_t next = s_.find('\n', line_start);
      if (next == std::string_view::npos) break;
      line_start = next + 1;
    }
    std::string_view body = s_.substr(eol + 1, end > eol + 1 ? end - eol - 1 : 0);
    const std::uint32_t first = line_ + 1;
    if (body.ends_with('\n')) body.remove_suffix(1);
    quote == '\'' ? emit(Kind::String, body) : interpolated(body, first);
    count_lines(s_.substr(i_, after - i_));
    i_ = after;
    return true;
  }

  void backticks() {
    const std::size_t end = quote_end(i_ + 1, '`');
    const std::string_view inside = s_.substr(i_ + 1, end - i_ - 1);
    out_.add(Kind::Ident, php() ? "shell_exec" : "`", line_);
    out_.op("(", line_);
    interpolated(inside, line_);
    out_.op(")", line_);
    count_lines(inside);
    i_ = std::min(end + 1, s_.size());
  }

  void php_variable() {
    std::size_t j = i_ + 1;
    while (j < s_.size() && is_name_char(s_[j])) ++j;
    if (j > i_ + 1) {
      emit(Kind::Var, s_.substr(i_, j - i_));
      i_ = j;
    } else {
      out_.op("$", line_);  // $$a, ${...}
      ++i_;
    }
  }

  bool regex_may_start() const {
    if (out_.all.empty()) return true;
    const Token& last = out_.all.back();
    if (last.kind == Kind::Op) return last.text != ")" && last.text != "]" && last.text != "}";
    return last.kind == Kind::Ident && (last.text == "return" || last.text == "typeof" || last.text == "case" || last.text == "in");
  }
  void regex() {
    std::size_t j = i_ + 1;
    bool in_class = false;
    while (j < s_.size() && s_[j] != '\n' && (s_[j] != '/' || in_class)) {
      if (s_[j] == '[') in_class = true;
      if (s_[j] == ']') in_class = false;
      j += s_[j] == '\\' ? 2 : 1;
    }
    j = std::min(j, s_.size());
    if (j >= s_.size() || s_[j] != '/') return op();
    ++j;
    while (j < s_.size() && is_name_char(s_[j])) ++j;
    emit(Kind::Regex, s_.substr(i_, j - i_));
    i_ = j;
  }

  void op() {
    static constexpr std::string_view kOps[] = {"<<<=", ">>>=", "===", "!==", "**=", "...", "<=>", "?->", "?" "?=", "<<=", ">>=", ">>>", "&&=", "||=", "->", "::", "=>", "==", "!=", "<>", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", ".=", "%=", "&=", "|=", "^=", "<<", "**"};
    newline_ = false;
    if (const std::string_view text = operator_here(kOps); !text.empty()) {
      std::string_view as = text;
      if (text == "->" && lang_ == Language::Java) as = "=>";  // a lambda
      else if (text == "?->" || text == "->" || text == "::" || text == "?.") as = ".";
      else if (text == ".=" && php()) as = "<.>=";
      out_.op(as, line_);
      i_ += text.size();
      // x?.[k] and f?.(a)
      if (text == "?." && (at(i_) == '[' || at(i_) == '(')) out_.all.pop_back();
      return;
    }
    const std::string_view one = s_.substr(i_, 1);
    out_.op(php() && one == "." ? std::string_view("<.>") : one, line_);
    ++i_;
  }

  Language lang_;
  bool newline_ = false;
  bool first_part_ = true;
  bool stopped_ = false;
};

}  // namespace

void lex_c_like(std::string_view code, std::uint32_t line, Tokens& out) { CLexer(code, line, out, 0).run(); }

}  // namespace plimsoll::detect::web
