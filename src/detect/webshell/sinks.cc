// Where a flow ends: what it is worth. See interpreter.h; the weights are in docs/webshell.md.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/pages.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::size_t kMaxReports = 64;
constexpr int kMaxDecoded = 6;  // programs inside programs

std::string base_of(std::string_view text) {
  std::string t = lower(trim(text));
  t = t.substr(0, t.find(' '));
  const std::size_t slash = t.find_last_of("/\\");
  return slash == std::string::npos ? t : t.substr(slash + 1);
}

bool is_shell(std::string_view text) {
  static constexpr std::string_view kShells[] = {"sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh", "busybox", "python", "python3", "perl", "php", "node", "ruby", "%comspec%", "xargs", "env"};
  const std::string base = base_of(text);
  return std::find(std::begin(kShells), std::end(kShells), base) != std::end(kShells);
}

// "uname -a; /bin/sh -i"
bool runs_shell(std::string_view line) {
  while (!line.empty() && line.size() < 4096) {
    const std::size_t end = line.find_first_of(";|&");
    if (is_shell(line.substr(0, end)) && base_of(line.substr(0, end)).find("sh") != std::string::npos) return true;
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return false;
}

bool script_name(std::string_view path) {
  const std::string p = lower(path);
  static constexpr std::string_view kEnds[] = {".php", ".phtml", ".php3", ".php5", ".php7", ".phar", ".inc", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".asa", ".cer", ".cgi", ".pl", ".py", ".js", ".htaccess", ".user.ini", ".sh", ".java", ".class", ".jar", ".war", ".cs", ".vb", ".exe", ".dll"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return p.ends_with(end); });
}

bool harmless_name(std::string_view suffix) {
  const std::string s = lower(suffix);
  static constexpr std::string_view kEnds[] = {".txt", ".log", ".json", ".csv", ".html", ".htm", ".xml", ".png", ".jpg", ".jpeg", ".gif", ".pdf", ".css", ".tmp", ".cache", ".lock", ".yml", ".yaml", ".ini", ".conf", ".md", ".sql", ".gz", ".zip"};
  return std::any_of(std::begin(kEnds), std::end(kEnds), [&](std::string_view end) { return s.ends_with(end); });
}

bool wrapper(std::string_view text) {
  const std::string t = lower(text);
  static constexpr std::string_view kStarts[] = {"data:", "php://", "http://", "https://", "ftp://", "expect://", "phar://", "zip://", "compress."};
  return std::any_of(std::begin(kStarts), std::end(kStarts), [&](std::string_view start) { return t.starts_with(start); });
}

Value at_index(const std::vector<Value>& args, int i, const Value& receiver) {
  if (i == -1) return receiver;
  if (i >= 0 && static_cast<std::size_t>(i) < args.size()) return args[static_cast<std::size_t>(i)];
  return {};
}

}  // namespace

void Interpreter::report(SinkKind kind, int score, const Value& value, const std::string& sink, std::uint32_t line, std::vector<std::string> reasons) {
  if (value.tainted()) {
    if (value.cleaned & bit(kind)) return;
    if (!(value.origin & kRequest)) {
      score -= value.origin & kNetwork ? 15 : 20;
      reasons.emplace_back(value.origin & kNetwork ? "the data is fetched from the network" : "the data is hidden in the file or in another one");
    }
    if (value.weak) {
      score -= 45;
      reasons.emplace_back("through a function that is not known");
    }
    if (value.layers > 0) {
      score += 5;
      reasons.emplace_back("decoded on the way");
    }
  }
  score = std::clamp(score, 0, 100);
  if (score <= 0) return;
  Report r;
  r.kind = kind;
  r.score = score;
  r.line = line;
  r.sink = sink;
  r.reasons = std::move(reasons);
  std::vector<std::string> way;
  std::uint32_t at_step = value.flow;
  for (int n = 0; n < 40 && at_step != 0; ++n) {
    const FlowStep& s = flows_[at_step];
    if (s.parent == 0) {
      r.source = s.what;
      r.source_line = s.line;
    } else if (way.empty() || way.back() != s.what) {
      way.push_back(s.what);
    }
    at_step = s.parent;
  }
  std::reverse(way.begin(), way.end());
  for (std::size_t i = 0; i < way.size(); ++i) r.way += cat(i ? " -> " : "", way[i]);
  for (Report& known : reports_) {
    if (known.line != r.line || known.kind != r.kind) continue;
    if (r.score > known.score) known = std::move(r);
    return;
  }
  if (reports_.size() < kMaxReports) reports_.push_back(std::move(r));
}

