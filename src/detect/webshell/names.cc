// Names, keywords in expressions, `new`, subscripts, members and calls behind a value. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {

Value Interpreter::primary() {
  const Token& t = tok();
  switch (t.kind) {
    case Kind::End: return {};
    case Kind::String:
      ++pos_;
      return Value::constant(std::string(t.text));
    case Kind::Number: {
      ++pos_;
      const auto n = to_number(t.text);
      Value v = n ? Value::number(*n) : Value::constant(std::string(t.text));
      v.is_number = true;
      return v;
    }
    case Kind::Regex:
      ++pos_;
      if (language() == Language::Perl) regex_code(t);
      return Value::constant(std::string(t.text));
    case Kind::Var: {
      ++pos_;
      if (t.text == "$this") return this_value();
      return variable(t.text);
    }
    case Kind::Op:
      if (t.word == "(") return parenthesis();
      if (t.word == "[") return array_literal(pos_);
      if (t.word == "{" && !stop_list_) return object_literal(pos_);
      return {};
    case Kind::Ident: return name_expression();
  }
  return {};
}

Value Interpreter::this_value() {
  Value v = Value::named("this");
  v.path = "this";
  return v;
}

Value Interpreter::name_expression() {
  const Token& t = tok();
  const Word word = t.word;
  const Language lang = language();
  if (is_op("=>", 1) && lang != Language::Php && lang != Language::Perl && lang != Language::Python) {
    pos_ += 2;
    return arrow({{std::string(t.text), "", false}});
  }
  static constexpr WordSet kSkipped{"my", "our", "local", "var", "let", "const", "static", "final", "out", "ref", "await", "async", "clone", "params", "defined", "scalar", "byval"};
  if (kSkipped.contains(word) && (tok(1).kind == Kind::Ident || tok(1).kind == Kind::Var || tok(1).kind == Kind::String || (word != "defined" && (is_op("(", 1) || is_op("[", 1))) || is_op("@", 1) || is_op("{", 1))) {
    if (!(word == "static" && is_op(".", 1))) {
      ++pos_;
      if (lang == Language::Perl && (word == "my" || word == "local")) {
        if (tok().kind == Kind::Var) frames_.back()[std::string(tok().text)] = Value();
        else if (is_op("("))
          for (std::size_t k = pos_ + 1; k < close_of(pos_); ++k)
            if (at(k).kind == Kind::Var) frames_.back()[std::string(at(k).text)] = Value();
      }
      return unary_depth_guard();
    }
  }
  if (word == "throw" || word == "raise") {
    ++pos_;
    Value v = expression(2);
    if (v.tainted()) {
      v.weak = false;
      v.path.clear();
      thrown_ = std::move(v);
    }
    return {};
  }
  if ((word == "match" && lang == Language::Php) || (word == "switch" && (lang == Language::Java || lang == Language::CSharp))) {
    if (is_op("(", 1) && close_of(pos_ + 1) > pos_ + 1 && op_at(close_of(pos_ + 1) + 1, "{")) {
      const std::size_t close = close_of(pos_ + 1);
      exec(pos_ + 2, close);
      return choice(close + 1);
    }
  }
  if (word == "not" || word == "throw" || word == "void" || word == "delete" || word == "raise" || word == "del" || word == "assert_") {
    ++pos_;
    expression(5);
    return {};
  }
  if (word == "yield") {
    ++pos_;
    if (!is_op(";") && !is_op(")") && !is_op("}")) {
      const Value given = expression(2);
      if (!returned_.empty() && given.tainted()) returned_.back() = join(given, returned_.back());
    }
    return sent_;
  }
  if (word == "typeof") {
    ++pos_;
    Value v = expression(10);
    return lang == Language::CSharp ? v : Value();
  }
  if (word == "isset" || word == "empty" || word == "unset" || word == "exists") {
    ++pos_;
    if (is_op("(")) {
      const std::size_t close = close_of(pos_);
      arguments(pos_);
      pos_ = close + 1;
    } else {
      expression(6);
    }
    return {};
  }
  if (word == "true" || word == "false" || word == "null" || word == "none" || word == "nothing") {
    ++pos_;
    return word == "true" ? Value::number(1) : Value::constant("");
  }
  if (word == "new" && (tok(1).kind == Kind::Ident || tok(1).kind == Kind::Var || is_op("(", 1) || is_op("[", 1))) return new_expression();
  if ((word == "function" || word == "sub" || word == "delegate") && (is_op("(", 1) || is_op("{", 1) || is_op("&", 1) || is_op("*", 1) || (tok(1).kind == Kind::Ident && is_op("(", 2)))) {
    std::size_t open = pos_ + 1;
    while (open < pos_ + 3 && !op_at(open, "(") && !op_at(open, "{")) ++open;
    std::vector<Parameter> parameters;
    std::size_t brace = open;
    if (op_at(open, "(")) {
      const std::size_t close = close_of(open);
      parameters = read_parameters(open, close);
      brace = close + 1;
      for (std::size_t k = 0; k < 40 && !op_at(brace, "{") && !op_at(brace, ";") && at(brace).kind != Kind::End; ++k) ++brace;
    }
    const std::size_t end = close_of(brace);
    if (!op_at(brace, "{") || end == brace) {
      ++pos_;
      return {};
    }
    Value v = closure(brace + 1, end, std::move(parameters), false);
    pos_ = end + 1;
    return v;
  }
  if (word == "fn" && lang == Language::Php && is_op("(", 1)) {
    const std::size_t open = pos_ + 1, close = close_of(open);
    std::vector<Parameter> parameters = read_parameters(open, close);
    pos_ = close + 1;
    while (!is_op("=>") && !is_op(";") && tok().kind != Kind::End) ++pos_;
    if (is_op("=>")) ++pos_;
    return arrow(std::move(parameters));
  }
  if (word == "bless" && lang == Language::Perl && is_op("{", 1)) {
    ++pos_;
    Value object = object_literal(pos_);
    if (is_op(",")) {
      ++pos_;
      expression(2);
    }
    return object;
  }
  if (word == "lambda" && lang == Language::Python) {
    std::size_t colon = pos_ + 1;
    while (!op_at(colon, ":") && !op_at(colon, ";") && at(colon).kind != Kind::End) ++colon;
    std::vector<Parameter> parameters = read_parameters(pos_, colon);
    pos_ = colon + 1;
    return arrow(std::move(parameters));
  }
  if (word == "array" && is_op("(", 1)) {
    ++pos_;
    return array_literal(pos_);
  }
  if ((word == "eval" || word == "do") && is_op("{", 1) && lang == Language::Perl) {
    const std::size_t open = pos_ + 1, close = close_of(open);
    last_value_ = Value();
    if (close > open) {
      exec(open + 1, close);
      pos_ = close + 1;
    } else {
      pos_ += 2;
    }
    Value v = std::move(last_value_);
    v.path.clear();
    return v;
  }
  ++pos_;
  if ((word == "self" && (lang == Language::Python || lang == Language::Php)) || word == "this" || (word == "me" && lang == Language::VisualBasic) || word == "parent") return this_value();
  if (lang == Language::Php) {
    static constexpr WordSet kBare{"include", "include_once", "require", "require_once", "print", "echo"};
    if (kBare.contains(word)) {
      Callee callee;
      callee.value = Value::named(std::string(word.text()));
      const std::uint32_t line = t.line;
      Value v = expression(2);
      return call(callee, {std::move(v)}, line);
    }
  }
  Value v = variable(t.text);
  if (lang == Language::Perl && !is_op("(") && !is_op(".") && !is_op("=>") && !is_op(",") && (starts_operand(tok()) || ((word == "map" || word == "grep" || word == "sort" || word == "print" || word == "printf" || word == "say") && is_op("{")))) {
    // STDIN, a file handle or a class: no call.
    const bool handle = std::all_of(t.text.begin(), t.text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); });
    if (!handle && (!is_op("[") || word == "join" || word == "print")) {
      Callee callee;
      callee.value = v;
      return bare_call(std::move(callee));
    }
  }
  if (lang == Language::Perl && (word == "chr" || word == "ord" || word == "lc" || word == "uc" || word == "eval" || word == "system" || word == "readpipe") && (is_op("}") || is_op(")") || is_op(";"))) {
    Callee callee;
    callee.value = v;
    return call(callee, {variable("$_")}, t.line);
  }
  if (lang == Language::Perl && (word == "shift" || word == "pop") && !is_op("(")) {
    Callee callee;
    callee.value = v;
    return call(callee, {}, t.line);
  }
  return v;
}

