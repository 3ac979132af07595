// What a language calls by itself: getters, __get, __toString, __enter__, set accessors, and the functions that are handed
// to others together with their arguments. See interpreter.h.
#include <algorithm>

#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {

// The function `name` of that class; -1 when there is none.
int Interpreter::method_of(std::string_view owner, const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end() || owner.empty()) return -1;
  for (const int id : found->second)
    if (functions_[static_cast<std::size_t>(id)].owner == owner) return id;
  return -1;
}

std::string_view Interpreter::class_of(const Value& v) const {
  if (v.name == "this") return active_.empty() ? std::string_view() : std::string_view(functions_[static_cast<std::size_t>(active_.back())].owner);
  return v.known || v.tainted() || !seen_class(v.name) ? std::string_view() : std::string_view(v.name);
}

// A member or element that a function of the object's class works out.
std::optional<Value> Interpreter::worked_out(const Value& of, const std::string& name, bool element, std::uint32_t line) {
  if (!has_magic_ || active_.size() > 5) return std::nullopt;
  const std::string owner(class_of(of));
  if (owner.empty()) return std::nullopt;
  const auto run = [&](int id, const std::vector<Value>& args) {
    Value v = call_function(id, args, line);
    v.path.clear();
    return v;
  };
  if (!element) {
    const int getter = method_of(owner, name);
    if (getter >= 0 && language() == Language::VisualBasic) return run(getter, {});
    if (getter >= 0 && functions_[static_cast<std::size_t>(getter)].getter) return run(getter, {});
    if (getter >= 0) return std::nullopt;
  }
  static constexpr const char* kMembers[] = {"__get", "__getattr__", "__getattribute__"};
  static constexpr const char* kElements[] = {"offsetget", "__getitem__", "__missing__"};
  for (const char* magic : element ? kElements : kMembers)
    if (const int id = method_of(owner, magic); id >= 0) return run(id, {Value::constant(name)});
  return std::nullopt;
}

// An object where a text is wanted: what __toString and its like give.
Value Interpreter::as_text(Value v, std::uint32_t line) {
  if (!has_text_methods_ || v.known || v.tainted()) return v;
  for (const char* magic : {"__tostring", "__str__", "__repr__", "__format__", "toString", "ToString"})
    if (const int id = method_of(class_of(v), magic); id >= 0) return call_function(id, {}, line);
  return v;
}

// An assignment to a member that a function of the object's class takes.
void Interpreter::set_member(const std::string& path, const Value& value, std::uint32_t line) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos || path.back() == ']' || active_.size() > 5) return;
  const Value* object = find_variable(std::string_view(path).substr(0, dot));
  if (!object) return;
  const std::string owner(class_of(*object)), key = path.substr(dot + 1);
  if (owner.empty()) return;
  for (const char* magic : {"__set", "__setattr__"})
    if (const int id = method_of(owner, magic); id >= 0) {
      call_function(id, {Value::constant(key), value}, line);
      return;
    }
  const auto found = by_name_.find(key);
  if (found == by_name_.end()) return;
  for (const int id : found->second)
    if (const Function& f = functions_[static_cast<std::size_t>(id)]; f.setter && f.owner == owner) {
      call_function(id, {value}, line);
      return;
    }
}

// Timer(0, os.system, [x]), process.nextTick(exec, x), sorted([x], key=eval): a function of danger handed to another one
// together with outside data is called with it.
void Interpreter::hand_over(const Callee& callee, const std::vector<Value>& args, std::uint32_t line) {
  if (args.empty() || args.size() > 12) return;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Value& f = args[i];
    if (f.function >= 0 || f.known || f.tainted() || f.name.empty() || f.name.ends_with(')')) continue;
    const Rule* acts = rules_.find(f.name, Rule::Use::Sink);
    if (!acts || (acts->kind != SinkKind::Process && acts->kind != SinkKind::Evaluation) || acts->assign || acts->pattern.starts_with("*.")) continue;
    std::vector<Value> behind, others;
    for (std::size_t k = 0; k < args.size(); ++k)
      if (k != i) (k > i ? behind : others).push_back(args[k]);
    Value data = passed(behind, nullptr, false);
    if (!data.tainted()) data = passed(others, callee.has_receiver ? &callee.receiver : nullptr, false);
    if (!data.tainted()) continue;
    Callee inner;
    inner.value = f;
    inner.value.path.clear();
    call(std::move(inner), {std::move(data)}, line);
    return;
  }
}