void Interpreter::sink(const Rule& rule, const std::string& name, const Callee& callee, const std::vector<Value>& args, std::uint32_t line) {
  const auto wanted = [&](std::size_t which) { return at_index(args, which < rule.args.size() ? rule.args[which] : static_cast<int>(which), callee.receiver); };
  switch (rule.kind) {
    case SinkKind::Evaluation:
    case SinkKind::Template:
    case SinkKind::Deserialise: {
      if (name == "yaml.load") {  // safe unless the loader says otherwise
        const auto loader = keywords_.find("Loader");
        const std::string which = loader != keywords_.end() ? loader->second.name : args.size() > 1 ? args[1].name : "Safe";
        if (which.find("Unsafe") == std::string::npos && !which.ends_with(".Loader")) return;
      }
      if (!rule.args.empty()) {
        for (const int i : rule.args) {
          Value v = at_index(args, i, callee.receiver);
          if (v.items && !v.tainted()) v = passed({v}, nullptr, false);
          if (v.items)
            if (const auto inner = v.items->by_key.find("#path"); inner != v.items->by_key.end() && !v.tainted()) v = inner->second;
          evaluation(v, name, line, rule.kind);
        }
      } else {
        for (const Value& v : args) evaluation(v.items && !v.tainted() ? passed({v}, nullptr, false) : v, name, line, rule.kind);
      }
      return;
    }
    case SinkKind::Process: {
      for (const Value& arg : args) {  // execSync('sh', { input: x })
        if (!arg.items || args.empty() || !args[0].known || !is_shell(args[0].text)) continue;
        const auto input = arg.items->by_key.find("input");
        if (input != arg.items->by_key.end() && input->second.tainted()) report(SinkKind::Process, 95, input->second, name, line, {"what comes in is fed to a shell"});
      }
      for (const Value& arg : args)  // spawn(x, { shell: true })
        if (language() == Language::JavaScript && arg.items && arg.items->by_key.contains("shell") && wanted(0).tainted() && wanted(0).head) return report(SinkKind::Process, 95, wanted(0), name, line, {});
      std::vector<Value> parts;
      if (rule.args.empty()) parts = args;
      else for (std::size_t i = 0; i < rule.args.size(); ++i) parts.push_back(wanted(i));
      return process(rule, name, parts, line);
    }
    case SinkKind::Include: return include(wanted(0), name, line);
    case SinkKind::Write: {
      Value path = at_index(args, rule.path, callee.receiver);
      Value content = at_index(args, rule.content, callee.receiver);
      if (rule.content == -1) {
        if (const Value* kept = callee.receiver.path.empty() ? nullptr : find_variable(cat(callee.receiver.path, ".#content"))) content = *kept;
      }
      if (rule.content == -2) {  // whatever comes after the path
        content = Value();
        for (std::size_t i = 0; i < args.size(); ++i)
          if (static_cast<int>(i) != rule.path) content = join_taint(std::move(content), args[i]);
      }
      if (rule.unpacks && content.items && !content.tainted()) content = passed({content}, nullptr, false);
      if (rule.unpacks) {  // an archive names its files itself
        if (content.tainted() && (content.origin & kRequest) && !content.weak && !(content.cleaned & bit(SinkKind::Write))) report(SinkKind::Write, 75, content, name, line, {"an uploaded archive names the files that are written"});
        return;
      }
      if (rule.origin) content = request_value(callee.receiver.name, line, rule.origin);
      if (path.items)
        if (const auto inner = path.items->by_key.find("#path"); inner != path.items->by_key.end()) path = inner->second;
      if (language() == Language::JavaScript && !content.tainted() && (content.name == "req" || content.name == "request" || content.name == "ctx.req")) content = request_value(content.name, line);
      if (content.items && !content.tainted()) content = passed({content}, nullptr, false);
      if (rule.path == -1 && content.tainted() && !callee.receiver.path.empty() && !(callee.receiver.items && callee.receiver.items->by_key.contains("#path"))) {
        Value holder = join_taint(callee.receiver, content);  // a buffer in memory
        assign(callee.receiver.path, std::move(holder), line, true);
      }
      return write(path, content, name, line);
    }
    case SinkKind::Indirect: {  // a function of danger is handed to an engine that calls it with what it is asked
      for (std::size_t i = 0; i < args.size(); ++i) {
        if (!rule.args.empty() && std::find(rule.args.begin(), rule.args.end(), static_cast<int>(i)) == rule.args.end()) continue;
        const Value& arg = args[i];
        std::vector<Value> named{arg};
        if (arg.items && arg.items->order.size() <= 32)
          for (const std::string& key : arg.items->order) named.push_back(arg.items->by_key.at(key));
        for (const Value& v : named) {
          const Rule* acts = v.known && v.text.size() < 80 ? rules_.find(v.text, Rule::Use::Sink) : nullptr;
          if (acts && (acts->kind == SinkKind::Process || acts->kind == SinkKind::Evaluation)) report(SinkKind::Indirect, 75, Value(), cat(name, ": ", v.text), line, {"a function that runs what it is given is registered as a callback"});
          else if (const Rule* by_name = v.known || v.tainted() || v.function >= 0 || v.name.find('.') == std::string::npos || language() == Language::Php ? nullptr : rules_.find(v.name, Rule::Use::Sink); by_name && by_name->kind == SinkKind::Process) report(SinkKind::Indirect, 75, Value(), cat(name, ": ", v.name), line, {"a function that runs what it is given is registered as a callback"});
          else if (v.tainted()) report(SinkKind::Indirect, 75, v, name, line, {"outside data names the callback"});
        }
      }
      return;
    }
  }
}

