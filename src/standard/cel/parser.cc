// Text -> tree, by the grammar of the CEL specification; macros become comprehensions here.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "standard/cel/formats.h"
#include "standard/cel/ast.h"

namespace plimsoll::standard::cel {
namespace {

struct Token {
  enum class Kind : std::uint8_t { End, Name, Literal, Symbol } kind = Kind::End;
  std::string text;
  Value literal;
  std::size_t offset = 0;
};

Error at(std::size_t offset, std::string_view why) { return malformed(cat("at character ", offset + 1, ": ", why)); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_value(char c) { return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18), out += static_cast<char>(0x80 | (c >> 12 & 0x3F)), out += static_cast<char>(0x80 | (c >> 6 & 0x3F)), out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next() {
    skip();
    Token token{.offset = i_};
    if (i_ >= text_.size()) return token;
    const char c = text_[i_];
    if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) return string(prefix);
    if (is_digit(c) || (c == '.' && i_ + 1 < text_.size() && is_digit(text_[i_ + 1]))) return number();
    if (is_letter(c)) {
      const std::size_t start = i_;
      while (i_ < text_.size() && (is_letter(text_[i_]) || is_digit(text_[i_]))) ++i_;
      token.kind = Token::Kind::Name;
      token.text = text_.substr(start, i_ - start);
      return token;
    }
    token.kind = Token::Kind::Symbol;
    for (const std::string_view two : {"==", "!=", "<=", ">=", "&&", "||"})
      if (text_.substr(i_).starts_with(two)) {
        token.text = two;
        i_ += 2;
        return token;
      }
    if (std::string_view("+-*/%<>!?:.,()[]{}").find(c) == std::string_view::npos) return at(i_, "this character means nothing here");
    token.text = c;
    ++i_;
    return token;
  }

 private:
  void skip() {
    while (i_ < text_.size()) {
      if (std::string_view(" \t\r\n\f").find(text_[i_]) != std::string_view::npos) {
        ++i_;
      } else if (text_.substr(i_).starts_with("//")) {
        while (i_ < text_.size() && text_[i_] != '\n') ++i_;
      } else {
        return;
      }
    }
  }

  // Length of r, b, br before a quote; npos when no string starts here.
  std::size_t string_prefix() const {
    std::size_t n = 0;
    while (n < 2 && i_ + n < text_.size() && std::string_view("rRbB").find(text_[i_ + n]) != std::string_view::npos) ++n;
    if (n == 2 && lower(text_.substr(i_, 1)) == lower(text_.substr(i_ + 1, 1))) return std::string_view::npos;
    return i_ + n < text_.size() && (text_[i_ + n] == '"' || text_[i_ + n] == '\'') ? n : std::string_view::npos;
  }

  Result<Token> string(std::size_t prefix) {
    Token token{.kind = Token::Kind::Literal, .offset = i_};
    const std::string flags = lower(text_.substr(i_, prefix));
    const bool raw = flags.find('r') != std::string::npos, bytes = flags.find('b') != std::string::npos;
    i_ += prefix;
    const char quote = text_[i_];
    const bool triple = text_.substr(i_).starts_with(std::string(3, quote));
    i_ += triple ? 3 : 1;
    std::string out;
    for (;;) {
      if (i_ >= text_.size()) return at(token.offset, "a text that is not closed");
      if (triple ? text_.substr(i_).starts_with(std::string(3, quote)) : text_[i_] == quote) break;
      if (!triple && (text_[i_] == '\n' || text_[i_] == '\r')) return at(i_, "a line ends inside a text");
      if (text_[i_] == '\\' && !raw) {
        if (const Status status = escape(out, bytes); !status) return status.error();
      } else {
        out += text_[i_++];
      }
    }
    i_ += triple ? 3 : 1;
    if (bytes) token.literal = Value(Bytes{std::move(out)});
    else token.literal = Value(std::move(out));
    return token;
  }

