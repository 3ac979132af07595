// The program as a whole: its functions are found, then it is run. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

constexpr WordSet kControl{"try", "if", "for", "foreach", "while", "switch", "catch", "using", "lock", "synchronized", "elseif", "elsif", "elif", "with", "fixed", "unless", "until", "match", "declare", "do", "else", "return", "function", "fn", "sub", "use", "array", "list", "isset", "empty", "await", "super", "this", "throw", "typeof", "case", "and", "or", "not", "in"};

}  // namespace

std::string Interpreter::decorator_before(std::size_t i) const {
  // Python: "@a.b ( ... ) ;" before "def"; C# and Java: "[Name(...)]" and "@Name" among the words before.
  std::size_t j = i;
  for (std::size_t tries = 0; j > 0 && tries < 60; ++tries) {
    const Token& t = at(j - 1);
    if (t.kind == Kind::Op && (t.word == "{" || t.word == "}")) break;
    if (t.kind == Kind::Op && t.word == ";") {
      if (language() != Language::Python) break;
      // Only while the statement before is a decorator too.
      std::size_t k = j - 1;
      while (k > 0 && !op_at(k - 1, ";") && !op_at(k - 1, "{") && !op_at(k - 1, "}")) --k;
      if (!op_at(k, "@")) break;
    }
    --j;
  }
  for (std::size_t k = j; k < i; ++k) {
    const bool python = op_at(k, "@") && at(k + 1).kind == Kind::Ident;
    const bool brackets = op_at(k, "[") && at(k + 1).kind == Kind::Ident && language() == Language::CSharp;
    const bool angles = language() == Language::VisualBasic && op_at(k, "<") && at(k + 1).kind == Kind::Ident;
    if (!python && !brackets && !angles) continue;
    std::string name = cat("@", at(k + 1).text);
    for (std::size_t m = k + 2; op_at(m, ".") && at(m + 1).kind == Kind::Ident; m += 2) name += cat(".", at(m + 1).text);
    if (rules_.find(name, Rule::Use::Handler)) return name;
  }
  return {};
}

// C#: f<T>(T x): the "(" behind the "<"; 0 when there is none.
std::size_t Interpreter::generic_at(std::size_t i) const {
  if (language() != Language::CSharp || !op_at(i, "<")) return 0;
  std::size_t j = i + 1;
  while (j < i + 16 && (at(j).kind == Kind::Ident || op_at(j, ","))) ++j;
  return op_at(j, ">") && op_at(j + 1, "(") ? j + 1 : 0;
}

// A method that a framework calls with what came in: onMessage.
bool Interpreter::is_called_back(const std::string& name) const {
  const Rule* handler = rules_.find(cat("def.", name), Rule::Use::Handler);
  return handler && handler->pattern.starts_with("def.");
}