Value Interpreter::new_expression() {
  const std::uint32_t line = tok().line;
  ++pos_;
  Callee callee;
  callee.constructs = true;
  if (is_op("[")) {  // new[] { ... }
    pos_ = close_of(pos_) + 1;
    return is_op("{") ? array_literal(pos_) : Value();
  }
  if (is_op("(")) {
    callee.value = parenthesis();
  } else if (tok().kind == Kind::Var) {
    callee.value = variable(tok().text);
    if (callee.value.known) callee.value = Value::named(callee.value.text);
    ++pos_;
  } else {
    std::string name(tok().text);
    ++pos_;
    if (is_op("(")) {
      // Within this file a class may be an alias: const { Script } = require('vm').
      if (const Value* alias = find_variable(name); alias && !alias->name.empty()) name = alias->name;
    }
    while (is_op(".") && tok(1).kind == Kind::Ident) {
      if (const Value* alias = find_variable(name); alias && !alias->name.empty()) name = alias->name;
      name += cat(".", tok(1).text);
      pos_ += 2;
    }
    if (is_op("<")) {  // generics
      std::size_t depth = 0, j = pos_;
      for (; j < pos_ + 60; ++j) {
        if (op_at(j, "<")) ++depth;
        if (op_at(j, ">") && --depth == 0) break;
        if (op_at(j, ">>")) {
          depth -= std::min<std::size_t>(depth, 2);
          if (depth == 0) break;
        }
        if (op_at(j, ";")) break;
      }
      if (op_at(j, ">") || op_at(j, ">>")) pos_ = j + 1;
    }
    callee.value = Value::named(name);
  }
  if (is_op("[")) {  // an array
    while (is_op("[") && close_of(pos_) > pos_) pos_ = close_of(pos_) + 1;
    return is_op("{") ? array_literal(pos_) : Value();
  }
  std::vector<Value> args;
  if (is_op("(")) {
    const std::size_t close = close_of(pos_);
    args = arguments(pos_);
    pos_ = close + 1;
  }
  if (callee.value.name == "class" && (language() == Language::Php || language() == Language::JavaScript)) {  // new class(...) extends X { }
    for (std::size_t k = 0; k < 24 && !is_op("{") && !is_op(";") && tok().kind != Kind::End; ++k) ++pos_;
    const std::size_t body = pos_;
    if (is_op("{") && close_of(body) > body) {
      ++class_depth_;
      exec(body + 1, close_of(body));
      --class_depth_;
      pos_ = close_of(body) + 1;
    }
    const std::size_t after = pos_;
    Value object = call(callee, std::move(args), line);
    pos_ = after;
    return object;
  }
  Value v = call(callee, std::move(args), line);
  if ((language() == Language::CSharp || language() == Language::Java) && is_op("{") && close_of(pos_) > pos_ && !stop_list_) {
    // An anonymous class (its methods are known already) or { Member = value, ... }.
    const std::size_t open = pos_, close = close_of(pos_);
    if (language() == Language::CSharp) initialise(v, open, line);
    pos_ = close + 1;
    if (language() == Language::Java) v.name = "this";  // its methods are of this file
  }
  return v;
}

