// Operators: how values join, compare and are assigned. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {

Value Interpreter::expression(int level) {
  if (depth_ > kMaxDepth || !tick()) {
    cut_ |= depth_ > kMaxDepth;
    ++pos_;
    return {};
  }
  ++depth_;
  Value left = unary();
  while (tick()) {
    const Token& t = tok();
    const std::uint32_t line = t.line;
    if (t.kind == Kind::Op && kAssign.contains(t.word) && level <= 6) {
      const Word op = t.word;
      ++pos_;
      const std::string path = left.path, name = left.name;
      Value right = op == "=" && is_op("{") && language() == Language::Java ? array_literal(pos_) : expression(1);
      if (op == "=" || op == ":=") {
        assign_sink(name, right, line);
        assign(path, right, line);
        if (!path.empty()) right.path = path;
        left = std::move(right);
      } else {
        Value result = right.function >= 0 && op == "+=" ? right : op == "?" "?=" || op == "||=" || op == "&&=" || op == "//=" ? join(left, right) : binary(op.operation(), left, right);
        if (loops_ > 0 && !left.tainted() && !right.tainted() && !result.known && ((right.origin & kDecoded) || (left.origin & kDecoded))) result.origin |= kDecoded;
        assign_sink(name, result, line);
        assign(path, result, line, true);
        result.path = path;
        left = std::move(result);
      }
      continue;
    }
    if (t.kind == Kind::Ident && t.word == "if" && language() == Language::Python && level <= 2) {  // a if b else c
      const std::size_t start = pos_;
      ++pos_;
      ++guarding_;
      expression(3);
      --guarding_;
      if (!is_word("else")) {
        pos_ = start;
        break;
      }
      ++pos_;
      left = join(left, expression(2));
      continue;
    }
    if (t.kind == Kind::Ident && t.word == "not" && is_word("in", 1) && level <= 6) {
      pos_ += 2;
      expression(7);
      left = Value();
      continue;
    }
    if (t.kind == Kind::Ident && t.word == "as" && language() == Language::CSharp && level <= 6) {
      pos_ += 2;
      while (is_op(".")) pos_ += 2;
      continue;
    }
    if (t.kind == Kind::Ident && (t.word == "is" || t.word == "instanceof") && (language() == Language::CSharp || language() == Language::Java) && level <= 6) {
      ++pos_;  // x is string s
      std::size_t names = 0;
      while (pos_ < streams_[stream_].all.size() && (tok().kind == Kind::Ident || is_op(".") || is_op("{")) && names < 8) {
        if (is_op("{")) pos_ = std::max(close_of(pos_), pos_);
        if (tok().kind == Kind::Ident && names > 0 && !op_at(pos_ - 1, ".") && tok().word != "and" && tok().word != "or" && tok().word != "not") {
          Value named = left;
          assign(std::string(tok().text), std::move(named), line, true);
        }
        ++names;
        ++pos_;
      }
      left = Value();
      continue;
    }
    if (t.kind == Kind::Ident && t.word == "switch" && language() == Language::CSharp && is_op("{", 1)) {
      ++pos_;
      const Value subject = left;
      left = join(choice(pos_), subject);
      continue;
    }
    const int binds = level_of(t);
    if (binds == 0 || binds < level) break;
    if (t.kind == Kind::Ident && (t.word == "x" || t.word == "mod") && language() != Language::Perl && language() != Language::VisualBasic) break;
    if (t.word == "in" && stop_list_ && level > 0 && language() != Language::Python) break;
    if (t.word == "?") {
      ++pos_;
      if (is_op(":")) {  // a ?: b
        ++pos_;
        left = join(left, expression(2));
        continue;
      }
      Value yes = expression(1);
      if (!is_op(":")) {
        left = std::move(yes);
        continue;
      }
      ++pos_;
      left = join(yes, expression(1));
      continue;
    }
    const Word op = t.word;
    ++pos_;
    if (op == "=~" || op == "!~") {
      Frame& frame = frames_.back();
      frame["=~"] = left;
      if (left.tainted())
        for (const char* digit : {"$1", "$2", "$3"}) frames_.back()[digit] = left;
      const bool regex = tok().kind == Kind::Regex;
      const std::string pattern(regex ? tok().text : std::string_view());
      Value right = expression(7);
      frame.erase("=~");
      if (right.name == "subst") {
        right.name.clear();
        assign(left.path, right, line);
        left = std::move(right);
      } else {
        Value captured = passed({left}, nullptr, false);
        // Anchored at both ends and made of classes: what it lets through is bounded.
        const std::size_t last = pattern.rfind('/');
        const bool anchored = pattern.size() > 3 && last != std::string::npos && last > 1 && (pattern[1] == '^' || pattern.substr(1, 2) == "\\A") && (pattern[last - 1] == '$' || pattern.substr(last - 2, 2) == "\\z" || pattern.substr(last - 2, 2) == "\\Z") && pattern.find(".*") == std::string::npos && pattern.find(".+") == std::string::npos;
        if (anchored) {
          captured.cleaned |= kAllSinks;
          if (!left.path.empty()) guarded_[left.path] |= static_cast<std::uint8_t>(kAllSinks & ~bit(SinkKind::Evaluation));
        }
        for (const char* digit : {"$1", "$2", "$3"}) frames_.back()[digit] = step(captured, line, digit);
        left = std::move(captured);
      }
      continue;
    }
    Value right = expression(binds + 1);
    left = binary(op, std::move(left), std::move(right));
  }
  --depth_;
  return left;
}