  Status escape(std::string& out, bool bytes) {
    const std::size_t start = i_++;
    if (i_ >= text_.size()) return at(start, "a text that is not closed");
    const char c = text_[i_++];
    static constexpr std::string_view from = "abfnrtv\\?\"'`", to = "\a\b\f\n\r\t\v\\?\"'`";
    if (const std::size_t found = from.find(c); found != std::string_view::npos) {
      out += to[found];
      return Ok{};
    }
    int digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    std::uint32_t value = 0;
    if (digits != 0) {
      if (bytes && digits > 2) return at(start, "\\u is for texts, not for bytes");
      for (; digits > 0; --digits, ++i_) {
        const int digit = i_ < text_.size() ? hex_value(text_[i_]) : -1;
        if (digit < 0) return at(start, "an escape with too few hex digits");
        value = value << 4 | static_cast<std::uint32_t>(digit);
      }
    } else if (c >= '0' && c <= '3') {
      value = static_cast<std::uint32_t>(c - '0');
      for (digits = 2; digits > 0; --digits, ++i_) {
        if (i_ >= text_.size() || text_[i_] < '0' || text_[i_] > '7') return at(start, "an octal escape has three digits");
        value = value << 3 | static_cast<std::uint32_t>(text_[i_] - '0');
      }
    } else {
      return at(start, "an escape that is not known");
    }
    if (bytes) {
      out += static_cast<char>(value);
      return Ok{};
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return at(start, "an escape that is no character");
    append_utf8(out, value);
    return Ok{};
  }

  Result<Token> number() {
    Token token{.kind = Token::Kind::Literal, .offset = i_};
    const std::size_t start = i_;
    std::uint64_t whole = 0;
    if (text_.substr(i_).starts_with("0x") || text_.substr(i_).starts_with("0X")) {
      i_ += 2;
      const std::size_t digits = i_;
      while (i_ < text_.size() && hex_value(text_[i_]) >= 0) ++i_;
      if (i_ == digits || std::from_chars(text_.data() + digits, text_.data() + i_, whole, 16).ec != std::errc()) return at(start, "not a hexadecimal number of 64 bits");
      return integer(token, whole);
    }
    bool real = false;
    while (i_ < text_.size() && is_digit(text_[i_])) ++i_;
    if (i_ + 1 < text_.size() && text_[i_] == '.' && is_digit(text_[i_ + 1])) {
      real = true;
      ++i_;
      while (i_ < text_.size() && is_digit(text_[i_])) ++i_;
    }
    if (i_ < text_.size() && (text_[i_] == 'e' || text_[i_] == 'E')) {
      std::size_t j = i_ + 1;
      if (j < text_.size() && (text_[j] == '+' || text_[j] == '-')) ++j;
      if (j < text_.size() && is_digit(text_[j])) {
        real = true;
        while (j < text_.size() && is_digit(text_[j])) ++j;
        i_ = j;
      }
    }
    if (real) {
      double value = 0;
      const auto got = std::from_chars(text_.data() + start, text_.data() + i_, value);
      if (got.ec == std::errc::result_out_of_range) return at(start, "a number that is too large or too small");
      token.literal = Value(value);
      return token;
    }
    if (std::from_chars(text_.data() + start, text_.data() + i_, whole).ec != std::errc()) return at(start, "a number of more than 64 bits");
    return integer(token, whole);
  }

  Result<Token> integer(Token token, std::uint64_t whole) {
    if (i_ < text_.size() && (text_[i_] == 'u' || text_[i_] == 'U')) {
      ++i_;
      token.literal = Value(whole);
      return token;
    }
    if (whole > 9223372036854775807u) {
      if (whole != 9223372036854775808u) return at(token.offset, "an int of more than 64 bits");
      token.text = "min";  // right only after a minus
    }
    token.literal = Value(static_cast<std::int64_t>(whole));
    return token;
  }

  std::string_view text_;
  std::size_t i_ = 0;
};

class Parser {
 public:
  Parser(std::string_view text, const SyntaxLimits& limits) : lexer_(text), limits_(limits) {}

  Result<NodePtr> run() {
    PLIM_CHECK(advance());
    PLIM_TRY(auto root, expression(0));
    if (token_.kind != Token::Kind::End) return at(token_.offset, cat("\"", token_.text, "\" is too much"));
    return root;
  }

 private:
  Status advance() {
    PLIM_TRY(token_, lexer_.next());
    return Ok{};
  }
  bool is(std::string_view symbol) const { return token_.kind == Token::Kind::Symbol && token_.text == symbol; }
  bool is_word(std::string_view word) const { return token_.kind == Token::Kind::Name && token_.text == word; }
  Status expect(std::string_view symbol) {
    if (!is(symbol)) return at(token_.offset, cat("\"", symbol, "\" is missing"));
    return advance();
  }
  Result<NodePtr> make(NodeKind kind, std::size_t offset) {
    if (++nodes_ > limits_.nodes) return limit_reached(cat("an expression of more than ", limits_.nodes, " parts"));
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->offset = offset;
    return node;
  }
  Result<NodePtr> call(std::string_view function, std::size_t offset, NodePtr a, NodePtr b = nullptr) {
    PLIM_TRY(auto node, make(NodeKind::Call, offset));
    node->name = function;
    node->args.push_back(std::move(a));
    if (b) node->args.push_back(std::move(b));
    return node;
  }