std::vector<Value> Interpreter::arguments(std::size_t open) {
  const std::size_t close = close_of(open);
  std::vector<Value> out;
  if (close == open) return out;
  const bool outer = stop_list_;
  stop_list_ = false;
  if (language() == Language::Python && has_comprehension(open + 1, close)) {
    out.push_back(comprehension(open + 1, close));
  } else {
    for (std::size_t i = open + 1; i < close && tick() && out.size() < 256;) {
      const std::size_t stop = next_comma(i, close);
      pos_ = i;
      if (stop > i) {
        const bool named = tok().kind == Kind::Ident && stop > i + 2 &&
                           ((language() == Language::Python && is_op("=", 1)) || (is_op(":", 1) && language() != Language::JavaScript && language() != Language::Java));
        std::string keyword;
        if (named) {
          keyword = std::string(tok().text);
          pos_ += 2;
        }
        const bool spread = is_op("...") || is_op("*");
        // Perl: a comma list with =>, where the arrow is a comma.
        Value v = expression(1);
        if (is_op("=>") && pos_ < stop) {
          out.push_back(v);
          ++pos_;
          v = expression(1);
        }
        if (named) keywords_[keyword] = v;
        if (spread && v.items) {
          for (const std::string& key : v.items->order) out.push_back(v.items->by_key.at(key));
        } else {
          out.push_back(std::move(v));
        }
      }
      i = stop + 1;
    }
  }
  stop_list_ = outer;
  pos_ = close + 1;
  return out;
}

