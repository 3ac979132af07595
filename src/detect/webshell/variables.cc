// Variables, members, elements, and how values join. See interpreter.h.
#include <algorithm>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxEnds = 4096;  // of the constant ends of a text that is not known
constexpr std::size_t kMaxFlows = 200'000;

std::string shorten(std::string name) {
  if (name.size() > kMaxName) name.erase(0, name.size() - kMaxName);
  return name;
}

bool superglobal(std::string_view path) { return (path.size() > 2 && path[0] == '$' && path[1] == '_' && path[2] >= 'A' && path[2] <= 'Z') || path.starts_with("this.") || path.starts_with("session") || path.starts_with("application") || path.starts_with("Session") || path.starts_with("Application"); }

// Whether a command that ends with this text has outside data begin a command of its own.
bool opens_command(std::string_view text) {
  std::string t = lower(text);
  while (!t.empty() && (t.back() == ' ' || t.back() == '"' || t.back() == '\'' || t.back() == '\t')) t.pop_back();
  if (t.empty()) return true;
  static constexpr std::string_view kEnds[] = {";", "&", "|", "(", "`", "{", "\n", " -c", "/c", "/k", "-command", "-enc", "-e", "eval", "exec", "sudo", "nohup", "2>&1", "&&", "||", "do", "then"};
  for (const std::string_view end : kEnds)
    if (t.ends_with(end)) return true;
  static constexpr std::string_view kWhole[] = {"-c", "-e", "cmd", "cmd.exe", "sh", "bash", "/bin/sh", "/bin/bash", "powershell", "start"};
  return std::find(std::begin(kWhole), std::end(kWhole), t) != std::end(kWhole);
}

}  // namespace

std::uint32_t Interpreter::add_step(std::uint32_t parent, std::uint32_t line, std::string what) {
  if (flows_.size() >= kMaxFlows) return parent;
  if (what.size() > 80) what.resize(80);
  flows_.push_back({parent, line, std::move(what)});
  return static_cast<std::uint32_t>(flows_.size() - 1);
}

Value Interpreter::request_value(std::string name, std::uint32_t line, std::uint8_t origin) {
  Value v;
  v.name = shorten(std::move(name));
  v.flow = add_step(0, line, v.name);
  v.origin = origin;
  return v;
}

Value Interpreter::step(Value value, std::uint32_t line, std::string what) {
  if (value.tainted()) value.flow = add_step(value.flow, line, std::move(what));
  return value;
}

Interpreter::Frame& Interpreter::frame_of(const std::string& path) {
  if (superglobal(path)) return globals();
  const std::string root = path.substr(0, path.find_first_of(".["));
  if (language() == Language::Php && !(active_.empty() || functions_[static_cast<std::size_t>(active_.back())].closure)) return frames_.back();
  for (std::size_t i = frames_.size(); i-- > 0;)
    if (frames_[i].contains(root)) return frames_[i];
  if (language() == Language::Perl && root.size() > 2) return globals();  // without `my`
  return frames_.back();
}

const Value* Interpreter::find_variable(std::string_view path) const {
  const bool own_only = language() == Language::Php && !active_.empty() && !functions_[static_cast<std::size_t>(active_.back())].closure;
  const HashedView name(path);
  for (std::size_t i = frames_.size(); i-- > 0;) {
    if (own_only && i + 1 != frames_.size() && !(i == 0 && (superglobal(path) || path[0] != '$'))) continue;
    if (const auto found = frames_[i].find(name); found != frames_[i].end()) return &found->second;
  }
  return nullptr;
}

