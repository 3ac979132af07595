#include "detect/webshell/shell.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/shell_split.h"
#include "detect/webshell/shell_values.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::string_view kPages[] = {".php", ".phtml", ".jsp", ".asp", ".aspx", ".cgi", ".pl", ".htaccess"};

class ShellReader : public ShellValues {
 public:
  ShellReader(const FamilyRules& rules, std::string_view text) : ShellValues(rules) {
    const std::string low = lower(text.substr(0, 1 << 16));
    cgi_ = low.find("content-type:") != std::string::npos || low.find("query_string") != std::string::npos || low.find("content_length") != std::string::npos;
    pieces_ = split_pieces(text, 1);
  }

  ShellResult run() {
    run_pieces(pieces_);
    // Functions that nothing calls.
    for (std::size_t i = 0; i < bodies_.size() && steps_ < kMaxShellSteps; ++i)
      if (!called_.contains(bodies_[i].first)) run_function(bodies_[i].first, {}, {});
    return {std::move(reports_), steps_ >= kMaxShellSteps};
  }

 private:
  Data output_of(std::string_view code, std::uint32_t line) override {
    if (++nesting_ > kMaxShellDepth) {
      --nesting_;
      return changed(constant(""));
    }
    const std::vector<Piece> inner = split_pieces(code, line);
    Data out = run_pieces(inner);
    --nesting_;
    while (out.known && out.text.ends_with('\n')) out.text.pop_back();
    return out;
  }

  // Running. The output of all commands together is returned.
  Data run_pieces(const std::vector<Piece>& p) {
    Data out = constant("");
    bool any = false;
    std::size_t i = 0;
    if (++nesting_ > kMaxShellDepth) {
      --nesting_;
      return changed(out);
    }
    while (i < p.size() && steps_ < kMaxShellSteps) {
      const std::size_t before = i;
      Data one = pipeline(p, i);
      if (one.tainted && !out.tainted) out = any ? join(out, one) : one;
      else if (!any) out = one;
      else out = join(std::move(out), one);
      any |= one.tainted || !one.known || !one.text.empty();
      if (i == before) ++i;
    }
    --nesting_;
    return out;
  }

  static bool ends_command(const Piece& piece) {
    static constexpr std::string_view kEnds[] = {";", ";;", "&", "&&", "||", "|", "|&", "(", ")"};
    return piece.kind == Piece::Kind::Op && std::find(std::begin(kEnds), std::end(kEnds), piece.text) != std::end(kEnds);
  }

  Data pipeline(const std::vector<Piece>& p, std::size_t& i) {
    Data in;
    in.known = false;
    bool piped = false;
    bool shell_in_pipe = false;
    while (i < p.size()) {
      ++steps_;
      Data out = command(p, i, in, piped, shell_in_pipe);
      if (i < p.size() && p[i].kind == Piece::Kind::Op && (p[i].text == "|" || p[i].text == "|&")) {
        ++i;
        while (i < p.size() && p[i].kind == Piece::Kind::Op && p[i].text == ";") ++i;
        in = std::move(out);
        piped = true;
        continue;
      }
      if (i < p.size() && ends_command(p[i])) ++i;
      return out;
    }
    return constant("");
  }

  struct Words {
    std::vector<Data> values;
    std::vector<std::string> raw;
  };

