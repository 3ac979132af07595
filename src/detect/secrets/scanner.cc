#include "detect/secrets/scanner.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

#include "base/text.h"
#include "detect/secrets/checks.h"
#include "detect/secrets/decode.h"
#include "detect/secrets/dummy.h"

namespace plimsoll::detect {
namespace {

constexpr double kLeastSelective = 11;  // bits: three letters, or two and some digits
constexpr std::size_t kFollowed = 64 << 10, kFollowedLater = 2 << 10, kFollowedOften = 1000;
constexpr std::size_t kContext = 1024;      // around a decoded piece
constexpr std::size_t kNearBefore = 1024, kNearAfter = 4096, kNearMost = 16 << 10;  // around a keyword of an expression of unknown shape
constexpr std::size_t kMostPieces = 200'000;

// How a rule is searched for.
enum class Plan : std::uint8_t { Starts, Gate, Near, Always, PathOnly };

struct CompiledRule {
  SecretRule rule;
  Plan plan = Plan::Always;
  Regex search;                  // the expression without its lead
  bool own_search = false;       // else rule.pattern is what is run
  ByteSet lead;
  std::uint32_t lead_most = 0;
  std::uint32_t most_bytes = RegexShape::kUnbounded;
  bool keywords_in_starts = false;  // a start implies a keyword
  std::vector<std::uint32_t> keywords;  // their literals, where they do not
  std::size_t before = kNearBefore, after = kNearAfter;  // of a keyword: where its match lies
  bool in_binaries = true;
  std::vector<std::uint32_t> required;  // indexes of required rules
  std::uint32_t set = 0;

  const Regex& regex() const { return own_search ? search : rule.pattern; }
};

struct Use {
  std::uint32_t rule = 0, offset = 0;
};

std::string key_of(const Literal& literal) {
  std::string out(1, literal.once ? '1' : '0');
  for (const ByteSet& set : literal.bytes) out += set.to_string();
  return out;
}

// The literal letters of a start, lower case, where they form one run from its first byte.
std::string letters(const RegexStart& start) {
  std::string out;
  for (const ByteSet& set : start.bytes) {
    if (set.count() > 2) break;
    unsigned c = 0;
    while (!set[c]) ++c;
    if (set.count() == 2 && !(c >= 'A' && c <= 'Z' && set[c + 32])) break;
    out += static_cast<char>(c);
  }
  return lower(out);
}

// A rule with many starts, most of them spellings of one name, is searched for by what they share in front.
std::vector<RegexStart> shortened(const std::vector<RegexStart>& starts) {
  constexpr std::size_t kFew = 6;
  constexpr double kEnough = 24;
  if (starts.size() <= kFew) return starts;
  std::vector<RegexStart> out;
  for (const RegexStart& start : starts) {
    RegexStart shorter{.bytes = {}, .offset = start.offset};
    for (const ByteSet& set : start.bytes) {
      shorter.bytes.push_back(set);
      if (selectivity(shorter) >= kEnough) break;
    }
    if (std::none_of(out.begin(), out.end(), [&](const RegexStart& s) { return s.offset == shorter.offset && s.bytes == shorter.bytes; })) out.push_back(std::move(shorter));
  }
  return out;
}

bool any_matches(const std::vector<Regex>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const Regex& r) { return r.matches(text); });
}
bool has_stop_word(const Allowlist& list, std::string_view secret) {
  if (list.stop_words.empty()) return false;
  const std::string text = lower(secret);
  return std::any_of(list.stop_words.begin(), list.stop_words.end(), [&](const std::string& w) { return text.find(w) != std::string::npos; });
}
bool has_commit(const Allowlist& list, std::string_view commit) {
  return !commit.empty() && std::any_of(list.commits.begin(), list.commits.end(), [&](const std::string& c) { return equals_ignore_case(c, commit); });
}
bool names_rule(const Allowlist& list, const std::string& id) {
  return list.target_rules.empty() || std::find(list.target_rules.begin(), list.target_rules.end(), id) != list.target_rules.end();
}

}  // namespace