std::vector<Value> Interpreter::bare_arguments() {
  std::vector<Value> out;
  while (tick() && out.size() < 64 && tok().kind != Kind::End) {
    const std::size_t before = pos_;
    out.push_back(expression(2));
    if (pos_ == before) {
      out.pop_back();
      break;
    }
    // print $fh $text: two operands in a row.
    if (!is_op(",") && !is_op("=>") && !(language() == Language::Perl && out.size() == 1 && starts_operand(tok()) && !is_op("(") && !is_op("["))) break;
    if (is_op(",") || is_op("=>")) ++pos_;
  }
  return out;
}

Value Interpreter::bare_call(Callee callee) {
  const std::uint32_t line = tok().line;
  std::vector<Value> args;
  if (is_op("{")) {  // map { block } list
    const std::size_t open = pos_, close = close_of(open);
    if (close == open) {
      ++pos_;
      return {};
    }
    if (callee.value.name.starts_with("print") || callee.value.name == "say" || callee.value.name == "exec" || callee.value.name == "system") {  // print {$handle} ...
      pos_ = open + 1;
      args.push_back(expression(0));
      pos_ = close + 1;
      for (Value& v : bare_arguments()) args.push_back(std::move(v));
      return call(callee, std::move(args), line);
    }
    args.push_back(closure(open + 1, close, {}, false, false));
    functions_[static_cast<std::size_t>(args.back().function)].block = true;
    pos_ = close + 1;
    if (is_op(",")) ++pos_;
  }
  for (Value& v : bare_arguments()) args.push_back(std::move(v));
  return call(callee, std::move(args), line);
}