  Data command(const std::vector<Piece>& p, std::size_t& i, const Data& piped_in, bool piped, bool& shell_in_pipe) {
    static constexpr std::string_view kKeywords[] = {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "esac", "{", "}", "!", "time", "coproc"};
    while (i < p.size() && p[i].kind == Piece::Kind::Word && std::find(std::begin(kKeywords), std::end(kKeywords), p[i].text) != std::end(kKeywords)) {
      if (p[i].text == "coproc") {
        coproc_seen_ = true;
        if (i + 2 < p.size() && p[i + 2].text == "{") ++i;  // its name
      }
      ++i;
    }
    if (i >= p.size() || ends_command(p[i])) return constant("");
    const std::uint32_t line = p[i].line;
    if (p[i].kind == Piece::Kind::Word && p[i].text == "select" && i + 2 < p.size() && p[i + 2].text == "in") {
      if (cgi_) set("REPLY", request("standard input", line));
      while (i < p.size() && !ends_command(p[i])) ++i;
      return constant("");
    }
    if (p[i].kind == Piece::Kind::Word && p[i].text == "for" && i + 1 < p.size()) {
      const std::string name = p[i + 1].text;
      i += 2;
      Data over;
      over.known = false;
      if (i < p.size() && p[i].text == "in") {
        ++i;
        over = constant("");
        while (i < p.size() && !ends_command(p[i])) over = join(std::move(over), expand(p[i].text, p[i].line)), ++i;
      }
      over.known = false;
      if (over.tainted) over.text.clear();
      set(name, std::move(over));
      return constant("");
    }
    if (p[i].kind == Piece::Kind::Word && p[i].text == "case") {
      while (i < p.size() && p[i].text != "in" && !ends_command(p[i])) ++i;
      if (i < p.size() && p[i].text == "in") ++i;
      return constant("");
    }
    // A pattern of a case: word ")"
    if (p[i].kind == Piece::Kind::Word && i + 1 < p.size() && p[i + 1].kind == Piece::Kind::Op && p[i + 1].text == ")") {
      bool pattern = false;
      for (std::size_t k = i; k-- > 0 && i - k < 40;) {
        if (p[k].text == "in" || p[k].text == ";;") {
          pattern = true;
          break;
        }
        if (p[k].kind == Piece::Kind::Op && p[k].text != ";" && p[k].text != "|") break;
        if (p[k].kind == Piece::Kind::Word && p[k].text != "|" && !(p[k + 1].kind == Piece::Kind::Op && p[k + 1].text == "|")) break;
      }
      if (pattern) {
        i += 2;
        return constant("");
      }
    }
    if (p[i].text == "function" && i + 1 < p.size()) ++i;
    if (i + 2 < p.size() && p[i + 1].text == "(" && p[i + 1].kind == Piece::Kind::Op && p[i + 2].text == ")") return define(p, i, i + 3);
    if (i > 0 && p[i - 1].text == "function" && i + 1 < p.size() && p[i + 1].text == "{") return define(p, i, i + 1);

    Words words;
    Data in = piped_in;
    bool has_in = piped;
    Data written_to;
    bool writes = false, from_socket = false, to_socket = false;
    while (i < p.size() && !ends_command(p[i])) {
      const Piece& piece = p[i];
      if (++steps_ > kMaxShellSteps) return constant("");
      if (piece.kind == Piece::Kind::Op) {
        const std::string op = piece.text;
        std::string descriptor;
        if (!words.raw.empty() && is_digits(words.raw.back()) && words.raw.size() > 1) {
          descriptor = words.raw.back();
          words.raw.pop_back();
          words.values.pop_back();
        }
        ++i;
        if (i >= p.size()) break;
        if (op == "<<" && p[i].kind == Piece::Kind::Document) {
          in = p[i].quoted ? constant(p[i].text) : expand_quoted(p[i].text, p[i].line, 0);
          has_in = true;
        } else if (op == "<<<") {
          in = expand(p[i].text, p[i].line);
          has_in = true;
        } else if (op == ">" || op == ">>" || op == ">&" || op == "&>" || op == "&>>" || op == "<>") {
          const Data to = expand(p[i].text, p[i].line);
          if (to.text.starts_with("/dev/tcp/") || to.text.starts_with("/dev/udp/")) {
            to_socket = true;
            if (!descriptor.empty()) sockets_[descriptor] = true;
          } else if (!is_digits(p[i].text)) {
            written_to = to;
            writes = true;
          }
        } else if (op == "<" || op == "<&") {
          const Data from = expand(p[i].text, p[i].line);
          if (from.text.starts_with("/dev/tcp/") || sockets_.contains(from.text)) from_socket = true, in = request("network connection", piece.line, kNetwork), has_in = true;
          else if ((from.known && (from.text == "/dev/stdin" || from.text == "0")) && cgi_) in = request("standard input", piece.line), has_in = true;
        }
        ++i;
        continue;
      }
      if (piece.kind == Piece::Kind::Document) {
        ++i;
        continue;
      }
      // Arrays: name=(a b c)
      if (piece.text.ends_with("=") && i + 1 < p.size() && p[i + 1].kind == Piece::Kind::Op && p[i + 1].text == "(") {
        std::string name = piece.text.substr(0, piece.text.size() - 1);
        if (name.ends_with('+')) name.pop_back();
        i += 2;
        Data all = constant("");
        std::size_t index = 0;
        while (i < p.size() && p[i].text != ")") {
          if (p[i].kind == Piece::Kind::Word) {
            Data item = expand(p[i].text, p[i].line);
            if (index) all = join(std::move(all), constant(" "));
            all = join(std::move(all), item);
            set(cat(name, "[", index++, "]"), std::move(item));
          }
          ++i;
        }
        if (i < p.size()) ++i;
        set(cat(name, "[@]"), all);
        set(cat(name, "[*]"), all);
        continue;
      }
      const bool assignment = is_assignment(piece.text) && (words.values.empty() || words.raw[0] == "local" || words.raw[0] == "export" || words.raw[0] == "declare" || words.raw[0] == "readonly" || words.raw[0] == "typeset");
      if (assignment) {
        const std::size_t equals = piece.text.find('=');
        std::string name = piece.text.substr(0, equals);
        const bool plus = name.ends_with('+');
        if (plus) name.pop_back();
        Data value = expand(std::string_view(piece.text).substr(equals + 1), piece.line);
        if (plus) value = join(variable(name, piece.line), value);
        if (const std::size_t element = name.find('['); element != std::string::npos && value.tainted) set(cat(name.substr(0, element), "[@]"), value);
        set(name, std::move(value));
        ++i;
        continue;
      }
      words.raw.push_back(piece.text);
      words.values.push_back(expand(piece.text, piece.line));
      ++i;
    }
    if (words.values.empty()) return constant("");
    if (!has_in && cgi_) in = request("standard input", line);
    if (from_socket || to_socket) {
      const std::string name = base_name(words.values[0].text);
      if (is_shell(name)) report(SinkKind::Process, 95, request("network connection", line, kNetwork), name, line, "a shell is tied to a network connection");
    }
    const std::string first = base_name(words.values[0].text);
    if (is_shell(first) && words.values[0].known) shell_in_pipe = true;
    if ((first == "nc" || first == "ncat" || first == "netcat" || first == "socat" || first == "telnet") && shell_in_pipe) report(SinkKind::Process, 95, request("network connection", line, kNetwork), first, line, "a shell is tied to a network connection");
    Data out = run_words(words.values, words.raw, 0, in, has_in, line);
    if (writes && written_to.known && (out.tainted || (first == "cat" && in.tainted))) files_[written_to.text] = out.tainted ? out : in;
    if (writes && written_to.known && out.tainted && std::any_of(std::begin(kPages), std::end(kPages), [&](std::string_view end) { return written_to.text.ends_with(end); })) report(SinkKind::Write, 80, out, first, line, "the file is a script of a web server");
    if (writes && written_to.tainted) {
      const bool content = out.tainted || in.tainted;
      if (content) report(SinkKind::Write, 80, out.tainted ? out : in, first, line, "outside data names the file");
    }
    return writes ? constant("") : out;
  }