// What a function that is handed a closure gives it: JSON.parse(x, (key, value) => ...), inflate(x, (error, data) => ...).
void Interpreter::give_back(const Value& result, const std::vector<Value>& args, std::uint32_t line) {
  if (!result.tainted() || result.weak || args.size() < 2) return;
  const Value& last = args.back();
  if (last.function < 0) return;
  const std::size_t wanted = functions_[static_cast<std::size_t>(last.function)].parameters.size();
  Value data = result;
  data.path.clear();
  data.name.clear();
  data.items.reset();
  std::vector<Value> given(wanted <= 1 ? 1 : wanted, Value());
  given[wanted <= 1 ? 0 : 1] = std::move(data);
  call_function(last.function, given, line);
}

// array_reduce whose callback makes functions: each is given to the next.
std::optional<Value> Interpreter::folded_callbacks(const Value& callback, const std::vector<Value>& args, std::uint32_t line) {
  if (callback.function < 0 || args.size() < 3 || args[2].function < 0 || !args[0].items || args[0].items->order.size() > 32) return std::nullopt;
  Value carried = args[2];
  const auto items = args[0].items;
  for (const std::string& key : items->order) {
    carried.path.clear();
    carried = call_function(callback.function, {carried, items->by_key.at(key)}, line);
  }
  return carried;
}

// PHP's functions that call back with several values at once: array_map over lists, usort, array_reduce, array_walk.
void Interpreter::call_with_pairs(const std::string& name, const std::vector<Value>& args, std::uint32_t line) {
  const std::string lowered = lower(name);
  const bool maps = lowered == "array_map", reduces = lowered == "array_reduce", walks = lowered.starts_with("array_walk");
  if (args.size() < 2 || (maps && args.size() < 3)) return;
  Callee inner;
  inner.value = maps ? args[0] : args[1];
  if (inner.value.function < 0 && !inner.value.known) return;
  inner.value.path.clear();
  const auto element = [&](const Value& list, std::size_t n) {
    if (!list.items || list.items->order.empty()) return list.tainted() ? index(list, Value(), line) : Value();
    return n < list.items->order.size() ? list.items->by_key.at(list.items->order[n]) : Value();
  };
  const Value& list = maps ? args[1] : args[0];
  const std::size_t count = std::clamp<std::size_t>(list.items ? list.items->order.size() : 1, 1, 16);
  for (std::size_t n = 0; n < count && tick(); ++n) {
    std::vector<Value> given;
    if (maps) {
      for (std::size_t k = 1; k < args.size(); ++k) given.push_back(element(args[k], n));
    } else if (reduces) {
      given = {args.size() > 2 ? args[2] : Value(), element(list, n)};
    } else if (walks) {
      given = {element(list, n), list.items && n < list.items->order.size() ? Value::constant(list.items->order[n]) : Value()};
      if (args.size() > 2) given.push_back(args[2]);
    } else {
      given = {element(list, n), element(list, n + 1 < count ? n + 1 : 0)};
    }
    if (std::none_of(given.begin(), given.end(), [](const Value& v) { return v.tainted(); })) continue;
    call(inner, given, line);
    if (!maps && !reduces && !walks) {
      std::swap(given[0], given[1]);
      call(inner, given, line);
    }
  }
}

}  // namespace plimsoll::detect::web