bool looks_binary(std::string_view text) {
  constexpr std::size_t kLooked = 8192;
  return std::memchr(text.data(), '\0', std::min(text.size(), kLooked)) != nullptr;
}

struct SecretScanner::State {
  std::vector<CompiledRule> rules;
  std::vector<std::vector<std::shared_ptr<const Allowlist>>> allowlists;  // by rule set
  std::unique_ptr<LiteralSearch> search;
  std::vector<std::vector<Use>> uses;          // by literal: rules that may start there
  std::vector<std::vector<std::uint32_t>> gates;  // by literal: rules whose keyword it is
  std::vector<std::uint32_t> always, path_only;
  std::vector<KeyRule> key_rules;
  std::vector<bool> is_key;                    // by literal: words of a key
  std::uint32_t percent = 0, unicode = 0;      // the literals that tell such encodings are there
  bool decode = true;
  bool gitleaks = false;  // its rules look at binaries as at text
};

namespace {

using State = SecretScanner::State;

// One text on its way through.
class Scan {
 public:
  Scan(const State& state, const ScanText& input) : state_(state), input_(input), binary_(!state.gitleaks && looks_binary(input.text)), form_(form_of(input.path)) {}

  ScanOutcome run() {
    paths();
    round(input_.text, nullptr, 0);
    required();
    precedence();
    std::stable_sort(outcome_.matches.begin(), outcome_.matches.end(), [](const SecretMatch& a, const SecretMatch& b) { return a.begin < b.begin; });
    return std::move(outcome_);
  }

 private:
  // A text made of decoded pieces and what stands around them.
  struct Decoded {
    struct Part {
      std::size_t begin = 0, end = 0;          // in the decoded text
      std::size_t origin_begin = 0, origin_end = 0;  // in the file
      std::string how;
    };
    std::string text;
    std::vector<Part> parts;
  };
  struct PerRule {
    std::size_t last_end = 0;
    std::size_t followed = 0;
    bool seen = false;
  };

  void paths() {
    for (const std::uint32_t index : state_.path_only) {
      const CompiledRule& c = state_.rules[index];
      if (!c.rule.path->matches(input_.path) || !wanted(index)) continue;
      outcome_.matches.push_back({.rule = &c.rule, .secret = {}, .begin = 0, .end = 0, .line = 1, .column = 1, .decoded = {}});
    }
  }

  // Whether the rule runs on this file at all; asked only once something of it was seen.
  bool wanted(std::uint32_t index) {
    const auto known = wanted_.find(index);
    if (known != wanted_.end()) return known->second;
    const bool answer = decide_wanted(state_.rules[index]);
    wanted_.emplace(index, answer);
    return answer;
  }
  bool decide_wanted(const CompiledRule& c) {
    if (binary_ && !c.in_binaries) return false;
    if (!set_wanted(c)) return false;
    for (const auto& list : c.rule.allowlists)
      if (file_allowed(*list)) return false;
    if (c.rule.path && !c.rule.path->matches(input_.path)) return false;
    const auto fits = [&](const std::string& glob) { return glob_match(glob, input_.path); };
    if (!c.rule.paths.empty() && std::none_of(c.rule.paths.begin(), c.rule.paths.end(), fits)) return false;
    return std::none_of(c.rule.not_paths.begin(), c.rule.not_paths.end(), fits);
  }
  bool set_wanted(const CompiledRule& c) {
    for (const auto& list : state_.allowlists[c.set]) {
      if (!names_rule(*list, c.rule.id)) continue;
      auto [known, fresh] = file_allowed_.try_emplace(list.get(), false);
      if (fresh) known->second = file_allowed(*list);
      if (known->second) return false;
    }
    return true;
  }
  // By commit and path alone.
  bool file_allowed(const Allowlist& list) const {
    if (input_.path.empty() && input_.commit.empty()) return false;
    const bool commit = has_commit(list, input_.commit), path = !input_.path.empty() && any_matches(list.paths, input_.path);
    if (!list.all) return commit || path;
    if (!list.regexes.empty() || !list.stop_words.empty()) return false;  // decided with the match
    return (list.commits.empty() || commit) && (list.paths.empty() || path);
  }

