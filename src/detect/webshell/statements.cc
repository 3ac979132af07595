// Statements, declarations and imports. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

constexpr WordSet kModifiers{"public", "private", "protected", "static", "final", "abstract", "readonly", "internal", "virtual", "override", "async", "export", "default", "synchronized", "native", "volatile", "transient", "sealed", "unsafe", "partial", "var"};
constexpr WordSet kConditions{"if", "elseif", "elsif", "elif", "unless", "switch", "while", "until", "catch", "using", "lock", "synchronized", "fixed", "match", "except", "with"};

}  // namespace

void Interpreter::exec(std::size_t begin, std::size_t end) {
  if (depth_ > 120) {
    cut_ = true;
    pos_ = end;
    return;
  }
  ++depth_;
  pos_ = begin;
  while (pos_ < end && tick()) {
    const std::size_t before = pos_;
    statement(end);
    if (pos_ <= before) pos_ = before + 1;
  }
  if (pos_ < end) pos_ = end;
  --depth_;
}

// A function named inside another one keeps the names around it; what decorates it is called with it.
void Interpreter::inner_function(std::size_t at_word, std::size_t behind) {
  if (flows_.size() == 1 && decorated_by_ < 0) return;
  const std::string name(at(at(at_word).word == "def" || at(at_word).word == "function" ? at_word + 1 : at_word).text);
  const auto found = by_name_.find(name);
  if (found == by_name_.end() || found->second.size() > 64) return;
  for (const int id : found->second) {
    Function& f = functions_[static_cast<std::size_t>(id)];
    if (f.stream != stream_ || f.begin <= at_word || f.begin >= behind) continue;
    if (!active_.empty()) {
      if (made_.size() < 512) made_.push_back(id);
      if (flows_.size() > 1 && runs_[id] < 3 && speaks(stream_, f.begin, f.end)) call_function(id, {}, at(f.begin).line);
    } else if (decorated_by_ >= 0 && decorated_by_ != id) {
      Value it = Value::named(name);
      it.function = id;
      const Value result = call_function(decorated_by_, {it}, at(f.begin).line);
      if (result.function >= 0 && result.function != id) call_function(result.function, {}, at(f.begin).line);
    }
    decorated_by_ = -1;
    return;
  }
}

bool Interpreter::skip_function(std::size_t end) {
  for (std::size_t j = pos_; j < std::min(pos_ + 30, end); ++j) {
    if (const std::uint32_t behind = skip_at(j)) {
      if (language() == Language::Python || (language() == Language::JavaScript && !active_.empty())) inner_function(j, behind);
      pos_ = behind;
      return true;
    }
    const Token& t = at(j);
    static constexpr WordSet kBetween{".", "<", ">", ",", "?", "[", "]", "&", "*", "@"};
    if (t.kind != Kind::Ident && !(t.kind == Kind::Op && kBetween.contains(t.word))) return false;
    if (t.kind == Kind::Ident && (t.word == "return" || t.word == "new" || t.word == "echo")) return false;
  }
  return false;
}

void Interpreter::statement(std::size_t end) {
  const Token& t = tok();
  if (t.kind == Kind::Op) {
    if (t.word == ";" || t.word == "}" || t.word == ")" || t.word == "]") {
      ++pos_;
      return;
    }
    if (t.word == "{") {
      const std::size_t close = close_of(pos_);
      if (close == pos_) {
        ++pos_;
      } else {
        exec(pos_ + 1, std::min(close, end));
        pos_ = close + 1;
      }
      return;
    }
    if (t.word == "@" && language() == Language::Python) {  // a decorator
      ++pos_;
      const Value by = expression(1);
      decorated_by_ = by.function >= 0 ? by.function : by.name.empty() || by.name.ends_with(')') || by_name_.empty() ? -1 : find_function({}, by.name);
      return;
    }
    if (t.word == "[" && language() == Language::CSharp && close_of(pos_) > pos_ && !op_at(close_of(pos_) + 1, ".")) {  // an attribute
      pos_ = close_of(pos_) + 1;
      return;
    }
  }
  if (t.kind == Kind::Ident) {
    if (skip_function(end)) return;
    if (keyword_statement(end)) return;
    if (declaration(end)) return;
  }
  if (destructuring(end)) return;
  const std::size_t start = pos_;
  Value alone = expression(0);
  if (language() == Language::Perl) last_value_ = std::move(alone);
  if (pos_ == start) ++pos_;
  while (pos_ < end && is_op(",") && tick()) {
    ++pos_;
    const std::size_t before = pos_;
    if (!destructuring(end)) expression(0);  // const a = b, { c } = d
    if (pos_ == before) break;
  }
}