  static bool is_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }); }
  static bool is_assignment(std::string_view text) {
    std::size_t j = 0;
    if (text.empty() || !is_name_start(text[0])) return false;
    while (j < text.size() && is_name_char(text[j])) ++j;
    if (j < text.size() && text[j] == '[') j = std::min(std::min(text.find("]=", j), text.find("]+=", j)), text.size() - 1) + 1;
    if (j < text.size() && text[j] == '+') ++j;
    return j < text.size() && text[j] == '=';
  }
  static std::string base_name(std::string_view text) {
    const std::size_t slash = text.rfind('/');
    return std::string(slash == std::string_view::npos ? text : text.substr(slash + 1));
  }
  bool is_shell(const std::string& name) const {
    const Rule* rule = rules_.find(name, Rule::Use::Sink);
    return rule && rule->kind == SinkKind::Process && rule->shell;
  }

  Data define(const std::vector<Piece>& p, std::size_t& i, std::size_t from) {
    const std::string name = p[i].text;
    std::size_t j = from;
    while (j < p.size() && p[j].kind == Piece::Kind::Op && p[j].text == ";") ++j;
    std::vector<Piece> body;
    if (j < p.size() && p[j].text == "{") {
      std::size_t depth = 0;
      for (; j < p.size(); ++j) {
        const bool word = p[j].kind == Piece::Kind::Word;
        if (word && p[j].text == "{") ++depth;
        if (word && p[j].text == "}" && --depth == 0) break;
        body.push_back(p[j]);
      }
      if (j < p.size()) ++j;
    }
    i = std::max(j, from);
    if (bodies_.size() < 2000) bodies_.emplace_back(name, std::move(body));
    return constant("");
  }

  Data run_function(const std::string& name, const std::vector<Data>& args, const Data& in) {
    (void)in;
    const auto found = std::find_if(bodies_.rbegin(), bodies_.rend(), [&](const auto& b) { return b.first == name; });
    if (found == bodies_.rend() || call_depth_ >= 6) return constant("");
    called_[name] = true;
    ++call_depth_;
    const std::vector<Piece> body = found->second;  // it may be defined anew meanwhile
    std::map<std::string, Data> saved;
    for (std::size_t n = 0; n < std::max<std::size_t>(args.size(), 3); ++n) {
      const std::string key = std::to_string(n + 1);
      saved[key] = variables_[key];
      Data unknown;
      unknown.known = false;
      variables_[key] = n < args.size() ? args[n] : unknown;
    }
    Data all = constant("");
    for (const Data& arg : args) all = join(std::move(all), arg);
    variables_["@"] = variables_["*"] = all;
    Data out = run_pieces(body);
    for (auto& [key, value] : saved) variables_[key] = std::move(value);
    --call_depth_;
    return out;
  }

  Data run_words(const std::vector<Data>& w, const std::vector<std::string>& raw, std::size_t at, const Data& in, bool has_in, std::uint32_t line, int depth = 0) {
    if (at >= w.size() || depth > 8) return constant("");
    const Data& first = w[at];
    if (const auto alias = first.known ? aliases_.find(first.text) : aliases_.end(); alias != aliases_.end() && alias->second.tainted) {
      report(SinkKind::Process, 95, alias->second, first.text, line, "request data is the command of an alias");
      return changed(constant(""));
    }
    if (first.tainted) {
      if (first.head) report(SinkKind::Process, 95, first, "command", line, "request data is the command");
      else if (!first.text.empty() && depth < 2) {  // "cmd_$op": any function of that beginning
        std::vector<std::string> meant;
        for (const auto& [body_name, body] : bodies_)
          if (body_name.starts_with(first.text)) meant.push_back(body_name);
        for (const std::string& body_name : meant) run_function(body_name, {w.begin() + static_cast<std::ptrdiff_t>(at) + 1, w.end()}, in);
      }
      return changed(constant(""));
    }
    if (!first.known) return changed(constant(""));
    if (const auto file = files_.find(first.text); file != files_.end()) report(SinkKind::Process, 90, file->second, first.text, line, "the file is written from request data before");
    std::string name = base_name(first.text);
    // A command and its arguments in one variable.
    std::vector<Data> rest(w.begin() + static_cast<std::ptrdiff_t>(at) + 1, w.end());
    if (const std::size_t space = name.find(' '); space != std::string::npos) name.resize(space);
    if (name == ".") name = "source";
    if (std::any_of(bodies_.begin(), bodies_.end(), [&](const auto& b) { return b.first == name; })) return run_function(name, rest, in);
    const auto tainted = [&](const Data& d) { return d.tainted; };
    const auto any_tainted = std::find_if(rest.begin(), rest.end(), tainted);
    if (name == "declare" || name == "export" || name == "local" || name == "typeset" || name == "readonly" || name == "env" || name == "alias") {
      // The request says which names are set.
      for (const Data& arg : rest) {
        if (!arg.tainted) continue;
        const std::size_t equals = arg.text.find('=');
        if (name == "alias" && equals != std::string::npos && aliases_.size() < 100) aliases_[arg.text.substr(0, equals)] = arg;
        else if (equals == std::string::npos) any_ = changed(arg);
      }
      if (name != "env") return constant("");
    }
    if (name == "[[") {
      for (std::size_t k = 1; k < rest.size(); ++k)
        if (raw.size() > at + k && raw[at + k] == "=~" && rest[k - 2 < rest.size() ? k - 2 : 0].tainted)
          for (int m = 0; m < 10; ++m) set(cat("BASH_REMATCH[", m, "]"), changed(rest[k - 2 < rest.size() ? k - 2 : 0]));
      return constant("");
    }
    if ((name == "curl" || name == "wget" || name == "fetch" || name == "lynx") && any_tainted != rest.end()) return changed(*any_tainted);
    if (name == "parallel") {
      for (std::size_t k = 1; k < rest.size(); ++k)
        if (rest[k].tainted && rest[k - 1].known && rest[k - 1].text.starts_with(":::")) report(SinkKind::Process, 90, rest[k], name, line, "");
    }
    if (name == "make" && in.tainted && has_in && std::any_of(rest.begin(), rest.end(), [](const Data& d) { return d.known && d.text.starts_with("-f"); })) report(SinkKind::Process, 85, in, name, line, "the recipes come in");
    if (name == "ssh" && any_tainted != rest.end() && any_tainted != rest.begin() && any_tainted->head) report(SinkKind::Process, 85, *any_tainted, name, line, "");
    if (name == "set") {
      std::size_t n = 0;
      for (std::size_t k = 0; k < rest.size(); ++k) {
        if (rest[k].known && rest[k].text.starts_with('-') && n == 0) continue;
        // An unquoted variable falls into words: every parameter may hold it.
        if (rest[k].tainted) variables_["@"] = variables_["*"] = changed(rest[k]);
        if (rest[k].tainted) for (int m = 1; m <= 9; ++m) variables_[std::to_string(m)] = changed(rest[k]);
        else variables_[std::to_string(++n)] = rest[k];
      }
      return constant("");
    }
    if (name == "nc" || name == "ncat" || name == "netcat" || name == "socat" || name == "telnet" || (name == "openssl" && !rest.empty() && rest[0].known && rest[0].text == "s_client")) {
      for (std::size_t k = 0; k < rest.size(); ++k) {
        const bool runs = rest[k].known && (((rest[k].text == "-e" || rest[k].text == "-c" || rest[k].text == "--exec" || rest[k].text == "--sh-exec") && k + 1 < rest.size()) || lower(rest[k].text).starts_with("exec:") || lower(rest[k].text).starts_with("system:"));
        if (runs) report(SinkKind::Process, 95, request("network connection", line, kNetwork), name, line, "a program is tied to a network connection");
      }
      coproc_ = coproc_ || coproc_seen_;
      return request("network connection", line, kNetwork);
    }
    if (name == "mktemp" || name == "tempfile") return constant("/tmp/.made");
    if (name == "printf" && rest.size() > 2 && rest[0].known && rest[0].text == "-v" && (rest[1].known || rest[1].text.find('[') != std::string::npos)) {
      Data all = constant("");
      for (std::size_t k = 3; k < rest.size(); ++k) all = join(std::move(all), rest[k]);
      if (const std::size_t element = rest[1].text.find('['); element != std::string::npos && all.tainted) set(cat(rest[1].text.substr(0, element), "[@]"), all);
      if (rest[1].known) set(rest[1].text, std::move(all));
      return constant("");
    }
    const bool is_awk = name == "awk" || name == "gawk" || name == "mawk" || name == "nawk";
    const bool runs = is_awk && std::any_of(rest.begin(), rest.end(), [](const Data& d) { return d.text.find("system(") != std::string::npos || d.text.find("getline") != std::string::npos; });
    for (std::size_t k = 0; k < rest.size(); ++k) {
      const std::string_view word = at + 1 + k < raw.size() ? std::string_view(raw[at + 1 + k]) : std::string_view();
      if (!rest[k].tainted) continue;
      const bool program = is_awk && rest[k].text.empty() && rest[k].head && (k == 0 || (rest[k - 1].known && rest[k - 1].text.starts_with('-') && rest[k - 1].text != "-v" && rest[k - 1].text != "-F" && rest[k - 1].text != "-f"));
      const bool awk = runs || program;
      const bool sed = name == "sed" && (word.ends_with("/e\"") || word.ends_with("/e"));
      const bool proxy = name == "ssh" && rest[k].text.find("ProxyCommand") != std::string::npos;
      const auto says = [&](const char* program_name, const char* words_of) { return name == program_name && rest[k].text.find(words_of) != std::string::npos; };
      const bool tool = says("tar", "-action=exec") || says("tar", "to-command=") || says("vim", "!") || says("vi", "!") || says("ex", "!") || says("gdb", "shell") || says("gdb", "!") || says("expect", "spawn") || says("git", "!") || says("rsync", "-e") || says("zip", "-TT") || says("tcpdump", "-z");
      if (awk || sed || proxy || tool) report(SinkKind::Process, 85, rest[k], name, line, "the program's own language runs commands");
    }
    if (name == "read" || name == "mapfile" || name == "readarray") {
      const bool numbered = coproc_ && std::any_of(rest.begin(), rest.end(), [](const Data& d) { return d.known && d.text == "-u"; });
      if (numbered) {  // from what a coproc listens to
        for (const Data& arg : rest)
          if (arg.known && !arg.text.empty() && is_name_start(arg.text[0])) set(arg.text, request("network connection", line, kNetwork));
        return constant("");
      }
      if (!has_in && !cgi_) return constant("");
      bool array = name != "read";
      for (const Data& arg : rest) {
        if (!arg.known) continue;
        if (arg.text.starts_with('-')) {
          array |= arg.text.find('a') != std::string::npos;
          continue;
        }
        if (arg.text.empty() || is_digits(arg.text)) continue;
        set(arg.text, changed(in));
        if (array) for (int m = 0; m < 10; ++m) set(cat(arg.text, "[", m, "]"), changed(in));
        if (array) set(cat(arg.text, "[@]"), changed(in));
      }
      return constant("");
    }
    const Rule* sink = rules_.find(name, Rule::Use::Sink);
    const Rule* function = rules_.find(name, Rule::Use::Function);
    if (sink) {
      if (sink->kind == SinkKind::Evaluation && !sink->shell) {  // eval, trap
        Data all = constant("");
        for (std::size_t k = 0; k < rest.size(); ++k) {
          if (k) all = join(std::move(all), constant(" "));
          all = join(std::move(all), rest[k]);
        }
        if (all.tainted) {
          report(SinkKind::Evaluation, all.head ? 100 : 55, all, name, line, "");
          if (!all.head && all.text.find('=') == std::string::npos) any_ = changed(all);  // eval "form_$name=..."
          return changed(constant(""));
        }
        if (all.known && name == "eval" && all.text.size() < 65536) return output_of(all.text, line);
        return changed(constant(""));
      }
      if (sink->kind == SinkKind::Include) {
        if (any_tainted != rest.end()) report(SinkKind::Include, 85, *any_tainted, name, line, "");
        else if (!rest.empty() && rest[0].known && files_.contains(rest[0].text)) report(SinkKind::Include, 90, files_[rest[0].text], name, line, "the file is written from request data before");
        else if (!rest.empty() && rest[0].known && rest[0].text == "/dev/stdin" && in.tainted) report(SinkKind::Include, 90, in, name, line, "");
        return changed(constant(""));
      }
      if (sink->kind == SinkKind::Write) {
        for (const Data& arg : rest)
          if (arg.known && in.tainted && !arg.text.starts_with('-') && files_.size() < 200) files_[arg.text.starts_with("of=") ? arg.text.substr(3) : arg.text] = in;
        for (const Data& arg : rest)
          if (arg.tainted && (in.tainted || name == "dd")) report(SinkKind::Write, 80, arg, name, line, "outside data names the file");
        return in;
      }
      // An interpreter: -c CODE, a script, or code on its standard input.
      bool script = false;
      for (std::size_t k = 0; k < rest.size(); ++k) {
        const Data& arg = rest[k];
        const bool flag = arg.known && arg.text.starts_with('-');
        if (flag && arg.text.find_first_of("cer") != std::string::npos && !arg.text.starts_with("--") && k + 1 < rest.size()) {
          const Data& code = rest[k + 1];
          if (code.tainted) report(sink->kind, code.head ? 95 : 50, code, cat(name, " ", arg.text), line, "");
          else if (code.known && sink->kind == SinkKind::Process && code.text.size() < 65536) {
            // Its parameters stand behind the code.
            std::size_t n = 0;
            for (std::size_t m = k + 2; m < rest.size(); ++m) variables_[std::to_string(n++)] = rest[m];
            return output_of(code.text, line);
          } else if (in.tainted && code.known && code.text.find("stdin") != std::string::npos) {
            report(SinkKind::Evaluation, 90, in, cat(name, " ", arg.text), line, "");
          }
          script = true;
          break;
        }
        if (flag) continue;
        if (arg.known && std::any_of(rest.begin() + static_cast<std::ptrdiff_t>(k), rest.end(), [](const Data& d) { return d.known && d.text == "-c"; })) continue;  // flock FILE -c CODE
        if (sink->direct) continue;  // at, batch: arguments are times
        script = true;
        if (arg.known && files_.contains(arg.text)) report(sink->kind, 90, files_[arg.text], name, line, "the file is written from request data before");
        if (arg.tainted) report(SinkKind::Include, 80, arg, name, line, "request data names the script or is it");
        break;
      }
      if (sink->kind == SinkKind::Evaluation && script && any_tainted != rest.end()) return changed(*any_tainted);  // it gives back what it was given
      if (!script && in.tainted) report(sink->kind, has_in || cgi_ ? 95 : 60, in, name, line, "the program reads its code from request data");
      else if (!script && has_in && in.known && sink->shell && in.text.size() < 65536) return output_of(in.text, line);
      return changed(constant(""));
    }
    if (function && function->does == Does::Invoke) {  // env, nohup, exec, xargs, find -exec: the command stands behind
      const bool fed = name == "xargs" || name == "parallel";
      std::size_t from = at + 1;
      for (std::size_t k = at + 1; k < w.size() && name != "find" && !fed; ++k)  // sudo -u root sh, docker exec web sh: the first that is a shell
        if (w[k].known && k + 1 < w.size() && is_shell(base_name(w[k].text))) {
          from = k;
          break;
        }
      for (std::size_t k = from; k < w.size(); ++k) {
        if (w[k].known && (w[k].text.starts_with('-') && w[k].text != "-exec")) continue;
        if (w[k].known && w[k].text == "-exec") continue;
        if (w[k].known && (is_assignment(w[k].text) || is_digits(w[k].text))) continue;
        if (name == "find" && !(k > 0 && w[k - 1].known && w[k - 1].text.starts_with("-exec"))) continue;
        if (fed && in.tainted) {
          // What comes in stands behind the words or in place of {}.
          std::vector<Data> with = w;
          std::vector<std::string> with_raw = raw;
          bool placed = false;
          for (std::size_t m = k; m < with.size(); ++m) {
            if (with[m].known && with[m].text.find("{}") != std::string::npos) {
              const bool whole = opens_shell_command(std::string_view(with[m].text).substr(0, with[m].text.find("{}")));
              with[m] = changed(in);
              with[m].head = whole;
              placed = true;
            }
          }
          if (!placed) {
            with.push_back(changed(in));
            with_raw.emplace_back();
          }
          return run_words(with, with_raw, k, in, has_in, line, depth + 1);
        }
        return run_words(w, raw, k, in, has_in, line, depth + 1);
      }
      if (fed && in.tainted) return changed(constant(""));
      return constant("");
    }
    if (function && function->does == Does::Pass) {  // echo, printf: the words come out
      Data all = constant("");
      bool started = false;
      for (const Data& arg : rest) {
        if (!started && arg.known && arg.text.starts_with('-') && arg.text.size() <= 3) continue;
        if (!started && name == "printf" && rest.size() > 1 && arg.known && arg.text.starts_with("%")) continue;
        if (started) all = join(std::move(all), constant(" "));
        started = true;
        all = join(std::move(all), arg.known && arg.text.find('\\') != std::string::npos ? constant(escapes(arg.text)) : arg);
      }
      return all;
    }
    if (function && (function->does == Does::Same || function->does == Does::Base64Decode || function->does == Does::Reverse)) {  // filters
      if (function->does == Does::Same && name == "cat" && has_file(rest)) return changed(constant(""));
      if (!has_in && !cgi_) return changed(constant(""));
      if (in.known && function->does != Does::Same) {
        std::vector<Value> args{Value::constant(std::string(trim(in.text)))};
        if (auto folded = fold(function->does, args)) {
          Data d = constant(folded->text);
          d.layers = in.layers + 1;
          return d;
        }
      }
      if (in.known && name == "cat") return in;
      Data d = changed(in);
      if (function->does != Does::Same) ++d.layers;
      return d;
    }
    return changed(constant(""));
  }

  static bool has_file(const std::vector<Data>& args) {
    return std::any_of(args.begin(), args.end(), [](const Data& d) { return !(d.known && (d.text.starts_with('-') || d.text == "/dev/stdin")); });
  }

  void report(SinkKind kind, int score, const Data& data, std::string sink, std::uint32_t line, std::string reason) {
    if (reports_.size() >= 64) return;
    Report r;
    r.kind = kind;
    r.score = std::min(100, score + (data.layers > 0 ? 5 : 0));
    r.line = line;
    r.sink = std::move(sink);
    r.source = data.source;
    r.source_line = data.line;
    r.way = data.way;
    if (!reason.empty()) r.reasons.push_back(std::move(reason));
    if (data.layers > 0) r.reasons.emplace_back("decoded on the way");
    for (Report& known : reports_) {
      if (known.line != r.line || known.kind != r.kind) continue;
      if (r.score > known.score) known = std::move(r);
      return;
    }
    reports_.push_back(std::move(r));
  }

  bool cgi_ = false, coproc_seen_ = false, coproc_ = false;
  std::vector<Piece> pieces_;
  std::map<std::string, Data> aliases_;
  std::map<std::string, Data> files_;  // files_: what was written where
  std::map<std::string, bool> sockets_, called_;
  std::deque<std::pair<std::string, std::vector<Piece>>> bodies_;
  std::vector<Report> reports_;
  int nesting_ = 0, call_depth_ = 0;
};

}  // namespace

ShellResult read_shell(const FamilyRules& rules, std::string_view text) { return ShellReader(rules, text).run(); }

}  // namespace plimsoll::detect::web
