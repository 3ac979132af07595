#include "detect/webshell/reach.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/rules.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {
namespace {

constexpr std::uint16_t kMost = 0x7fff;
constexpr std::uint32_t kSeed = 0x811c9dc5, kPrime = 0x01000193;  // FNV-1a

constexpr std::array<std::uint8_t, 256> table(bool fold) {
  std::array<std::uint8_t, 256> out{};
  for (int c = '0'; c <= '9'; ++c) out[static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(c);
  for (int c = 'a'; c <= 'z'; ++c) out[static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(c);
  for (int c = 'A'; c <= 'Z'; ++c) out[static_cast<std::size_t>(c)] = static_cast<std::uint8_t>(fold ? c + 32 : c);
  out['_'] = '_';
  return out;
}
constexpr std::array<std::uint8_t, 256> kAsWritten = table(false), kFolded = table(true);

bool word_char(char c) { return kAsWritten[static_cast<std::uint8_t>(c)] != 0; }

std::uint32_t hash_of(std::string_view word) {
  std::uint32_t h = kSeed;
  for (const char c : word) h = (h ^ static_cast<std::uint8_t>(c)) * kPrime;
  return h;
}

}  // namespace

std::uint16_t Reach::id_of(std::string_view word) {
  const std::string text = fold_ ? lower(word) : std::string(word);
  for (std::size_t i = 1; i < words_.size(); ++i)
    if (words_[i] == text) return static_cast<std::uint16_t>(i);
  if (words_.size() >= kMost) return 0;  // then it asks for nothing
  words_.push_back(text);
  return static_cast<std::uint16_t>(words_.size() - 1);
}

std::uint16_t Reach::part_of(std::string_view text) {
  const std::string wanted = fold_ ? lower(text) : std::string(text);
  for (std::size_t i = 0; i < parts_.size(); ++i)
    if (parts_[i] == wanted) return static_cast<std::uint16_t>(i);
  if (parts_.size() >= kMost) return 0;
  parts_.push_back(wanted);
  return static_cast<std::uint16_t>(parts_.size() - 1);
}

// "*request.args", "$_SERVER[HTTP_]", "open().write": the words of the name. One that a `*` touches, or that ends in "_]",
// is a part of a word. `members`: a member of these languages always has its dot.
Reach::Need Reach::need_of(std::string_view pattern, bool members) {
  Need out;
  for (std::size_t i = 0; i < pattern.size();) {
    if (!word_char(pattern[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < pattern.size() && word_char(pattern[end])) ++end;
    const std::string_view word = pattern.substr(i, end - i);
    const char before = i > 0 ? pattern[i - 1] : '\0', after = end < pattern.size() ? pattern[end] : '\0';
    const bool renamed = std::find(renamed_.begin(), renamed_.end(), word) != renamed_.end();
    if (word == "this" || after == '$') {  // "self" as well; "el$param" is from JSP's ${ }
    } else if (after == '*' || (word.ends_with('_') && after == ']')) {
      out.push_back({Wanted::As::Part, part_of(word)});
    } else if (before == '*') {
      out.push_back({Wanted::As::Ending, part_of(word), renamed});
    } else {
      const Wanted::As as = before == '.' ? (members ? Wanted::As::Member : Wanted::As::Any) : i == 0 ? Wanted::As::Name : Wanted::As::Any;
      out.push_back({as, id_of(word), renamed});
      const bool beside = before == '.' && i >= 2 && word_char(pattern[i - 2]) && out.size() >= 2;
      out.pair = 0;
      if (beside && pairs_.size() < kMost) {
        pairs_.push_back({out[out.size() - 2], out.back().id});
        out.pair = static_cast<std::uint16_t>(pairs_.size() - 1);
      }
    }
    i = end;
  }
  if (pattern.ends_with("[]") && out.size() == 1 && pairs_.size() < kMost) {
    pairs_.push_back({out.back(), 0});
    out.pair = static_cast<std::uint16_t>(pairs_.size() - 1);
  }
  return out;
}

// The words of an entry of the gate: "exports.handler" needs both.
Reach::Need Reach::words_of(std::string_view part) {
  Need out;
  for (std::size_t i = 0; i < part.size();) {
    std::size_t end = i;
    while (end < part.size() && word_char(part[end])) ++end;
    if (end > i) out.push_back({Wanted::As::Any, id_of(part.substr(i, end - i))});
    i = end + 1;
  }
  // As it is written, where it is more than a word; looked for last.
  for (std::string_view rest = part; !std::all_of(part.begin(), part.end(), word_char) && !rest.empty();) {
    const std::size_t both = rest.find("&&");
    out.push_back({Wanted::As::Part, part_of(rest.substr(0, both))});
    rest = both == std::string_view::npos ? std::string_view() : rest.substr(both + 2);
  }
  return out;
}

// An entry of `reach`: a word, or a part of the text; "a&&b" needs both.
Reach::Need Reach::listed(std::string_view entry) {
  Need out;
  while (!entry.empty()) {
    const std::size_t both = entry.find("&&");
    const std::string_view one = entry.substr(0, both);
    if (std::all_of(one.begin(), one.end(), word_char)) out.push_back({Wanted::As::Any, id_of(one)});
    else out.push_back({Wanted::As::Part, part_of(one)});
    if (both == std::string_view::npos) break;
    entry.remove_prefix(both + 2);
  }
  return out;
}

void Reach::build(const FamilyRules& family) {
  *this = Reach();
  fold_ = family.ignore_case;
  text_calls_ = family.text_calls;
  const bool members = family.members_have_dots;
  brackets_ = !members;
  for (const Rule& rule : family.rules)
    if (rule.use == Rule::Use::Handler) renamed_.insert(renamed_.end(), rule.params.begin(), rule.params.end());
  if (family.text_calls && !family.ignore_case)  // Perl: `require Foo;`, `do {`
    for (const char* word : {"require", "do"}) constants_.push_back(id_of(word));
  for (const Rule& rule : family.rules) {
    switch (rule.use) {
      case Rule::Use::Source:
        sources_.push_back(need_of(rule.pattern, members));
        if (!rule.with.empty()) sources_.back().push_back({Wanted::As::Part, part_of(rule.with)});
        break;
      case Rule::Use::Sink:
        sinks_.push_back(need_of(rule.pattern, members));
        sinks_.back().pair = 0;
        if (rule.kind == SinkKind::Evaluation) evaluations_.push_back(sinks_.back());
        if (rule.origin) sources_.push_back(sinks_.back());
        break;
      case Rule::Use::Function:
        if (rule.does == Does::Module || rule.does == Does::Member || rule.does == Does::Invoke || rule.does == Does::Construct || (rule.does == Does::Map && family.ignore_case && family.text_calls)) by_name_.push_back(need_of(rule.pattern, members));
        if (rule.does == Does::Module && !by_name_.empty() && by_name_.back().size() == 1) constants_.push_back(by_name_.back()[0].id);
        if (is_decoding(rule.does) || rule.does == Does::Codec) {
          hidden_.push_back(need_of(rule.pattern, members));
          hidden_.back().called = !family.text_calls || family.ignore_case;  // Perl needs no parentheses
        }
        if (rule.connects) sources_.push_back(need_of(rule.pattern, members));
        if (rule.origin && rule.does == Does::Fill && family.text_calls && !family.ignore_case) cgi_.push_back(need_of(rule.pattern, members));  // Perl's read
        else if (rule.origin || rule.does == Does::Duplicate) sources_.push_back(need_of(rule.pattern, members));
        break;
      case Rule::Use::Handler:
        if (rule.pattern.starts_with('@')) {
          const std::size_t dot = rule.pattern.rfind('.');
          decorators_.push_back(id_of(std::string_view(rule.pattern).substr(dot == std::string::npos ? 1 : dot + 1)));
        } else {
          handlers_.push_back(id_of(std::string_view(rule.pattern).substr(rule.pattern.rfind('.') + 1)));
          if (std::find(rule.params.begin(), rule.params.end(), "*") != rule.params.end()) sources_.push_back(need_of(rule.pattern.starts_with("def.") ? std::string_view(rule.pattern).substr(4) : std::string_view(rule.pattern), members));
        }
        break;
      case Rule::Use::Cleaner:
      case Rule::Use::Guard: break;
    }
  }
  const auto take = [&](const std::vector<std::string>& entries, std::vector<Need>& into) {
    for (const std::string& entry : entries) into.push_back(listed(entry));
  };
  take(family.reach.sources, sources_);
  take(family.reach.sinks, sinks_);
  take(family.reach.by_name, by_name_);
  take(family.reach.hidden, hidden_);
  take(family.reach.cgi, cgi_);

  for (const std::vector<std::string>& list : family.gate) {
    gate_.emplace_back();
    for (const std::string& entry : list) gate_.back().push_back(words_of(entry));
  }
  marks_ = !family.ignore_case && members;  // Python and Perl
  marks_ |= family.marks;
  acting_.assign(words_.size(), 0);
  const auto act = [&](const std::vector<Need>& needs) {
    for (const Need& need : needs)
      for (const Wanted& wanted : need)
        if (wanted.as != Wanted::As::Ending && wanted.as != Wanted::As::Part && (need.pair == 0 || pairs_[need.pair].member == 0) && (&wanted == &need.back() || need.size() == 1)) acting_[wanted.id] = 1;
  };
  act(sources_);
  act(sinks_);
  act(by_name_);
  act(cgi_);
  for (const std::uint16_t word : handlers_) acting_[word] = 1;

  std::size_t size = 64;
  while (size < words_.size() * 8) size *= 2;
  slots_.assign(size, {});
  for (std::size_t i = 1; i < words_.size(); ++i) {
    const std::uint32_t hash = hash_of(words_[i]);
    std::size_t at = hash & (size - 1);
    while (slots_[at].word != 0) at = (at + 1) & (size - 1);
    slots_[at] = {hash, static_cast<std::uint16_t>(i)};
  }
}

// What one text, or its tokens, hold; parts are looked for when they are first asked for.
class Reach::Scan {
 public:
  Scan(const Reach& reach, std::string_view text, const Tokens* tokens = nullptr) : reach_(reach), text_(text), tokens_(tokens), seen_(reach.words_.size()), parts_(reach.parts_.size()), endings_(reach.parts_.size()) {
    if (!tokens) words(text, kAny);
    else names();
  }

  bool any(const std::vector<Need>& needs) {
    return std::any_of(needs.begin(), needs.end(), [&](const Need& need) { return std::all_of(need.begin(), need.end(), [&](const Wanted& wanted) { return has(wanted); }) && (!tokens_ || ((need.pair == 0 || beside(need.pair)) && (!need.called || called(need.back())))); });
  }
  bool decorated() const { return decorated_; }
  bool calls_variable() const { return variable_call_; }
  std::vector<std::uint32_t> marks() {
    const auto& all = tokens_->all;
    std::vector<std::uint8_t> marked(all.size() + 1);
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
      const Token& t = all[i];
      if (t.kind == Kind::Op) {
        // What is called is no name: f[x](...), $f->(...), &$f, *{"f"}.
        marked[i] = (op(i + 1, "(") && (t.word == "]" || t.word == "}" || t.word == ")")) || (t.word == "&" && all[i + 1].kind == Kind::Var) || ((t.word == "*" || t.word == "&") && op(i + 1, "{"));
      } else if (t.kind == Kind::Var && op(i + 1, "(")) {
        marked[i] = 1;
      } else if (t.kind == Kind::Ident || t.kind == Kind::Var || (t.kind == Kind::String && t.text.size() <= 40)) {
        const std::string_view name = t.kind == Kind::String ? t.text : name_of(t);
        const std::uint16_t word = reach_.find(hash_of(name), name);
        marked[i] = (word != 0 && reach_.acting_[word] && !(is_in(reach_.constants_, word) && constant_follows(i + 1))) || ((t.word == "this" || t.word == "self") && op(i + 1, ".") && op(i + 3, "="));
      }
    }
    for (const auto& [word, i] : members_) {
      if (marked[i]) continue;
      for (const Need& need : reach_.sources_) {
        if (need.pair == 0) continue;
        const Pair& pair = reach_.pairs_[need.pair];
        marked[i] |= pair.member == word && ((pair.of.renamed && takes_function_) || dotless_ || matches(pair.of, all[i - 2]) || handed_on(pair.of));
      }
    }
    std::vector<std::uint32_t> out(all.size() + 1);
    for (std::size_t i = 0; i < all.size(); ++i) out[i + 1] = out[i] + marked[i];
    return out;
  }
  // Program text in a constant may be run: its words count too.
  void read_constants() {
    for (const Token& t : tokens_->all)
      if (t.kind == Kind::String) words(t.text, kAny | kText);
  }

 private:
  static constexpr std::uint8_t kName = 1, kMember = 2, kAny = 3, kCalled = 4, kText = 8;  // how a word was seen

  void words(std::string_view text, std::uint8_t as) {
    const auto& chars = reach_.fold_ ? kFolded : kAsWritten;
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p < end) {
      std::uint8_t c = chars[static_cast<std::uint8_t>(*p)];
      if (c == 0) {
        ++p;
        continue;
      }
      const char* const start = p;
      std::uint32_t h = kSeed;
      do {
        h = (h ^ c) * kPrime;
        if (++p == end) break;
        c = chars[static_cast<std::uint8_t>(*p)];
      } while (c != 0);
      if (reach_.text_calls_ && start > text.data() && start[-1] == '$') {
        const char* q = p;
        while (q < end && (*q == ' ' || *q == '\t')) ++q;
        variable_call_ |= q < end && *q == '(';
      }
      const std::uint16_t word = reach_.find(h, std::string_view(start, static_cast<std::size_t>(p - start)));
      if (word == 0) continue;
      seen_[word] |= as;
      if (!decorated_ && is_in(reach_.decorators_, word)) decorated_ = in_decorator(text, static_cast<std::size_t>(start - text.data()));
    }
  }
  // "@app.get(", "[WebMethod(": only names, dots and commas between the mark and the word.
  bool in_decorator(std::string_view text, std::size_t at) const {
    while (at > 0 && (word_char(text[at - 1]) || text[at - 1] == '.' || (reach_.brackets_ && (text[at - 1] == ',' || text[at - 1] == ' ')))) --at;
    return at > 0 && (text[at - 1] == '@' || (reach_.brackets_ && text[at - 1] == '['));
  }
  static bool is_in(const std::vector<std::uint16_t>& words, std::uint16_t word) { return std::find(words.begin(), words.end(), word) != words.end(); }
  // Names of the program, and constants that may be names.
  void names() {
    const auto& all = tokens_->all;
    bool imports = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Token& t = all[i];
      if (t.kind == Kind::Op) {
        if (t.word == ";") imports = false;
        dotless_ |= imports && t.word == "*";
        variable_call_ |= i > 0 && t.word == "(" && all[i - 1].kind == Kind::Var;
      } else if (t.kind == Kind::String) {
        if (t.text.size() <= 100 && t.text.find(' ') == std::string_view::npos) words(t.text, kAny | kText);
      } else if (t.kind == Kind::Ident || t.kind == Kind::Var) {
        imports |= t.word == "import";
        const std::string_view name = name_of(t);
        const std::uint16_t word = reach_.find(hash_of(reach_.fold_ ? lower(name) : name), name);
        if (word == 0 || (is_in(reach_.constants_, word) && constant_follows(i + 1))) continue;
        if (i > 0 && (all[i - 1].word == "sub" || all[i - 1].word == "def" || all[i - 1].word == "function")) continue;  // it is defined here
        const bool member = i > 0 && op(i - 1, ".");
        seen_[word] |= imports ? kAny : member ? kMember : kName;
        if (op(i + 1, "(") || (i >= 2 && op(i - 1, "(") && all[i - 2].word == "map")) seen_[word] |= kCalled;
        if (member) members_.push_back({word, static_cast<std::uint32_t>(i)});
        if (member && op(i + 1, "(") && !takes_function_ && is_in(reach_.handlers_, word)) takes_function_ = function_inside(i + 1);
      }
    }
    variable_call_ &= reach_.text_calls_;
  }
  static std::string_view name_of(const Token& t) { return t.text.substr(t.text.rfind('$') + 1); }  // "$x", JSP's "el$param"
  bool op(std::size_t i, Word word) const { return i < tokens_->all.size() && tokens_->all[i].kind == Kind::Op && tokens_->all[i].word == word; }
  // Whether a function is among the arguments: written there, or a name that is one in this file.
  bool function_inside(std::size_t open) {
    const auto& all = tokens_->all;
    for (std::size_t i = open + 1; i < all[open].match; ++i) {
      if (all[i].word == "=>" || all[i].word == "function" || all[i].word == "async") return true;
      if (all[i].kind == Kind::Ident && !op(i - 1, ".") && !op(i + 1, ".") && !op(i + 1, "(")) {
        if (functions_.empty()) find_functions();
        if (functions_.contains(all[i].text)) return true;
      }
    }
    return false;
  }
  void find_functions() {
    const auto& all = tokens_->all;
    functions_.insert("");
    for (std::size_t i = 0; i + 2 < all.size(); ++i) {
      if (all[i].word == "function" && all[i + 1].kind == Kind::Ident) functions_.insert(all[i + 1].text);
      if (all[i].kind == Kind::Ident && (op(i + 1, "=") || op(i + 1, ":")) && (all[i + 2].word == "function" || all[i + 2].word == "async" || (op(i + 2, "(") && op(all[i + 2].match + 1, "=>")) || op(i + 3, "=>"))) functions_.insert(all[i].text);
    }
  }
  bool matches(const Wanted& wanted, const Token& t) const {
    if (t.kind != Kind::Ident && t.kind != Kind::Var) return false;
    const std::string folded = reach_.fold_ ? lower(name_of(t)) : std::string();
    const std::string_view name = reach_.fold_ ? std::string_view(folded) : name_of(t);
    if (wanted.as == Wanted::As::Ending) return name.ends_with(reach_.parts_[wanted.id]);
    return wanted.as == Wanted::As::Part ? name.find(reach_.parts_[wanted.id]) != std::string_view::npos : name == reach_.words_[wanted.id];
  }
  bool called(const Wanted& wanted) const { return wanted.as == Wanted::As::Ending || wanted.as == Wanted::As::Part || (seen_[wanted.id] & (kCalled | kText)) != 0; }
  // "request.args" as it stands; or the member of something else, where `request` is handed on under another name.
  bool beside(std::uint16_t id) {
    const Pair& pair = reach_.pairs_[id];
    const bool hands_on = (pair.of.renamed && takes_function_) || dotless_ || handed_on(pair.of);
    const auto& all = tokens_->all;
    if (hands_on) return true;
    if (pair.member == 0) {  // "req[]"
      for (std::size_t i = 0; i + 1 < all.size(); ++i)
        if (op(i + 1, "[") && matches(pair.of, all[i])) return true;
      return false;
    }
    return std::any_of(members_.begin(), members_.end(), [&](const auto& member) { return member.first == pair.member && member.second >= 2 && matches(pair.of, all[member.second - 2]); });
  }
  bool handed_on(const Wanted& wanted) {
    for (const auto& [known, answer] : handed_)
      if (known.as == wanted.as && known.id == wanted.id) return answer;
    const auto& all = tokens_->all;
    bool answer = false;
    std::vector<std::size_t> open;
    bool imports = false;
    for (std::size_t i = 0; i < all.size() && !answer; ++i) {
      const Token& t = all[i];
      if (t.kind == Kind::Op) {
        if (t.word == "(") open.push_back(i);
        if (t.word == ")" && !open.empty()) open.pop_back();
        if (t.word == ";") imports = false;
        continue;
      }
      if (t.kind == Kind::String) {  // as a key or a module's name it may be anything
        if (t.text.size() <= 100 && t.text.find(' ') == std::string_view::npos && !imports) {
          const std::string folded = reach_.fold_ ? lower(t.text) : std::string();
          const std::string_view text = reach_.fold_ ? std::string_view(folded) : t.text;
          const std::string& name = wanted.as == Wanted::As::Ending || wanted.as == Wanted::As::Part ? reach_.parts_[wanted.id] : reach_.words_[wanted.id];
          answer = text == name || (name.size() > 4 && text.ends_with(name) && text[text.size() - name.size() - 1] == '.');
        }
        continue;
      }
      imports |= t.word == "import";
      if (!matches(wanted, t)) continue;
      if (imports) {
        answer = i + 1 < all.size() && all[i + 1].word == "as";
        continue;
      }
      if (op(i + 1, ".") || op(i + 1, "[") || op(i + 1, "=") || op(i + 1, ":")) continue;
      const std::size_t close = open.empty() ? 0 : all[open.back()].match;
      if (close > i && (op(close + 1, "{") || op(close + 1, "=>")) && (op(i - 1, "(") || op(i - 1, ","))) continue;  // a parameter
      answer = true;
    }
    handed_.emplace_back(wanted, answer);
    return answer;
  }
  // `require Foo;`, `require('fs')`, `do {`: nothing that data could name.
  bool constant_follows(std::size_t i) const {
    const auto& all = tokens_->all;
    if (i >= all.size()) return true;
    if (tokens_->language == Language::Perl) return all[i].text == "{" || all[i].kind == Kind::Ident;
    if (all[i].text == "(") ++i;
    if (i + 1 >= all.size() || (all[i].kind != Kind::String && all[i].kind != Kind::Number)) return false;
    return all[i + 1].kind == Kind::End || (all[i + 1].kind == Kind::Op && (all[i + 1].text == ")" || all[i + 1].text == ";" || all[i + 1].text == ","));
  }
  bool has(const Wanted& wanted) {
    if (wanted.renamed && (!tokens_ || takes_function_)) return true;
    switch (wanted.as) {
      case Wanted::As::Name: return wanted.id == 0 || (seen_[wanted.id] & kName) != 0;
      case Wanted::As::Member: return wanted.id == 0 || (seen_[wanted.id] & (dotless_ ? kAny : kMember)) != 0;
      case Wanted::As::Any: return wanted.id == 0 || seen_[wanted.id] != 0;
      case Wanted::As::Ending:
      case Wanted::As::Part: break;
    }
    std::uint8_t& known = (wanted.as == Wanted::As::Ending ? endings_ : parts_)[wanted.id];
    if (known == 0) known = part(reach_.parts_[wanted.id], wanted.as == Wanted::As::Ending) ? 2 : 1;
    return known == 2;
  }
  bool part(const std::string& wanted, bool ending) {
    const bool word = std::all_of(wanted.begin(), wanted.end(), word_char);
    if (tokens_ && !word && wanted.size() == 1) return std::any_of(tokens_->all.begin(), tokens_->all.end(), [&](const Token& t) { return t.kind == Kind::Op && t.text == wanted; });
    if (tokens_ && word) {
      return std::any_of(tokens_->all.begin(), tokens_->all.end(), [&](const Token& t) {
        if (t.kind == Kind::End || t.kind == Kind::Number || t.kind == Kind::Regex || (t.kind == Kind::Op && word) || t.text.size() > 100) return false;
        const std::string folded = reach_.fold_ ? lower(t.text) : std::string();
        const std::string_view text = reach_.fold_ ? std::string_view(folded) : t.text;
        return ending && t.kind != Kind::String ? text.ends_with(wanted) : text.find(wanted) != std::string_view::npos;
      });
    }
    if (!reach_.fold_) return text_.find(wanted) != std::string_view::npos;
    if (folded_.empty()) folded_ = lower(text_);
    return folded_.find(wanted) != std::string::npos;
  }

  const Reach& reach_;
  std::string_view text_;
  const Tokens* tokens_;
  std::string folded_;
  std::vector<std::uint8_t> seen_, parts_, endings_;  // parts: 0 not asked yet, 1 absent, 2 there
  bool decorated_ = false, variable_call_ = false;
  std::vector<std::pair<std::uint16_t, std::uint32_t>> members_;  // word, token
  std::vector<std::pair<Wanted, bool>> handed_;
  std::set<std::string_view> functions_;
  bool takes_function_ = false;
  bool dotless_ = false;  // from subprocess import *
};

std::uint16_t Reach::find(std::uint32_t hash, std::string_view word) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].word != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const std::string_view name = words_[slots_[at].word];
    if (fold_ ? equals_ignore_case(word, name) : word == name) return slots_[at].word;
  }
  return 0;
}