Value Interpreter::binary(Word op, Value a, Value b) {
  if (op == "<.>" || (op == "+" && language() != Language::Php && language() != Language::Perl)) {
    if (op == "+" && a.known && b.known && a.is_number && b.is_number) {
      const auto x = to_number(a.text), y = to_number(b.text);
      if (x && y) return Value::number(*x + *y);
    }
    if (op == "+" && a.items && b.items && !a.known) {
      Value list = join(a, b);
      auto items = std::make_shared<Items>(*a.items);
      for (const std::string& key : b.items->order) items->push(b.items->by_key.at(key));
      list.items = std::move(items);
      return list;
    }
    return concat(a, b);
  }
  if (op == "xor" && language() == Language::VisualBasic) op = "^";
  if (op == "^" && a.known && b.known && !(a.is_number && b.is_number) && language() != Language::VisualBasic) {
    Value v = Value::constant(bitwise_xor(a.text, b.text));
    v.layers = static_cast<std::uint8_t>(std::min(a.layers + 1, 200));
    return v;
  }
  if (op == "||" || op == "??" || op == "or" || op == "//" || op == "&&" || op == "and") {
    if ((op == "//" && language() != Language::Perl) || (language() == Language::Php && op != "??") || language() == Language::VisualBasic || language() == Language::Java || language() == Language::CSharp) return op == "??" ? join(a, b) : Value();
    return op == "&&" || op == "and" ? join(b, a) : join(a, b);
  }
  if (op == "%" && language() == Language::Python && (!a.is_number || a.tainted())) {  // "..." % x
    if (a.known) {
      std::vector<Value> args{a, b};
      if (auto text = fold(Does::Format, args)) return *text;
    }
    Value data = passed({a, b}, nullptr, false);
    if (!a.known) return data;
    return concat(Value::constant(a.text.substr(0, a.text.find('%'))), data);
  }
  if ((op == "*" || op == "x") && (a.known != b.known || (a.known && b.known))) {
    const Value& text = a.is_number ? b : a;
    const Value& count = a.is_number ? a : b;
    if (text.known && count.known && !text.is_number) {
      const auto n = to_number(count.text);
      if (n && *n >= 0 && static_cast<std::size_t>(*n) * text.text.size() <= 65536) {
        Value v;
        for (long long i = 0; i < *n; ++i) v.text += text.text;
        v.known = true;
        return v;
      }
    }
  }
  if (a.known && b.known) {
    const auto x = to_number(a.text), y = to_number(b.text);
    if (x && y && std::abs(*x) < (1ll << 40) && std::abs(*y) < (1ll << 40)) {
      if (op == "+") return Value::number(*x + *y);
      if (op == "-") return Value::number(*x - *y);
      if (op == "*" && std::abs(*x) < (1 << 20) && std::abs(*y) < (1 << 20)) return Value::number(*x * *y);
      if (op == "/" && *y != 0) return Value::number(*x / *y);
      if (op == "%" && *y != 0) return Value::number(*x % *y);
      if (op == "^") return Value::number(*x ^ *y);
      if (op == "&") return Value::number(*x & *y);
      if (op == "|") return Value::number(*x | *y);
      if (op == "<") return Value::number(*x < *y);
      if (op == ">") return Value::number(*x > *y);
      if (op == "<=") return Value::number(*x <= *y);
      if (op == ">=") return Value::number(*x >= *y);
      if (op == "<<" && *y >= 0 && *y < 32) return Value::number((*x & 0xffffffff) << *y);
      if (op == ">>" && *y >= 0 && *y < 63) return Value::number(*x >> *y);
    }
  }
  if (op == "..") {
    const auto x = to_number(a.text), y = to_number(b.text);
    Value list;
    if (a.known && b.known && a.text.size() == 1 && b.text.size() == 1 && !x && !y && a.text[0] <= b.text[0]) {
      list.items = std::make_shared<Items>();
      for (int c = static_cast<unsigned char>(a.text[0]); c <= static_cast<unsigned char>(b.text[0]); ++c) list.items->push(Value::constant(std::string(1, static_cast<char>(c))));
      return list;
    }
    if (a.known && b.known && x && y && *y - *x >= 0 && *y - *x < 300) {
      list.items = std::make_shared<Items>();
      for (long long i = *x; i <= *y; ++i) list.items->push(Value::number(i));
    }
    return list;
  }
  if ((op == "^" || op == "|" || op == "&") && !((a.tainted() && a.cleaned == kAllSinks) || (b.tainted() && b.cleaned == kAllSinks))) {  // bytes changed, still the same data
    Value out = passed({a, b}, nullptr, false);
    if (!out.tainted() && (a.known || b.known || ((a.origin | b.origin) & kDecoded))) out.origin |= kDecoded;
    return out;
  }
  static constexpr WordSet kArithmetic{"+", "-", "*", "/", "%", "xor", "<<", ">>", "mod", "^", "|", "&"};
  if (kArithmetic.contains(op) && (a.tainted() || b.tainted())) {  // a number, harmless until it is made a character again
    Value number = passed({a, b}, nullptr, false);
    number.cleaned = kAllSinks;
    return number;
  }
  if (kArithmetic.contains(op) && ((a.origin | b.origin) & kDecoded)) {
    Value number;
    number.origin = kDecoded;
    return number;
  }
  return {};  // a comparison, a number: nothing that could act
}