void Interpreter::find_functions(std::size_t stream) {
  stream_ = stream;
  const auto& all = streams_[stream].all;
  if (skip_.size() <= stream) skip_.resize(stream + 1);
  skip_[stream].assign(all.size(), 0);
  std::vector<std::pair<std::size_t, std::string>> owners;  // (end of a class's body, its name)
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    while (!owners.empty() && owners.back().first < i) owners.pop_back();
    const Token& t = all[i];
    if (t.kind == Kind::Ident && t.word == "package" && language() == Language::Perl && all[i + 1].kind == Kind::Ident) {
      classes_.insert(std::string(all[i + 1].text));
      continue;
    }
    const bool nameless = t.kind == Kind::Ident && t.word == "class" && (op_at(i + 1, "{") || op_at(i + 1, "(") || at(i + 1).text == "extends" || at(i + 1).text == "implements") && i > 0 && (language() == Language::Php || language() == Language::JavaScript);
    const bool record = t.kind == Kind::Ident && t.text == "record" && language() != Language::Python && all[i + 1].kind == Kind::Ident && op_at(i + 2, "(") && close_of(i + 2) > i + 2;
    if (record) {  // its constructor is written as its head
      Function f;
      f.name = f.owner = std::string(all[i + 1].text);
      f.stream = stream;
      f.begin = f.end = close_of(i + 2);
      f.parameters = read_parameters(i + 2, close_of(i + 2));
      for (Parameter& p : f.parameters) p.promoted = true;
      classes_.insert(f.name);
      by_name_[f.name].push_back(static_cast<int>(functions_.size()));
      functions_.push_back(std::move(f));
      i = close_of(i + 2);
      continue;
    }
    if (nameless || (t.kind == Kind::Ident && (t.word == "class" || t.word == "trait" || t.word == "interface" || t.word == "enum") && all[i + 1].kind == Kind::Ident)) {
      const std::string name(nameless ? "class" : all[i + 1].text);
      for (std::size_t j = nameless && op_at(i + 1, "(") && close_of(i + 1) > i + 1 ? close_of(i + 1) : nameless ? i + 1 : i + 2; j < std::min(i + 40, all.size()); ++j) {
        if (op_at(j, ";")) break;
        if (!op_at(j, "{")) continue;
        classes_.insert(name);
        owners.emplace_back(close_of(j), name);
        break;
      }
      continue;
    }
    if (language() == Language::CSharp && t.kind == Kind::Ident && i > 0 && all[i - 1].kind == Kind::Ident && !kControl.contains(t.word)) {
      // string P { get { return x; } } and string P => x;
      const bool block = op_at(i + 1, "{") && all[std::min(i + 2, all.size() - 1)].text == "get" && op_at(i + 3, "{") && close_of(i + 3) > i + 3;
      const bool arrow_body = op_at(i + 1, "=>");
      std::size_t end = i + 2;
      if (arrow_body) while (end < all.size() - 1 && !op_at(end, ";")) end = op_at(end, "(") && close_of(end) > end ? close_of(end) + 1 : end + 1;
      if (block || arrow_body) {
        Function f;
        f.name = std::string(t.text);
        f.owner = owners.empty() ? "" : owners.back().second;
        f.stream = stream;
        f.begin = block ? i + 4 : i + 2;
        f.end = block ? close_of(i + 3) : end;
        f.expression = arrow_body;
        properties_[f.name] = static_cast<int>(functions_.size());
        functions_.push_back(std::move(f));
        skip_[stream][i] = static_cast<std::uint32_t>(block ? close_of(i + 1) + 1 : end + 1);
        continue;
      }
    }
    if (language() == Language::CSharp && t.kind == Kind::Ident && t.text == "EntryPoint" && op_at(i + 1, "=") && at(i + 2).kind == Kind::String) {
      // [DllImport("x", EntryPoint = "Y")] static extern int F(...): F is Y.
      for (std::size_t j = i + 3; j < std::min(i + 24, all.size()); ++j) {
        if (op_at(j, ";") || op_at(j, "{")) break;
        if (!op_at(j, "(") || at(j - 1).kind != Kind::Ident) continue;
        std::string entry(at(i + 2).text);
        if (entry.size() > 2 && (entry.ends_with('A') || entry.ends_with('W'))) entry.pop_back();
        globals()[std::string(at(j - 1).text)] = Value::named(entry);
        break;
      }
    }
    // Which token may be a function's name?
    std::size_t name_at = 0, open = 0;
    const bool by_keyword = t.kind == Kind::Ident && (t.word == "function" || t.word == "def" || t.word == "sub");
    if (by_keyword) {
      name_at = i + 1;
      if (op_at(name_at, "&") || op_at(name_at, "*")) ++name_at;
      if (all[name_at].kind != Kind::Ident) continue;
      open = name_at + 1;
      if (language() == Language::Perl) while (op_at(open, ".")) open += 2, name_at = open - 1;
      if (open >= all.size()) continue;
    } else if (t.kind == Kind::Ident && (op_at(i + 1, "(") || generic_at(i + 1) != 0) && !kControl.contains(t.word) && (language() == Language::Java || language() == Language::CSharp || language() == Language::JavaScript)) {
      if (i > 0 && (op_at(i - 1, ".") || at(i - 1).word == "new")) continue;
      name_at = i;
      open = op_at(i + 1, "(") ? i + 1 : generic_at(i + 1);
    } else {
      continue;
    }
    if (language() == Language::Perl && op_at(open, ":"))  // sub x : Local {
      for (std::size_t k = 0; k < 8 && !op_at(open, "{") && !op_at(open, ";"); ++k) ++open;
    std::size_t brace = open;
    std::vector<Parameter> parameters;
    if (op_at(open, "(")) {
      const std::size_t close = close_of(open);
      if (close == open) continue;
      brace = close + 1;
      const Word next = at(brace).word;
      if (next == ":" || next == "throws" || next == "->" || next == "where" || next == "use") {
        for (std::size_t k = 0; k < 24 && !op_at(brace, "{") && !op_at(brace, ";") && at(brace).kind != Kind::End; ++k) ++brace;
      }
      if (language() == Language::CSharp && op_at(brace, "=>") && i > 0 && (at(i - 1).kind == Kind::Ident || op_at(i - 1, ">") || op_at(i - 1, "]")) && at(i - 1).word != "return" && at(i - 1).word != "await") {  // T f(T x) => x;
        std::size_t stop = brace + 1;
        while (stop < all.size() - 1 && !op_at(stop, ";")) stop = (op_at(stop, "(") || op_at(stop, "{")) && close_of(stop) > stop ? close_of(stop) + 1 : stop + 1;
        Function f;
        f.name = std::string(t.text);
        f.owner = owners.empty() ? "" : owners.back().second;
        f.stream = stream;
        f.begin = brace + 1;
        f.end = stop;
        f.expression = true;
        f.parameters = read_parameters(open, close);
        by_name_[f.name].push_back(static_cast<int>(functions_.size()));
        functions_.push_back(std::move(f));
        skip_[stream][name_at] = static_cast<std::uint32_t>(stop + 1);
        continue;
      }
      if (!op_at(brace, "{")) continue;
      parameters = read_parameters(open, close);
    } else if (!(language() == Language::Perl && op_at(open, "{"))) {
      continue;
    }
    const std::size_t end = close_of(brace);
    if (end == brace) continue;
    Function f;
    f.name = std::string(all[name_at].text);
    f.owner = owners.empty() ? "" : owners.back().second;
    f.stream = stream;
    f.begin = brace + 1;
    f.end = end;
    f.parameters = std::move(parameters);
    if (!f.owner.empty()) {
      static constexpr std::string_view kTexts[] = {"__tostring", "__toString", "__str__", "__repr__", "toString", "ToString", "__format__"};
      has_text_methods_ |= one_of(f.name, kTexts);
      const bool accessor = name_at > 0 && at(name_at - 1).kind == Kind::Ident && language() == Language::JavaScript;
      f.getter = accessor && at(name_at - 1).text == "get";
      f.setter = accessor && at(name_at - 1).text == "set";
      if (language() == Language::Python && i > 2 && op_at(i - 1, ";")) {
        f.getter = (at(i - 2).text == "property" || at(i - 2).text == "cached_property");
        f.setter = at(i - 2).text == "setter" && op_at(i - 3, ".");
      }
      static constexpr std::string_view kMagic[] = {"__get", "__getattr__", "__getattribute__", "offsetget", "__getitem__", "__missing__"};
      has_magic_ |= f.getter || language() == Language::VisualBasic || (f.name.size() > 4 && one_of(lower(f.name), kMagic));
      has_setters_ |= f.setter || lower(f.name) == "__set" || f.name == "__setattr__";
    }
    f.by_default = language() == Language::VisualBasic && i > 0 && at(i - 1).word == "default";
    f.exposed = !decorator_before(by_keyword ? i : name_at).empty() || is_called_back(f.name);
    by_name_[folds_case() ? lower(f.name) : f.name].push_back(static_cast<int>(functions_.size()));
    functions_.push_back(std::move(f));
    skip_[stream][name_at] = static_cast<std::uint32_t>(end + 1);
    if (by_keyword) skip_[stream][i] = static_cast<std::uint32_t>(end + 1);
  }
}