void Interpreter::evaluation(const Value& code, const std::string& name, std::uint32_t line, SinkKind kind) {
  if (code.tainted()) {
    const int base = kind == SinkKind::Template ? 75 : kind == SinkKind::Deserialise ? 80 : 100;
    // A program of the file's own with fetched names in it: a generator of code. What fetches its code fetches all of it.
    if (kind == SinkKind::Evaluation && !(code.origin & kRequest) && trim(code.text).size() > 2 && trim(code.text) != "return" && !trim(code.text).starts_with("<?") && !trim(code.text).starts_with("?>")) return report(kind, 50, code, name, line, {"the data is put into a program of the file's own"});
    report(kind, base, code, name, line, {});
    return;
  }
  if (kind != SinkKind::Evaluation) return;
  if (code.known) {
    run_decoded(code, name, line);
  } else if ((code.origin & kDecoded) && code.text.empty() && !code.led) {
    report(kind, 65 + std::min<int>(code.layers, 4) * 5, code, name, line, {"what is run is put together from encoded text"});
  }
}

// Perl: (?{ code }) and (??{ code }) in a pattern are run.
void Interpreter::regex_code(const Token& regex) {
  std::string_view rest = regex.text;
  const std::uint32_t line = regex.line;
  for (std::size_t open = rest.find("?{"); open != std::string_view::npos; open = rest.find("?{")) {
    rest.remove_prefix(open + 2);
    std::size_t depth = 1, end = 0;
    while (end < rest.size() && depth > 0) depth += rest[end] == '{' ? 1 : rest[end] == '}' ? static_cast<std::size_t>(-1) : 0, ++end;
    const Value code = Value::constant(std::string(rest.substr(0, end == 0 ? 0 : end - 1)));
    rest.remove_prefix(end);
    run_decoded(code, "(?{ })", line);
  }
}

void Interpreter::run_decoded(const Value& code, const std::string& name, std::uint32_t line) {
  if (code.text.size() < 6 || code.is_number || decoded_depth_ >= kMaxDecoded || texts_.size() > 64) return;
  const std::size_t before = reports_.size();
  const std::size_t stream = stream_, position = pos_;
  const int condition = condition_, guarding = guarding_, loops = loops_;
  const bool stop = stop_list_;
  texts_.push_back(code.text);
  ++decoded_depth_;
  Tokens tokens;
  tokens.language = language();
  if (language() == Language::Php && texts_.back().find("?>") != std::string::npos) read_php(texts_.back(), line, true, tokens);
  else lex(texts_.back(), line, tokens);
  finish(tokens);
  for (Token& t : tokens.all) t.line = line;  // its lines are not the file's
  streams_.push_back(std::move(tokens));
  const std::size_t first = functions_.size(), inner = streams_.size() - 1;
  find_functions(inner);
  condition_ = guarding_ = loops_ = 0;
  stop_list_ = false;
  exec(0, streams_[inner].all.size() - 1);
  const std::size_t count = functions_.size();
  for (std::size_t i = first; i < count && tick(); ++i)
    if (functions_[i].stream == inner && !functions_[i].closure) call_function(static_cast<int>(i), {}, line);
  --decoded_depth_;
  stream_ = stream;
  pos_ = position;
  condition_ = condition;
  guarding_ = guarding;
  loops_ = loops;
  stop_list_ = stop;
  for (std::size_t i = before; i < reports_.size(); ++i) {
    if (code.layers > 0) reports_[i].score = std::min(100, reports_[i].score + 10);
    if (reports_[i].reasons.size() < 6) reports_[i].reasons.push_back(cat("in code that ", name, " runs at line ", line, code.layers > 0 ? cat(", hidden by ", code.layers, " encoding", code.layers > 1 ? "s" : "") : ""));
  }
  if (reports_.size() == before && code.layers >= 2 && code.text.size() >= 40 && !(returned_.size() > 4)) report(SinkKind::Evaluation, 40 + std::min<int>(code.layers, 6) * 10, code, name, line, {cat("code hidden by ", code.layers, " encodings is run")});
}