Value Interpreter::variable(std::string_view text) {
  std::string own;
  if (language() == Language::Perl && text.size() > 2 && (text.starts_with("$::") || text.starts_with("$main::") || text.starts_with("$main."))) {
    own = cat("$", text.substr(text.find_last_of(".:") + 1));
    text = own;
  }
  if (const Value* found = find_variable(text)) {
    Value v = *found;
    v.path = text;
    if (v.name.empty() && !v.known && v.function < 0) v.name = text;
    if (!guarded_.empty())
      if (const auto guard = guarded_.find(v.path); guard != guarded_.end()) v.cleaned |= guard->second;
    return v;
  }
  const std::string name(text);
  if (name == "arguments" && language() == Language::JavaScript && !given_.empty()) return list_of(*given_.back());
  if (!properties_.empty() && language() == Language::CSharp) {
    if (const auto getter = properties_.find(name); getter != properties_.end()) {
      Value v = call_function(getter->second, {}, tok().line);
      v.path = name;
      return v;
    }
  }
  // A class's own members need no "this" in these languages.
  if (!active_.empty() && !functions_[static_cast<std::size_t>(active_.back())].owner.empty() && (language() == Language::VisualBasic || language() == Language::CSharp || language() == Language::Java)) {
    if (const auto found = fields_.find(name); found != fields_.end()) {
      Value field = found->second;
      field.path = cat("this.", name);
      if (field.name.empty() && !field.known && field.function < 0) field.name = name;
      return field;
    }
  }
  if (language() == Language::Php && (name == "__FUNCTION__" || name == "__METHOD__" || name == "__CLASS__") && !active_.empty()) {
    const Function& f = functions_[static_cast<std::size_t>(active_.back())];
    return Value::constant(name == "__CLASS__" ? f.owner : f.name);
  }
  Value v = Value::named(name);
  v.path = name;
  if (const Rule* source = rules_.find(name, Rule::Use::Source)) {
    v = request_value(name, tok().line, source->origin);
    v.path = name;
  } else if (all_variables_.tainted() && name[0] == '$') {
    v = step(all_variables_, tok().line, name);
    v.path = name;
    v.name = name;
  }
  return v;
}

Value Interpreter::join_taint(Value into, const Value& from) {
  if (from.tainted() && (!into.tainted() || ((from.origin & kRequest) && !(into.origin & kRequest)))) {
    into.flow = from.flow;
    into.cleaned = from.cleaned;
    into.weak = from.weak;
    into.head = from.head;
    into.led = from.led;
    into.tail = from.tail;
  } else if (from.tainted() && into.tainted()) {
    into.cleaned &= from.cleaned;
    into.weak &= from.weak;
  }
  into.origin |= from.origin;
  into.layers = std::max(into.layers, from.layers);
  into.chosen |= from.chosen;
  return into;
}

Value Interpreter::join(const Value& a, const Value& b) {
  const Value& base = a.tainted() || !b.tainted() ? a : b;
  const Value& other = &base == &a ? b : a;
  Value v = join_taint(base, other);
  if (!(a.known && b.known && a.text == b.text)) {
    // One of two constants: the first is as good as the second, unless it says nothing.
    if (a.tainted() || b.tainted()) v.known = false;
    else if (a.known && b.known) v = a.text.size() >= b.text.size() ? a : b;
    else if (b.known && !a.known) v = join_taint(b, a);
  }
  if (!v.items) v.items = other.items;
  if (v.name.empty()) v.name = other.name;
  if (v.function < 0) v.function = other.function;
  v.path.clear();
  return v;
}