std::vector<Interpreter::Parameter> Interpreter::read_parameters(std::size_t open, std::size_t close) {
  std::vector<Parameter> out;
  std::size_t i = open + 1;
  while (i < close && out.size() < 64) {
    const std::size_t end = next_comma(i, close);
    Parameter p;
    std::string type;
    const bool typed = language() == Language::Java || language() == Language::CSharp;
    for (std::size_t j = i; j < end; ++j) {
      const Token& t = at(j);
      if (t.kind == Kind::Op && (t.word == "=" || (t.word == ":" && !typed))) break;
      if (t.kind == Kind::Ident && t.word == "params" && language() == Language::CSharp) p.rest = true;
      if (t.kind == Kind::Op && (t.word == "..." || t.word == "*" || t.word == "**")) p.rest = true;
      if (t.kind == Kind::Op && t.word == "&") p.by_reference = true;
      if (t.kind == Kind::Op && t.word == "@" && language() == Language::JavaScript && at(j + 1).kind == Kind::Ident) {
        static constexpr std::string_view kOutside[] = {"Query", "Body", "Param", "Headers", "Req", "Cookies", "QueryParam", "BodyParam", "HeaderParam"};
        p.outside |= one_of(at(j + 1).text, kOutside);
        j += op_at(j + 2, "(") && close_of(j + 2) > j + 2 ? close_of(j + 2) - j : 1;
        continue;
      }
      if (t.kind == Kind::Op && (t.word == "{" || t.word == "[")) {
        if (language() == Language::JavaScript && j == i) p.pattern = j;
        j = close_of(j);
        continue;
      }
      if (t.kind == Kind::Var) {
        p.type = std::move(type);
        p.name = std::string(t.text);
        break;
      }
      if (t.kind == Kind::Ident && t.word == "this") p.extends = typed;
      if (t.kind == Kind::Ident && language() == Language::Php && (t.word == "private" || t.word == "public" || t.word == "protected" || t.word == "readonly")) {
        p.promoted = true;
        continue;
      }
      if (t.kind != Kind::Ident || t.word == "final" || t.word == "out" || t.word == "ref" || t.word == "this" || t.word == "params" || t.word == "in") continue;
      if (language() == Language::Php) {
        type = std::string(t.text);
      } else if (typed) {
        if (!p.name.empty() && p.type.empty()) p.type = p.name;
        if (!p.name.empty() && op_at(j - 1, ".")) p.type.clear();
        p.name = std::string(t.text);
      } else {
        p.name = std::string(t.text);
        break;
      }
    }
    out.push_back(std::move(p));
    i = end + 1;
  }
  return out;
}

