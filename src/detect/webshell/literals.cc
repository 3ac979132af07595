// Parentheses, arrays, objects, comprehensions and closures. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {

Value Interpreter::parenthesis() {
  const std::size_t open = pos_, close = close_of(open);
  if (close == open) {
    ++pos_;
    return {};
  }
  const Language lang = language();
  if (op_at(close + 1, "=>") && lang != Language::Php && lang != Language::Perl) {
    std::vector<Parameter> parameters = read_parameters(open, close);
    pos_ = close + 2;
    return arrow(std::move(parameters));
  }
  // A cast.
  if (lang == Language::Php || lang == Language::Java || lang == Language::CSharp) {
    bool type = close > open + 1 && close < open + 14;
    for (std::size_t i = open + 1; i < close && type; ++i) type = at(i).kind == Kind::Ident || (at(i).kind == Kind::Op && (at(i).word == "." || at(i).word == "[" || at(i).word == "]" || at(i).word == "<" || at(i).word == ">" || at(i).word == ","));
    if (type) {
      const std::string name = lower(at(close - 1).text);
      static constexpr std::string_view kNumbers[] = {"int", "integer", "float", "double", "bool", "boolean", "long", "short"};
      static constexpr std::string_view kPhp[] = {"string", "array", "object", "binary", "unset"};
      const bool number = one_of(name, kNumbers);
      const Token& next = at(close + 1);
      const bool operand = starts_operand(next) || (next.kind == Kind::Op && (next.word == "$" || next.word == "!" || next.word == "~"));
      if (operand && next.word != "[" && (lang == Language::Php ? number || one_of(name, kPhp) : true)) {
        pos_ = close + 1;
        Value v = unary_depth_guard();
        if (name == "byte" || name == "char") v.cleaned = 0;  // a number is text again
        if (name == "char" && v.known && v.is_number)
          if (const auto code = to_number(v.text); code && *code > 0 && *code < 256) return Value::constant(std::string(1, static_cast<char>(*code)));
        if (!number) return v;
        Value n = passed({v}, nullptr, false);
        n.cleaned = kAllSinks;
        n.known = v.known;
        n.text = v.text;
        n.is_number = true;
        return n;
      }
    }
  }
  const bool outer = stop_list_;
  stop_list_ = false;
  Value result;
  if (lang == Language::Python && has_comprehension(open + 1, close)) {
    result = comprehension(open + 1, close);
  } else {
    std::vector<Value> parts;
    std::vector<std::pair<std::string, Value>> keyed;
    bool comma = false;
    for (std::size_t i = open + 1; i < close && tick();) {
      const std::size_t stop = next_comma(i, close);
      pos_ = i;
      if (stop > i) parts.push_back(expression(0));
      if (lang == Language::Perl && is_op("=>") && pos_ + 1 < stop && !parts.empty()) {  // key => value
        const std::string key = parts.back().known ? parts.back().text : parts.back().name;
        ++pos_;
        Value value = expression(0);
        value.path.clear();
        keyed.emplace_back(key, value);
        parts.push_back(std::move(value));
      }
      comma |= stop < close;
      i = stop + 1;
    }
    if (parts.size() == 1 && !(comma && lang == Language::Python)) {
      result = std::move(parts[0]);
    } else if (lang == Language::Python || lang == Language::Perl) {
      result = list_of(parts);
      for (auto& [key, value] : keyed) result.items->set(key, std::move(value));
    } else if (!parts.empty()) {
      result = std::move(parts.back());
    }
  }
  stop_list_ = outer;
  pos_ = close + 1;
  return result;
}

Value Interpreter::list_of(const std::vector<Value>& parts) {
  Value list;
  for (const Value& part : parts) list = join_taint(std::move(list), part);
  list.items = std::make_shared<Items>();
  for (const Value& part : parts) {
    Value stored = part;
    stored.path.clear();
    if (language() == Language::Perl && part.items) {  // lists flatten
      for (const std::string& key : part.items->order) list.items->push(part.items->by_key.at(key));
    } else {
      list.items->push(std::move(stored));
    }
  }
  return list;
}