bool Interpreter::keyword_statement(std::size_t end) {
  const Word word = tok().word;
  const auto next_is = [&](Word op) { return is_op(op, 1); };
  if (next_is("=") || next_is(".") || next_is("=>") || next_is("<.>")) return false;  // a name after all
  if (word == "async" && language() == Language::Python && (is_word("for", 1) || is_word("with", 1))) {
    ++pos_;
    return keyword_statement(end);
  }
  if (word == "static" && next_is("{")) {  // what a class does when it is loaded
    ++pos_;
    body(end);
    return true;
  }
  if (word == "for" || word == "foreach") {
    ++pos_;
    for_statement(word, end);
    return true;
  }
  if (kConditions.contains(word)) {
    if ((word == "match" || word == "with" || word == "using") && language() != Language::Python && !next_is("(")) {
      ++pos_;
      return true;
    }
    ++pos_;
    condition_and_body(word, end);
    return true;
  }
  if (word == "else" || word == "do" || word == "try" || word == "finally") {
    if (word == "do" && !next_is("{")) return false;  // Perl: do FILE
    ++pos_;
    if (word == "try" && is_op("(") && close_of(pos_) > pos_) {  // Java: try (A a = ...; B b = ...) {
      const std::size_t close = close_of(pos_);
      exec(pos_ + 1, close);
      pos_ = close + 1;
    }
    ++condition_;
    body(end);
    --condition_;
    return true;
  }
  if (word == "class" || word == "trait" || word == "interface" || word == "namespace" || word == "enum" || word == "package" || word == "module") {
    std::size_t j = pos_ + 1;
    while (j < std::min(end, pos_ + 40) && !op_at(j, "{") && !op_at(j, ";")) ++j;
    if (j >= end || !op_at(j, "{")) {
      pos_ = std::min(j + 1, end);
      return true;
    }
    const std::size_t close = close_of(j);
    ++class_depth_;
    exec(j + 1, std::max(close, j + 1));
    --class_depth_;
    pos_ = close + 1;
    return true;
  }
  if (word == "case" && language() == Language::Php && tok(1).kind == Kind::Ident && is_op("=", 2) && class_depth_ > 0) {  // of an enum
    const std::string name(tok(1).text);
    pos_ += 3;
    fields_[name] = expression(1);
    return true;
  }
  if (word == "case" || word == "default") {
    ++pos_;
    if (word == "case") expression(2);
    if (is_op(":") || is_op("=>") || is_op("{")) ++pos_;
    return true;
  }
  if (word == "return" || word == "yield") {
    ++pos_;
    const std::size_t before = pos_;
    Value v = is_op(";") ? Value() : expression(0);
    if (pos_ == before && !is_op(";")) return true;
    if (is_op("=>") && word == "yield") {
      ++pos_;
      v = expression(1);
    }
    if (is_op(",") && (language() == Language::Python || language() == Language::Perl)) {
      while (is_op(",") && pos_ < end && tick()) {
        ++pos_;
        v = join(v, expression(1));
      }
    }
    if (!returned_.empty()) returned_.back() = returned_.back().name.empty() && !returned_.back().tainted() && !returned_.back().known ? v : join(v, returned_.back());
    return true;
  }
  if (word == "import" || word == "from" || word == "use" || word == "package") return import_statement(end);
  if ((word == "global" || word == "nonlocal") && (language() == Language::Php || language() == Language::Python)) {
    ++pos_;
    while (pos_ < end && !is_op(";") && tick()) {
      if (tok().kind == Kind::Var && frames_.size() > 1) {
        if (const auto found = globals().find(std::string(tok().text)); found != globals().end()) frames_.back()[found->first] = found->second;
      }
      ++pos_;
    }
    return true;
  }
  if (word == "goto" || word == "break" || word == "continue" || word == "pass") {
    while (pos_ < end && !is_op(";") && !is_op("}")) ++pos_;
    return true;
  }
  if (word == "const" && language() == Language::Php) {
    ++pos_;
    while (tok().kind == Kind::Ident && is_op("=", 1) && pos_ < end && tick()) {
      const std::string name(tok().text);
      pos_ += 2;
      Value v = expression(1);
      globals()[name] = v;
      fields_[name] = v;
      if (!is_op(",")) break;
      ++pos_;
    }
    return true;
  }
  if (word == "echo" || word == "print") {
    if (word == "print" && (language() == Language::Python || language() == Language::Perl)) return false;
    ++pos_;
    while (pos_ < end && tick()) {
      const std::size_t before = pos_;
      const std::uint32_t line = tok().line;
      const Value shown = expression(1);
      if (!output_callback_.empty() && shown.tainted()) {
        Callee callee;
        callee.value = Value::named(output_callback_);
        call(callee, {shown}, line);
      }
      if (!is_op(",") || pos_ == before) break;
      ++pos_;
    }
    return true;
  }
  if (tok(1).kind == Kind::Op && tok(1).word == ":" && !is_op(":", 2) && language() != Language::Python && family_ != Family::Aspx) {  // a label
    pos_ += 2;
    return true;
  }
  return false;
}

