// From rules to a scanner: how each rule is looked for, and the literals of all of them in one search.
#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "detect/secrets/scanner_state.h"

namespace plimsoll::detect {
namespace {

constexpr double kLeastSelective = 11;  // bits: three letters, or two and some digits

std::string key_of(const Literal& literal) {
  std::string out(1, literal.once ? '1' : '0');
  for (const ByteSet& set : literal.bytes) out.append(reinterpret_cast<const char*>(&set), sizeof set);
  return out;
}

// The literal letters of a start, lower case, where they form one run from its first byte.
std::string letters(const RegexStart& start) {
  std::string out;
  for (const ByteSet& set : start.bytes) {
    const std::size_t c = set._Find_first(), second = c == set.size() ? c : set._Find_next(c);
    if (c == set.size() || (second != set.size() && !(c >= 'A' && c <= 'Z' && second == c + 32 && set._Find_next(second) == set.size()))) break;
    out += static_cast<char>(c);
  }
  return lower(out);
}

// Starts that ordinary text and code are full of: a rule that begins so is better looked for by its keywords.
bool is_common(const RegexStart& start) {
  static constexpr std::string_view kCommon[] = {"define", "http", "server", "host", "addr", "data", "datab", "user", "name", "machin", "privat", "initia", "author", "algori", "signer", "sessio", "licens", "identi", "regist", "messag", "client", "databa", "driver", "storag", "channe", "owner", "conf", "value", "state", "url", "eth", "account", "accoun", "applica", "system", "passwo", "passwd", "secret", "token", "access", "index_"};
  const std::string word = letters(start);
  return start.bytes.size() < 4 || std::any_of(std::begin(kCommon), std::end(kCommon), [&](std::string_view c) { return word.starts_with(c) && word.size() <= c.size() + 3 && std::all_of(word.begin(), word.end(), [](char letter) { return letter >= 'a' && letter <= 'z'; }); });
}

// A rule with many starts, most of them spellings of one name, is searched for by what they share in front.
std::vector<RegexStart> shortened(const std::vector<RegexStart>& starts) {
  constexpr std::size_t kFew = 1;
  constexpr double kEnough = 24;
  if (starts.size() <= kFew) return starts;
  std::vector<RegexStart> out;
  for (const RegexStart& start : starts) {
    RegexStart shorter{.bytes = {}, .offset = start.offset};
    for (const ByteSet& set : start.bytes) {
      shorter.bytes.push_back(set);
      // A row of dashes or of blanks is everywhere.
      const bool row = std::all_of(shorter.bytes.begin(), shorter.bytes.end(), [&](const ByteSet& b) { return b == shorter.bytes[0]; });
      if (selectivity(shorter) >= kEnough && !row && !is_common(shorter)) break;
    }
    if (std::none_of(out.begin(), out.end(), [&](const RegexStart& s) { return s.offset == shorter.offset && s.bytes == shorter.bytes; })) out.push_back(std::move(shorter));
  }
  return out;
}

}  // namespace

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
      const auto keywords_are_rarer = [&] {
        if (rule.keywords.empty() || shape->most_bytes >= kNearAfter) return false;
        const std::vector<RegexStart> starts = shortened(shape->starts);
        if (std::none_of(starts.begin(), starts.end(), is_common)) return false;
        for (const std::string& keyword : rule.keywords)
          if (keyword.size() < 4 || is_common({.bytes = caseless(keyword).bytes, .offset = 0})) return false;
        return rule.pattern.implies_any(rule.keywords);
      };
      if (usable && !keywords_are_rarer()) {
        c.plan = Plan::Starts;
        c.most_bytes = shape->most_bytes;
        if (shape->lead_most) {
          c.own_search = true;
          c.search = Regex::lazy(shape->without_lead);
          c.lead = shape->lead;
          c.lead_most = shape->lead_most;
        }
        c.filter.emplace(shape->without_lead);
        std::size_t least_letters = 64;
        c.keywords_in_starts = std::all_of(shape->starts.begin(), shape->starts.end(), [&](const RegexStart& start) {
          const std::string word = letters(start);
          return std::any_of(rule.keywords.begin(), rule.keywords.end(), [&](const std::string& k) { return word.find(k) != std::string::npos; });
        });
        const std::vector<RegexStart> shorter = shortened(shape->starts);
        for (const RegexStart& start : shorter) {
          const std::string word = letters(start);
          least_letters = std::min(least_letters, word.size());
          state->uses[literal({start.bytes, false})].push_back({index, start.offset});
        }
        c.in_binaries = !rule.check.empty() || least_letters >= 4;
        // Our rules' matches are few: their keywords are looked for when there is one.
        if (!c.keywords_in_starts && rule.dialect == Dialect::Gitleaks)
          for (const std::string& keyword : rule.keywords) c.keywords.push_back(literal(caseless(keyword, true)));
      } else if (!rule.keywords.empty()) {
        // A keyword that is part of every match says where to look; one that is not only says whether to.
        // Ours are written so that it is (rule.h); of others it is shown.
        const bool local = shape && shape->most_bytes < kNearAfter && (rule.dialect == Dialect::Own || rule.pattern.implies_any(rule.keywords));
        c.plan = shape && !local ? Plan::Gate : Plan::Near;
        if (local) c.before = c.after = shape->most_bytes + shape->lead_most + (rule.dialect == Dialect::Own ? kNearBefore : 1);
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
  state->key_allowlists = std::move(options.key_allowlists);
  state->not_paths = std::move(options.not_paths);
  for (KeyRule& rule : state->key_rules) {
    rule.rule.general = true;
    for (const Literal& l : key_literals(rule)) literal(l);
  }
  state->is_key.assign(literals.size(), false);
  for (const Literal& l : literals) state->lengths.push_back(l.bytes.size());
  for (const KeyRule& rule : state->key_rules)
    for (const Literal& l : key_literals(rule)) state->is_key[literal(l)] = true;
  auto search = LiteralSearch::build(literals, options.cache_directory, options.method);
  if (!search) return std::move(search).error();
  state->search = std::make_unique<LiteralSearch>(std::move(*search));
  for (std::uint32_t i = 0; i < literals.size(); ++i)
    if (std::any_of(state->uses[i].begin(), state->uses[i].end(), [&](const Use& use) { return state->rules[use.rule].in_binaries; })) state->binary_literals.push_back(i);
  // Fewer literals make a faster search; the portable one takes the same time for any number.
  if (state->search->accelerated() && !state->gitleaks && !state->binary_literals.empty()) {
    std::vector<Literal> some;
    for (const std::uint32_t i : state->binary_literals) some.push_back(literals[i]);
    auto binary = LiteralSearch::build(some, options.cache_directory, options.method);
    if (!binary) return std::move(binary).error();
    state->binary_search = std::make_unique<LiteralSearch>(std::move(*binary));
  }
  return SecretScanner(std::move(state));
}

}  // namespace plimsoll::detect