Value Interpreter::concat(const Value& first, const Value& b) {
  // A variable that was never set is empty.
  const bool unset = (language() == Language::VisualBasic || language() == Language::Php) && !first.known && !first.tainted() && first.origin == 0 && !first.items && !first.path.empty() && first.name == first.path && !find_variable(first.path) && (language() == Language::VisualBasic || active_.empty());
  const Value a = unset ? Value::constant("") : first;
  Value v;
  if (a.known && b.known && a.text.size() + b.text.size() <= kMaxText) {
    v = Value::constant(a.text + b.text);
    v.layers = std::max(a.layers, b.layers);
    v.origin = static_cast<std::uint8_t>(a.origin | b.origin);
    return v;
  }
  v = join_taint(join_taint(Value(), a), b);
  if (a.known) {
    v.text = a.text + (b.known ? "" : b.text);
  } else {
    v.text = a.text;
  }
  v.suffix = b.known ? (a.known ? "" : a.suffix + b.text) : b.suffix;
  if (v.text.size() > kMaxEnds) v.text.resize(kMaxEnds);
  if (v.suffix.size() > kMaxEnds) v.suffix.erase(0, v.suffix.size() - kMaxEnds);
  const bool a_plain = !a.known && !a.tainted() && !(a.origin & kDecoded);  // not known, and not from outside
  const bool b_opens = b.tainted() && b.head && (a.known ? opens_command(a.text) : !trim(a.suffix).empty() ? opens_command(a.suffix) : a.tainted() || (a.suffix.find('\n') != std::string::npos));
  v.head = (a.tainted() && a.head) || b_opens;
  v.led = a.led || a_plain || (!a.known && b.led && v.text.empty());
  if (a.known && b.led) v.led = true;
  const bool led_out = a.tainted() && !(a.cleaned & bit(SinkKind::Write));  // a folder from outside, and a name with its own ending
  v.tail = b.tainted() ? b.tail && (led_out || !(b.cleaned & bit(SinkKind::Write))) : b.known ? b.text.empty() && a.tail : false;
  v.cleaned = a.tainted() && b.tainted() ? static_cast<std::uint8_t>(a.cleaned & b.cleaned) : a.tainted() ? a.cleaned : b.cleaned;
  return v;
}

Value Interpreter::member(const Value& of, const std::string& name, std::uint32_t line) {
  if (name == "__dict__") return of;
  const std::string path = of.path.empty() || of.path.size() > kMaxName ? "" : cat(of.path, ".", name);
  if (!path.empty()) {
    if (const Value* found = find_variable(path)) {
      Value v = *found;
      v.path = path;
      if (v.name.empty() && !v.known) v.name = shorten(cat(of.name, ".", name));
      if (const auto guard = guarded_.find(path); guard != guarded_.end()) v.cleaned |= guard->second;
      return v;
    }
  }
  if (of.items) {
    if (const auto found = of.items->by_key.find(name); found != of.items->by_key.end()) {
      Value v = found->second;
      v.path = path;
      return v;
    }
  }
  if (language() == Language::VisualBasic && !of.path.empty()) {  // what an object was given under another name
    const char* from = name == "nodetypedvalue" || name == "nodevalue" ? ".text" : name == "readtext" || name == "read" ? ".#content" : nullptr;
    if (const Value* kept = from ? find_variable(cat(of.path, from)) : nullptr; kept && kept->tainted()) return step(*kept, line, cat(of.path, ".", name));
  }
  const bool own = (language() == Language::JavaScript && (of.name == "req" || of.name == "request" || of.name == "ctx") && fields_.contains(name) && fields_.at(name).tainted()) || of.name == "this" || seen_class(of.name) || of.name == "static" || (language() == Language::VisualBasic && !of.tainted());
  if (own) {
    if (const auto found = fields_.find(name); found != fields_.end()) {
      Value v = found->second;
      if (of.name == "this" && v.known && objects_.tainted() && language() == Language::Php && !is_op("=")) v = step(objects_, line, cat("this.", name));
      v.path = path;
      if (v.name.empty() && !v.known) v.name = cat(of.name, ".", name);
      return v;
    }
    if (of.name == "this" && objects_.tainted() && !is_op("(")) {
      Value v = step(objects_, line, cat("this.", name));
      v.path = path;
      return v;
    }
  }
  if (!is_op("(") && !is_op("="))
    if (auto value = worked_out(of, folds_case() ? lower(name) : name, false, line)) return *value;
  if (language() == Language::Php && of.known && (name == "value" || name == "name")) return of;  // of an enum's case
  if (of.function >= 0 && name == "constructor") return Value::named("Function");
  if (name == "length" || name == "Length" || name == "Count" || name == "count" || name == "size") {
    if (!is_op("(")) return of.known ? Value::number(static_cast<long long>(of.text.size())) : of.items && !of.tainted() && !of.items->order.empty() ? Value::number(static_cast<long long>(of.items->order.size())) : Value();
  }
  Value v = Value::named(shorten(cat(of.name, ".", name)));
  v.path = path;
  if (of.function >= 0) v.function = -1;
  if (of.tainted()) {
    v = join_taint(std::move(v), of);
    return v;
  }
  if (const Rule* source = rules_.find(v.name, Rule::Use::Source)) {
    v = request_value(v.name, line, source->origin);
    v.path = path;
  }
  return v;
}

