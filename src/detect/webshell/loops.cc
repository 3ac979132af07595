// Conditions and loops. See interpreter.h.
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/interpreter.h"
#include "detect/webshell/syntax.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::size_t kMaxRounds = 600;  // of a loop whose condition is constant

bool truthy(const Value& v) { return !(v.text.empty() || v.text == "0" || v.text == "false" || v.text == "False"); }

}  // namespace

void Interpreter::condition_and_body(Word word, std::size_t end) {
  const bool loops = word == "while" || word == "until";
  if (word == "while" && language() == Language::Php && is_op("(") && tok(1).text == "list" && is_op("(", 2) && close_of(pos_ + 2) > pos_ + 2) {  // while (list($k, $v) = each($x))
    const std::size_t list = pos_ + 2, close = close_of(list), after = close_of(pos_);
    if (op_at(close + 1, "=") && at(close + 2).text == "each" && op_at(close + 3, "(")) {
      std::vector<std::string> names;
      for (std::size_t k = list + 1; k < close; ++k)
        if (at(k).kind == Kind::Var) names.emplace_back(at(k).text);
      if (names.size() == 1 && !op_at(list + 1, ",")) names.emplace_back("$");
      pos_ = close + 4;
      const Value over = expression(1);
      pos_ = after + 1;
      std::size_t begin = pos_, stop = pos_;
      if (is_op("{") && close_of(pos_) > pos_) {
        begin = pos_ + 1;
        stop = close_of(pos_);
      } else {
        while (stop < end && !op_at(stop, ";")) ++stop;
      }
      each(names, over, begin, stop);
      pos_ = stop + 1;
      return;
    }
  }
  ++guarding_;
  const bool parenthesised = is_op("(") && language() != Language::Python && close_of(pos_) > pos_;
  std::size_t condition_begin = pos_;
  if (parenthesised) {
    const std::size_t close = close_of(pos_);
    if (word == "catch") {
      if (thrown_.tainted() && op_at(pos_ + 1, "{")) bind_pattern(pos_ + 1, thrown_, tok().line);
      else if (thrown_.tainted() && (at(close - 1).kind == Kind::Var || at(close - 1).kind == Kind::Ident)) assign(std::string(at(close - 1).text), thrown_, tok().line, true);
      pos_ = close + 1;
    } else {
      exec(pos_ + 1, close);
      pos_ = close + 1;
    }
  } else if (!is_op("{")) {
    const bool outer = stop_list_;
    stop_list_ = true;
    do {
      if (is_op(",")) ++pos_;
      const std::size_t before = pos_;
      const Value v = expression(0);
      if (is_word("as") && (tok(1).kind == Kind::Ident || tok(1).kind == Kind::Var)) {  // with x as y, except E as e
        if (word == "with") {
          const int enters = std::max(method_of(class_of(v), "__enter__"), method_of(class_of(v), "__aenter__"));
          const std::string as(tok(1).text);
          assign(as, enters >= 0 ? call_function(enters, {}, tok().line) : v, tok().line);
        }
        if (word == "except" && thrown_.tainted()) assign(std::string(tok(1).text), thrown_, tok().line, true);
        pos_ += 2;
      }
      if (pos_ == before) break;
    } while (is_op(",") && pos_ < end && tick());
    if (is_word("as"))
      while (pos_ < end && !is_op("{") && !is_op(";")) ++pos_;
    stop_list_ = outer;
  }
  --guarding_;
  (void)condition_begin;
  if (is_op(";") && word != "while") return;  // a modifier behind its statement
  if (loops) {
    const std::size_t begin = pos_;
    std::size_t stop = begin;
    if (is_op("{") && close_of(begin) > begin) {
      loop(begin + 1, close_of(begin));
      stop = close_of(begin) + 1;
    } else if (!is_op(";")) {
      ++condition_;
      statement(end);
      --condition_;
      stop = pos_;
    } else {
      stop = pos_ + 1;
    }
    pos_ = stop;
    return;
  }
  const bool conditional = word != "using" && word != "lock" && word != "synchronized" && word != "with";
  condition_ += conditional ? 1 : 0;
  body(end);
  condition_ -= conditional ? 1 : 0;
}

