#include "standard/cel/evaluator.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "standard/cel/functions.h"

namespace plimsoll::standard::cel {

// Patterns compiled once a run; an expression has few.
struct Run::Patterns {
  std::map<std::string, std::unique_ptr<RE2>> by_text;

  const RE2* get(const std::string& pattern) {
    auto& slot = by_text[pattern];
    if (!slot) {
      RE2::Options options;
      options.set_log_errors(false);
      options.set_max_mem(1 << 20);
      slot = std::make_unique<RE2>(pattern, options);
    }
    return slot->ok() ? slot.get() : nullptr;
  }
};

namespace {

// What an entry with ? puts in: true where there is something. What is no optional value becomes a Failure.
bool unwrap(Value& value) {
  const auto* optional = value.as<Optional>();
  if (!optional) value = Value::error("no such overload: no optional value");
  if (!optional || !optional->value) return false;
  value = Value(*std::shared_ptr(optional->value));
  return true;
}

}  // namespace

Run::Run(const Variables& variable, std::uint64_t limit) : variable_(variable), limit_(limit), patterns_(std::make_unique<Patterns>()) {}
Run::~Run() = default;

Value Run::matches(const std::string& text, const std::string& pattern) {
  const RE2* compiled = patterns_->get(pattern);
  return compiled ? Value(RE2::PartialMatch(text, *compiled)) : Value::error("a pattern that cannot be read");
}

Value Run::find(const std::string& text, const std::string& pattern) {
  const RE2* compiled = patterns_->get(pattern);
  if (!compiled) return Value::error("a pattern that cannot be read");
  re2::StringPiece found;
  return compiled->Match(text, 0, text.size(), RE2::UNANCHORED, &found, 1) ? Value(std::string(found.data(), found.size())) : Value(std::string());
}

Value Run::find_all(const std::string& text, const std::string& pattern, std::int64_t limit) {
  const RE2* compiled = patterns_->get(pattern);
  if (!compiled) return Value::error("a pattern that cannot be read");
  Items out;
  std::size_t at = 0;
  re2::StringPiece found;
  while ((limit < 0 || static_cast<std::int64_t>(out.size()) < limit) && at <= text.size() && compiled->Match(text, at, text.size(), RE2::UNANCHORED, &found, 1)) {
    // Each search may look at all that is left.
    if (!charge(1 + (text.size() - at) / 16)) return spent();
    out.push_back(Value(std::string(found.data(), found.size())));
    at = static_cast<std::size_t>(found.data() - text.data()) + std::max<std::size_t>(1, found.size());
  }
  return Value::list(std::move(out));
}

Value Run::evaluate(const Node& node) {
  if (!charge(1)) return spent();
  switch (node.kind) {
    case NodeKind::Literal: return node.literal;
    case NodeKind::Name:
      for (std::size_t i = scope_.size(); i-- > 0;)
        if (scope_[i].first == node.name) return scope_[i].second;
      return variable_(node.name);
    case NodeKind::Select: return select(node, false);
    case NodeKind::Has: return select(node, true);
    case NodeKind::Call: return call(node);
    case NodeKind::And: case NodeKind::Or: return logic(node);
    case NodeKind::Conditional: {
      const Value condition = evaluate(*node.args[0]);
      if (condition.is_error()) return condition;
      if (!condition.as<bool>()) return Value::error("no such overload: ? needs true or false");
      return evaluate(*node.args[*condition.as<bool>() ? 1 : 2]);
    }
    case NodeKind::List: {
      Items out;
      for (const NodePtr& item : node.args) {
        Value value = evaluate(*item);
        if (value.is_error()) return value;
        const bool there = !item->if_there || unwrap(value);
        if (value.is_error()) return value;
        if (there) out.push_back(std::move(value));
      }
      return Value::list(std::move(out));
    }
    case NodeKind::Map: {
      Entries out;
      for (std::size_t i = 0; i + 1 < node.args.size(); i += 2) {
        Value key = evaluate(*node.args[i]), value = evaluate(*node.args[i + 1]);
        if (key.is_error()) return key;
        if (value.is_error()) return value;
        if (!key.as<bool>() && !key.as<std::int64_t>() && !key.as<std::uint64_t>() && !key.as<std::string>()) return Value::error("a value that cannot be a key");
        for (const auto& [other, unused] : out)
          if (equal(other, key)) return Value::error("a key that is there twice");
        if (!charge(out.size() / 4)) return spent();
        const bool there = !node.args[i + 1]->if_there || unwrap(value);
        if (value.is_error()) return value;
        if (there) out.emplace_back(std::move(key), std::move(value));
      }
      return Value::map(std::move(out));
    }
    case NodeKind::Comprehension: return comprehension(node);
  }
  return Value::error("nothing to evaluate");
}

Value Run::select(const Node& node, bool test) {
  const Value of = evaluate(*node.args[0]);
  if (of.is_error()) return of;
  const auto* optional = of.as<Optional>();
  if (!optional && !node.optional) return member_of(of, node.name, test);
  const Value inner = optional ? optional->value ? *optional->value : Value() : of;
  if (optional && !optional->value) return test ? Value(false) : Value::none();
  const Value there = member_of(inner, node.name, true);
  if (test) return there;
  // What has no members at all (of a type that is not known before) has not this one either.
  return there.as<bool>() && *there.as<bool>() ? Value::some(member_of(inner, node.name, false)) : Value::none();
}

Value Run::member_of(const Value& of, const std::string& name, bool test) {
  if (const Object* object = of.as_object()) {
    Value value = object->member(name);
    return test ? Value(!value.is_error()) : value;
  }
  if (const Entries* map = of.as_map()) {
    if (!charge(map->size() / 4)) return spent();
    for (const auto& [key, value] : *map)
      if (const auto* text = key.as<std::string>(); text && *text == name) return test ? Value(true) : value;
    return test ? Value(false) : Value::error(cat("no such key: ", name));
  }
  return Value::error("no such overload: this has no members");
}

Value Run::call(const Node& node) {
  const Function* function = find_function(node.name, node.receiver);
  if (!function) return Value::error("no such function");
  std::vector<Value> arguments;
  arguments.reserve(node.args.size());
  for (const NodePtr& argument : node.args) {
    arguments.push_back(evaluate(*argument));
    if (arguments.back().is_error()) return arguments.back();
    // What stands in for a value that is there is not looked at.
    if (const auto* first = arguments.size() == 1 && node.receiver ? arguments[0].as<Optional>() : nullptr; first && first->value && (node.name == "or" || node.name == "orValue")) return node.name == "or" ? arguments[0] : *first->value;
  }
  return function->apply(*this, arguments);
}

// One side that decides wins over a failure of the other.
Value Run::logic(const Node& node) {
  const bool decides = node.kind == NodeKind::Or;
  Value failure;
  for (const NodePtr& part : node.args) {
    Value value = evaluate(*part);
    if (const bool* truth = value.as<bool>()) {
      if (*truth == decides) return value;
    } else if (!failure.is_error()) {
      failure = value.is_error() ? std::move(value) : Value::error("no such overload: neither true nor false");
    }
  }
  return failure.is_error() ? failure : Value(!decides);
}

Value Run::of_optional(const Node& node, const Value& range) {
  const auto* optional = range.as<Optional>();
  if (!optional) return Value::error("no such overload: no optional value");
  if (!optional->value) return Value::none();
  scope_.emplace_back(node.name, *optional->value);
  Value out = evaluate(*node.args[1]);
  scope_.pop_back();
  if (out.is_error()) return out;
  if (node.macro == Macro::OptMap) return Value::some(std::move(out));
  return out.as<Optional>() ? out : Value::error("no such overload: no optional value");
}

Value Run::insert(Entries& into, const Value& key, const Value& value) {
  if (!charge(1 + into.size() / 4)) return spent();
  for (const auto& [other, unused] : into)
    if (equal(other, key)) return Value::error("a key that is there twice");
  into.emplace_back(key, value);
  return Value();
}

Value Run::of_two(const Node& node, const Value& range) {
  const Items* list = range.as_list();
  const Entries* map = range.as_map();
  if (!list && !map) return Value::error("no such overload: neither a list nor a map");
  const bool quantifies = node.macro == Macro::All || node.macro == Macro::Exists, decides = node.macro == Macro::Exists;
  Items items;
  Entries entries;
  Value failure;
  std::size_t found = 0;
  const std::size_t slot = scope_.size();
  scope_.emplace_back(node.name, Value());
  scope_.emplace_back(node.second, Value());
  const auto finish = [&](Value value) {
    scope_.resize(slot);
    return value;
  };
  for (std::size_t i = 0, size = list ? list->size() : map->size(); i < size; ++i) {
    if (!charge(1)) return finish(spent());
    scope_[slot].second = list ? Value(static_cast<std::int64_t>(i)) : (*map)[i].first;
    scope_[slot + 1].second = list ? (*list)[i] : (*map)[i].second;
    Value value = evaluate(*node.args[1]);
    if (node.macro < Macro::TransformList || node.args.size() == 3) {
      const bool* truth = value.as<bool>();
      if (!truth) {
        if (!value.is_error()) value = Value::error("no such overload: neither true nor false");
        if (!quantifies) return finish(std::move(value));
        if (!failure.is_error()) failure = std::move(value);
        if (!charge(0)) return finish(spent());
        continue;
      }
      if (quantifies && *truth == decides) return finish(Value(decides));
      if (!*truth || quantifies) continue;
      ++found;
      if (node.macro == Macro::ExistsOne) continue;
      value = evaluate(*node.args[2]);
    }
    if (value.is_error()) return finish(std::move(value));
    if (node.macro == Macro::TransformList) {
      items.push_back(std::move(value));
    } else if (node.macro == Macro::TransformMap) {
      if (Value problem = insert(entries, scope_[slot].second, value); problem.is_error()) return finish(std::move(problem));
    } else {
      const Entries* made = value.as_map();
      if (!made) return finish(Value::error("no such overload: transformMapEntry needs a map"));
      for (const auto& [key, each] : *made)
        if (Value problem = insert(entries, key, each); problem.is_error()) return finish(std::move(problem));
    }
  }
  if (quantifies) return finish(failure.is_error() ? failure : Value(!decides));
  if (node.macro == Macro::ExistsOne) return finish(Value(found == 1));
  return finish(node.macro == Macro::TransformList ? Value::list(std::move(items)) : Value::map(std::move(entries)));
}

Value Run::comprehension(const Node& node) {
  const Value range = evaluate(*node.args[0]);
  if (range.is_error()) return range;
  if (node.macro == Macro::OptMap || node.macro == Macro::OptFlatMap) return of_optional(node, range);
  if (!node.second.empty()) return of_two(node, range);
  const Items* list = range.as_list();
  Items keys;
  if (const Entries* map = range.as_map()) {
    for (const auto& [key, value] : *map) keys.push_back(key);
    list = &keys;
  }
  if (!list) return Value::error("no such overload: neither a list nor a map");
  Items out;
  Value failure;
  std::size_t found = 0;
  scope_.emplace_back(node.name, Value());
  const std::size_t slot = scope_.size() - 1;
  const auto finish = [&](Value value) {
    scope_.resize(slot);
    return value;
  };
  for (const Value& item : *list) {
    if (!charge(1)) return finish(spent());
    scope_[slot].second = item;
    Value value = evaluate(*node.args[1]);
    const bool* truth = value.as<bool>();
    switch (node.macro) {
      case Macro::All: case Macro::Exists: {
        const bool decides = node.macro == Macro::Exists;
        if (truth && *truth == decides) return finish(Value(decides));
        if (!truth && !failure.is_error()) failure = value.is_error() ? std::move(value) : Value::error("no such overload: neither true nor false");
        if (!charge(0)) return finish(spent());
        break;
      }
      case Macro::ExistsOne: case Macro::Filter: case Macro::MapFilter:
        if (!truth) return finish(value.is_error() ? std::move(value) : Value::error("no such overload: neither true nor false"));
        if (!*truth) break;
        ++found;
        if (node.macro == Macro::Filter) out.push_back(item);
        if (node.macro == Macro::MapFilter) {
          out.push_back(evaluate(*node.args[2]));
          if (out.back().is_error()) return finish(out.back());
        }
        break;
      case Macro::Map:
        if (value.is_error()) return finish(std::move(value));
        out.push_back(std::move(value));
        break;
      default: break;  // answered above
    }
  }
  switch (node.macro) {
    case Macro::All: case Macro::Exists: return finish(failure.is_error() ? failure : Value(node.macro == Macro::All));
    case Macro::ExistsOne: return finish(Value(found == 1));
    default: return finish(Value::list(std::move(out)));
  }
}

}  // namespace plimsoll::standard::cel