Value Interpreter::chosen_member(const Value& of, const Value& key, std::uint32_t line) {
  Value v = Value::named(shorten(cat(of.name, ".?")));
  if (key.tainted()) {
    v = join_taint(std::move(v), key);
    v.flow = add_step(key.flow, line, v.name);
    v.chosen = true;
    v.text = key.text;
  } else {
    v = join_taint(std::move(v), of);
    v.origin |= key.origin & kDecoded;
    v.chosen = false;
  }
  return v;
}

Value Interpreter::index(const Value& of, const Value& key, std::uint32_t line) {
  const std::string k = key.known ? key.text.substr(0, kMaxName) : "";
  const std::string path = of.path.empty() || of.path.size() > kMaxName ? "" : cat(of.path, "[", k, "]");
  const auto with_path = [&](Value v) {
    v.path = path;
    if (const auto guard = guarded_.find(path); guard != guarded_.end()) v.cleaned |= guard->second;
    return v;
  };
  if (of.name == "sys.modules" && key.known) return Value::named(k);
  if (of.name == "$_SERVER" && !key.known && language() == Language::Php) return with_path(request_value("$_SERVER[]", line));
  if (of.name.ends_with("__globals__") && key.known) return Value::named(rules_.find(cat("os.", k), Rule::Use::Sink) ? cat("os.", k) : k);
  if (reads_request_ && of.name == "sys.stdin" && language() == Language::Python) return request_value("standard input", line);
  if (of.name == "this" && key.known && !k.empty() && language() == Language::JavaScript && rules_.find(cat("this.", k), Rule::Use::Sink)) return Value::named(cat("this.", k));
  if (language() == Language::Perl && key.known && !of.items && !of.tainted() && (k == "QUERY_STRING" || k == "PATH_INFO" || k == "REQUEST_URI" || k.starts_with("HTTP_"))) return with_path(request_value(shorten(cat(of.name, "[", k, "]")), line));
  if (of.name == "$GLOBALS" && key.known)
    if (const auto found = globals().find(cat("$", key.text)); found != globals().end()) {
      Value global = found->second;
      global.path = cat("$", key.text);
      return global;
    }
  if (of.name == "$GLOBALS" && key.known) return variable(cat("$", key.text));
  if (!path.empty())
    if (const Value* found = find_variable(path)) return with_path(*found);
  if (key.known && !of.items)
    if (auto value = worked_out(of, k, true, line)) return with_path(*value);
  if (of.items && key.known) {
    if (const auto found = of.items->by_key.find(k); found != of.items->by_key.end()) return with_path(found->second);
    if (k.size() > 1 && k[0] == '-') {  // from the end
      const auto n = to_number(k);
      const auto size = static_cast<long long>(of.items->order.size());
      if (n && *n < 0 && *n + size >= 0) return with_path(of.items->by_key.at(of.items->order[static_cast<std::size_t>(*n + size)]));
    }
  }
  if (of.known && key.known && !of.is_number) {
    if (language() == Language::Perl) return of;
    if (const auto n = to_number(k)) {
      const auto size = static_cast<long long>(of.text.size());
      const long long i = *n < 0 ? *n + size : *n;
      return i >= 0 && i < size ? Value::constant(std::string(1, of.text[static_cast<std::size_t>(i)])) : Value::constant("");
    }
  }
  if (of.known && !key.known && language() != Language::Perl) {  // some character of a constant
    Value v;
    v.origin = static_cast<std::uint8_t>(of.origin | kDecoded);
    v.layers = of.layers;
    return with_path(v);
  }
  const bool parts_known = of.items && !key.known && !of.items->order.empty() && of.by_element;
  if (of.tainted() && !parts_known) {
    Value v = passed({of}, nullptr, false);
    v.name = shorten(cat(of.name, "[", k, "]"));
    if (flows_[of.flow].parent == 0 && flows_[of.flow].what == of.name) v.flow = add_step(0, line, v.name);  // "$_POST[x]" is the source
    v.weak = of.weak || (of.by_element && key.known);
    v.cleaned = of.cleaned;
    if (language() == Language::Perl && of.name.empty()) v.name.clear();
    return with_path(v);
  }
  if (const Rule* source = rules_.find(cat(of.name, "[]"), Rule::Use::Source)) return with_path(request_value(shorten(cat(of.name, "[", k, "]")), line, source->origin));
  // A source named with its key: $_SERVER[HTTP_HOST].
  if (key.known) {
    for (const char* form : {"[", "."}) {
      const std::string exact = cat(of.name, form, k, form[0] == '[' ? "]" : "");
      if (const Rule* source = rules_.find(exact, Rule::Use::Source)) return with_path(request_value(shorten(exact), line, source->origin));
    }
    const std::size_t underscore = k.find('_');
    if (underscore != std::string::npos) {
      const std::string group = cat(of.name, "[", k.substr(0, underscore), "_]");
      if (const Rule* source = rules_.find(group, Rule::Use::Source)) return with_path(request_value(shorten(cat(of.name, "[", k, "]")), line, source->origin));
    }
    if ((language() == Language::JavaScript || language() == Language::Python) && !k.empty() && is_name_start(k[0]) && !of.name.empty()) {
      Value v = member(of, k, line);
      v.path = path;
      return v;
    }
  } else if (key.tainted() && (language() == Language::JavaScript || language() == Language::Python) && !of.name.empty() && !of.items) {
    return chosen_member(of, key, line);
  }
  if (language() == Language::Php && k == "uri" && of.items)
    if (const auto inner = of.items->by_key.find("#path"); inner != of.items->by_key.end()) return with_path(inner->second);
  if (!key.known && (key.origin & kDecoded) && !of.items && !of.name.empty() && (language() == Language::JavaScript || language() == Language::Python)) return chosen_member(of, key, line);
  // Any element.
  Value v;
  if (of.items && !key.known) {
    std::size_t seen = 0;
    for (const std::string& item_key : of.items->order) {
      if (++seen > 64) break;
      const Value& item = of.items->by_key.at(item_key);
      if (seen == 1) {
        v = item;
      } else {
        const bool mixed = v.tainted() != item.tainted();
        v = join(v, item);
        v.weak |= mixed && key.tainted();  // which of them is not known
      }
    }
    v.path.clear();
    std::size_t functions = 0;
    if (v.function >= 0)
      for (const auto& [item_key, item] : of.items->by_key) functions += item.function >= 0;
    if (functions > 1 && of.items->order.size() <= 64) {
      v.items = of.items;
      v.known = false;
      v.any_of = true;
    }
  }
  v.origin |= of.origin;
  if (v.name.empty() && v.function < 0 && !of.name.empty()) v.name = shorten(cat(of.name, "[]"));
  if (key.known) v.known = false;
  if (key.tainted() && of.items && v.function < 0 && !v.known) v.chosen = false;
  return with_path(v);
}