bool Reach::decide(Scan& scan, std::string_view text, bool decorated) const {
  const bool by_name = scan.calls_variable() || scan.any(by_name_);
  const bool evaluates = scan.any(evaluations_);
  if (!by_name && !evaluates && !scan.any(sinks_)) return false;
  if (decorated || scan.any(sources_) || (!cgi_.empty() && scan.any(cgi_) && answers_as_cgi(text))) return true;
  return (evaluates || (by_name && text_calls_)) && scan.any(hidden_);
}

bool Reach::passes_gate(std::string_view text) const {
  Scan scan(*this, text);
  return std::all_of(gate_.begin(), gate_.end(), [&](const std::vector<Need>& list) { return scan.any(list); });
}

bool Reach::may_report(std::string_view text) const {
  if (slots_.empty()) return false;
  Scan scan(*this, text);
  if (!std::all_of(gate_.begin(), gate_.end(), [&](const std::vector<Need>& list) { return scan.any(list); })) return false;
  return decide(scan, text, scan.decorated());
}

bool Reach::may_report(const Tokens& tokens, std::string_view text, std::vector<std::uint32_t>* marks) const {
  if (slots_.empty()) return false;
  Scan scan(*this, text, &tokens);
  if (scan.any(evaluations_) || scan.calls_variable()) scan.read_constants();
  if (marks && marks_) *marks = scan.marks();
  return decide(scan, text, !decorators_.empty() && Scan(*this, text).decorated());
}

bool answers_as_cgi(std::string_view text) {
  const std::string low = lower(text.substr(0, 1 << 16));
  for (const char* word : {"content-type:", "query_string", "content_length", "use cgi"})
    if (low.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace plimsoll::detect::web