Value Interpreter::unary() {
  const Token& t = tok();
  if (t.kind == Kind::Op) {
    if (t.word == "!" || t.word == "-" || t.word == "+") {
      const bool minus = t.word == "-";
      ++pos_;
      const Value v = expression(10);
      if (minus && v.known) {
        if (const auto n = to_number(v.text)) return Value::number(-*n);
      }
      return {};
    }
    if (t.word == "~") {
      ++pos_;
      Value v = expression(10);
      if (v.known && !v.is_number) {
        Value out = Value::constant(bitwise_not(v.text));
        out.layers = static_cast<std::uint8_t>(std::min(v.layers + 1, 200));
        return out;
      }
      v.path.clear();
      return v;
    }
    if (t.word == "++" || t.word == "--") {
      const bool up = t.word == "++";
      ++pos_;
      const Value v = expression(10);
      Value next;
      if (v.known) {
        const auto n = to_number(v.text);
        next = n ? Value::number(up ? *n + 1 : *n - 1) : up ? Value::constant(increment(v.text)) : v;
      }
      if (loops_ > 0) next = Value();
      assign(v.path, next, tok().line, true);
      return next;
    }
    if (t.word == "@" && language() == Language::Perl && is_op("{", 1)) {  // a dereference: the thing itself
      ++pos_;
      const std::size_t open = pos_, close = close_of(pos_);
      if (close == open) {
        ++pos_;
        return {};
      }
      ++pos_;
      const bool outer = stop_list_;
      stop_list_ = false;
      Value v = pos_ < close ? expression(0) : Value();
      stop_list_ = outer;
      pos_ = close + 1;
      return postfix(std::move(v));
    }
    if (t.word == "*" && language() == Language::Perl && (is_op("{", 1) || tok(1).kind == Kind::Ident)) {  // *{'name'} = sub { }
      ++pos_;
      std::string name(tok().text);
      if (is_op("{") && close_of(pos_) > pos_) {
        const std::size_t close = close_of(pos_);
        ++pos_;
        const Value v = pos_ < close ? expression(0) : Value();
        name = v.known ? v.text : "";
        pos_ = close + 1;
      } else {
        ++pos_;
        while (is_op(".") && tok(1).kind == Kind::Ident) {
          name = std::string(tok(1).text);
          pos_ += 2;
        }
      }
      if (const std::size_t colon = name.rfind(':'); colon != std::string::npos) name.erase(0, colon + 1);
      Value glob;
      if (!name.empty() && name.size() < 80 && is_op("=")) {
        glob.path = cat("*", name);
        has_globs_ = true;
      }
      return glob;
    }
    if (t.word == "@" || t.word == "&" || t.word == "*" || t.word == "..." || t.word == "**") {
      ++pos_;
      return unary_depth_guard();
    }
    if (t.word == "$") {  // PHP: $$a, ${expression}
      ++pos_;
      Value name;
      if (is_op("{")) {
        const std::size_t close = close_of(pos_);
        ++pos_;
        if (close >= pos_) {
          const bool outer = stop_list_;
          stop_list_ = false;
          if (pos_ < close) name = expression(0);
          stop_list_ = outer;
          pos_ = close + 1;
        }
      } else if (tok().kind == Kind::Var) {
        name = variable(tok().text);
        ++pos_;
      } else if (is_op("$")) {
        name = unary_depth_guard();
      }
      if (name.known) return postfix(variable(cat("$", name.text)));
      Value v;
      v.path = name.tainted() ? "$*" : "";
      if (all_variables_.tainted()) {
        const std::string path = v.path;
        v = all_variables_;
        v.path = path;
      }
      return postfix(std::move(v));
    }
  }
  return postfix(primary());
}

Value Interpreter::unary_depth_guard() {
  if (depth_ > kMaxDepth || !tick()) {
    cut_ |= depth_ > kMaxDepth;
    ++pos_;
    return {};
  }
  ++depth_;
  Value v = unary();
  --depth_;
  return v;
}

}  // namespace plimsoll::detect::web