  Result<NodePtr> expression(int depth) {
    if (depth > limits_.depth) return limit_reached(cat("an expression that nests deeper than ", limits_.depth));
    PLIM_TRY(auto condition, disjunction(depth));
    if (!is("?")) return condition;
    const std::size_t offset = token_.offset;
    PLIM_CHECK(advance());
    PLIM_TRY(auto yes, disjunction(depth + 1));
    PLIM_CHECK(expect(":"));
    PLIM_TRY(auto no, expression(depth + 1));
    PLIM_TRY(auto node, make(NodeKind::Conditional, offset));
    node->args.push_back(std::move(condition));
    node->args.push_back(std::move(yes));
    node->args.push_back(std::move(no));
    return node;
  }

  // a && b && c and a || b || c: one node with all parts, so that a long chain does not nest.
  Result<NodePtr> chain(int depth, bool is_or) {
    PLIM_TRY(auto first, is_or ? chain(depth, false) : relation(depth));
    if (!is(is_or ? "||" : "&&")) return first;
    PLIM_TRY(auto node, make(is_or ? NodeKind::Or : NodeKind::And, token_.offset));
    node->args.push_back(std::move(first));
    while (is(is_or ? "||" : "&&")) {
      PLIM_CHECK(advance());
      PLIM_TRY(auto next, is_or ? chain(depth, false) : relation(depth));
      node->args.push_back(std::move(next));
    }
    return node;
  }
  Result<NodePtr> disjunction(int depth) { return chain(depth, true); }

  Result<NodePtr> relation(int depth) {
    PLIM_TRY(auto left, sum(depth));
    for (int links = 0;; ++links) {
      if (links > limits_.depth) return limit_reached("too many comparisons in a row");
      std::string op;
      for (const std::string_view symbol : {"<=", ">=", "==", "!=", "<", ">"})
        if (is(symbol)) op = symbol;
      if (is_word("in")) op = "in";
      if (op.empty()) return left;
      const std::size_t offset = token_.offset;
      PLIM_CHECK(advance());
      PLIM_TRY(auto right, sum(depth));
      PLIM_TRY(left, call(op, offset, std::move(left), std::move(right)));
    }
  }

  Result<NodePtr> sum(int depth) {
    PLIM_TRY(auto left, product(depth));
    for (int links = 0; is("+") || is("-"); ++links) {
      if (links > limits_.depth) return limit_reached(cat("more than ", limits_.depth, " operators in a row"));
      const std::string op = token_.text;
      const std::size_t offset = token_.offset;
      PLIM_CHECK(advance());
      PLIM_TRY(auto right, product(depth));
      PLIM_TRY(left, call(op, offset, std::move(left), std::move(right)));
    }
    return left;
  }

  Result<NodePtr> product(int depth) {
    PLIM_TRY(auto left, unary(depth));
    for (int links = 0; is("*") || is("/") || is("%"); ++links) {
      if (links > limits_.depth) return limit_reached(cat("more than ", limits_.depth, " operators in a row"));
      const std::string op = token_.text;
      const std::size_t offset = token_.offset;
      PLIM_CHECK(advance());
      PLIM_TRY(auto right, unary(depth));
      PLIM_TRY(left, call(op, offset, std::move(left), std::move(right)));
    }
    return left;
  }

  Result<NodePtr> unary(int depth) {
    if (depth > limits_.depth) return limit_reached(cat("an expression that nests deeper than ", limits_.depth));
    // A row of signs: an even number of them says nothing, as in cel-go.
    if (is("!")) {
      const std::size_t offset = token_.offset;
      bool odd = false;
      for (; is("!"); odd = !odd) PLIM_CHECK(advance());
      PLIM_TRY(auto operand, member(depth + 1));
      return odd ? call("!", offset, std::move(operand)) : Result<NodePtr>(std::move(operand));
    }
    if (is("-")) {
      const std::size_t offset = token_.offset;
      bool odd = false;
      for (; is("-"); odd = !odd) PLIM_CHECK(advance());
      if (!odd) return member(depth + 1);
      if (token_.kind == Token::Kind::Literal) {
        Value negative;
        const auto* whole = token_.literal.as<std::int64_t>();
        const auto* real = token_.literal.as<double>();
        if (whole) negative = Value(token_.text == "min" ? *whole : -*whole);
        if (real) negative = Value(-*real);
        if (whole || real) {
          token_.literal = negative;
          token_.text.clear();
          return member(depth);
        }
      }
      PLIM_TRY(auto operand, member(depth + 1));
      return call("-", offset, std::move(operand));
    }
    return member(depth);
  }

