// What each language does by itself with a few names: call and apply, @_ and handles, output callbacks, events.
// See interpreter.h.
#include <algorithm>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

// Lines of words and statements, as opposed to one encoded mass.
bool plain_program(std::string_view text) {
  if (text.empty() || text.size() > kMaxText) return false;
  const auto blanks = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t'; }));
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), ';'));
  return blanks * 12 >= text.size() && ends > 0 && text.find("sub ") != std::string_view::npos;
}

}  // namespace

// open(F, "cmd |"), open(F, "-|", cmd), open(F, ">", path), open(F, ">path").
void Interpreter::open_perl(const std::vector<Value>& args, std::uint32_t line) {
  Value target = args.size() > 2 ? args[2] : args[1];
  const std::string mode(trim(args[1].text));
  const std::string end(trim(args[1].suffix));
  const bool pipe = args.size() > 2 ? args[1].known && mode.find('|') != std::string::npos : mode.starts_with("|") || (args[1].known ? mode.ends_with("|") : end.ends_with("|"));
  if (pipe) {
    if (args.size() == 2 && mode == "|") target.head = true;
    Rule rule;
    rule.direct = args.size() > 3;
    std::vector<Value> words{target};
    if (args.size() > 3) words.assign(args.begin() + 2, args.end());
    return process(rule, "open", words, line);
  }
  const bool writes = mode.starts_with(">") || mode.starts_with("+");
  if (args[0].name == "STDIN" && mode.find('&') != std::string::npos && mode.find("STD") == std::string::npos) standard_input_ = request_value("network connection", line, kNetwork);
  if (!writes && (target.name == "$0" || target.name == "__FILE__")) {
    Value handle = Value::named("open()");
    handle.items = std::make_shared<Items>();
    handle.items->set("#from", request_value("this file's own text", line, kHidden));
    assign(args[0].path, std::move(handle), line, true);
    return;
  }
  if (!writes) return;
  if (args.size() == 2) {
    const std::size_t name = target.text.find_first_not_of(">+ ./");
    target.text.erase(0, std::min(name, target.text.size()));
  }
  target.path.clear();
  Value handle = Value::named("open()");
  handle.items = std::make_shared<Items>();
  handle.items->set("#path", std::move(target));
  assign(args[0].path, std::move(handle), line, true);
}