std::size_t Interpreter::next_comma(std::size_t from, std::size_t end) const {
  for (std::size_t i = from; i < end; ++i) {
    const Token& t = at(i);
    if (t.kind != Kind::Op) continue;
    if (t.word == ",") return i;
    if ((t.word == "(" || t.word == "[" || t.word == "{") && t.match > i && t.match < end) i = t.match;
  }
  return end;
}

void Interpreter::run(Tokens tokens) {
  cut_ |= tokens.cut;
  const std::size_t stream = streams_.size();
  streams_.push_back(std::move(tokens));
  const std::size_t first_function = functions_.size();
  find_functions(stream);
  const std::size_t end = streams_[stream].all.size() - 1;
  for (int pass = 0; pass < 2; ++pass) {
    stream_ = stream;
    exec(0, end);
    // What nobody called, with parameters of which nothing is known but their names. Once more in the second pass,
    // for what functions leave in fields.
    const std::size_t count = functions_.size();
    for (std::size_t i = first_function; i < count && tick(); ++i) {
      if (functions_[i].stream != stream || functions_[i].closure || (!functions_[i].exposed && !speaks(stream, functions_[i].begin, functions_[i].end))) continue;
      std::vector<Value> args;
      if (functions_[i].exposed)
        for (const Parameter& p : functions_[i].parameters) args.push_back(p.name == "self" || p.type == "Request" ? Value::named(p.type == "Request" ? "request" : "self") : request_value(p.name, at(functions_[i].begin).line));
      call_function(static_cast<int>(i), args, 0);
    }
    if (pass == 0) {
      cut_ |= steps_ > (flows_.size() == 1 ? kQuietSteps : kMaxSteps);
      if (flows_.size() == 1) break;  // nothing came in, and all that the program names has been seen
      steps_ = std::max(steps_, kMaxSteps / 2);  // the second pass may take half as long at most
    }
  }
}

}  // namespace plimsoll::detect::web
