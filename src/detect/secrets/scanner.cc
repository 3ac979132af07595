#include "detect/secrets/scanner.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/text.h"
#include "detect/secrets/checks.h"
#include "detect/secrets/decode.h"
#include "detect/secrets/dummy.h"
#include "detect/secrets/scanner_state.h"

namespace plimsoll::detect {
namespace {

constexpr std::size_t kFollowed = 64 << 10, kFollowedLater = 2 << 10, kFollowedOften = 1000;
constexpr std::size_t kContext = 1024;      // around a decoded piece
constexpr std::size_t kNearMost = 16 << 10;  // one window around keywords
constexpr std::size_t kMostPieces = 200'000;

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
  return text.substr(0, kLooked).find('\0') != std::string_view::npos;
}

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
    bool seen = false, touched = false;
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
    if (!set_wanted(c) || (c.rule.dialect == Dialect::Own && left_out())) return false;
    for (const auto& list : c.rule.allowlists)
      if (file_allowed(*list)) return false;
    if (c.rule.path && !c.rule.path->matches(input_.path)) return false;
    const auto fits = [&](const std::string& glob) { return glob_match(glob, input_.path); };
    if (!c.rule.paths.empty() && std::none_of(c.rule.paths.begin(), c.rule.paths.end(), fits)) return false;
    return std::none_of(c.rule.not_paths.begin(), c.rule.not_paths.end(), fits);
  }
  bool left_out() {
    if (!left_out_) left_out_ = std::any_of(state_.not_paths.begin(), state_.not_paths.end(), [&](const std::string& glob) { return glob_match(glob, input_.path); });
    return *left_out_;
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
    keyword_.clear();
    current_ = &seen;
    // Kept from round to round: decoded pieces are many and short.
    std::vector<PerRule>& per_rule = per_rule_[depth];
    if (per_rule.size() < state_.rules.size()) per_rule.resize(state_.rules.size());
    std::vector<std::uint32_t>& touched = touched_[depth];
    std::vector<std::uint32_t> opened = state_.always;
    Near near;
    // Piece by piece, so that the places found need little memory whatever the text; what lies across two pieces is found
    // in the second.
    constexpr std::size_t kPiece = 4 << 20, kOverlap = 32;
    std::vector<LiteralHit> hits;
    for (std::size_t base = 0; base < text.size(); base += kPiece - kOverlap) {
      hits.clear();
      const std::string_view piece = text.substr(base, kPiece);
      const bool few = binary_ && state_.binary_search;
      if (!(few ? *state_.binary_search : *state_.search).search(piece, hits, SecretScanner::kMostHits)) gap("more places look like the start of a secret than are followed");
      if (few)
        for (LiteralHit& hit : hits) hit.literal = state_.binary_literals[hit.literal];
      // A keyword may stand behind what it is for: all of a piece's are known before its first place is looked at.
      for (const LiteralHit& hit : hits) seen[hit.literal] = true;
      for (LiteralHit& hit : hits) {
        if (base > 0 && hit.begin + state_.lengths[hit.literal] <= kOverlap) continue;
        hit.begin += base;
        follow(hit, text, decoded, depth, opened, near);
      }
      if (base + piece.size() == text.size()) break;
    }
    for (const auto& [rule, windows] : near) search_near(rule, text, windows, per_rule[rule], decoded);
    for (const std::uint32_t rule : opened) search_all(rule, text, 0, text.size(), per_rule[rule], decoded);
    for (const std::uint32_t rule : touched) per_rule[rule] = {};
    for (const std::uint32_t rule : state_.always) per_rule[rule] = {};
    touched.clear();
    if (!state_.decode || binary_ || depth == SecretScanner::kDecodeDepth) return;
    decode_round(text, decoded, depth);
  }

  // Inside a text of many lines in Python: documentation, whose examples are not configuration.
  bool in_docstring(std::string_view text, std::size_t at) {
    if (!input_.path.ends_with(".py") && !input_.path.ends_with(".pyi")) return false;
    // Asked in order of place: counting goes on where it stopped.
    for (std::size_t i = text.find("\"\"\"", docstring_at_); i < at; i = text.find("\"\"\"", docstring_at_)) {
      in_docstring_ = !in_docstring_;
      docstring_at_ = i + 3;
    }
    return in_docstring_;
  }

  PerRule& touch(std::uint32_t rule, std::uint32_t depth) {
    PerRule& mine = per_rule_[depth][rule];
    if (!mine.touched) {
      mine.touched = true;
      touched_[depth].push_back(rule);
    }
    return mine;
  }

  using Windows = std::vector<std::pair<std::size_t, std::size_t>>;
  using Near = std::map<std::uint32_t, Windows>;

  void follow(const LiteralHit& hit, std::string_view text, const Decoded* decoded, std::uint32_t depth, std::vector<std::uint32_t>& opened, Near& near) {
    std::vector<PerRule>& per_rule = per_rule_[depth];
    if (depth == 0 && state_.is_key[hit.literal]) key_at(text, hit.begin);
    for (const Use& use : state_.uses[hit.literal])
      if (hit.begin >= use.offset) try_start(use.rule, text, hit.begin - use.offset, touch(use.rule, depth), decoded);
    for (const std::uint32_t rule : state_.gates[hit.literal]) {
      touch(rule, depth);
      if (state_.rules[rule].plan == Plan::Near) {
        widen(near[rule], state_.rules[rule], text, hit.begin);
      } else if (!per_rule[rule].seen) {
        per_rule[rule].seen = true;
        opened.push_back(rule);
      }
    }
  }

  // A key's words stand at `at`.
  void key_at(std::string_view text, std::size_t at) {
    if (binary_ || form_ == FileForm::Prose || at < last_key_end_) return;
    const auto pair = key_value_at(text, at, form_);
    if (!pair) return;
    for (const KeyRule& rule : state_.key_rules) {
      if (!is_secret_pair(rule, *pair, form_, input_.path) || left_out() || in_docstring(text, at)) continue;
      const auto begin = static_cast<std::size_t>(pair->key.data() - text.data());
      last_key_end_ = begin + pair->key.size();
      if (key_allowed(rule.rule.id, text, begin, *pair)) return;
      SecretMatch out{.rule = &rule.rule, .secret = std::string(pair->value), .begin = begin, .end = static_cast<std::size_t>(pair->value.data() - text.data()) + pair->value.size(), .line = 1, .column = 1, .decoded = {}};
      add(std::move(out));
      return;
    }
  }

  // By an allow-list of the user's.
  bool key_allowed(const std::string& id, std::string_view text, std::size_t begin, const KeyValue& pair) const {
    if (state_.key_allowlists.empty()) return false;
    const std::size_t line_begin = line_start(text, begin), end = static_cast<std::size_t>(pair.value.data() - text.data()) + pair.value.size();
    const std::string_view line = text.substr(line_begin, std::min(text.find('\n', end), text.size()) - line_begin);
    return std::any_of(state_.key_allowlists.begin(), state_.key_allowlists.end(), [&](const auto& list) {
      return names_rule(*list, id) && (file_allowed(*list) || match_allowed(*list, pair.value, text.substr(begin, end - begin), line));
    });
  }

  void try_start(std::uint32_t index, std::string_view text, std::size_t at, PerRule& mine, const Decoded* decoded) {
    const CompiledRule& c = state_.rules[index];
    if (at < mine.last_end) return;
    std::size_t window = std::min<std::size_t>(c.most_bytes, kFollowed);
    // A little beyond, for the assertion at the end.
    const auto end_of = [&] { return at + std::min(text.size() - at, window + 8); };
    if (!c.filter->may_match(text, at, end_of()) || !wanted(index)) return;
    if (c.most_bytes > kFollowedLater && ++mine.followed > kFollowedOften) {
      cut_ = true;
      window = std::min(window, kFollowedLater);
    }
    const std::size_t to = end_of();
    if (!c.regex().find(text, at, to, Regex::Where::AtFrom, spans_, gave_up_)) return;
    mine.last_end = std::max(spans_[0].end, at + 1);
    accept(index, text, decoded);
  }

  // Windows around keywords, joined where they meet, none longer than kNearMost.
  static void widen(Windows& windows, const CompiledRule& c, std::string_view text, std::size_t at) {
    const std::size_t from = at > c.before ? at - c.before : 0, to = std::min(text.size(), at + c.after);
    if (!windows.empty() && from <= windows.back().second && to - windows.back().first <= kNearMost) windows.back().second = std::max(windows.back().second, to);
    else windows.emplace_back(from, to);
  }
  void search_near(std::uint32_t index, std::string_view text, const Windows& windows, PerRule& mine, const Decoded* decoded) {
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
    if (value.empty() || !keyword_present(c, text, match) || !live(c, value)) return;
    const std::size_t line_begin = line_start(text, match.begin);
    constexpr std::size_t kMostLine = 64 << 10;
    const std::string_view rest = text.substr(match.end > match.begin ? match.end - 1 : match.end, kMostLine);
    const std::string_view line = text.substr(line_begin, static_cast<std::size_t>(rest.data() - text.data()) + std::min(rest.find('\n'), rest.size()) - line_begin);
    if (line.size() < 4096 && line.find("gitleaks:allow") != std::string_view::npos) return;
    const std::string_view whole = text.substr(match.begin, match.size());
    // Addresses of RFC 2606 are nobody's.
    if (c.rule.general) {
      const std::string_view around = text.substr(match.begin, match.size() + 40);
      if (around.find("example.com") != std::string_view::npos || around.find("example.org") != std::string_view::npos || around.find("example.net") != std::string_view::npos) return;
    }
    for (const auto& list : state_.allowlists[c.set])
      if (names_rule(*list, c.rule.id) && match_allowed(*list, value, whole, line)) return;
    for (const auto& list : c.rule.allowlists)
      if (match_allowed(*list, value, whole, line)) return;
    SecretMatch out{.rule = &c.rule, .secret = std::string(value), .begin = match.begin, .end = match.end, .line = 1, .column = 1, .decoded = {}};
    if (decoded) {
      // Only what touches a decoded part is new.
      const auto part = touching(*decoded, match.begin, match.end);
      if (part == decoded->parts.end()) return;
      out.begin = part->origin_begin;
      out.end = part->origin_end;
      out.decoded = part->how;
    }
    add(std::move(out));
  }

  bool keyword_present(const CompiledRule& c, std::string_view text, const Span& match) {
    if (c.plan != Plan::Starts || c.keywords_in_starts || c.rule.keywords.empty()) return true;
    if (c.keywords.empty()) {
      const std::string near = lower(text.substr(match.begin, match.size()));
      const auto in = [&](std::string_view where) { return std::any_of(c.rule.keywords.begin(), c.rule.keywords.end(), [&](const std::string& k) { return where.find(k) != std::string_view::npos; }); };
      if (in(near)) return true;
      const auto [known, fresh] = keyword_.try_emplace(&c, false);
      if (fresh) known->second = in(lower(text)) || in(lower(input_.text));
      return known->second;
    }
    return std::any_of(c.keywords.begin(), c.keywords.end(), [&](std::uint32_t literal) { return (*current_)[literal] || in_file_[literal]; });
  }

  static bool live(const CompiledRule& c, std::string_view secret) {
    const double bits = c.rule.entropy == 0 ? 0 : entropy_bits(secret);
    if (c.rule.dialect == Dialect::Gitleaks) return c.rule.entropy == 0 || bits > c.rule.entropy;
    if (bits < c.rule.entropy) return false;
    if (any_matches(c.rule.dummies, secret) || is_dummy_token(secret)) return false;
    return (c.rule.check.empty() || find_check(c.rule.check)->passes(secret)) && !is_published_example(secret);
  }

  bool match_allowed(const Allowlist& list, std::string_view secret, std::string_view match, std::string_view line) const {
    const std::string_view target = list.target == Allowlist::Target::Match ? match : list.target == Allowlist::Target::Line ? line : secret;
    if (!list.all) return any_matches(list.regexes, target) || has_stop_word(list, secret);
    return (list.commits.empty() || has_commit(list, input_.commit)) && (list.paths.empty() || any_matches(list.paths, input_.path)) &&
           (list.regexes.empty() || any_matches(list.regexes, target)) && (list.stop_words.empty() || has_stop_word(list, secret));
  }

  void add(SecretMatch match) {
    constexpr std::size_t kMostMatches = 200'000;
    if (outcome_.matches.size() == kMostMatches) return gap(cat("more than ", kMostMatches, " secrets: the others are not listed"));
    locate(match);
    outcome_.matches.push_back(std::move(match));
  }

  // Where the line of text[at] begins; in a very long line, some way before.
  static std::size_t line_start(std::string_view text, std::size_t at) {
    constexpr std::size_t kMost = 64 << 10;
    const std::size_t from = at > kMost ? at - kMost : 0;
    const void* found = memrchr(text.data() + from, '\n', at - from);
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1 : from;
  }

  // Line and column of match.begin. Matches come roughly in order, so counting goes on from the last one.
  void locate(SecretMatch& match) {
    const std::string_view text = input_.text;
    if (match.begin < counted_) counted_ = 0, line_ = 1;
    line_ += static_cast<std::uint32_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(counted_), text.begin() + static_cast<std::ptrdiff_t>(match.begin), '\n'));
    counted_ = match.begin;
    match.line = line_;
    const std::size_t line_begin = line_start(text, match.begin);
    match.column = static_cast<std::uint32_t>(match.begin - line_begin + 1);
  }

  // Decodes what `text` holds encoded; each group of pieces near one another is searched with its surroundings.
  void decode_round(std::string_view text, const Decoded* outer, std::uint32_t depth) {
    const std::vector<EncodedPiece> pieces = encoded_pieces(text, kMostPieces);
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
  // The first part that shares a byte with [begin, end); parts are in order and apart.
  static std::vector<Decoded::Part>::const_iterator touching(const Decoded& decoded, std::size_t begin, std::size_t end) {
    const auto first = std::upper_bound(decoded.parts.begin(), decoded.parts.end(), begin, [](std::size_t at, const Decoded::Part& p) { return at < p.end; });
    return first != decoded.parts.end() && first->begin < end ? first : decoded.parts.end();
  }
  static void map_back(const Decoded& outer, Decoded::Part& part) {
    const auto within = touching(outer, part.origin_begin, part.origin_end);
    if (within != outer.parts.end()) {
      if (part.how != within->how) part.how += cat(" in ", within->how);
      part.origin_begin = within->origin_begin;
      part.origin_end = within->origin_end;
      return;
    }
    // Beside a decoded part: it lies as far from the nearest one before it as there.
    std::size_t base = 0, origin = outer.parts.front().origin_begin >= outer.parts.front().begin ? outer.parts.front().origin_begin - outer.parts.front().begin : 0;
    const auto after = std::upper_bound(outer.parts.begin(), outer.parts.end(), part.origin_begin, [](std::size_t at, const Decoded::Part& p) { return at < p.end; });
    if (after != outer.parts.begin()) base = std::prev(after)->end, origin = std::prev(after)->origin_end;
    const std::size_t length = part.origin_end - part.origin_begin;
    part.origin_begin = origin + (part.origin_begin - base);
    part.origin_end = part.origin_begin + length;
  }

  void required() {
    auto& matches = outcome_.matches;
    if (std::none_of(matches.begin(), matches.end(), [](const SecretMatch& m) { return m.rule->silent || !m.rule->required.empty(); })) return;
    constexpr std::size_t kMostParts = 10'000;
    std::map<std::string_view, std::vector<SecretMatch>> all;
    for (const SecretMatch& m : matches) {
      auto& of_rule = all[m.rule->id];
      if (of_rule.size() < kMostParts) of_rule.push_back(m);
      else gap(cat("rule ", m.rule->id, ": only its first ", kMostParts, " matches count as parts of others"));
    }
    const auto near = [](const SecretMatch& a, const SecretMatch& b, const RequiredRule& r) {
      const auto apart = [](std::int64_t x, std::int64_t y) { return x < y ? y - x : x - y; };
      return (!r.within_lines || apart(a.line, b.line) <= *r.within_lines) && (!r.within_columns || apart(a.column, b.column) <= *r.within_columns);
    };
    std::erase_if(matches, [&](const SecretMatch& m) {
      if (m.rule->silent) return true;
      return std::any_of(m.rule->required.begin(), m.rule->required.end(), [&](const RequiredRule& r) {
        const auto parts = all.find(r.id);
        return parts == all.end() || std::none_of(parts->second.begin(), parts->second.end(), [&](const SecretMatch& other) { return near(m, other, r); });
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
      constexpr int kMostOnLine = 256;  // a minified bundle is one line
      int tried = 0;
      for (auto [other, end] = by_line.equal_range(matches[i].line); other != end && !drop[i] && tried < kMostOnLine; ++other, ++tried) drop[i] = matches[other->second].secret.find(matches[i].secret) != std::string::npos;
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
  // By depth; left all fresh by each round, so that the next text of this thread need not make it.
  static std::array<std::vector<PerRule>, SecretScanner::kDecodeDepth + 1>& kept_per_rule() {
    static thread_local std::array<std::vector<PerRule>, SecretScanner::kDecodeDepth + 1> kept;
    return kept;
  }
  std::array<std::vector<PerRule>, SecretScanner::kDecodeDepth + 1>& per_rule_ = kept_per_rule();
  std::array<std::vector<std::uint32_t>, SecretScanner::kDecodeDepth + 1> touched_;
  std::uint32_t line_ = 1;
  const FileForm form_;
  std::optional<bool> left_out_;
  std::size_t last_key_end_ = 0, docstring_at_ = 0;
  bool in_docstring_ = false;
  std::unordered_map<std::uint32_t, bool> wanted_;
  std::map<const Allowlist*, bool> file_allowed_;
  std::vector<bool> in_file_, in_round_;  // literals seen in the file itself, and in the text of this round
  const std::vector<bool>* current_ = nullptr;
  std::unordered_map<const CompiledRule*, bool> keyword_;  // of this round's text: whether a keyword is in it
};

}  // namespace

SecretScanner::SecretScanner(std::unique_ptr<State> state) : state_(std::move(state)) {}
SecretScanner::~SecretScanner() = default;
SecretScanner::SecretScanner(SecretScanner&&) noexcept = default;
SecretScanner& SecretScanner::operator=(SecretScanner&&) noexcept = default;

std::size_t SecretScanner::rules() const { return state_->rules.size(); }
LiteralSearch::Origin SecretScanner::literal_origin() const { return state_->search->origin(); }
const std::vector<Literal>& SecretScanner::literals() const { return state_->search->literals(); }
std::vector<Literal> SecretScanner::binary_literals() const {
  std::vector<Literal> out;
  for (const std::uint32_t i : state_->binary_literals) out.push_back(literals()[i]);
  return out;
}
ScanOutcome SecretScanner::scan(const ScanText& text) const { return Scan(*state_, text).run(); }

}  // namespace plimsoll::detect