  void round(std::string_view text, const Decoded* decoded, std::uint32_t depth) {
    if (text.empty()) return;
    std::vector<bool>& seen = depth == 0 ? in_file_ : in_round_;
    seen.assign(state_.uses.size(), false);
    current_ = &seen;
    std::vector<LiteralHit> hits;
    if (!state_.search->search(text, hits, SecretScanner::kMostHits)) gap("more places look like the start of a secret than are followed");
    std::vector<PerRule> per_rule(state_.rules.size());
    std::vector<std::uint32_t> opened = state_.always;
    std::map<std::uint32_t, std::vector<std::pair<std::size_t, std::size_t>>> near;
    bool percent = false, unicode = false;
    for (const LiteralHit& hit : hits) seen[hit.literal] = true;
    for (const LiteralHit& hit : hits) {
      percent = percent || hit.literal == state_.percent;
      unicode = unicode || hit.literal == state_.unicode;
      if (state_.is_key[hit.literal] && depth == 0) key_at(text, hit.begin);
      for (const Use& use : state_.uses[hit.literal])
        if (hit.begin >= use.offset) try_start(use.rule, text, hit.begin - use.offset, per_rule[use.rule], decoded);
      for (const std::uint32_t rule : state_.gates[hit.literal]) {
        if (state_.rules[rule].plan == Plan::Near) {
          widen(near[rule], state_.rules[rule], text, hit.begin);
        } else if (!per_rule[rule].seen) {
          per_rule[rule].seen = true;
          opened.push_back(rule);
        }
      }
    }
    for (const auto& [rule, windows] : near) search_near(rule, text, windows, per_rule[rule], decoded);
    for (const std::uint32_t rule : opened) search_all(rule, text, 0, text.size(), per_rule[rule], decoded);
    if (!state_.decode || binary_ || depth == SecretScanner::kDecodeDepth) return;
    decode_round(text, decoded, depth, percent, unicode);
  }

  // A key's words stand at `at`.
  void key_at(std::string_view text, std::size_t at) {
    if (binary_ || form_ == FileForm::Prose || at < last_key_end_) return;
    const auto pair = key_value_at(text, at, form_);
    if (!pair) return;
    for (const KeyRule& rule : state_.key_rules) {
      if (!is_secret_pair(rule, *pair, form_, input_.path)) continue;
      const auto begin = static_cast<std::size_t>(pair->key.data() - text.data());
      last_key_end_ = begin + pair->key.size();
      SecretMatch out{.rule = &rule.rule, .secret = std::string(pair->value), .begin = begin, .end = static_cast<std::size_t>(pair->value.data() - text.data()) + pair->value.size(), .line = 1, .column = 1, .decoded = {}};
      locate(out);
      outcome_.matches.push_back(std::move(out));
      return;
    }
  }

  void try_start(std::uint32_t index, std::string_view text, std::size_t at, PerRule& mine, const Decoded* decoded) {
    if (at < mine.last_end || !wanted(index)) return;
    const CompiledRule& c = state_.rules[index];
    std::size_t window = c.most_bytes;
    if (window > kFollowedLater) {
      const bool often = ++mine.followed > kFollowedOften;
      if (often && window > kFollowedLater) cut_ = true;
      window = std::min(window, often ? kFollowedLater : kFollowed);
    }
    // A little beyond, for the assertion at the end.
    const std::size_t to = at + std::min(text.size() - at, window + 8);
    if (!c.regex().find(text, at, to, Regex::Where::AtFrom, spans_, gave_up_)) return;
    mine.last_end = std::max(spans_[0].end, at + 1);
    accept(index, text, decoded);
  }