bool Interpreter::import_statement(std::size_t end) {
  const Word word = tok().word;
  const auto dotted = [&] {
    std::string name;
    while (pos_ < end && tick() && (tok().kind == Kind::Ident || is_op(".") || is_op("..."))) {
      if (tok().kind == Kind::Ident && (tok().word == "import" || tok().word == "as")) break;
      name += tok().text;
      ++pos_;
    }
    return name;
  };
  if (language() == Language::Python) {
    ++pos_;
    std::string from;
    if (word == "from") {
      from = dotted();
      if (!is_word("import")) return true;
      ++pos_;
    } else if (word != "import") {
      --pos_;
      return false;
    }
    if (is_op("(")) ++pos_;
    while (pos_ < end && tick() && (tok().kind == Kind::Ident || is_op("*") || is_op("."))) {
      if (is_op("*")) {
        globals()[cat("*", from)] = Value::named(from);
        ++pos_;
        break;
      }
      const std::string name = dotted();
      std::string as = from.empty() ? std::string(cut(name, '.').first) : name;
      std::string target = from.empty() ? as : cat(from, ".", name);
      if (is_word("as")) {
        as = std::string(tok(1).text);
        target = from.empty() ? name : target;
        pos_ += 2;
      }
      (frames_.size() > 1 ? frames_.back() : globals())[as] = Value::named(target);
      if (!is_op(",")) break;
      ++pos_;
    }
    while (pos_ < end && !is_op(";")) ++pos_;
    return true;
  }
  if (language() == Language::Perl && word == "use") {  // use IPC::Cmd qw(run): where the rules know the full name only
    std::string module;
    std::size_t i = pos_ + 1;
    for (; i < end && (at(i).kind == Kind::Ident || op_at(i, ".")); ++i) module += at(i).text;
    for (; i < end && !op_at(i, ";"); ++i) {
      if (at(i).kind != Kind::String || at(i).text.size() > 60) continue;
      std::string full = cat(module, ".", at(i).text);
      for (std::size_t colons = full.find("::"); colons != std::string::npos; colons = full.find("::")) {
        full.erase(colons, 1);
        full[colons] = '.';
      }
      if (rules_.find(full, Rule::Use::Sink) && !rules_.find(at(i).text, Rule::Use::Sink)) globals()[std::string(at(i).text)] = Value::named(full);
    }
  }
  if (language() == Language::JavaScript && word == "import" && !is_op("(", 1) && !is_op(".", 1)) {
    std::size_t stop = pos_;
    std::string module;
    for (; stop < std::min(end, pos_ + 200) && !op_at(stop, ";"); ++stop)
      if (at(stop).kind == Kind::String) {
        module = std::string(at(stop).text);
        break;
      }
    if (module.starts_with("node:")) module.erase(0, 5);
    bool braces = false;
    for (std::size_t i = pos_ + 1; i < stop; ++i) {
      if (op_at(i, "{")) braces = true;
      if (at(i).kind != Kind::Ident || at(i).word == "from" || at(i).word == "as") continue;
      const bool renamed = at(i + 1).word == "as";
      const std::string name(at(renamed ? i + 2 : i).text);
      globals()[name] = Value::named(braces ? cat(module, ".", at(i).text) : module);
      if (renamed) i += 2;
    }
    pos_ = std::min(stop + 1, end);
    return true;
  }
  if (language() == Language::Php && word == "use" && is_word("function", 1)) {  // use function system as s;
    std::string name, as;
    for (std::size_t i = pos_ + 2; i < end && !op_at(i, ";"); ++i) {
      if (at(i).kind != Kind::Ident || at(i).word == "as") continue;
      if (at(i - 1).word == "as") as = lower(at(i).text);
      else name = std::string(at(i).text);
    }
    if (const std::size_t slash = name.rfind('\\'); slash != std::string::npos) name.erase(0, slash + 1);
    if (!as.empty() && !name.empty()) globals()[as] = Value::constant(name);
  }
  if (word == "from") return false;
  if (word == "import" && language() == Language::JavaScript) return false;
  while (pos_ < end && !is_op(";") && tick()) ++pos_;
  return true;
}