void Interpreter::assign(const std::string& path, Value value, std::uint32_t line, bool compound) {
  if (path.empty() || path.size() > kMaxName * 2) return;
  value.path.clear();
  if (path.starts_with("$GLOBALS[") && path.find(']') != std::string::npos) {
    const std::size_t close = path.find(']');
    std::string name = cat("$", path.substr(9, close - 9), path.substr(close + 1));
    if (path[close - 1] != '[') globals()[name] = value.tainted() ? step(value, line, name) : value;
    return;
  }
  if (path == "$*") {  // $$name = value, where outside data is the name
    if (value.tainted()) all_variables_ = value;
    return;
  }
  if (value.tainted() && !value.text.empty() && (language() == Language::VisualBasic || language() == Language::CSharp) && lower(value.text).find("xp_cmdshell") != std::string::npos) report(SinkKind::Process, 90, value, "xp_cmdshell", line, {"the database server runs it as a command"});
  if (value.tainted() && !path.starts_with("=~")) value = step(std::move(value), line, path);
  Frame& frame = frame_of(path);
  if (frame.size() > 20'000) {
    cut_ = true;
    return;
  }
  Value& slot = frame[path];
  const bool maybe = condition_ > 0 && !compound;
  if (maybe && slot.tainted() && !value.tainted()) {
    Value kept = join(value, slot);
    kept.known = false;
    slot = std::move(kept);
  } else if (maybe && slot.function >= 0 && value.function < 0) {
    value.function = slot.function;
    slot = std::move(value);
  } else {
    slot = value;
  }
  const Value stored = slot;
  guarded_.erase(path);
  if (has_setters_ && stored.tainted()) set_member(path, stored, line);
  const bool classes = language() == Language::VisualBasic || language() == Language::CSharp || language() == Language::Java;
  if (classes && path.find_first_of(".[") == std::string::npos && !active_.empty()) {
    // In a method, a name that is no parameter may be a member.
    const Function& method = functions_[static_cast<std::size_t>(active_.back())];
    if (!method.owner.empty() && std::none_of(method.parameters.begin(), method.parameters.end(), [&](const Parameter& p) { return p.name == path; })) fields_[path] = fields_.contains(path) ? join(stored, fields_[path]) : stored;
  } else if (language() == Language::VisualBasic && stored.tainted() && path.find('.') != std::string::npos && path.back() != ']') {
    // Property Let
    const auto setter = by_name_.find(path.substr(path.rfind('.') + 1));
    if (setter != by_name_.end())
      for (const int id : setter->second)
        if (!functions_[static_cast<std::size_t>(id)].owner.empty() && functions_[static_cast<std::size_t>(id)].parameters.size() == 1) call_function(id, {stored}, line);
  }
  // What holds it knows it too.
  std::string child = path;
  Value inner = stored;
  for (int up = 0; up < 4; ++up) {
    const std::size_t cut_at = child.find_last_of(".[");
    if (cut_at == std::string::npos || cut_at == 0) break;
    const bool element = child[cut_at] == '[';
    const std::string key = element ? child.substr(cut_at + 1, child.size() - cut_at - 2) : child.substr(cut_at + 1);
    const std::string parent = child.substr(0, cut_at);
    if (!element) fields_[key] = fields_.contains(key) ? join(inner, fields_[key]) : inner;
    if (parent == "this" || parent == "$_SERVER") break;
    Frame& holder = frame_of(parent);
    const bool known_before = holder.contains(parent);
    Value& whole = holder[parent];
    if (!known_before && whole.name.empty() && parent.size() > 4 && parent.starts_with("$_") && rules_.find(parent, Rule::Use::Source)) whole = request_value(parent, line);
    else if (!known_before && whole.name.empty()) whole = find_variable(parent) && find_variable(parent) != &whole ? *find_variable(parent) : Value();
    auto items = whole.items ? std::make_shared<Items>(*whole.items) : std::make_shared<Items>();
    if (key.empty()) items->push(inner);
    else items->set(key, inner);
    if (items->order.size() > 256 && whole.items) items = whole.items;  // large tables are joined, not copied each time
    if (element) {
      const bool head = whole.head;
      const bool first = !whole.tainted() && inner.tainted();
      whole = join_taint(std::move(whole), inner);
      if (first) whole.by_element = !key.empty();
      else if (inner.tainted() && key.empty()) whole.by_element = false;
      if (!whole.tainted()) whole.head = head;
      whole.known = false;
    }
    whole.items = std::move(items);
    inner = whole;
    child = parent;
  }
}

void Interpreter::assign_sink(const std::string& name, const Value& value, std::uint32_t line) {
  if (name.empty() || !value.tainted()) return;
  const Rule* rule = rules_.find(name, Rule::Use::Sink);
  if (!rule || !rule->assign) return;
  if (rule->kind == SinkKind::Process) process(*rule, name, {value}, line);
  else if (rule->kind == SinkKind::Evaluation) evaluation(value, name, line, rule->kind);
}

}  // namespace plimsoll::detect::web
