// Calls: which function is meant, and what comes back. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::size_t kMaxCalls = 8;     // active at once
constexpr std::size_t kMaxRuns = 16;     // of one function

}  // namespace

Value Interpreter::passed(const std::vector<Value>& args, const Value* receiver, bool weak) {
  Value v;
  if (receiver) v = join_taint(std::move(v), *receiver);
  for (const Value& arg : args) {
    v = join_taint(std::move(v), arg);
    if (arg.items && !arg.tainted()) {
      std::size_t seen = 0;
      for (const auto& [key, item] : arg.items->by_key) {
        if (++seen > 64) break;
        v = join_taint(std::move(v), item);
      }
    }
  }
  v.weak |= weak && v.tainted();
  v.chosen = false;
  return v;
}

int Interpreter::find_function(const Callee& callee, const std::string& name) const {
  const std::size_t dot = name.rfind('.');
  const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  const auto found = by_name_.find(folds_case() ? lower(last) : last);
  if (found == by_name_.end()) return -1;
  if (dot != std::string::npos) {
    const std::string of = name.substr(0, dot);
    const bool own = of == "this" || of == "self" || of == "static" || of == "parent" || of == "cls" || of == "main" || seen_class(of) || (callee.has_receiver && seen_class(callee.receiver.name)) || of.ends_with(".new");
    // Java and C#: a method without a receiver is the class's own; with one it may be anything.
    if (!own) return -1;
    for (const int id : found->second)
      if (functions_[static_cast<std::size_t>(id)].owner == of || (callee.has_receiver && functions_[static_cast<std::size_t>(id)].owner == callee.receiver.name)) return id;
  }
  return found->second.front();
}

Value Interpreter::call_function(int id, const std::vector<Value>& args, std::uint32_t line, const Value* self) {
  Function& f = functions_[static_cast<std::size_t>(id)];
  if (active_.size() >= kMaxCalls || std::find(active_.begin(), active_.end(), id) != active_.end() || !tick()) return passed(args, nullptr, false);
  const bool outside = std::any_of(args.begin(), args.end(), [](const Value& v) { return v.tainted() || v.known || v.items || v.function >= 0; });
  std::size_t& runs = runs_[id];
  if (++runs > kMaxRuns && !(outside && runs < 4 * kMaxRuns)) return passed(args, nullptr, false);
  // Twice is enough for one that says nothing of itself: what it gives back is known then, if it can be.
  if (runs > 2 && !outside && flows_.size() == 1 && !speaks(f.stream, f.begin, f.end)) return passed(args, nullptr, false);
  const std::size_t stream = stream_, position = pos_;
  const int condition = condition_, guarding = guarding_, loops = loops_, classes = class_depth_;
  const bool stop = stop_list_;
  condition_ = guarding_ = loops_ = class_depth_ = 0;
  stop_list_ = false;
  std::vector<std::shared_ptr<Scope>> chain;
  for (std::shared_ptr<Scope> s = f.captured; s && !s->in_use && chain.size() < 5; s = s->outer) {
    s->in_use = true;
    chain.push_back(s);
  }
  for (auto s = chain.rbegin(); s != chain.rend(); ++s) frames_.push_back(std::move((*s)->names));
  const std::size_t first_made = made_.size();
  given_.push_back(&args);
  frames_.emplace_back();
  active_.push_back(id);
  returned_.emplace_back();
  stream_ = f.stream;
  {
    Frame& frame = frames_.back();
    std::size_t offset = 0;
    if (!f.parameters.empty() && language() == Language::Python && (f.parameters[0].name == "self" || f.parameters[0].name == "cls")) offset = 1;
    const std::size_t skip = offset == 1 && !args.empty() && args[0].name == "self" ? 1 : 0;
    for (std::size_t i = offset; i < f.parameters.size(); ++i) {
      const Parameter& p = f.parameters[i];
      const std::size_t a = i - offset + skip;
      if (p.pattern) {
        const Value whole = a < args.size() ? args[a] : Value();
        bind_pattern(p.pattern, whole, line);
      }
      if (p.name.empty()) continue;
      if (p.rest && a < args.size()) {
        frame[p.name] = list_of({args.begin() + static_cast<std::ptrdiff_t>(a), args.end()});
      } else if (a < args.size()) {
        Value v = args[a];
        v.path.clear();
        if (v.tainted()) v = step(std::move(v), line, cat(f.name.empty() ? "function" : f.name, "(", p.name, ")"));
        if (v.name.empty() && !v.known && !v.tainted() && v.function < 0 && !v.items) v.name = p.type.empty() ? p.name : p.type;
        if (p.promoted) fields_[p.name[0] == '$' ? p.name.substr(1) : p.name] = v;
        frame[p.name] = std::move(v);
      } else {
        if (p.outside) {
          frame[p.name] = request_value(p.name, at(f.begin).line);
          continue;
        }
        Value v = Value::named(p.type.empty() || p.type == "String" || p.type == "string" ? p.name : p.type);
        if (language() == Language::Python || language() == Language::JavaScript)
          if (const Rule* source = rules_.find(v.name, Rule::Use::Source)) v = request_value(v.name, at(f.begin).line, source->origin);
        frame[p.name] = std::move(v);
      }
    }
    if (language() == Language::Perl && args.empty() && !f.block) frame["$_"] = Value::named("@_");
    if (language() == Language::Perl && !args.empty()) {
      Value list = f.block && args.size() == 1 ? args[0] : list_of(args);
      list.path.clear();
      frame["$_"] = std::move(list);
    }
    (void)self;
  }
  if (f.expression) {
    pos_ = f.begin;
    Value v = expression(1);
    returned_.back() = std::move(v);
  } else {
    last_value_ = Value();
    exec(f.begin, f.end);
  }
  Value result = std::move(returned_.back());
  if (language() == Language::Perl && !f.expression && !result.known && !result.tainted() && result.name.empty() && !result.items) result = std::move(last_value_);
  if (language() == Language::VisualBasic && !f.name.empty()) {
    if (const auto found = frames_.back().find(f.name); found != frames_.back().end()) result = found->second;
  }
  result.path.clear();
  if (result.name == "this" && !f.owner.empty() && !result.tainted()) result.name = f.owner;  // return this
  std::vector<std::pair<std::string, Value>> handed_back;
  for (std::size_t i = 0; i < f.parameters.size() && i < args.size(); ++i) {
    if ((!f.parameters[i].by_reference && language() != Language::VisualBasic) || args[i].path.empty() || args[i].tainted()) continue;
    const auto found = frames_.back().find(f.parameters[i].name);
    if (found != frames_.back().end() && found->second.tainted()) handed_back.emplace_back(args[i].path, found->second);
  }
  returned_.pop_back();
  keep_scope(first_made);
  active_.pop_back();
  given_.pop_back();
  frames_.pop_back();
  for (const auto& s : chain) {
    s->names = std::move(frames_.back());
    s->in_use = false;
    frames_.pop_back();
  }
  stream_ = stream;
  pos_ = position;
  condition_ = condition;
  guarding_ = guarding;
  loops_ = loops;
  class_depth_ = classes;
  stop_list_ = stop;
  functions_[static_cast<std::size_t>(id)].ran = true;
  for (auto& [path, value] : handed_back) assign(path, std::move(value), line);
  return result;
}