bool Interpreter::declaration(std::size_t end) {
  std::size_t i = pos_;
  while (i < end && at(i).kind == Kind::Ident && kModifiers.contains(at(i).word) && at(i + 1).kind != Kind::Op) ++i;
  if (language() == Language::Php) {
    // Members and statics of a class: public string $x = ...
    if (i == pos_ && !is_word("static")) return false;
    while (i < end && (at(i).kind == Kind::Ident || op_at(i, "?")) && at(i).word != "function" && at(i).word != "const") ++i;
    if (at(i).kind != Kind::Var || !(op_at(i + 1, "=") || op_at(i + 1, ";") || op_at(i + 1, ","))) {
      if (at(i).word == "const") {
        pos_ = i;
        return keyword_statement(end);
      }
      return false;
    }
    pos_ = i;
    const std::string name(tok().text);
    if (is_op("=", 1)) {
      pos_ += 2;
      Value v = expression(1);
      if (class_depth_ > 0) fields_[name.substr(1)] = join(v, fields_[name.substr(1)]);
      else assign(name, std::move(v), at(i).line);
    } else {
      ++pos_;
    }
    return true;
  }
  if (language() != Language::Java && language() != Language::CSharp) return false;
  const std::size_t type_at = i;
  std::string type;
  if (at(i).kind != Kind::Ident && i > pos_ && at(i - 1).word == "var") --i;
  while (i < end && at(i).kind == Kind::Ident) {
    type = std::string(at(i).text);
    ++i;
    if (!op_at(i, ".")) break;
    ++i;
  }
  if (type.empty() || type == "return" || type == "new" || type == "throw" || type == "await" || type == "else") return false;
  if (op_at(i, "<")) {
    std::size_t depth = 0;
    const std::size_t start = i;
    for (; i < std::min(end, start + 60); ++i) {
      if (op_at(i, "<")) ++depth;
      if (op_at(i, ">") && --depth == 0) {
        ++i;
        break;
      }
      if (op_at(i, ">>")) {
        depth -= std::min<std::size_t>(2, depth);
        if (depth == 0) {
          ++i;
          break;
        }
      }
      if (op_at(i, ";") || op_at(i, "(")) return false;
    }
  }
  while (op_at(i, "[") && op_at(i + 1, "]")) i += 2;
  if (op_at(i, "?")) ++i;
  if (at(i).kind != Kind::Ident || i == type_at) return false;
  if (!op_at(i + 1, "=") && !op_at(i + 1, ";") && !op_at(i + 1, ",") && !(op_at(i + 1, "[") && op_at(i + 2, "]"))) return false;
  pos_ = i;
  while (pos_ < end && tok().kind == Kind::Ident && tick()) {
    const std::string name(tok().text);
    const std::uint32_t line = tok().line;
    ++pos_;
    while (is_op("[") && is_op("]", 1)) pos_ += 2;
    Value v;
    if (is_op("=")) {
      ++pos_;
      v = is_op("{") ? array_literal(pos_) : expression(1);
    }
    if (v.name.empty() && type != "var" && type != "String" && type != "string" && type != "Object" && type != "object") v.name = type;
    assign(name, std::move(v), line);
    if (!is_op(",")) break;
    ++pos_;
  }
  return true;
}