Value Interpreter::postfix(Value v) {
  Value receiver;
  bool has_receiver = false;
  while (tick()) {
    const Token& t = tok();
    if (t.kind != Kind::Op) break;
    const std::uint32_t line = t.line;
    if (t.word == "<" && (language() == Language::CSharp || language() == Language::Java) && !v.name.empty()) {  // f<T>(x)
      std::size_t j = pos_ + 1;
      while (j < pos_ + 16 && (at(j).kind == Kind::Ident || op_at(j, ".") || op_at(j, ",") || op_at(j, "[") || op_at(j, "]"))) ++j;
      if (j > pos_ + 1 && op_at(j, ">") && op_at(j + 1, "(")) {
        pos_ = j + 1;
        continue;
      }
    }
    if (t.word == "(") {
      // JavaScript and others: a call stands on the same line or in the same chain; Perl: after names and code values.
      const std::size_t close = close_of(pos_);
      if (close == pos_) break;
      if (language() == Language::Php && is_op("...", 1) && close == pos_ + 2) {  // f(...): the function itself
        pos_ = close + 1;
        if (v.function < 0 && !v.known && !has_receiver) v.function = find_function({}, v.name);
        if (v.function < 0 && !v.known && !has_receiver) v = Value::constant(v.name);
        continue;
      }
      Callee callee;
      callee.value = std::move(v);
      callee.receiver = std::move(receiver);
      callee.has_receiver = has_receiver;
      keywords_.clear();
      std::vector<Value> args = arguments(pos_);
      pos_ = close + 1;
      v = call(std::move(callee), std::move(args), line);
      receiver = Value();
      has_receiver = false;
      continue;
    }
    if (t.word == "[") {
      const std::size_t close = close_of(pos_);
      if (close == pos_) break;
      const std::size_t open = pos_;
      receiver = v;
      has_receiver = true;
      const bool outer = stop_list_;
      stop_list_ = false;
      std::size_t colon = 0;
      if (language() == Language::Python) {
        for (std::size_t i = open + 1; i < close; ++i) {
          if (op_at(i, "(") || op_at(i, "[") || op_at(i, "{")) i = close_of(i);
          else if (op_at(i, ":") && !colon) colon = i;
        }
      }
      if (colon) {
        v = slice(v, open, colon, close);
      } else if (close == open + 1) {  // $a[] = x
        const std::string path = v.path.empty() ? "" : cat(v.path, "[]");
        v = index(v, Value(), line);
        v.path = path;
      } else {
        pos_ = open + 1;
        const Value key = expression(0);
        v = index(v, key, line);
      }
      stop_list_ = outer;
      pos_ = close + 1;
      continue;
    }
    if (t.word == "{") {
      const bool php_index = language() == Language::Php && (tok(1).kind == Kind::String || tok(1).kind == Kind::Number) && is_op("}", 2) && !v.path.empty() && v.path[0] == '$';
      const bool perl_index = language() == Language::Perl && !v.path.empty() && v.path[0] == '$' && close_of(pos_) > pos_ && !stop_list_ && !op_at(close_of(pos_) - 1, ";") && pos_ > 0 && !op_at(pos_ - 1, ")");
      const bool perl_chain = language() == Language::Perl && pos_ > 0 && (op_at(pos_ - 1, "}") || op_at(pos_ - 1, "]")) && has_receiver && close_of(pos_) > pos_;
      const bool after_call = language() == Language::Perl && pos_ > 0 && op_at(pos_ - 1, ")") && close_of(pos_) > pos_ && close_of(pos_) - pos_ <= 3 && !stop_list_ && tok(1).kind != Kind::Op && is_op("}", 2);
      if (!php_index && !perl_index && !perl_chain && !after_call) break;
      const std::size_t open = pos_, close = close_of(pos_);
      receiver = v;
      has_receiver = true;
      Value key;
      if ((tok(1).kind == Kind::Ident || tok(1).kind == Kind::String) && close == open + 2) {
        key = Value::constant(std::string(tok(1).text));
      } else if (close > open + 1) {
        pos_ = open + 1;
        key = expression(0);
      }
      v = index(v, key, line);
      pos_ = close + 1;
      continue;
    }
    if (t.word == ".") {
      ++pos_;
      receiver = std::move(v);
      v = Value();
      has_receiver = true;
      if (tok().kind == Kind::Ident || tok().kind == Kind::Number) {
        const std::string name(tok().text);
        const bool class_constant = name == "class" && language() != Language::JavaScript;
        ++pos_;
        if (class_constant) {
          v = receiver;
          continue;
        }
        v = member(receiver, name, line);
        std::size_t root = pos_ - 3;
        for (int hops = 0; hops < 8 && root > 1 && at(root).kind == Kind::Ident && op_at(root - 1, "."); ++hops) root -= 2;
        const bool of_value = (language() == Language::Perl && name != "content" && rules_.by_member.contains(std::string_view(cat(name, "()"))) && pos_ > 4 && root + 1 < pos_ && at(root).kind == Kind::Var) || (!receiver.path.empty() && receiver.path[0] == '$') || (pos_ >= 3 && op_at(pos_ - 3, ")"));
        if (language() == Language::Perl && !is_op("(") && of_value && !is_op("=")) {
          Callee callee;
          callee.value = std::move(v);
          callee.receiver = receiver;
          callee.has_receiver = true;
          v = call(callee, {}, line);
          has_receiver = false;
        }
      } else if (tok().kind == Kind::Var) {
        const Value key = variable(tok().text);
        const std::string static_name(tok().text.substr(1));
        ++pos_;
        if (language() == Language::Php && !key.known && !key.tainted() && (seen_class(receiver.name) || receiver.name == "this" || receiver.name == "static")) v = member(receiver, static_name, line);  // T::$x
        else v = key.known ? member(receiver, key.text, line) : chosen_member(receiver, key, line);
      } else if (is_op("{")) {
        const std::size_t close = close_of(pos_);
        ++pos_;
        const Value key = close > pos_ ? expression(0) : Value();
        v = key.known ? member(receiver, key.text, line) : chosen_member(receiver, key, line);
        pos_ = std::max(close + 1, pos_);
      } else if (is_op("$")) {
        const Value key = unary_depth_guard();
        v = chosen_member(receiver, key, line);
      } else {
        v = receiver;
      }
      continue;
    }
    if (t.word == "++" || t.word == "--") {
      const bool up = t.word == "++";
      ++pos_;
      Value next;
      if (v.known && loops_ == 0) {
        const auto n = to_number(v.text);
        next = n ? Value::number(up ? *n + 1 : *n - 1) : up ? Value::constant(increment(v.text)) : v;
      }
      assign(v.path, next, line, true);
      v.path.clear();
      continue;
    }
    break;
  }
  return v;
}