bool Interpreter::has_comprehension(std::size_t begin, std::size_t end) const {
  for (std::size_t i = begin; i < end; ++i) {
    const Token& t = at(i);
    if (t.kind == Kind::Op && (t.word == "(" || t.word == "[" || t.word == "{") && t.match > i) i = t.match;
    else if (t.kind == Kind::Op && t.word == ",") return false;
    else if (t.kind == Kind::Ident && t.word == "for" && i > begin) return true;
  }
  return false;
}

Value Interpreter::comprehension(std::size_t begin, std::size_t end) {
  std::size_t word = begin;
  for (; word < end; ++word) {
    if (at(word).kind == Kind::Op && (at(word).word == "(" || at(word).word == "[" || at(word).word == "{") && at(word).match > word) word = at(word).match;
    else if (at(word).word == "for" && at(word).kind == Kind::Ident) break;
  }
  std::vector<std::string> names;
  pos_ = word + 1;
  while (pos_ < end && !is_word("in") && tick()) {
    if (tok().kind == Kind::Ident) names.emplace_back(tok().text);
    ++pos_;
  }
  ++pos_;
  const Value over = pos_ < end ? expression(2) : Value();
  Value out;
  out.items = std::make_shared<Items>();
  const auto round = [&](const Value& element) {
    for (std::size_t n = 0; n < names.size(); ++n) assign(names[n], names.size() == 1 ? element : index(element, Value::number(static_cast<long long>(n)), at(begin).line), at(begin).line);
    pos_ = begin;
    Value v = expression(1);
    v.path.clear();
    out = join_taint(std::move(out), v);
    out.items->push(std::move(v));
  };
  if (over.items && !over.items->order.empty() && over.items->order.size() <= 512) {
    for (const std::string& key : over.items->order) {
      if (!tick()) break;
      round(over.items->by_key.at(key));
    }
  } else if (over.known && !over.is_number && over.text.size() <= 4096) {
    for (const char c : over.text) {
      if (!tick()) break;
      round(Value::constant(std::string(1, c)));
    }
  } else {
    round(index(over, Value(), at(begin).line));
  }
  pos_ = end;
  return out;
}

Value Interpreter::array_literal(std::size_t open) {
  const std::size_t close = close_of(open);
  if (close == open) {
    pos_ = open + 1;
    return {};
  }
  const bool outer = stop_list_;
  stop_list_ = false;
  Value list;
  if (language() == Language::Python && has_comprehension(open + 1, close)) {
    list = comprehension(open + 1, close);
  } else {
    list.items = std::make_shared<Items>();
    for (std::size_t i = open + 1; i < close && tick();) {
      const std::size_t stop = next_comma(i, close);
      if (stop > i) {
        pos_ = i;
        const bool spread = is_op("...") || is_op("*");
        Value v = op_at(i, "{") && language() != Language::JavaScript && language() != Language::Python && language() != Language::Perl ? array_literal(i) : expression(1);
        std::string key;
        bool keyed = false;
        if (is_op("=>")) {
          keyed = v.known;
          key = v.text;
          ++pos_;
          v = expression(1);
        }
        v.path.clear();
        if (keyed && v.tainted() && !list.tainted()) list.by_element = true;
        list = join_taint(std::move(list), v);
        if (spread && v.items) {
          for (const std::string& k : v.items->order) list.items->push(v.items->by_key.at(k));
        } else if (keyed) {
          list.items->set(key, std::move(v));
        } else {
          list.items->push(std::move(v));
        }
      }
      i = stop + 1;
    }
  }
  stop_list_ = outer;
  pos_ = close + 1;
  return list;
}