// What the languages themselves do with a few names.
Value Interpreter::language_call(const Callee& callee, const std::string& name, const std::vector<Value>& args, std::uint32_t line, bool& done) {
  done = true;
  const Language lang = language();
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string::npos ? std::string_view(name) : std::string_view(name).substr(dot + 1);
  if (lang == Language::JavaScript && callee.has_receiver && !args.empty() && ((last == "pipe" && args[0].name.ends_with(".stdin")) || ((last == "write" || last == "end") && callee.receiver.name.ends_with(".stdin")))) {
    // What is piped into a shell is run.
    Value data = last == "pipe" ? callee.receiver : args[0];
    const bool socket = data.name.starts_with("net.") || (!data.tainted() && connection_.tainted() && data.name.find("std") == std::string::npos) || data.name.find("ocket") != std::string::npos;
    const bool body = data.name == "req" || data.name == "request";
    if (!data.tainted() && (socket || body)) data = request_value(data.name, line, socket ? kNetwork : kRequest);
    if (data.tainted()) report(SinkKind::Process, socket && !body ? 95 : 80, data, last == "pipe" ? args[0].name : callee.receiver.name, line, {"what comes in is fed to a program"});
    return {};
  }
  if (lang == Language::JavaScript && callee.has_receiver && last == "write" && !args.empty() && args[0].tainted() && callee.receiver.name.ends_with("pty.spawn()")) {
    report(SinkKind::Process, 85, args[0], callee.receiver.name, line, {"what comes in is typed into a terminal"});
    return {};
  }
  if (lang == Language::JavaScript && callee.has_receiver && callee.receiver.name != "Reflect" && (last == "call" || last == "apply" || last == "bind") && (callee.receiver.function >= 0 || !callee.receiver.name.empty())) {
    if (last == "bind") {
      Value v = callee.receiver;
      v.path.clear();
      return v;
    }
    Callee inner;
    inner.value = callee.receiver;
    std::vector<Value> rest;
    if (last == "call") rest.assign(args.begin() + (args.empty() ? 0 : 1), args.end());
    else if (args.size() > 1 && args[1].items) for (const std::string& key : args[1].items->order) rest.push_back(args[1].items->by_key.at(key));
    else if (args.size() > 1) rest.push_back(args[1]);
    return call(inner, rest, line);
  }
  if ((name == "func_get_args" || name == "func_get_arg") && lang == Language::Php) {
    if (given_.empty()) return {};
    const Value all = list_of(*given_.back());
    Value v = args.empty() ? all : index(all, args[0], line);
    v.path.clear();
    return v;
  }
  if (lang == Language::Php && equals_ignore_case(name, "getenv") && !args.empty()) return index(Value::named("$_SERVER"), args[0], line);
  if (lang == Language::Python && name == "os.getenv" && !args.empty()) return index(Value::named("os.environ"), args[0], line);
  if (lang == Language::Php && equals_ignore_case(name, "proc_open") && args.size() > 2 && args[0].known && !args[2].path.empty()) {
    Value handle = Value::named("proc_open()");
    handle.items = std::make_shared<Items>();
    handle.items->set("#path", args[0]);
    assign(cat(args[2].path, "[0]"), std::move(handle), line, true);
  }
  if (lang == Language::Php && equals_ignore_case(name, "create_function") && args.size() > 1 && args[0].known && args[1].known && args[1].text.size() < 65536) {
    Value code = Value::constant(cat("$_made = function (", args[0].text, ") { ", args[1].text, " };"));
    code.layers = args[1].layers;
    run_decoded(code, name, line);
    const Value* made = find_variable("$_made");
    done = made && made->function >= 0;
    return done ? *made : Value();
  }
  if (lang == Language::Php && equals_ignore_case(name, "stream_wrapper_register") && args.size() > 1 && args[0].known) {
    const std::string owner = args[1].known ? args[1].text : args[1].name;
    if (const int opens = method_of(owner, "stream_open"); opens >= 0) call_function(opens, {}, line);
    if (const int reads = method_of(owner, "stream_read"); reads >= 0 && written_.size() < 256) {
      Value data = call_function(reads, {}, line);
      data.path.clear();
      if (data.tainted()) wrappers_[args[0].text] = owner, written_[cat(args[0].text, "://")] = std::move(data);
    }
    return {};
  }
  if (lang == Language::CSharp && last == "TryGetValue" && callee.has_receiver && args.size() > 1 && !args[1].path.empty()) {
    assign(args[1].path, index(callee.receiver, args[0].known ? args[0] : Value(), line), line, true);
    return {};
  }
  if (lang == Language::Perl && last == "on" && args.size() > 1 && args[0].known && (args[0].text == "message" || args[0].text == "text" || args[0].text == "json" || args[0].text == "read") && args[1].function >= 0) {
    call_function(args[1].function, {callee.receiver, request_value("message", line)}, line);
    return {};
  }
  if (lang == Language::Perl && (name == "open3" || name == "open2") && args.size() > 2 && (args[2].known || args.back().known)) {  // print $in ...
    Value handle = Value::named("open3()");
    handle.items = std::make_shared<Items>();
    handle.items->set("#path", args.size() > 3 && name == "open3" ? args[3] : args[2]);
    assign(args[name == "open3" ? 0 : 1].path, std::move(handle), line, true);
  }
  if (lang == Language::Php && equals_ignore_case(name, "preg_replace_callback_array") && args.size() > 1 && args[0].items) {
    const auto items = args[0].items;
    for (const std::string& key : items->order) {
      Callee inner;
      inner.value = items->by_key.at(key);
      Value data = args[1];
      data.path.clear();
      call(std::move(inner), {std::move(data)}, line);
    }
    return passed(args, nullptr, false);
  }
  if (lang == Language::CSharp && last == "InvokeMember" && callee.has_receiver && args.size() > 1) {
    Callee inner;
    inner.value = args[0].known ? member(callee.receiver, args[0].text.substr(0, 200), line) : chosen_member(callee.receiver, args[0], line);
    inner.value.path.clear();
    std::vector<Value> given;
    const Value& list = args.size() > 4 ? args[4] : args.back();
    if (list.items) for (const std::string& key : list.items->order) given.push_back(list.items->by_key.at(key));
    return call(std::move(inner), std::move(given), line);
  }
  if (lang == Language::VisualBasic && equals_ignore_case(name, "callbyname") && args.size() > 3 && args[1].known) {
    Callee inner;
    inner.value = member(args[0], args[1].text.substr(0, 200), line);
    inner.value.path.clear();
    inner.receiver = args[0];
    inner.has_receiver = true;
    return call(std::move(inner), {args.begin() + 3, args.end()}, line);
  }
  if (lang == Language::Perl && name.starts_with("CORE.") && name.size() > 5) {
    Callee inner = callee;
    inner.value = Value::named(name.substr(name.rfind('.') + 1));
    return call(std::move(inner), args, line);
  }
  if (lang == Language::Perl && !callee.has_receiver && !callee.constructs && callee.value.known == false && by_name_.contains("AUTOLOAD") && name.find('.') == std::string::npos && !rules_.find(name, Rule::Use::Sink) && !rules_.find(name, Rule::Use::Function) && std::any_of(args.begin(), args.end(), [](const Value& v) { return v.tainted(); })) return call_function(by_name_.at("AUTOLOAD").front(), args, line);
  if (lang == Language::Perl) {
    if ((name == "warn" || name == "die" || name == "carp" || name == "croak") && !args.empty() && args[0].tainted()) {
      const Value* handler = find_variable(name == "warn" || name == "carp" ? "$SIG[__WARN__]" : "$SIG[__DIE__]");
      if (handler && handler->function >= 0) call_function(handler->function, args, line);
    }
    if ((name == "IO.File.new" || name == "FileHandle.new" || (callee.constructs && (name == "IO.File" || name == "FileHandle"))) && args.size() == 1) {
      open_perl({Value(), args[0]}, line);
      return Value::named(cat(name, "()"));
    }
    if (name == "shift" || name == "pop") {
      const Value* own = args.empty() ? find_variable("$_") : nullptr;
      if (args.empty() && !own) return Value::named("shift()");
      const Value& list = args.empty() ? *own : args[0];
      if (list.items && list.items->order.empty()) return {};
      if (!list.items) {
        Value v = list;
        v.path.clear();
        return v;
      }
      auto items = std::make_shared<Items>();
      const std::string& taken = name == "shift" ? list.items->order.front() : list.items->order.back();
      Value v = list.items->by_key.at(taken);
      for (const std::string& key : list.items->order)
        if (key != taken) items->push(list.items->by_key.at(key));
      Value rest = list;
      rest.items = std::move(items);
      if (args.empty()) frames_.back()["$_"] = rest;
      else assign(args[0].path, rest, line);
      return v;
    }
    if (name == "readline" && !args.empty()) {
      if (args[0].name == "STDIN" && reads_request_) {
        const Value v = request_value("<STDIN>", line);
        if (guarding_ > 0) assign("$_", v, line, true);
        return v;
      }
      if (args[0].name == "DATA") {
        // Program text in plain sight is read as such where it is run; anything else is hidden there.
        const std::string& tail = streams_[stream_].tail;
        if (plain_program(tail)) return Value::constant(tail);
        return request_value("<DATA>", line, kHidden);
      }
      if (args[0].items)
        if (const auto found = args[0].items->by_key.find("#from"); found != args[0].items->by_key.end()) return found->second;
      Value v = passed(args, nullptr, false);
      if (v.tainted()) assign("$_", v, line);
      return v;
    }
    if (name == "subst" && args.size() == 3) {
      const auto found = frames_.back().find("=~");
      const Value subject = found != frames_.back().end() ? found->second : variable("$_");
      if (args[2].text.find("ee") != std::string::npos) evaluation(!args[1].tainted() && !args[1].known && (args[1].name == "$1" || args[1].name == "$&" || args[1].name == "$2") ? subject : args[1], "s///ee", line, SinkKind::Evaluation);
      Value v;
      if (subject.known && args[0].known && args[1].known) v = fold(Does::Replace, {args[0], args[1], subject}).value_or(Value());
      else v = passed({subject, args[1]}, nullptr, false);
      if (args[1].known && args[1].text.empty() && bounded_by(args[0].text)) v.cleaned = kAllSinks;
      v.name = "subst";
      v.head = subject.head;
      if (found == frames_.back().end()) assign("$_", v, line);
      return v;
    }
    if (name == "transliterate" && args.size() == 3) {
      const auto found = frames_.back().find("=~");
      const Value subject = found != frames_.back().end() ? found->second : variable("$_");
      Value v = fold(Does::Translate, {subject, args[0], args[1]}).value_or(passed({subject}, nullptr, false));
      v.name = "subst";
      return v;
    }
    if (name == "sysopen" && args.size() >= 2) {
      Value handle = Value::named("open()");
      handle.items = std::make_shared<Items>();
      handle.items->set("#path", args[1]);
      assign(args[0].path, std::move(handle), line, true);
      return {};
    }
    if (name == "open" && args.size() >= 2) {
      open_perl(args, line);
      return Value::named("open()");
    }
    if (name == "chr" && args.empty()) return fold(Does::Chr, {variable("$_")}).value_or(Value());
    if (name == "defined" || name == "die" || name == "exit") return {};
  }
  if (lang == Language::Php && (name == "set_error_handler" || name == "set_exception_handler") && !args.empty()) error_handler_ = args[0];
  const bool raises = lang == Language::Php && (name == "trigger_error" || name == "user_error" || (callee.constructs && (last.ends_with("Exception") || last.ends_with("Error"))));
  if (raises && !args.empty() && args[0].tainted() && error_handler_.function >= 0) {
    if (callee.constructs) call_function(error_handler_.function, {args[0]}, line);
    else call_function(error_handler_.function, {Value(), args[0]}, line);
  }
  if (lang == Language::Php && last == "send" && callee.has_receiver && !args.empty() && args[0].tainted()) sent_ = args[0];
  if (lang == Language::Python && reads_request_ && (name == "sys.stdin.read" || name == "sys.stdin.readline" || name == "sys.stdin.buffer.read" || name == "input")) return request_value("standard input", line);
  if (lang == Language::Python && keywords_.contains("target") && keywords_.contains("args")) {
    Callee inner;
    inner.value = keywords_["target"];
    inner.value.path.clear();
    std::vector<Value> given;
    if (keywords_["args"].items) for (const std::string& key : keywords_["args"].items->order) given.push_back(keywords_["args"].items->by_key.at(key));
    keywords_.clear();
    return call(inner, std::move(given), line);
  }
  if (lang == Language::JavaScript && callee.has_receiver && last == "pipe" && !args.empty() && callee.receiver.tainted() && args[0].items)
    if (const auto path = args[0].items->by_key.find("#path"); path != args[0].items->by_key.end()) write(path->second, callee.receiver, name, line);
  if (lang == Language::JavaScript && last == "parse" && args.size() == 2 && args[1].function >= 0 && callee.has_receiver) {  // an upload's form: parse(req, (error, fields, files) => ...)
    const Value part = request_value("form", line);
    call_function(args[1].function, {Value(), part, part}, line);
  }
  if (lang == Language::JavaScript && args.size() >= 2 && args[0].known && callee.has_receiver && (last == "on" || last == "once" || last == "addListener") && args[1].function >= 0) {
    // What an event brings from outside; a worker's and a parent's messages are the program's own.
    static constexpr std::string_view kBrings[] = {"message", "line", "text", "messageCreate", "message_create", "messages.upsert", "command", "pmessage", "push"}, kUploads[] = {"file", "field", "fileBegin"};
    static constexpr std::string_view kOwn[] = {"process", "parentPort", "worker_threads.parentPort", "worker", "self", "child", "cluster"};
    const bool file = one_of(args[0].text, kUploads);
    if (args[0].text == "data" && callee.receiver.tainted()) call_function(args[1].function, {request_value("data event", line)}, line);
    else if (args[0].text == "stream") call_function(args[1].function, {Value(), request_value("headers", line)}, line);
    else if (args[0].text == "request") call_function(args[1].function, {Value::named("req"), Value::named("res")}, line);
    else if (file || (one_of(args[0].text, kBrings) && !one_of(callee.receiver.name, kOwn) && !callee.receiver.name.ends_with("Worker") && !callee.receiver.name.ends_with("fork()"))) call_function(args[1].function, std::vector<Value>(file ? 3 : 2, request_value(cat(args[0].text, " event"), line)), line);
  }
  if (lang == Language::JavaScript && args.size() >= 2 && args[0].known && callee.has_receiver) {
    if (last == "on" || last == "once" || last == "addListener") {
      const int heard = args[1].function >= 0 ? args[1].function : args[1].name.empty() || args[1].tainted() ? -1 : find_function({}, args[1].name);
      if (heard >= 0 && listeners_.size() < 256) listeners_[args[0].text.substr(0, 80)] = heard;
    }
    if (last == "emit") {
      if (const auto found = listeners_.find(args[0].text.substr(0, 80)); found != listeners_.end()) call_function(found->second, {args.begin() + 1, args.end()}, line);
    }
  }
  if (lang == Language::JavaScript && callee.constructs && name == "Promise" && !args.empty() && args[0].function >= 0) {
    resolved_ = Value();
    call_function(args[0].function, {Value::named("resolve()")}, line);
    Value v = resolved_;
    v.path.clear();
    return v;
  }
  if (lang == Language::JavaScript && name == "resolve()" && !args.empty()) {
    resolved_ = join(args[0], resolved_);
    return {};
  }
  if (lang == Language::Perl && name == "split" && args.size() == 1) return passed({variable("$_")}, nullptr, false);
  if (lang == Language::Php && !args.empty() && equals_ignore_case(name, "putenv")) {
    if (args[0].text.starts_with("LD_PRELOAD=") || args[0].text.starts_with("GCONV_PATH=")) preloads_ = true;
    if (args[0].tainted()) environment_ = args[0];
    return {};
  }
  if (lang == Language::Php && preloads_) {
    // A library of one's own in every program that these start.
    static constexpr std::string_view kStarters[] = {"mail", "mb_send_mail", "error_log", "imap_mail", "iconv", "imap_open"};
    if (std::find(std::begin(kStarters), std::end(kStarters), lower(name)) != std::end(kStarters)) {
      Value data = environment_;
      for (const auto& [path, content] : written_)
        if (!data.tainted()) data = content;
      data.cleaned = 0;
      if (data.tainted()) report(SinkKind::Process, 90, data, cat(name, " with LD_PRELOAD"), line, {"the program that is started loads a library set by the page"});
    }
  }
  if (lang == Language::Php && name == "ob_start" && !args.empty() && args[0].known) output_callback_ = args[0].text.substr(0, 100);
  if (lang == Language::Php && lower(name).starts_with("filter_")) {
    // FILTER_CALLBACK: the function stands under "options", however deep.
    const Value* callback = nullptr;
    std::vector<const Value*> open_lists;
    for (const Value& arg : args) open_lists.push_back(&arg);
    for (std::size_t i = 0; i < open_lists.size() && i < 64; ++i) {
      if (!open_lists[i]->items) continue;
      for (const auto& [key, item] : open_lists[i]->items->by_key) {
        if (key == "options" && !item.items) callback = &item;
        open_lists.push_back(&item);
      }
    }
    if (callback) {
      Callee inner;
      inner.value = *callback;
      inner.value.path.clear();
      Value data = passed(args, nullptr, false);
      if (lower(name).starts_with("filter_input")) data = request_value(cat(name, "()"), line);
      return call(inner, {std::move(data)}, line);
    }
  }
  if (lang == Language::Php && args.size() >= 3 && (args[0].known || args[0].tainted()) && (equals_ignore_case(name, "preg_replace") || equals_ignore_case(name, "preg_filter") || name.starts_with("mb_ereg"))) {
    // The modifier "e" has the replacement run as code.
    const bool multibyte = name.starts_with("mb_");
    const std::string& pattern = args[0].text;
    const std::size_t close = pattern.empty() ? std::string::npos : pattern.find_last_not_of("imsxeADSUXJu");
    const bool runs = multibyte ? args.size() > 3 && args[3].known && args[3].text.find('e') != std::string::npos : close != std::string::npos && close > 0 && pattern.find('e', close + 1) != std::string::npos;
    if (!runs && args[0].tainted() && (args[0].origin & kHidden) && args[1].tainted()) evaluation(args[1], cat(name, " with a hidden pattern"), line, SinkKind::Evaluation);
    if (runs) evaluation(args[1], cat(name, " with the modifier e"), line, SinkKind::Evaluation);
  }
  if (lang == Language::Php && !args.empty() && args[0].known && args[0].text.size() > 6 && args[0].text.find("://") != std::string::npos) {
    static constexpr std::string_view kReaders[] = {"fopen", "file_get_contents", "file", "readfile", "stream_get_contents", "fgets", "fread", "splfileobject", "gzopen", "gzfile", "parse_ini_file", "simplexml_load_file", "copy"};
    if (const std::string lowered = lower(name), text = lower(args[0].text); one_of(lowered, kReaders)) {
      if (text.starts_with("php://input") || text.starts_with("php://stdin")) {
        Value v = request_value("php://input", line);
        if (lowered == "copy" && args.size() > 1) write(args[1], v, name, line);
        return v;
      }
      if (text.starts_with("http://") || text.starts_with("https://") || text.starts_with("ftp://")) return request_value(args[0].text.substr(0, 60), line, kNetwork);
    }
  }
  if (lang == Language::Php && !args.empty() && args[0].known && (name == "file_get_contents" || name == "file") && args[0].text.find("://") == std::string::npos) {  // what the file holds, not its name
    const auto kept = written_.find(args[0].text);
    return kept != written_.end() ? kept->second : Value::named(cat(name, "()"));
  }
  if (lang == Language::Php && !args.empty() && (name == "file_get_contents" || name == "file") && args[0].name == "__FILE__") return request_value("this file's own text", line, kHidden);
  done = false;
  return {};
}

}  // namespace plimsoll::detect::web