void Interpreter::body(std::size_t end) {
  if (is_op("{")) {
    const std::size_t close = close_of(pos_);
    if (close == pos_) {
      ++pos_;
      return;
    }
    exec(pos_ + 1, close);
    pos_ = close + 1;
  } else if (is_op(":")) {
    ++pos_;
  } else if (pos_ < end && !is_op("}")) {
    if (depth_ > 120) {
      ++pos_;
      return;
    }
    ++depth_;
    statement(end);
    --depth_;
  }
}

// A loop whose rounds cannot be counted: what it assigns is no constant any more.
void Interpreter::loop(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i + 1 < end; ++i) {
    const Token& t = at(i);
    if (t.kind != Kind::Var && t.kind != Kind::Ident) continue;
    const Token& next = at(i + 1);
    if (next.kind != Kind::Op || (next.word != "++" && next.word != "--" && !(next.text.size() >= 2 && next.text.ends_with("=") && next.word != "==" && next.word != "!=" && next.word != "<=" && next.word != ">="))) continue;
    Frame& frame = frame_of(std::string(t.text));
    const auto found = frame.find(std::string(t.text));
    if (found == frame.end() || !found->second.known) continue;
    found->second.known = false;
    found->second.text.clear();
  }
  ++loops_;
  ++condition_;
  exec(begin, end);
  if (loops_ < 3) exec(begin, end);
  --condition_;
  --loops_;
}

void Interpreter::each(const std::vector<std::string>& names, const Value& over, std::size_t begin, std::size_t end) {
  const std::uint32_t line = at(begin).line;
  const auto bind = [&](const Value& key, const Value& value) {
    if (names.size() == 1) {
      assign(names[0], value, line);
    } else if (language() == Language::Php) {
      assign(names[0], key, line);
      assign(names[1], value, line);
    } else {
      for (std::size_t i = 0; i < names.size(); ++i) assign(names[i], index(value, Value::number(static_cast<long long>(i)), line), line);
    }
  };
  if (over.items && !over.items->order.empty() && over.items->order.size() <= kMaxRounds) {
    const auto items = over.items;  // the body may replace it
    for (std::size_t i = 0; i < items->order.size() && tick(); ++i) {
      bind(Value::constant(items->order[i]), items->by_key.at(items->order[i]));
      exec(begin, end);
    }
    return;
  }
  if (over.known && over.text.size() <= kMaxRounds && language() == Language::Python) {
    for (const char c : over.text) {
      bind(Value(), Value::constant(std::string(1, c)));
      exec(begin, end);
      if (!tick()) return;
    }
    return;
  }
  Value element = index(over, Value(), line);
  bind(element, element);
  loop(begin, end);
}

