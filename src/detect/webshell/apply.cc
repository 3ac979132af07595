// What functions that the rules know do with their arguments: decode, join, open, store, call. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

Value argument(const std::vector<Value>& args, int i, const Value& receiver) {
  if (i == -1) return receiver;
  if (i >= 0 && static_cast<std::size_t>(i) < args.size()) return args[static_cast<std::size_t>(i)];
  return {};
}

}  // namespace

Value Interpreter::open_file(const Rule& rule, const Callee& callee, const std::string& name, const std::vector<Value>& args) {
  Value v = Value::named(callee.constructs ? name : cat(name, "()"));
  v.items = std::make_shared<Items>();
  Value path = argument(args, rule.args.empty() ? 0 : rule.args[0], callee.receiver);
  if (path.items) {
    if (const auto inner = path.items->by_key.find("#path"); inner != path.items->by_key.end()) path = inner->second;
  }
  // new File(folder, name)
  if (rule.args.size() > 1) {
    const Value second = argument(args, rule.args[1], callee.receiver);
    const bool joins = name.ends_with("File") || name.ends_with("Paths.get") || name.ends_with("Path.of") || language() != Language::Java;
    if (args.size() > 1 && joins && (!second.known || second.text.size() > 4)) path = concat(path, second);
  }
  path.path.clear();
  if (args.empty()) path = Value::named(cat(name, "()"));
  v.items->set("#path", path);
  return v;
}

Value Interpreter::invoke(const Rule& rule, const Callee& callee, const std::vector<Value>& args, std::uint32_t line) {
  Callee inner;
  inner.value = argument(args, rule.args.empty() ? 0 : rule.args[0], callee.receiver);
  inner.value.path.clear();
  std::vector<Value> rest;
  // C#: a method's Invoke gets its object first, a delegate's does not.
  const int from = language() == Language::CSharp && (inner.value.function >= 0 || args.size() == 1) ? 0 : rule.from;
  for (std::size_t i = static_cast<std::size_t>(std::max(from, 0)); i < args.size(); ++i) {
    if (rule.args.size() == 1 && rule.args[0] == static_cast<int>(i)) continue;
    if (language() == Language::Java && rule.spread && args[i].items && args[i].items->order.size() > 1) {  // exec(String[]) itself
      if (const Rule* acts = rules_.find(inner.value.name, Rule::Use::Sink); acts && acts->kind == SinkKind::Process) process(*acts, inner.value.name, {args[i]}, line);
    }
    if (rule.spread && args[i].items) for (const std::string& key : args[i].items->order) rest.push_back(args[i].items->by_key.at(key));
    else rest.push_back(args[i]);
  }
  if (language() == Language::Java && !inner.value.tainted() && inner.value.name.find("Methods()") != std::string::npos) {
    // A method found among all of a class that starts programs.
    const Value data = passed(rest, nullptr, false);
    if (data.tainted() && (rules_.dangerous_module(inner.value.name.substr(0, inner.value.name.find(".get"))) || inner.value.name.find("Runtime") != std::string::npos)) report(SinkKind::Indirect, 80, data, inner.value.name, line, {"a method picked from a list is called with outside data"});
  }
  if (inner.value.tainted() && language() != Language::Php && language() != Language::Perl && !inner.value.chosen && inner.value.function < 0) return passed(rest, nullptr, true);
  return call(inner, rest, line);
}