  Result<NodePtr> member(int depth) {
    PLIM_TRY(auto node, primary(depth));
    for (int links = 0;; ++links) {
      if (links > limits_.depth) return limit_reached(cat("more than ", limits_.depth, " members in a row"));
      const std::size_t offset = token_.offset;
      if (is(".")) {
        PLIM_CHECK(advance());
        const bool optional = is("?");
        if (optional) PLIM_CHECK(advance());
        if (token_.kind != Token::Kind::Name) return at(token_.offset, "a name is missing after the dot");
        const std::string name = token_.text;
        PLIM_CHECK(advance());
        if (is("(")) {
          if (optional) return at(offset, "a function is not asked for with .?");
          PLIM_TRY(node, method(std::move(node), name, offset, depth));
          continue;
        }
        PLIM_TRY(auto select, make(NodeKind::Select, offset));
        select->name = name;
        select->optional = optional;
        select->args.push_back(std::move(node));
        node = std::move(select);
      } else if (is("[")) {
        PLIM_CHECK(advance());
        const bool optional = is("?");
        if (optional) PLIM_CHECK(advance());
        PLIM_TRY(auto index, expression(depth + 1));
        PLIM_CHECK(expect("]"));
        PLIM_TRY(node, call(optional ? "[?]" : "[]", offset, std::move(node), std::move(index)));
      } else {
        return node;
      }
    }
  }

  Result<std::vector<NodePtr>> arguments(int depth) {
    std::vector<NodePtr> out;
    PLIM_CHECK(expect("("));
    while (!is(")")) {
      if (!out.empty()) PLIM_CHECK(expect(","));
      PLIM_TRY(auto argument, expression(depth + 1));
      out.push_back(std::move(argument));
    }
    PLIM_CHECK(advance());
    return out;
  }

  Result<NodePtr> method(NodePtr target, const std::string& name, std::size_t offset, int depth) {
    PLIM_TRY(auto arguments, this->arguments(depth));
    // Functions with a name space.
    static constexpr std::pair<std::string_view, std::string_view> spaces[] = {{"ip", "isCanonical"}, {"optional", "of"}, {"optional", "none"}, {"optional", "ofNonZeroValue"}, {"sets", "contains"}, {"sets", "equivalent"}, {"sets", "intersects"}};
    if (target->kind == NodeKind::Name && (std::find(std::begin(spaces), std::end(spaces), std::pair<std::string_view, std::string_view>(target->name, name)) != std::end(spaces) ||
                                           (target->name == "format" && is_format_function(name)))) {
      PLIM_TRY(auto node, make(NodeKind::Call, offset));
      node->name = cat(target->name, ".", name);
      node->args = std::move(arguments);
      return node;
    }
    static constexpr std::pair<std::string_view, Macro> macros[] = {{"all", Macro::All}, {"exists", Macro::Exists}, {"exists_one", Macro::ExistsOne}, {"map", Macro::Map}, {"filter", Macro::Filter}, {"optMap", Macro::OptMap}, {"optFlatMap", Macro::OptFlatMap}};
    for (const auto& [word, macro] : macros) {
      if (name != word) continue;
      const bool with_filter = macro == Macro::Map && arguments.size() == 3;
      if (arguments.size() != 2 && !with_filter) break;
      if (arguments[0]->kind != NodeKind::Name) return at(arguments[0]->offset, cat(name, " needs a plain variable first"));
      PLIM_TRY(auto node, make(NodeKind::Comprehension, offset));
      node->macro = with_filter ? Macro::MapFilter : macro;
      node->name = arguments[0]->name;
      node->args.push_back(std::move(target));
      for (std::size_t i = 1; i < arguments.size(); ++i) node->args.push_back(std::move(arguments[i]));
      return node;
    }
    static constexpr std::pair<std::string_view, Macro> of_two[] = {{"all", Macro::All}, {"exists", Macro::Exists}, {"existsOne", Macro::ExistsOne}, {"exists_one", Macro::ExistsOne}, {"transformList", Macro::TransformList}, {"transformMap", Macro::TransformMap}, {"transformMapEntry", Macro::TransformMapEntry}};
    for (const auto& [word, macro] : of_two) {
      if (name != word) continue;
      const bool with_filter = macro >= Macro::TransformList && arguments.size() == 4;
      if (arguments.size() != 3 && !with_filter) break;
      for (std::size_t i = 0; i < 2; ++i)
        if (arguments[i]->kind != NodeKind::Name) return at(arguments[i]->offset, cat(name, " needs two plain variables first"));
      if (arguments[0]->name == arguments[1]->name) return at(arguments[1]->offset, "two variables of one name");
      PLIM_TRY(auto node, make(NodeKind::Comprehension, offset));
      node->macro = macro;
      node->name = arguments[0]->name;
      node->second = arguments[1]->name;
      node->args.push_back(std::move(target));
      for (std::size_t i = 2; i < arguments.size(); ++i) node->args.push_back(std::move(arguments[i]));
      return node;
    }
    PLIM_TRY(auto node, make(NodeKind::Call, offset));
    node->name = name;
    node->receiver = true;
    node->args.push_back(std::move(target));
    for (NodePtr& argument : arguments) node->args.push_back(std::move(argument));
    return node;
  }