void Interpreter::for_statement(Word word, std::size_t end) {
  (void)word;
  if (is_word("await") || is_word("each")) ++pos_;
  std::vector<std::string> names;
  const auto finish_each = [&](const Value& over) {
    if (names.empty()) names.emplace_back("$_");
    if (is_op("{") && close_of(pos_) > pos_) {
      const std::size_t begin = pos_ + 1, close = close_of(pos_);
      each(names, over, begin, close);
      pos_ = close + 1;
    } else {
      Value element = index(over, Value(), tok().line);
      if (over.items && !over.items->order.empty() && over.items->order.size() <= kMaxRounds) {
        // One statement, as often as there are elements.
        const std::size_t begin = pos_;
        const auto items = over.items;
        for (const std::string& key : items->order) {
          pos_ = begin;
          if (names.size() > 1 && language() == Language::Php) assign(names[0], Value::constant(key), tok().line);
          assign(names.back(), items->by_key.at(key), tok().line);
          body(end);
          if (!tick()) return;
        }
        return;
      }
      for (const std::string& name : names) assign(name, element, tok().line);
      ++condition_;
      body(end);
      --condition_;
    }
  };
  if (language() == Language::Python || !is_op("(")) {
    // Python: for a, b in x { ; Perl: foreach my $a (x) {
    while (pos_ < end && tick() && !is_word("in") && !is_op("{") && !is_op(";") && !(language() == Language::Perl && is_op("("))) {
      if (tok().kind == Kind::Var || (tok().kind == Kind::Ident && tok().word != "my" && tok().word != "our")) names.emplace_back(tok().text);
      ++pos_;
    }
    if (is_word("in")) ++pos_;
    if (language() != Language::Python && !is_op("(")) {
      // A modifier: the statement before it has been read.
      if (!names.empty()) return;
    }
    const bool outer = stop_list_;
    stop_list_ = true;
    const Value over = expression(0);
    stop_list_ = outer;
    return finish_each(over);
  }
  const std::size_t open = pos_, close = close_of(pos_);
  if (close == open) {
    ++pos_;
    return;
  }
  std::size_t split = 0, semicolon = 0, second = 0;
  for (std::size_t i = open + 1; i < close; ++i) {
    const Token& t = at(i);
    if (t.kind == Kind::Op && (t.word == "(" || t.word == "[" || t.word == "{") && t.match > i) {
      i = t.match;
    } else if (t.kind == Kind::Op && t.word == ";") {
      if (!semicolon) semicolon = i;
      else if (!second) second = i;
    } else if (!split && ((t.kind == Kind::Ident && (t.word == "in" || t.word == "of" || t.word == "as")) || (t.kind == Kind::Op && t.word == ":" && language() == Language::Java))) {
      split = i;
    }
  }
  if (semicolon) {
    pos_ = open + 1;
    while (pos_ < semicolon && tick()) {
      const std::size_t before = pos_;
      statement(semicolon);
      if (pos_ == before) break;
    }
    const std::size_t body_at = close + 1;
    const bool block = op_at(body_at, "{") && close_of(body_at) > body_at;
    std::size_t after = body_at;
    const auto run_body = [&] {
      pos_ = body_at;
      if (block) {
        exec(body_at + 1, close_of(body_at));
        after = close_of(body_at) + 1;
      } else {
        body(end);
        after = pos_;
      }
    };
    bool counted = second > semicolon + 1;
    for (std::size_t round = 0; counted && round < kMaxRounds && tick(); ++round) {
      pos_ = semicolon + 1;
      const Value condition = expression(1);
      if (!condition.known) {
        counted = false;
        break;
      }
      if (!truthy(condition)) {
        if (round == 0) run_body();  // read it all the same
        pos_ = block ? close_of(body_at) + 1 : std::max(after, body_at);
        return;
      }
      run_body();
      pos_ = second + 1;
      while (pos_ < close && tick()) {
        const std::size_t before = pos_;
        expression(0);
        if (is_op(",")) ++pos_;
        if (pos_ == before) break;
      }
      if (round + 1 == kMaxRounds) counted = false;
    }
    if (!counted) {
      // The counter is no constant inside.
      for (std::size_t i = open + 1; i < semicolon; ++i) {
        if (!op_at(i + 1, "=")) continue;
        Frame& frame = frame_of(std::string(at(i).text));
        if (const auto found = frame.find(std::string(at(i).text)); found != frame.end()) found->second = Value();
      }
      if (block) {
        loop(body_at + 1, close_of(body_at));
      } else {
        pos_ = body_at;
        body(end);
        after = pos_;
      }
    }
    pos_ = block ? close_of(body_at) + 1 : std::max(after, body_at);
    return;
  }
  if (split) {
    const bool php = language() == Language::Php;
    for (std::size_t i = php ? split + 1 : open + 1; i < (php ? close : split); ++i)
      if (at(i).kind == Kind::Var || at(i).kind == Kind::Ident) names.emplace_back(at(i).text);
    if (!php && names.size() > 1 && (language() == Language::Java || language() == Language::CSharp)) names.erase(names.begin(), names.end() - 1);
    std::erase_if(names, [](const std::string& n) { return n == "const" || n == "let" || n == "var"; });
    pos_ = php ? open + 1 : split + 1;
    const Value over = expression(2);
    pos_ = close + 1;
    return finish_each(over);
  }
  // Perl: for (list) { }
  pos_ = open;
  const Value over = parenthesis();
  pos_ = close + 1;
  finish_each(over);
}

}  // namespace plimsoll::detect::web