void Interpreter::process(const Rule& rule, const std::string& name, const std::vector<Value>& args, std::uint32_t line) {
  // One list of words, or one line for a shell.
  std::vector<Value> words;
  bool listed = false;
  for (const Value& arg : args) {
    if (arg.items && !arg.items->order.empty() && !arg.items->by_key.contains("#path")) {
      listed = true;
      for (const std::string& key : arg.items->order) {
        const Value& word = arg.items->by_key.at(key);
        if (word.items && !word.items->order.empty() && words.size() < 256) for (const std::string& inner : word.items->order) words.push_back(word.items->by_key.at(inner));
        else words.push_back(word);
      }
    } else {
      words.push_back(arg);
    }
    if (!rule.direct && !listed) break;  // later arguments are options
    if (words.size() > 256) break;
  }
  if (words.empty()) return;
  const Value& first = words[0];
  if (standard_input_.tainted() && first.known && is_shell(first.text)) {
    Value shown = standard_input_;
    shown.origin = kNetwork;
    return report(SinkKind::Process, 95, shown, name, line, {"a shell is tied to a network connection"});
  }
  // A shell without a command, in a program that has called somebody: they will be tied together.
  const bool bare = first.known && is_shell(first.text) && base_of(first.text).find("sh") != std::string::npos && std::all_of(words.begin() + 1, words.end(), [](const Value& w) { return !w.known || w.text.empty() || w.text.starts_with('-'); }) && std::none_of(words.begin() + 1, words.end(), [](const Value& w) { return w.known && w.text == "-c"; });
  if ((bare || (first.known && (base_of(first.text) == "cmd.exe" || base_of(first.text) == "cmd") && words.size() == 1 && first.text.find('/') == std::string::npos)) && connection_.tainted()) return report(SinkKind::Process, 85, connection_, name, line, {"a shell without a command, and a network connection"});
  if (words.size() == 1 || rule.shell || (!listed && !rule.direct)) {
    for (const Value& word : words) {
      if (!word.tainted()) continue;
      if (word.head) report(SinkKind::Process, 95, word, name, line, {});
      else report(SinkKind::Process, 45, word, name, line, {"outside data is an argument of a fixed command"});
    }
    return;
  }
  if (first.tainted()) {
    // With arguments that are all the program's own it is a setting rather than a shell.
    const bool own_arguments = std::none_of(words.begin() + 1, words.end(), [](const Value& v) { return v.tainted(); });
    return report(SinkKind::Process, !first.head ? 45 : own_arguments ? 55 : 95, first, name, line, {"outside data says which program is run"});
  }
  bool shell = is_shell(first.text);
  for (std::size_t i = 1; i < words.size(); ++i) {
    const Value& word = words[i];
    shell |= i > 1 && words[i - 1].known && is_shell(words[i - 1].text);
    if (!word.tainted()) continue;
    if (shell && word.head) report(SinkKind::Process, 95, word, name, line, {cat("run by ", base_of(first.text))});
    else report(SinkKind::Process, 35, word, name, line, {"outside data is an argument of a fixed program"});
  }
}

void Interpreter::include(const Value& path, const std::string& name, std::uint32_t line) {
  if (path.tainted()) {
    if (path.name == "php://input") return report(SinkKind::Include, 95, path, name, line, {});
    if (!path.led && (path.text.empty() || path.text == "./" || wrapper(path.text))) {
      return path.suffix.empty() || wrapper(path.text) ? report(SinkKind::Include, 80, path, name, line, {}) : report(SinkKind::Include, 40, path, name, line, {"the name gets a fixed ending"});
    }
    return report(SinkKind::Include, 30, path, name, line, {"the name gets a fixed beginning"});
  }
  if (path.known && (lower(path.text).starts_with("php://input") || lower(path.text).starts_with("php://stdin"))) {
    return report(SinkKind::Include, 95, request_value("php://input", line), name, line, {});
  }
  if (const std::size_t scheme = path.known && !wrappers_.empty() ? path.text.find("://") : std::string::npos; scheme != std::string::npos && wrappers_.contains(path.text.substr(0, scheme))) return report(SinkKind::Include, 90, written_.at(path.text.substr(0, scheme + 3)), name, line, {"a stream of the file's own gives the code"});
  if (!path.known && path.name.find("tempfile.") != std::string::npos && written_.contains("#temporary")) return report(SinkKind::Include, 85, written_.at("#temporary"), name, line, {"the file is written from outside data before"});
  const auto written = written_.find(path.known ? path.text : path.name);
  if (written != written_.end() && !written->first.empty() && (path.known || path.name.ends_with("()") || (language() == Language::Php && path.name.starts_with("$")))) report(SinkKind::Include, 90, written->second, name, line, {"the file is written from outside data before"});
}