  Result<NodePtr> primary(int depth) {
    const std::size_t offset = token_.offset;
    if (token_.kind == Token::Kind::End) return at(offset, "the expression ends too early");
    if (token_.kind == Token::Kind::Literal) {
      if (token_.text == "min") return at(offset, "an int of more than 64 bits");
      PLIM_TRY(auto node, make(NodeKind::Literal, offset));
      node->literal = token_.literal;
      PLIM_CHECK(advance());
      return node;
    }
    if (token_.kind == Token::Kind::Name) return name(depth);
    if (is(".")) {  // ".x": the same as x, as there is but one name space here
      PLIM_CHECK(advance());
      if (token_.kind != Token::Kind::Name) return at(token_.offset, "a name is missing after the dot");
      return name(depth);
    }
    if (is("(")) {
      PLIM_CHECK(advance());
      PLIM_TRY(auto inner, expression(depth + 1));
      PLIM_CHECK(expect(")"));
      return inner;
    }
    if (is("[") || is("{")) return collection(depth, is("{"));
    return at(offset, cat("\"", token_.text, "\" cannot stand here"));
  }

  Result<NodePtr> collection(int depth, bool map) {
    PLIM_TRY(auto node, make(map ? NodeKind::Map : NodeKind::List, token_.offset));
    const std::string_view end = map ? "}" : "]";
    PLIM_CHECK(advance());
    while (!is(end)) {
      const bool if_there = is("?");
      if (if_there) PLIM_CHECK(advance());
      PLIM_TRY(auto item, expression(depth + 1));
      node->args.push_back(std::move(item));
      if (map) {
        PLIM_CHECK(expect(":"));
        PLIM_TRY(auto value, expression(depth + 1));
        node->args.push_back(std::move(value));
      }
      node->args.back()->if_there = if_there;
      if (!is(",")) break;
      PLIM_CHECK(advance());
    }
    PLIM_CHECK(expect(end));
    return node;
  }

  Result<NodePtr> name(int depth) {
    const Token token = token_;
    PLIM_CHECK(advance());
    if (token.text == "true" || token.text == "false" || token.text == "null") {
      PLIM_TRY(auto node, make(NodeKind::Literal, token.offset));
      node->literal = token.text == "null" ? Value() : Value(token.text == "true");
      return node;
    }
    static constexpr std::string_view reserved[] = {"in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"};
    if (std::find(std::begin(reserved), std::end(reserved), token.text) != std::end(reserved)) return at(token.offset, cat("\"", token.text, "\" is a reserved word"));
    if (is("{")) return at(token.offset, "messages cannot be made here");
    if (!is("(")) {
      PLIM_TRY(auto node, make(NodeKind::Name, token.offset));
      node->name = token.text;
      return node;
    }
    PLIM_TRY(auto arguments, this->arguments(depth));
    if (token.text == "has" && arguments.size() == 1) {
      if (arguments[0]->kind != NodeKind::Select || arguments[0]->optional) return at(token.offset, "has asks for a member: has(a.b)");
      arguments[0]->kind = NodeKind::Has;
      return std::move(arguments[0]);
    }
    PLIM_TRY(auto node, make(NodeKind::Call, token.offset));
    node->name = token.text;
    node->args = std::move(arguments);
    return node;
  }

  Lexer lexer_;
  const SyntaxLimits& limits_;
  Token token_;
  std::size_t nodes_ = 0;
};

}  // namespace

Result<NodePtr> parse(std::string_view text, const SyntaxLimits& limits) {
  if (text.size() > limits.bytes) return limit_reached(cat("an expression of more than ", limits.bytes, " bytes"));
  if (!is_utf8(text)) return malformed("an expression that is not UTF-8");
  return Parser(text, limits).run();
}

}  // namespace plimsoll::standard::cel