  // Windows around keywords, joined where they meet, none longer than kNearMost.
  static void widen(std::vector<std::pair<std::size_t, std::size_t>>& windows, const CompiledRule& c, std::string_view text, std::size_t at) {
    const std::size_t from = at > c.before ? at - c.before : 0, to = std::min(text.size(), at + c.after);
    if (!windows.empty() && from <= windows.back().second && to - windows.back().first <= kNearMost) windows.back().second = std::max(windows.back().second, to);
    else windows.emplace_back(from, to);
  }
  void search_near(std::uint32_t index, std::string_view text, const std::vector<std::pair<std::size_t, std::size_t>>& windows, PerRule& mine, const Decoded* decoded) {
    if (!wanted(index)) return;
    constexpr int kMostGivenUp = 8;
    int given_up = 0;
    for (const auto& [begin, to] : windows) {
      const std::size_t from = std::max(mine.last_end, begin);
      if (from < to && !search_all(index, text, from, to, mine, decoded) && ++given_up == kMostGivenUp) return;
    }
  }

  // false when the expression gave up.
  bool search_all(std::uint32_t index, std::string_view text, std::size_t from, std::size_t to, PerRule& mine, const Decoded* decoded) {
    if (!wanted(index)) return true;
    const CompiledRule& c = state_.rules[index];
    constexpr std::size_t kMostMatches = 100'000;
    std::size_t count = 0;
    while (from <= to && c.rule.pattern.find(text, from, to, Regex::Where::Anywhere, spans_, gave_up_)) {
      const std::size_t end = std::max(spans_[0].end, spans_[0].begin + 1);
      mine.last_end = end;
      if (++count > kMostMatches) {
        gap(cat("rule ", c.rule.id, " matches more than ", kMostMatches, " times"));
        break;
      }
      accept(index, text, decoded);
      from = end;
    }
    if (gave_up_) {
      gap(cat("rule ", c.rule.id, ": its expression took too many steps"));
      gave_up_ = false;
      return false;
    }
    return true;
  }

  // What spans_ found, once it is a secret after all.
  void accept(std::uint32_t index, std::string_view text, const Decoded* decoded) {
    const CompiledRule& c = state_.rules[index];
    Span match = spans_[0];
    while (match.begin < match.end && text[match.begin] == '\n') ++match.begin;
    while (match.end > match.begin && text[match.end - 1] == '\n') --match.end;
    // The lead that the search left out.
    if (c.plan == Plan::Starts)
      for (std::uint32_t i = 0; i < c.lead_most && match.begin > 0 && c.lead[static_cast<unsigned char>(text[match.begin - 1])]; ++i) --match.begin;
    Span secret = match;
    if (c.rule.group >= 0) {
      const auto group = static_cast<std::size_t>(c.rule.group);
      if (group > 0) {
        if (group >= spans_.size() || !spans_[group].set) return;
        secret = spans_[group];
      }
    } else {
      for (std::size_t i = 1; i < spans_.size(); ++i)
        if (spans_[i].set && spans_[i].size() > 0) {
          secret = spans_[i];
          break;
        }
    }
    const std::string_view value = text.substr(secret.begin, secret.size());
    if (value.empty() || !keyword_present(c) || !live(c, value)) return;
    const std::size_t line_begin = match.begin == 0 ? 0 : text.rfind('\n', match.begin - 1) + 1;
    const std::string_view line = text.substr(line_begin, std::min(text.find('\n', match.end > match.begin ? match.end - 1 : match.end), text.size()) - line_begin);
    if (line.size() < 4096 && line.find("gitleaks:allow") != std::string_view::npos) return;
    const std::string_view whole = text.substr(match.begin, match.size());
    for (const auto& list : state_.allowlists[c.set])
      if (names_rule(*list, c.rule.id) && match_allowed(*list, value, whole, line)) return;
    for (const auto& list : c.rule.allowlists)
      if (match_allowed(*list, value, whole, line)) return;
    SecretMatch out{.rule = &c.rule, .secret = std::string(value), .begin = match.begin, .end = match.end, .line = 1, .column = 1, .decoded = {}};
    if (decoded) {
      // Only what touches a decoded part is new.
      const auto part = std::find_if(decoded->parts.begin(), decoded->parts.end(), [&](const Decoded::Part& p) { return match.begin < p.end && p.begin < match.end; });
      if (part == decoded->parts.end()) return;
      out.begin = part->origin_begin;
      out.end = part->origin_end;
      out.decoded = part->how;
    }
    locate(out);
    outcome_.matches.push_back(std::move(out));
  }