bool Interpreter::destructuring(std::size_t end) {
  std::size_t i = pos_;
  while (at(i).kind == Kind::Ident && (at(i).word == "my" || at(i).word == "our" || at(i).word == "local" || at(i).word == "const" || at(i).word == "let" || at(i).word == "var")) ++i;
  if (at(i).kind == Kind::Ident && folds_case() && at(i).word == "list" && op_at(i + 1, "(")) ++i;
  if (op_at(i, "(") && i == pos_ && (op_at(i + 1, "{") || op_at(i + 1, "[")) && close_of(i + 1) > i + 1 && op_at(close_of(i + 1) + 1, "=")) {  // ({ a } = b);
    pos_ = ++i;
  }
  const std::uint32_t line = at(i).line;
  const bool bracket = at(i).kind == Kind::Op && (at(i).word == "[" || at(i).word == "{" || at(i).word == "(");
  if (bracket) {
    const std::size_t close = close_of(i);
    if (close == i || !op_at(close + 1, "=")) return false;
    if (language() == Language::Perl && i > pos_ && frames_.back().size() < 20'000)
      for (std::size_t k = i + 1; k < close; ++k)
        if (at(k).kind == Kind::Var && at(k).text != "$_" && !frames_.back().contains(std::string(at(k).text))) frames_.back()[std::string(at(k).text)] = Value();
    pos_ = close + 2;
    const Value v = expression(1);
    const std::size_t after = pos_;
    if (language() == Language::Perl && v.items && close > i + 1 && at(close - 1).kind == Kind::Var) {
      // The last name takes the rest: my ($self, %options) = @_
      std::size_t count = 0;
      for (std::size_t k = i + 1; k < close; k = next_comma(k, close) + 1) ++count;
      if (count > 0 && v.items->order.size() > count) {
        std::vector<Value> rest;
        for (std::size_t n = count - 1; n < v.items->order.size(); ++n) rest.push_back(v.items->by_key.at(v.items->order[n]));
        Value last = list_of(rest);
        for (std::size_t n = 0; n + 1 < rest.size(); n += 2)
          if (rest[n].known && rest[n].text.size() < 80) last.items->set(rest[n].text, rest[n + 1]);
        bind_pattern(i, v, line);
        assign(std::string(at(close - 1).text), std::move(last), line);
        pos_ = after;
        return true;
      }
    }
    bind_pattern(i, v, line);
    pos_ = after;
    return true;
  }
  if (language() != Language::Python || at(i).kind != Kind::Ident || !op_at(i + 1, ",")) return false;
  std::vector<std::string> names;
  std::size_t k = i;
  while (k < end && (at(k).kind == Kind::Ident || (op_at(k, "*") && at(k + 1).kind == Kind::Ident))) {
    if (op_at(k, "*")) ++k;
    names.emplace_back(at(k).text);
    ++k;
    if (!op_at(k, ",")) break;
    ++k;
  }
  if (!op_at(k, "=")) return false;
  pos_ = k + 1;
  Value v = expression(0);
  if (is_op(",")) {  // a, b = x, y
    Value tuple;
    tuple.items = std::make_shared<Items>();
    tuple.items->push(v);
    while (is_op(",") && pos_ < end && tick()) {
      ++pos_;
      tuple.items->push(expression(1));
    }
    v = std::move(tuple);
  }
  for (std::size_t n = 0; n < names.size(); ++n) assign(names[n], index(v, Value::number(static_cast<long long>(n)), line), line);
  return true;
}

}  // namespace plimsoll::detect::web