Value Interpreter::object_literal(std::size_t open) {
  const std::size_t close = close_of(open);
  if (close == open) {
    pos_ = open + 1;
    return {};
  }
  const bool outer = stop_list_;
  stop_list_ = false;
  Value object;
  object.items = std::make_shared<Items>();
  for (std::size_t i = open + 1; i < close && tick();) {
    const std::size_t stop = next_comma(i, close);
    pos_ = i;
    if (stop > i) {
      if (is_op("...") || is_op("**")) {
        const Value v = expression(1);
        object = join_taint(std::move(object), v);
        if (v.items)
          for (const std::string& k : v.items->order) object.items->set(k, v.items->by_key.at(k));
      } else if (tok().kind == Kind::Ident && (stop == i + 1)) {  // { a }
        Value v = variable(tok().text);
        v.path.clear();
        object = join_taint(std::move(object), v);
        object.items->set(std::string(tok().text), std::move(v));
      } else if (tok().kind == Kind::Var && stop == i + 1 && language() == Language::Perl) {  // { %options }
        const Value v = variable(tok().text);
        object = join_taint(std::move(object), v);
        if (v.items)
          for (const std::string& k : v.items->order) object.items->set(k, v.items->by_key.at(k));
      } else if (skip_at(i) || (tok().kind == Kind::Ident && skip_at(i + 1))) {
        // a method: it has been found
        const std::size_t word = skip_at(i + 1) && !op_at(i + 1, "(") ? i + 1 : i;
        if (const auto found = by_name_.find(std::string(at(word).text)); found != by_name_.end() && found->second.size() <= 64)
          for (const int id : found->second)
            if (const Function& f = functions_[static_cast<std::size_t>(id)]; f.stream == stream_ && f.begin > i && f.end <= stop) {
              Value method;
              method.function = id;
              object.items->set(std::string(at(word).text), std::move(method));
            }
      } else {
        std::string key;
        const bool plain = (tok().kind == Kind::Ident || tok().kind == Kind::String || tok().kind == Kind::Number) && (is_op(":", 1) || is_op("=>", 1) || is_op("=", 1));
        if (plain) {
          key = std::string(tok().text);
          pos_ += 2;
        } else {
          const Value k = expression(2);
          key = k.known ? k.text : "";
          if (is_op(":") || is_op("=>") || is_op(",")) ++pos_;
        }
        if (pos_ < stop) {
          Value v = expression(1);
          v.path.clear();
          object = join_taint(std::move(object), v);
          object.items->set(key, std::move(v));
        }
      }
    }
    i = stop + 1;
  }
  stop_list_ = outer;
  pos_ = close + 1;
  return object;
}

Value Interpreter::arrow(std::vector<Parameter> parameters) {
  if (is_op("{") && close_of(pos_) > pos_ && language() != Language::Python) {
    const std::size_t begin = pos_ + 1, end = close_of(pos_);
    Value v = closure(begin, end, std::move(parameters), false);
    pos_ = end + 1;
    return v;
  }
  // One expression: it ends at the next comma, semicolon or closing bracket.
  std::size_t end = pos_;
  for (; at(end).kind != Kind::End; ++end) {
    const Token& t = at(end);
    if (t.kind != Kind::Op) continue;
    if ((t.word == "(" || t.word == "[" || t.word == "{") && t.match > end) end = t.match;
    else if (t.word == "," || t.word == ";" || t.word == ")" || t.word == "]" || t.word == "}") break;
  }
  Value v = closure(pos_, end, std::move(parameters), true);
  pos_ = end;
  return v;
}

// At a function's end: the closures it made keep its names, where there is outside data.
void Interpreter::keep_scope(std::size_t first_made) {
  if (made_.size() > first_made && flows_.size() > 1 && frames_.back().size() <= 256) {
    auto scope = std::make_shared<Scope>();
    scope->names = std::move(frames_.back());
    scope->outer = functions_[static_cast<std::size_t>(active_.back())].captured;
    std::size_t depth = 0;
    for (const Scope* s = scope->outer.get(); s && depth < 4; s = s->outer.get()) ++depth;
    if (depth >= 4) scope->outer.reset();
    for (std::size_t i = first_made; i < made_.size(); ++i)
      if (made_[i] != active_.back()) functions_[static_cast<std::size_t>(made_[i])].captured = scope;
  }
  made_.resize(std::min(made_.size(), first_made));
}

Value Interpreter::closure(std::size_t begin, std::size_t end, std::vector<Parameter> parameters, bool is_expression, bool run_now) {
  int id = -1;
  const auto found = closures_.find({stream_, begin});
  if (found != closures_.end()) {
    id = found->second;
  } else {
    id = static_cast<int>(functions_.size());
    Function f;
    f.stream = stream_;
    f.begin = begin;
    f.end = end;
    f.parameters = std::move(parameters);
    f.expression = is_expression;
    f.closure = true;
    functions_.push_back(std::move(f));
    closures_[{stream_, begin}] = id;
  }
  if (!active_.empty() && made_.size() < 512) made_.push_back(id);
  if (run_now && speaks(stream_, begin, end) && runs_[id] < 6) call_function(id, {}, at(begin).line);
  Value v;
  v.function = id;
  return v;
}

}  // namespace plimsoll::detect::web