  bool keyword_present(const CompiledRule& c) const {
    if (c.plan != Plan::Starts || c.keywords.empty()) return true;
    return std::any_of(c.keywords.begin(), c.keywords.end(), [&](std::uint32_t literal) { return (*current_)[literal] || in_file_[literal]; });
  }

  static bool live(const CompiledRule& c, std::string_view secret) {
    const double bits = c.rule.entropy == 0 ? 0 : entropy_bits(secret);
    if (c.rule.dialect == Dialect::Gitleaks) return c.rule.entropy == 0 || bits > c.rule.entropy;
    if (bits < c.rule.entropy) return false;
    if (any_matches(c.rule.dummies, secret) || is_dummy_token(secret)) return false;
    return c.rule.check.empty() || find_check(c.rule.check)->passes(secret);
  }

  bool match_allowed(const Allowlist& list, std::string_view secret, std::string_view match, std::string_view line) const {
    const std::string_view target = list.target == Allowlist::Target::Match ? match : list.target == Allowlist::Target::Line ? line : secret;
    if (!list.all) return any_matches(list.regexes, target) || has_stop_word(list, secret);
    return (list.commits.empty() || has_commit(list, input_.commit)) && (list.paths.empty() || any_matches(list.paths, input_.path)) &&
           (list.regexes.empty() || any_matches(list.regexes, target)) && (list.stop_words.empty() || has_stop_word(list, secret));
  }