Value Interpreter::slice(const Value& of, std::size_t open, std::size_t colon, std::size_t close) {
  // Only s[::-1], s[a:], s[:b] and s[a:b] of constants are worked out; everything else stays the same data.
  std::vector<std::optional<long long>> parts;
  std::size_t from = open + 1;
  (void)colon;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (i < close && (op_at(i, "(") || op_at(i, "[") || op_at(i, "{")) && close_of(i) > i) {
      i = close_of(i);
      continue;
    }
    if (i != close && !op_at(i, ":")) continue;
    std::optional<long long> part;
    if (i > from) {
      pos_ = from;
      const Value v = expression(2);
      if (v.known) part = to_number(v.text);
    }
    parts.push_back(part);
    from = i + 1;
  }
  if (of.known && parts.size() == 3 && parts[2] == -1 && !parts[0] && !parts[1]) {
    std::vector<Value> args{of};
    return fold(Does::Reverse, args).value_or(Value());
  }
  if (of.known && parts.size() >= 2 && !(parts.size() == 3 && parts[2])) {
    const auto size = static_cast<long long>(of.text.size());
    const auto clip = [&](long long n) { return std::clamp<long long>(n < 0 ? n + size : n, 0, size); };
    const long long begin = parts[0] ? clip(*parts[0]) : 0, end = parts[1] ? clip(*parts[1]) : size;
    return Value::constant(begin < end ? of.text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)) : "");
  }
  Value v = passed({of}, nullptr, false);
  v.name = of.name;
  return v;
}

}  // namespace plimsoll::detect::web