Value Interpreter::apply_function(const Rule& rule, const Callee& callee, const std::string& name, const std::vector<Value>& args, std::uint32_t line) {
  const Value receiver = callee.has_receiver ? callee.receiver : Value();
  const auto arg = [&](int i) { return argument(args, i, receiver); };
  switch (rule.does) {
    case Does::Nothing: return Value::named(cat(name, "()"));
    case Does::Number: return {};
    case Does::Self: {
      Value v = arg(rule.args.empty() ? -1 : rule.args[0]);
      if (callee.has_receiver && rule.args.empty()) v = receiver;
      v.path = rule.args.empty() ? receiver.path : "";
      return v;
    }
    case Does::Open: return open_file(rule, callee, name, args);
    case Does::Store: {
      const Value key = arg(rule.args.empty() ? 0 : rule.args[0]);
      Value value = arg(rule.args.size() > 1 ? rule.args[1] : 1);
      if (!receiver.path.empty()) assign(cat(receiver.path, "[", key.known ? key.text.substr(0, 80) : "", "]"), value, line);
      return value;
    }
    case Does::Load: {
      Value v = index(receiver, arg(0), line);
      if (args.size() > 1 && !v.tainted() && !v.known) v = join(v, args[1]);
      return v;
    }
    case Does::Append: {
      Value v = concat(receiver.known || receiver.tainted() || !receiver.text.empty() ? receiver : Value::constant(""), arg(0));
      v.name = receiver.name;
      assign(receiver.path, v, line, true);
      v.path = receiver.path;
      return v;
    }
    case Does::Push: {
      const Value list = arg(rule.args.empty() ? -1 : rule.args[0]);
      for (std::size_t i = rule.args.empty() ? 0 : 1; i < args.size(); ++i)
        if (!list.path.empty()) assign(cat(list.path, "[]"), args[i], line, true);
      return list;
    }
    case Does::Fill: {
      const Value into = arg(rule.into);
      if (language() == Language::Php && !rule.origin && !args.empty() && args[0].known && !into.path.empty() && lower(name).ends_with("parse_str")) {  // a=b&c=d
        Value parsed;
        parsed.items = std::make_shared<Items>();
        for (std::string_view rest = args[0].text; !rest.empty() && parsed.items->order.size() < 64;) {
          const auto [pair, behind] = cut(rest, '&');
          const auto [key, value] = cut(pair, '=');
          parsed.items->set(std::string(key), Value::constant(std::string(value)));
          rest = behind;
        }
        assign(into.path, parsed, line, true);
        return {};
      }
      Value v = rule.origin ? request_value(cat(name, "()"), line, rule.origin) : passed({arg(rule.from)}, nullptr, false);
      if ((rule.origin & kNetwork) == 0 && rule.origin && language() == Language::Perl && !reads_request_) v = Value();
      // A pattern that holds its end bounds a file's name.
      if (language() == Language::Php && !args.empty() && ((args[0].known && args[0].text.find('$') != std::string::npos) || (!args[0].known && args[0].suffix.find('$') != std::string::npos)) && equals_ignore_case(name, "preg_match")) v.cleaned |= bit(SinkKind::Write) | bit(SinkKind::Include);
      if (v.tainted()) assign(into.path, v, line, true);
      return v;
    }
    case Does::Content: {
      const Value content = arg(rule.args.empty() ? 0 : rule.args[0]);
      if (!receiver.path.empty()) assign(cat(receiver.path, ".#content"), content, line);
      return {};
    }
    case Does::Define: {
      const Value key = arg(0);
      if (key.known) {
        Value value = arg(1);
        value.path.clear();
        globals()[key.text.substr(0, 200)] = std::move(value);
      }
      return {};
    }
    case Does::Extract: {
      const Value from = arg(rule.args.empty() ? 0 : rule.args[0]);
      if (from.items && !from.by_element && from.items->order.size() <= 64) {
        const auto items = from.items;
        for (const std::string& key : items->order)
          if (!key.empty() && is_name_start(key[0])) assign(cat("$", key), items->by_key.at(key), line);
      }
      if (from.tainted() && args.size() < 2) all_variables_ = from;
      return {};
    }
    case Does::Unserialise: {
      const Value v = passed(args, nullptr, false);
      if (v.tainted()) objects_ = v;
      if (!v.tainted() && !args.empty() && args[0].known) {
        Value hidden;
        hidden.origin = kDecoded;
        return hidden;
      }
      return v.tainted() ? passed({v}, nullptr, true) : Value();
    }
    case Does::Module: {
      const Value which = arg(rule.args.empty() ? 0 : rule.args[0]);
      if (which.known) {
        std::string module(trim(cut(which.text, ',').first));
        if (module.starts_with("node:")) module.erase(0, 5);
        const std::string id = lower(module);
        if (id.find("72c24dd5-d70a-438b-8a42-98424b88afb8") != std::string::npos || id.find("f935dc22-1cf0-11d0-adb9-00c04fd58a0b") != std::string::npos) module = "WScript.Shell";
        if (id.find("13709620-c279-11ce-a49e-444553540000") != std::string::npos) module = "Shell.Application";
        return Value::named(module.substr(0, 200));
      }
      Value v = passed({which}, nullptr, false);
      v.name = v.origin & kDecoded ? ".?" : "?";
      v.chosen = v.tainted();
      return v;
    }
    case Does::Member: {
      const Value of = arg(rule.args.empty() ? -1 : rule.args[0]);
      const Value key = arg(rule.from);
      return key.known ? member(of, key.text.substr(0, 200), line) : chosen_member(of, key, line);
    }
    case Does::Construct: {
      Callee inner;
      inner.value = receiver;
      inner.value.path.clear();
      inner.constructs = true;
      if (receiver.chosen) {
        Value v = receiver;
        v.path.clear();
        return v;
      }
      std::vector<Value> flat;
      for (const Value& a : args) {
        if (a.items && a.items->order.size() == 1) flat.push_back(a.items->by_key.at(a.items->order[0]));
        else flat.push_back(a);
      }
      return call(inner, flat, line);
    }
    case Does::Invoke: return invoke(rule, callee, args, line);
    case Does::Promise: {
      Value v = args.empty() ? receiver : args[0];
      v.path.clear();
      return v;
    }
    case Does::Map: {
      const Value cb = arg(rule.args.empty() ? 0 : rule.args[0]);
      if (language() == Language::Php && lower(name) == "array_reduce")
        if (auto folded = folded_callbacks(cb, args, line)) return *folded;
      if (language() == Language::Php && flows_.size() > 1) call_with_pairs(name, args, line);
      if (language() == Language::Perl && cb.function < 0) return passed(args, nullptr, false);  // map f($_), list
      Callee inner;
      inner.value = cb;
      inner.value.path.clear();
      Value out;
      out.items = std::make_shared<Items>();
      std::vector<Value> lists;
      if (rule.from == -1) lists.push_back(receiver);
      else
        for (std::size_t i = static_cast<std::size_t>(std::max(rule.from, 0)); i < args.size(); ++i)
          if (rule.args.empty() || static_cast<int>(i) != rule.args[0]) lists.push_back(args[i]);
      if (rule.into >= 0) lists.assign(1, arg(rule.into));
      const auto one = [&](Value element) {
        element.path.clear();
        Value v;
        if (cb.function < 0 && !cb.known && cb.name.empty() && !cb.tainted()) v = passed({element}, nullptr, true);
        else if (cb.function >= 0 && name.ends_with("reduce")) v = call(inner, {element, element}, line);
        else if (language() == Language::Java && cb.function < 0 && !cb.known && cb.name.size() > 2 && cb.name[0] >= 'A' && cb.name[0] <= 'Z' && cb.name.find('.') != std::string::npos && element.tainted() && !rules_.find(cb.name, Rule::Use::Sink)) {  // String::trim
          Callee method;
          method.receiver = element;
          method.has_receiver = true;
          method.value = member(element, cb.name.substr(cb.name.rfind('.') + 1), line);
          method.value.path.clear();
          v = call(std::move(method), {}, line);
        } else {
          v = call(inner, {element}, line);
        }
        if (language() == Language::Java && inner.value.name.starts_with("String.")) v.weak = element.weak;
        v.path.clear();
        out = join_taint(std::move(out), v);
        out.items->push(std::move(v));
      };
      for (const Value& list : lists) {
        if (list.items && !list.items->order.empty() && list.items->order.size() <= 300) {
          const auto items = list.items;
          for (const std::string& key : items->order) {
            if (!tick()) break;
            one(items->by_key.at(key));
          }
        } else if (list.known && !list.is_number && lists.size() > 1) {
          one(list);
        } else {
          one(list.tainted() || list.known || !list.items ? (list.known || rule.from == -1 || list.tainted() ? index(list, Value(), line) : list) : Value());
        }
      }
      return out;
    }
    case Does::Keys:
    case Does::Flip: {
      const Value of = arg(0);
      if (!of.items || of.items->order.empty()) return passed(args, nullptr, false);
      Value v = passed({of}, nullptr, false);
      v.items = std::make_shared<Items>();
      for (const std::string& key : of.items->order) {
        if (rule.does == Does::Keys) v.items->push(Value::constant(key));
        else if (of.items->by_key.at(key).known) v.items->set(of.items->by_key.at(key).text, Value::constant(key));
      }
      return v;
    }
    case Does::First:
    case Does::Last: {
      const Value of = arg(0);
      if (!of.items || of.items->order.empty()) return of.tainted() ? passed({of}, nullptr, false) : index(of, Value(), line);
      Value v = of.items->by_key.at(rule.does == Does::First ? of.items->order.front() : of.items->order.back());
      v.path.clear();
      return v;
    }
    case Does::Merge: {
      Value v = passed(args, nullptr, false);
      v.items = std::make_shared<Items>();
      for (const Value& a : args) {
        if (!a.items) continue;
        for (const std::string& key : a.items->order) {
          if (to_number(key)) v.items->push(a.items->by_key.at(key));
          else v.items->set(key, a.items->by_key.at(key));
        }
      }
      if (v.items->order.empty()) v.items.reset();
      return v;
    }
    case Does::BaseConvert: {
      const auto n = args.size() == 3 && args[0].known && args[1].known && args[2].known ? convert_base(args[0].text, args[1].text, args[2].text) : std::nullopt;
      if (!n) return passed(args, nullptr, false);
      Value v = Value::constant(*n);
      v.layers = 1;
      return v;
    }
    case Does::Range: {
      Value v;
      if (args.size() >= 2 && args[0].known && args[1].known) v = binary("..", args[0], args[1]);
      return v.items ? v : passed(args, nullptr, false);
    }
    case Does::Methodcaller: {  // methodcaller('system', x)(os)
      Value v = Value::named("#methodcaller");
      v.items = std::make_shared<Items>();
      for (const Value& a : args) v.items->push(a);
      return v;
    }
    case Does::Entries: {  // new Map([[key, value], ...])
      Value v = passed(args, nullptr, false);
      v.items = std::make_shared<Items>();
      if (!args.empty() && args[0].items) {
        for (const std::string& key : args[0].items->order) {
          const Value& pair = args[0].items->by_key.at(key);
          if (pair.items && pair.items->order.size() == 2 && pair.items->by_key.contains("0") && pair.items->by_key.contains("1")) v.items->set(pair.items->by_key.at("0").text, pair.items->by_key.at("1"));
        }
      }
      return v;
    }
    case Does::Duplicate: {  // dup2(socket, 0)
      standard_input_ = request_value("network connection", line, kNetwork);
      return {};
    }
    case Does::Array: {
      Value v = args.size() == 1 && args[0].items && !args[0].items->order.empty() && !args[0].items->by_key.contains("#path") ? args[0] : list_of(args);
      v.path.clear();
      if (callee.constructs && !v.tainted() && v.name.empty()) v.name = name;
      if (callee.constructs && (name.ends_with("StringBuilder") || name.ends_with("StringBuffer"))) return !args.empty() && args[0].known ? Value::constant(args[0].is_number ? "" : args[0].text) : args.empty() ? Value::constant("") : v;
      return v;
    }
    default: break;
  }
  // Text functions: constants are worked out, everything else is passed on.
  std::vector<Value> texts;
  if (!rule.args.empty()) for (const int i : rule.args) texts.push_back(arg(i));
  else {
    if (callee.has_receiver && (receiver.known || receiver.tainted() || receiver.items) && rule.does != Does::Codes) texts.push_back(receiver);
    texts.insert(texts.end(), args.begin(), args.end());
  }
  if (rule.does == Does::Replace && rule.args.empty() && callee.has_receiver && texts.size() == 3) std::rotate(texts.begin(), texts.begin() + 1, texts.end());
  if (rule.does == Does::Pass && callee.has_receiver && rule.args.empty() && rule.pattern.starts_with("*.") && !receiver.known && !receiver.tainted() && !receiver.items && texts.size() == 1 && texts[0].known) {
    Value same = receiver;  // what its arguments say is about the receiver
    same.path.clear();
    return same;
  }
  if (rule.does == Does::Pass && texts.size() == 1 && texts[0].known) {
    texts[0].path.clear();
    return texts[0];
  }
  if (auto folded = fold(rule.does, texts)) {
    folded->path.clear();
    return *folded;
  }
  if ((rule.does == Does::Same || rule.does == Does::Pass) && !texts.empty()) {
    Value v = texts[0];
    if (texts.size() > 1 || !v.tainted()) v = passed(texts, nullptr, false);
    if (v.tainted()) {
      v.text = texts[0].tainted() ? texts[0].text : "";
      v.suffix = texts[0].tainted() ? texts[0].suffix : "";
    }
    if (texts[0].items && (!v.tainted() || !texts[0].items->order.empty())) v.items = texts[0].items;
    if (texts[0].function >= 0) v.function = texts[0].function;
    v.name = texts[0].name;
    v.path.clear();
    return v;
  }
  if (rule.does == Does::Ord || rule.does == Does::Length) {
    Value v;
    v.origin = static_cast<std::uint8_t>(passed(texts, nullptr, false).origin & kDecoded);
    if (rule.does == Does::Ord) {
      v = passed(texts, nullptr, false);
      if (!v.tainted() && std::any_of(texts.begin(), texts.end(), [](const Value& t) { return t.known; })) v.origin |= kDecoded;
    }
    return v;
  }
  Value v = passed(texts, nullptr, false);
  if (rule.does == Does::Format || rule.does == Does::Join || rule.does == Does::Concat) {
    // The constant that it begins with decides what outside data can begin.
    if (rule.does == Does::Format && !texts.empty() && texts[0].known) {
      const std::size_t hole = texts[0].text.find_first_of("%{");
      const Value start = concat(Value::constant(texts[0].text.substr(0, hole)), v);
      v = start;
    } else if (rule.does == Does::Join) {
      const Value* list = nullptr;
      for (const Value& t : texts)
        if (t.items && !t.items->order.empty()) list = &t;
      if (list) {
        Value joined = Value::constant("");
        std::string by = " ";
        for (const Value& t : texts)
          if (t.known) by = t.text;
        bool first = true;
        for (const std::string& key : list->items->order) {
          if (!first) joined = concat(joined, Value::constant(by));
          first = false;
          joined = concat(joined, list->items->by_key.at(key));
        }
        v = joined;
      }
    }
  }
  if (rule.does == Does::Replace && texts.size() >= 2) {
    // What is left of s/[^a-z]//g and its like is bounded.
    const Value& with = texts[1];
    if (texts[0].known && with.known && with.text.empty() && bounded_by(texts[0].text)) v.cleaned = kAllSinks;
  }
  if ((rule.does == Does::Slice || rule.does == Does::Substr) && language() != Language::Php && !texts.empty() && texts[0].known) v.origin |= kDecoded;  // some part of a constant
  if (rule.does == Does::Slice && !texts.empty() && texts[0].tainted()) {
    v.text.clear();
    v.items = texts[0].items;
    v.name = texts[0].name;
  }
  if (rule.does == Does::Chr || (is_decoding(rule.does) && rule.does != Does::Reverse)) v.cleaned = 0;  // a number is text again
  if (rule.does == Does::Substr && texts.size() > 1 && texts[0].tainted() && texts[1].known) {
    const auto from = to_number(texts[1].text);
    if (from && *from >= static_cast<long long>(texts[0].text.size())) v.head = true;
  }
  if (is_decoding(rule.does)) {
    v.layers = static_cast<std::uint8_t>(std::min(v.layers + 1, 200));
    if (v.tainted()) v = step(std::move(v), line, name);
    else if (texts.empty() || std::any_of(texts.begin(), texts.end(), [](const Value& t) { return t.known || (t.origin & kDecoded); })) v.origin |= kDecoded;
  }
  if (rule.does == Does::Split && !texts.empty()) v.name.clear();
  return v;
}

}  // namespace plimsoll::detect::web