void Interpreter::expose_closures(const Rule& rule, const std::vector<Value>& args, std::uint32_t line) {
  const auto expose = [&](const Value& arg) {
    int id = arg.function;
    if (id < 0 && arg.name.ends_with(".push") && !arg.known && !arg.tainted()) {  // on('data', chunks.push.bind(chunks))
      assign(cat(arg.name.substr(0, arg.name.size() - 5), "[]"), request_value("received data", line), line, true);
      return;
    }
    if (id < 0 && !arg.name.empty() && !arg.known && !arg.tainted()) id = find_function({}, arg.name);
    if (id < 0) return;
    std::vector<Value> values;
    for (const std::string& p : rule.params) values.push_back(p == "*" ? request_value("received data", line) : Value::named(p));
    call_function(id, values, line);
  };
  for (const Value& arg : args) {
    expose(arg);
    if (!arg.items || arg.tainted() || arg.items->order.size() > 32) continue;
    const auto items = arg.items;  // route({ handler: (req, res) => ... })
    for (const std::string& key : items->order) expose(items->by_key.at(key));
  }
}

Value Interpreter::call(Callee callee, std::vector<Value> args, std::uint32_t line) {
  if (!tick()) return {};
  if (callee.value.any_of && callee.value.items && !callee.value.known) {  // each of them
    const auto items = callee.value.items;
    Value out;
    std::size_t seen = 0;
    for (const std::string& key : items->order) {
      const Value& f = items->by_key.at(key);
      if (f.function < 0 || ++seen > 16) continue;
      const Value v = call_function(f.function, args, line);
      out = seen == 1 ? v : join(out, v);
    }
    if (seen > 0) return out;
  }
  if (callee.value.function >= 0 && !callee.value.chosen) return call_function(callee.value.function, args, line);
  std::string name = callee.value.name;
  const Language lang = language();
  const bool text_calls = lang == Language::Php || lang == Language::Perl;
  if (callee.value.known && text_calls) {
    name = callee.value.text;
    for (const std::string_view prefix : {"\\", "main::", "CORE::", "CORE::GLOBAL::"})
      if (name.starts_with(prefix)) name.erase(0, prefix.size());
    for (std::size_t colons = name.find("::"); colons != std::string::npos; colons = name.find("::")) {
      name.erase(colons, 1);
      name[colons] = '.';
    }
    if (name.size() > 200) return {};
  } else if (callee.value.items && callee.value.items->order.size() == 2 && lang == Language::Php && !callee.value.chosen) {
    const Value& object = callee.value.items->by_key.at(callee.value.items->order[0]);
    const Value& method = callee.value.items->by_key.at(callee.value.items->order[1]);
    if (!method.known) {
      if (method.tainted()) report(SinkKind::Indirect, 40, method, "a method that the request names", line, {});
      return passed(args, nullptr, true);
    }
    callee.receiver = object;
    callee.has_receiver = true;
    name = cat(callee.receiver.known ? callee.receiver.text : callee.receiver.name, ".", method.text);
    callee.value = Value::named(name);
  }
  if (name == "#methodcaller" && callee.value.items && !args.empty() && !callee.value.items->order.empty()) {
    std::vector<Value> all;
    for (const std::string& key : callee.value.items->order) all.push_back(callee.value.items->by_key.at(key));
    Callee inner;
    inner.value = all[0].known ? member(args[0], all[0].text.substr(0, 200), line) : chosen_member(args[0], all[0], line);
    inner.value.path.clear();
    inner.receiver = args[0];
    inner.has_receiver = true;
    return call(std::move(inner), {all.begin() + 1, all.end()}, line);
  }
  const std::string chosen_of = !callee.value.chosen ? std::string() : !callee.receiver.name.empty() ? callee.receiver.name : name.substr(0, name.ends_with(".?") ? name.size() - 2 : 0);
  if (!chosen_of.empty()) {
    // Methods of this file's own classes that the name may be: getattr(Commands(), 'do_' + x)(y).
    for (std::size_t id = 0, count = functions_.size(); id < count; ++id) {
      const Function& f = functions_[id];
      const std::string& of = chosen_of;
      if (!f.owner.empty() && (of == f.owner || of.ends_with(cat(".", f.owner)) || of == cat(f.owner, "()") || (of == "this" && !active_.empty() && functions_[static_cast<std::size_t>(active_.back())].owner == f.owner)) && f.name.starts_with(callee.value.text)) call_function(static_cast<int>(id), args, line);
    }
  }
  // Outside data says which function this is.
  if (callee.value.chosen || (text_calls && !callee.value.known && callee.value.tainted() && !callee.has_receiver) || (text_calls && callee.has_receiver && callee.value.tainted() && !callee.receiver.path.empty() && callee.value.path.ends_with("]"))) {
    indirect(callee, args, line);
    return passed(args, nullptr, true);
  }
  if (text_calls && !callee.constructs && !callee.value.known && !callee.value.tainted() && (callee.value.origin & kDecoded)) {
    indirect(callee, args, line);
    return {};
  }
  if (!text_calls && lang != Language::VisualBasic && !callee.constructs && !callee.value.known && !callee.value.tainted() && (callee.value.origin & kDecoded) && callee.value.name.find(".?") != std::string::npos) {
    indirect(callee, args, line);  // a member whose name is put together from encoded text
    return passed(args, nullptr, true);
  }
  if (callee.value.name == "this" && name == "this") return {};
  if (lang == Language::VisualBasic && !callee.constructs && args.size() <= 1 && !callee.value.path.empty()) {
    // f(x) may be an element as well.
    const std::string element = cat(callee.value.path, "[", args.empty() || !args[0].known ? "" : args[0].text, "]");
    if (const Value* found = find_variable(element)) {
      Value v = *found;
      v.path = element;
      return v;
    }
    if (callee.value.items && !args.empty()) return index(callee.value, args[0], line);
  }
  if (lang == Language::Perl && callee.has_receiver && !callee.constructs) {
    // A method of this file gets its object first.
    const std::size_t dot = name.rfind('.');
    const auto method = by_name_.find(dot == std::string::npos ? name : name.substr(dot + 1));
    if (method != by_name_.end()) {
      std::vector<Value> with{callee.receiver};
      with.insert(with.end(), args.begin(), args.end());
      return call_function(method->second.front(), with, line);
    }
  }
  if (const int id = find_function(callee, name); id >= 0 && !callee.constructs) return call_function(id, args, line);
  if (lang == Language::Php && !callee.constructs) {
    const bool method = callee.has_receiver && seen_class(callee.receiver.name);
    const std::string owner = method ? callee.receiver.name : !callee.has_receiver && seen_class(callee.value.name) ? callee.value.name : "";
    for (const char* magic : {"__call", "__callstatic", "__invoke"}) {
      const auto found = owner.empty() ? by_name_.end() : by_name_.find(magic);
      if (found == by_name_.end() || method == (std::string_view(magic) == "__invoke")) continue;
      for (const int id : found->second) {
        if (functions_[static_cast<std::size_t>(id)].owner != owner) continue;
        if (!method) return call_function(id, args, line);
        return call_function(id, {Value::constant(name.substr(name.rfind('.') + 1)), list_of(args)}, line);
      }
    }
  }
  if (callee.has_receiver && args.empty() && (lang == Language::Java || lang == Language::CSharp) && seen_class(callee.receiver.name)) {  // a record's member
    if (const auto field = fields_.find(name.substr(name.rfind('.') + 1)); field != fields_.end() && field->second.tainted()) return field->second;
  }
  if (lang == Language::CSharp && callee.has_receiver && !callee.constructs) {  // an extension method
    if (const auto found = by_name_.find(name.substr(name.rfind('.') + 1)); found != by_name_.end()) {
      const Function& f = functions_[static_cast<std::size_t>(found->second.front())];
      if (!f.parameters.empty() && f.parameters[0].extends) {
        args.insert(args.begin(), callee.receiver);
        return call_function(found->second.front(), args, line);
      }
    }
  }
  if (!callee.constructs && callee.receiver.name.size() > 3 && lang == Language::Java && callee.has_receiver && !rules_.find(name, Rule::Use::Sink) && !rules_.find(name, Rule::Use::Function)) {  // a method kept in a functional interface
    if (const Rule* acts = rules_.find(callee.receiver.name, Rule::Use::Sink); acts && acts->kind == SinkKind::Process && !callee.receiver.name.ends_with("Builder")) {
      Callee inner;
      inner.value = callee.receiver;
      return call(std::move(inner), std::move(args), line);
    }
  }
  if (lang == Language::CSharp && callee.constructs && args.size() == 1 && (args[0].function >= 0 || (!args[0].known && !args[0].tainted() && rules_.find(args[0].name, Rule::Use::Sink))) && !rules_.find(name, Rule::Use::Sink) && !rules_.find(name, Rule::Use::Function)) return args[0];  // new Delegate(Method)
  if (lang == Language::VisualBasic && !callee.constructs && !callee.has_receiver && seen_class(callee.value.name)) {  // a class's default function
    for (const auto& [method, ids] : by_name_)
      for (const int id : ids)
        if (const Function& f = functions_[static_cast<std::size_t>(id)]; f.owner == callee.value.name && f.by_default) return call_function(id, args, line);
  }
  if (callee.constructs || seen_class(name)) {
    if (const int id = lang == Language::Python && !callee.constructs ? method_of(name, "__call__") : -1; id >= 0) call_function(id, args, line);
    for (const char* constructor : {"__construct", "constructor", "__init__", "initialize", "class_initialize"}) {
      const auto found = by_name_.find(constructor);
      if (found == by_name_.end()) continue;
      for (const int id : found->second)
        if (functions_[static_cast<std::size_t>(id)].owner == name) call_function(id, args, line);
    }
    if (const auto found = by_name_.find(folds_case() ? lower(name) : name); found != by_name_.end())
      for (const int id : found->second)
        if (functions_[static_cast<std::size_t>(id)].owner == name) call_function(id, args, line);
    if (seen_class(name)) return Value::named(name);
  }
  if (lang == Language::Perl && callee.has_receiver && args.empty() && callee.receiver.items) {  // an accessor
    if (const auto item = callee.receiver.items->by_key.find(name.substr(name.rfind('.') + 1)); item != callee.receiver.items->by_key.end()) return item->second;
  }
  if (has_globs_ && lang == Language::Perl)
    if (const Value* glob = find_variable(cat("*", name.substr(name.rfind('.') + 1))); glob && glob->function >= 0) return call_function(glob->function, args, line);
  bool done = false;
  Value special = language_call(callee, name, args, line, done);
  if (done) return special;
  if (lang == Language::Python && name.find('.') == std::string::npos && !rules_.find(name, Rule::Use::Sink) && !rules_.find(name, Rule::Use::Function)) {
    // from subprocess import *
    for (const auto& [key, module] : globals()) {
      if (!key.starts_with('*')) continue;
      const std::string full = cat(key.substr(1), ".", name);
      if (rules_.find(full, Rule::Use::Sink) || rules_.find(full, Rule::Use::Function) || rules_.find(cat(full, "()"), Rule::Use::Source)) {
        name = full;
        break;
      }
    }
  }
  if (const Rule* source = rules_.find(cat(name, "()"), Rule::Use::Source)) {
    std::string shown = name;
    if (!args.empty() && args[0].known) shown += cat("(", args[0].text.substr(0, 40), ")");
    Value v = request_value(std::move(shown), line, source->origin);
    v.name = cat(name, "()");
    if (lang == Language::VisualBasic) v.path = cat(callee.value.path, "[", args.empty() || !args[0].known ? "" : args[0].text, "]");
    return v;
  }
  if (rules_.find(name, Rule::Use::Guard)) {
    const auto guard = [&](const Value& v) {
      if (v.tainted() && !v.path.empty() && guarding_ > 0) guarded_[v.path] |= static_cast<std::uint8_t>(kAllSinks & ~bit(SinkKind::Evaluation));
    };
    for (const Value& arg : args) guard(arg);
    if (!rules_.find(name, Rule::Use::Function) && !rules_.find(name, Rule::Use::Sink) && !rules_.find(name, Rule::Use::Cleaner)) return {};
  }
  const Rule* cleaner = rules_.find(name, Rule::Use::Cleaner);
  if (cleaner && cleaner->pattern.starts_with("*."))  // "ejs.render" says more than "*.render"
    for (const Rule::Use use : {Rule::Use::Sink, Rule::Use::Function})
      if (const Rule* better = cleaner ? rules_.find(name, use) : nullptr; better && better->pattern.size() > cleaner->pattern.size()) cleaner = nullptr;
  if (cleaner) {
    Value v = passed(args, callee.has_receiver ? &callee.receiver : nullptr, false);
    if (args.size() == 1 && args[0].known && cleaner->cleans != kAllSinks) v = args[0];
    if (cleaner->cleans == kAllSinks && !v.tainted()) {
      if (auto number = number_of(name, callee, args)) return *number;
      if (args.size() == 1 && args[0].items && !args[0].items->order.empty() && (name == "count" || name == "sizeof" || name == "len")) return Value::number(static_cast<long long>(args[0].items->order.size()));
      return Value::named(cat(name, "()"));
    }
    v.name = cat(name, "()");
    v.cleaned |= cleaner->cleans;
    v.path.clear();
    return v;
  }
  if (const Rule* handler = rules_.find(name, Rule::Use::Handler)) expose_closures(*handler, args, line);
  if (has_text_methods_)
    for (Value& arg : args) arg = as_text(std::move(arg), line);
  for (const Value& arg : args)  // a database server that runs commands
    if (arg.tainted() && !arg.text.empty() && lower(arg.text).find("xp_cmdshell") != std::string::npos) report(SinkKind::Process, 90, arg, "xp_cmdshell", line, {"the database server runs it as a command"});
  const Rule* function = rules_.find(name, Rule::Use::Function);
  if (function && function->connects && !connection_.tainted()) connection_ = request_value("network connection", line, kRequest | kNetwork);
  if (flows_.size() > 1 && !text_calls && lang != Language::VisualBasic) hand_over(callee, args, line);
  const Rule* where = rules_.find(name, Rule::Use::Sink);
  if (where && !where->assign) sink(*where, name, callee, args, line);
  Value result;
  if (function) {
    result = apply_function(*function, callee, name, args, line);
    if (lang == Language::JavaScript && flows_.size() > 1 && function->does != Does::Map && function->does != Does::Invoke) give_back(result, args, line);
    return result;
  }
  if (where) {
    result = Value::named(callee.constructs ? name : cat(name, "()"));
    return result;
  }
  if (callee.has_receiver && callee.receiver.tainted()) result = passed(args, &callee.receiver, callee.receiver.weak);
  else if (callee.value.tainted()) result = passed(args, &callee.value, callee.value.weak);
  else result = passed(args, nullptr, true);
  result.name = callee.constructs ? name : cat(name, "()");
  if (result.name.size() > 200) result.name.erase(0, result.name.size() - 200);
  if (lang == Language::VisualBasic && !callee.value.path.empty()) result.path = cat(callee.value.path, "[", args.empty() || !args[0].known ? "" : args[0].text, "]");
  return result;
}

}  // namespace plimsoll::detect::web