  // Line and column of match.begin. Matches come roughly in order, so counting goes on from the last one.
  void locate(SecretMatch& match) {
    const std::string_view text = input_.text;
    if (match.begin < counted_) counted_ = 0, line_ = 1;
    line_ += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted_), text.begin() + static_cast<std::ptrdiff_t>(match.begin), '\n'));
    counted_ = match.begin;
    match.line = line_;
    const std::size_t line_begin = match.begin == 0 ? 0 : text.rfind('\n', match.begin - 1) + 1;
    match.column = static_cast<std::uint32_t>(match.begin - line_begin + 1);
  }

  // Decodes what `text` holds encoded; each group of pieces near one another is searched with its surroundings.
  void decode_round(std::string_view text, const Decoded* outer, std::uint32_t depth, bool percent, bool unicode) {
    const std::vector<EncodedPiece> pieces = encoded_pieces(text, percent, unicode, kMostPieces);
    if (pieces.size() == kMostPieces) gap("more encoded pieces than are decoded");
    for (std::size_t i = 0; i < pieces.size();) {
      Decoded inner;
      std::size_t last = pieces[i].begin > kContext ? pieces[i].begin - kContext : 0;
      do {
        const EncodedPiece& p = pieces[i];
        inner.text.append(text.substr(last, p.begin - last));
        Decoded::Part part{.begin = inner.text.size(), .end = inner.text.size() + p.decoded.size(), .origin_begin = p.begin, .origin_end = p.end, .how = std::string(to_string(p.encoding))};
        if (outer) map_back(*outer, part);
        inner.text.append(p.decoded);
        inner.parts.push_back(std::move(part));
        last = p.end;
        ++i;
      } while (i < pieces.size() && pieces[i].begin < last + 2 * kContext);
      inner.text.append(text.substr(last, kContext));
      round(inner.text, &inner, depth + 1);
    }
  }
  static void map_back(const Decoded& outer, Decoded::Part& part) {
    const auto within = std::find_if(outer.parts.begin(), outer.parts.end(), [&](const Decoded::Part& p) { return part.origin_begin < p.end && p.begin < part.origin_end; });
    if (within != outer.parts.end()) {
      if (part.how != within->how) part.how += cat(" in ", within->how);
      part.origin_begin = within->origin_begin;
      part.origin_end = within->origin_end;
      return;
    }
    // Beside a decoded part: it lies as far from the nearest one before it as there.
    std::size_t base = 0, origin = outer.parts.front().origin_begin >= outer.parts.front().begin ? outer.parts.front().origin_begin - outer.parts.front().begin : 0;
    for (const Decoded::Part& p : outer.parts)
      if (p.end <= part.origin_begin) base = p.end, origin = p.origin_end;
    const std::size_t length = part.origin_end - part.origin_begin;
    part.origin_begin = origin + (part.origin_begin - base);
    part.origin_end = part.origin_begin + length;
  }

  void required() {
    auto& matches = outcome_.matches;
    const std::vector<SecretMatch> all = matches;
    const auto near = [](const SecretMatch& a, const SecretMatch& b, const RequiredRule& r) {
      const auto apart = [](std::int64_t x, std::int64_t y) { return x < y ? y - x : x - y; };
      return (!r.within_lines || apart(a.line, b.line) <= *r.within_lines) && (!r.within_columns || apart(a.column, b.column) <= *r.within_columns);
    };
    std::erase_if(matches, [&](const SecretMatch& m) {
      if (m.rule->silent) return true;
      return std::any_of(m.rule->required.begin(), m.rule->required.end(), [&](const RequiredRule& r) {
        return std::none_of(all.begin(), all.end(), [&](const SecretMatch& other) { return other.rule->id == r.id && near(m, other, r); });
      });
    });
  }

  // A rule that calls itself generic gives way to any other that found the same.
  void precedence() {
    auto& matches = outcome_.matches;
    const auto generic = [](const SecretMatch& m) { return m.rule->general || m.rule->id.find("generic") != std::string::npos; };
    std::vector<bool> drop(matches.size(), false);
    std::multimap<std::uint32_t, std::size_t> by_line;
    for (std::size_t i = 0; i < matches.size(); ++i)
      if (!generic(matches[i])) by_line.emplace(matches[i].line, i);
    for (std::size_t i = 0; i < matches.size(); ++i) {
      if (!generic(matches[i])) continue;
      const auto [from, to] = by_line.equal_range(matches[i].line);
      drop[i] = std::any_of(from, to, [&](const auto& other) { return matches[other.second].secret.find(matches[i].secret) != std::string::npos; });
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < matches.size(); ++i)
      if (!drop[i]) {
        if (kept != i) matches[kept] = std::move(matches[i]);
        ++kept;
      }
    matches.resize(kept);
    if (cut_) gap(cat("expressions without an upper length were followed for ", kFollowedLater, " bytes only, after ", kFollowedOften, " places"));
  }

  void gap(std::string why) {
    if (std::find(outcome_.gaps.begin(), outcome_.gaps.end(), why) == outcome_.gaps.end()) outcome_.gaps.push_back(std::move(why));
  }

  const State& state_;
  const ScanText& input_;
  const bool binary_;
  ScanOutcome outcome_;
  std::vector<Span> spans_;
  bool gave_up_ = false, cut_ = false;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
  const FileForm form_;
  std::size_t last_key_end_ = 0;
  std::unordered_map<std::uint32_t, bool> wanted_;
  std::map<const Allowlist*, bool> file_allowed_;
  std::vector<bool> in_file_, in_round_;  // literals seen in the file itself, and in the text of this round
  const std::vector<bool>* current_ = nullptr;
};

}  // namespace

SecretScanner::SecretScanner(std::unique_ptr<State> state) : state_(std::move(state)) {}
SecretScanner::~SecretScanner() = default;
SecretScanner::SecretScanner(SecretScanner&&) noexcept = default;
SecretScanner& SecretScanner::operator=(SecretScanner&&) noexcept = default;

std::size_t SecretScanner::rules() const { return state_->rules.size(); }
bool SecretScanner::accelerated() const { return state_->search->accelerated(); }
ScanOutcome SecretScanner::scan(const ScanText& text) const { return Scan(*state_, text).run(); }