void Interpreter::write(const Value& path, const Value& content, const std::string& name, std::uint32_t line) {
  if (!content.tainted() || !(content.origin & (kRequest | kNetwork))) return;
  if (content.cleaned & bit(SinkKind::Write)) return;
  // A file that is told apart by its text, or by the call or variable that made its name.
  if (path.name.find("tempfile.") != std::string::npos && written_.size() < 256) written_.emplace("#temporary", content);
  const bool told = path.known || path.name.ends_with("()") || (language() == Language::Php && path.name.starts_with("$"));
  if (told && written_.size() < 256) written_.emplace(path.known ? path.text : path.name, content);
  if (path.name.ends_with(".getOutputStream()") && path.name.find("ocess") + path.name.find(".exec(") + path.name.find(".start(") != 3 * std::string::npos) return report(SinkKind::Process, 80, content, name, line, {"what comes in is typed into a program"});
  if (path.name == "$0" || path.name == "__FILE__") return report(SinkKind::Write, 80, content, name, line, {"the script writes itself anew"});
  if (path.known && path.name.empty() && runs_shell(path.text)) return report(SinkKind::Process, 90, content, name, line, {cat("what comes in is fed to ", base_of(path.text))});
  // '<?php ' . $x is as good as $x; a longer beginning is a file of the program's own form.
  std::string start = lower(content.text);
  for (const std::string_view tag : {"<?php", "<?=", "<?", "<%"})
    if (start.starts_with(tag)) start.erase(0, tag.size());
  const bool whole = trim(start).empty() && !content.led;
  if (path.tainted() && !path.name.ends_with("[tmp_name]")) {
    if ((path.cleaned & bit(SinkKind::Write)) || path.weak) return report(SinkKind::Write, 30, content, name, line, {"the file's name is checked"});
    if (harmless_name(path.suffix) || (!path.tail && !script_name(path.suffix))) return report(SinkKind::Write, 35, content, name, line, {"the file's name gets a fixed ending"});
    std::vector<std::string> reasons{cat("outside data names the file: ", flows_[path.flow].what)};
    return report(SinkKind::Write, !whole ? 45 : script_name(path.suffix) ? 90 : 80, content, name, line, std::move(reasons));
  }
  const std::string& ending = path.known ? path.text : path.suffix;
  if (script_name(ending)) report(SinkKind::Write, whole ? 85 : 45, content, name, line, {cat("the file is a script: ", ending.substr(0, 60))});
}

void Interpreter::indirect(const Callee& callee, const std::vector<Value>& args, std::uint32_t line) {
  const Value& f = callee.value;
  const bool data = std::any_of(args.begin(), args.end(), [](const Value& v) { return v.tainted(); }) || std::any_of(args.begin(), args.end(), [](const Value& v) { return v.items && std::any_of(v.items->by_key.begin(), v.items->by_key.end(), [](const auto& item) { return item.second.tainted(); }); });
  if (!f.tainted()) {
    if (!data) return;
    Value shown = passed(args, nullptr, false);
    return report(SinkKind::Indirect, 85, shown, "a function whose name is encoded", line, {"the function's name is put together from encoded text"});
  }
  if (f.chosen) {
    const std::size_t dot = f.name.rfind('.');
    const std::string module = dot == std::string::npos ? f.name : f.name.substr(0, dot);
    const bool dangerous = f.text.empty() && (rules_.dangerous_module(module) || module == "?");
    return report(SinkKind::Indirect, dangerous ? (data ? 95 : 70) : 40, f, cat(f.name, "()"), line, {dangerous ? "outside data chooses what is called" : "outside data chooses a method"});
  }
  const bool whole = (f.text.empty() || f.text == "main::" || f.text == "CORE::" || f.text == "\\") && f.suffix.empty() && !f.led;
  if (callee.constructs) return report(SinkKind::Indirect, 40, f, "a class that the request names", line, {});
  report(SinkKind::Indirect, whole ? (data ? 90 : 50) : 30, f, "a function that the request names", line, {});
}

}  // namespace plimsoll::detect::web
