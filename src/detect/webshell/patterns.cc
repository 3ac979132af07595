// Values taken apart, chosen and set: { a: { b } }, [x, [y]], list('k' => $v); match, switch as an expression; C#'s
// initialisers. See interpreter.h.
#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {

// Binds the names of the pattern that opens at `open` to the parts of `v`. Leaves the position anywhere.
void Interpreter::bind_pattern(std::size_t open, const Value& v, std::uint32_t line, int depth) {
  const std::size_t close = close_of(open);
  if (close == open || depth > 6) return;
  const bool object = op_at(open, "{");
  std::size_t position = 0;
  for (std::size_t k = open + 1; k < close && tick();) {
    const std::size_t stop = next_comma(k, close);
    std::size_t target = k;
    std::string key;
    bool keyed = object, rest = false;
    if (op_at(k, "...") || op_at(k, "*")) {
      rest = true;
      ++target;
    } else if (op_at(k + 1, ":") || op_at(k + 1, "=>")) {
      key = std::string(at(k).text);
      keyed = true;
      target = k + 2;
    }
    if (op_at(target, "&") || (at(target).kind == Kind::Ident && at(target).text == "list" && op_at(target + 1, "("))) ++target;
    const Token& name = at(target);
    if (key.empty()) key = std::string(name.text);
    if (target < stop) {
      Value part = rest ? v : keyed ? member(v, key, line) : index(v, Value::number(static_cast<long long>(position)), line);
      if (keyed && !part.tainted() && !part.known && v.items && v.items->by_key.contains(key)) part = v.items->by_key.at(key);
      if (name.kind == Kind::Op && (name.word == "{" || name.word == "[" || name.word == "(")) {
        bind_pattern(target, part, line, depth + 1);
      } else if (name.kind == Kind::Var || name.kind == Kind::Ident) {
        std::string to(name.text);
        while (op_at(target + 1, ".") && at(target + 2).kind == Kind::Ident) {
          to += cat(".", at(target + 2).text);
          target += 2;
        }
        assign(to, std::move(part), line);
      }
    }
    ++position;
    k = stop + 1;
  }
}

// match (x) { a => v, default => w }; switch (x) { case 1 -> v; default -> w; }; x switch { 1 => v, _ => w }: any of the values.
Value Interpreter::choice(std::size_t open) {
  const std::size_t close = close_of(open);
  Value out;
  if (close == open) {
    pos_ = open + 1;
    return out;
  }
  const bool outer = stop_list_;
  stop_list_ = false;
  bool first = true;
  for (std::size_t i = open + 1; i < close && tick(); ++i) {
    if (op_at(i, "(") || op_at(i, "[") || op_at(i, "{")) {
      if (close_of(i) > i) i = close_of(i);
      continue;
    }
    if (!op_at(i, "=>") && !op_at(i, "->")) continue;
    pos_ = i + 1;
    Value v;
    if (is_op("{") && close_of(pos_) > pos_) {
      const std::size_t begin = pos_ + 1, end = close_of(pos_);
      exec(begin, end);
      i = end;
    } else {
      v = expression(1);
      i = std::max(i, pos_ > 0 ? pos_ - 1 : 0);
    }
    v.path.clear();
    out = first ? v : join(v, out);
    first = false;
  }
  stop_list_ = outer;
  pos_ = close + 1;
  return out;
}

// C#: new T { Member = value, Other = { Inner = value }, { key, value }, [key] = value }
void Interpreter::initialise(Value& object, std::size_t open, std::uint32_t line) {
  const std::size_t close = close_of(open);
  if (depth_ > 100) return;
  ++depth_;
  for (std::size_t k = open + 1; k < close && tick();) {
    const std::size_t stop = next_comma(k, close);
    if (op_at(k, "{") || op_at(k, "[")) {
      const bool pair = op_at(k, "{");
      const Value first = array_literal(k);
      if (first.items && !first.items->order.empty()) {
        const Value key = first.items->by_key.at(first.items->order[0]);
        Value value = pair && first.items->order.size() > 1 ? first.items->by_key.at(first.items->order[1]) : Value();
        if (!pair && is_op("=")) {
          ++pos_;
          value = expression(1);
        }
        value.path.clear();
        auto items = object.items ? std::make_shared<Items>(*object.items) : std::make_shared<Items>();
        if (items->order.size() < 256) items->set(key.known ? key.text.substr(0, 80) : "", std::move(value));
        object.items = std::move(items);
      }
    } else if (at(k).kind == Kind::Ident && op_at(k + 1, "=")) {
      const std::string name(at(k).text);
      if (op_at(k + 2, "{") && close_of(k + 2) > k + 2) {
        Value inner = Value::named(cat(object.name, ".", name));
        initialise(inner, k + 2, line);
      } else {
        pos_ = k + 2;
        Value set = expression(1);
        assign_sink(cat(object.name, ".", name), set, line);
        set.path.clear();
        if (seen_class(object.name)) fields_[name] = std::move(set);
      }
    }
    k = stop + 1;
  }
  --depth_;
}

}  // namespace plimsoll::detect::web