Result<SecretScanner> SecretScanner::build(std::vector<RuleSet> sets, Options options) {
  auto state = std::make_unique<State>();
  state->decode = options.decode;
  std::vector<Literal> literals;
  std::unordered_map<std::string, std::uint32_t> index_of;
  const auto literal = [&](Literal l) {
    const auto [at, fresh] = index_of.try_emplace(key_of(l), static_cast<std::uint32_t>(literals.size()));
    if (fresh) {
      literals.push_back(std::move(l));
      state->uses.emplace_back();
      state->gates.emplace_back();
    }
    return at->second;
  };
  ByteSet hex;
  for (const char c : std::string_view("0123456789abcdefABCDEF")) hex.set(static_cast<unsigned char>(c));
  Literal percent = caseless("%", true), unicode = caseless("\\u", true);
  percent.bytes.insert(percent.bytes.end(), {hex, hex});
  unicode.bytes.insert(unicode.bytes.end(), {hex, hex, hex, hex});
  state->percent = literal(percent);
  state->unicode = literal(unicode);
  for (RuleSet& set : sets) {
    const auto set_index = static_cast<std::uint32_t>(state->allowlists.size());
    state->allowlists.push_back(set.allowlists);
    for (SecretRule& rule : set.rules) {
      const auto index = static_cast<std::uint32_t>(state->rules.size());
      state->gitleaks = state->gitleaks || rule.dialect == Dialect::Gitleaks;
      CompiledRule c;
      c.set = set_index;
      if (!rule.has_pattern) {
        c.plan = Plan::PathOnly;
        state->path_only.push_back(index);
        c.rule = std::move(rule);
        state->rules.push_back(std::move(c));
        continue;
      }
      const auto shape = shape_of(rule.pattern.pattern());
      const bool usable = shape && !shape->starts.empty() && std::all_of(shape->starts.begin(), shape->starts.end(), [](const RegexStart& s) {
        return selectivity(s) >= kLeastSelective && std::any_of(s.bytes.begin(), s.bytes.end(), [](const ByteSet& b) { return b.count() <= 2; });
      });
      if (usable) {
        c.plan = Plan::Starts;
        c.most_bytes = shape->most_bytes;
        if (shape->lead_most) {
          c.own_search = true;
          c.search = Regex::lazy(shape->without_lead);
          c.lead = shape->lead;
          c.lead_most = shape->lead_most;
        }
        std::size_t least_letters = 64;
        c.keywords_in_starts = true;
        for (const RegexStart& start : shortened(shape->starts)) {
          const std::string word = letters(start);
          least_letters = std::min(least_letters, word.size());
          c.keywords_in_starts = c.keywords_in_starts && std::any_of(rule.keywords.begin(), rule.keywords.end(), [&](const std::string& k) { return word.find(k) != std::string::npos; });
          state->uses[literal({start.bytes, false})].push_back({index, start.offset});
        }
        c.in_binaries = !rule.check.empty() || least_letters >= 4;
        if (!c.keywords_in_starts)
          for (const std::string& keyword : rule.keywords) c.keywords.push_back(literal(caseless(keyword, true)));
      } else if (!rule.keywords.empty()) {
        // A keyword that is part of every match says where to look; one that is not only says whether to.
        const bool local = shape && shape->most_bytes < kNearAfter && rule.pattern.implies_any(rule.keywords);
        c.plan = shape && !local ? Plan::Gate : Plan::Near;
        if (local) c.before = c.after = shape->most_bytes + shape->lead_most + 1;
        c.in_binaries = false;
        for (const std::string& keyword : rule.keywords) state->gates[literal(caseless(keyword, c.plan == Plan::Gate))].push_back(index);
      } else {
        c.plan = Plan::Always;
        c.in_binaries = false;
        state->always.push_back(index);
      }
      c.rule = std::move(rule);
      state->rules.push_back(std::move(c));
    }
  }
  state->key_rules = std::move(options.key_rules);
  for (KeyRule& rule : state->key_rules) {
    rule.rule.general = true;
    for (const Literal& l : key_literals(rule)) literal(l);
  }
  state->is_key.assign(literals.size(), false);
  for (const KeyRule& rule : state->key_rules)
    for (const Literal& l : key_literals(rule)) state->is_key[literal(l)] = true;
  auto search = LiteralSearch::build(literals, options.cache_directory, options.method);
  if (!search) return std::move(search).error();
  state->search = std::make_unique<LiteralSearch>(std::move(*search));
  return SecretScanner(std::move(state));
}

}  // namespace plimsoll::detect
