// What SecretScanner is made of: written by scanner_build.cc, read by scanner.cc; nobody else's.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detect/secrets/scanner.h"
#include "detect/secrets/start_filter.h"

namespace plimsoll::detect {

constexpr std::size_t kNearBefore = 1024, kNearAfter = 4096;  // around a keyword of an expression of unknown shape

// How a rule is searched for.
enum class Plan : std::uint8_t { Starts, Gate, Near, Always, PathOnly };

struct CompiledRule {
  SecretRule rule;
  Plan plan = Plan::Always;
  Regex search;                  // the expression without its lead
  bool own_search = false;       // else rule.pattern is what is run
  std::optional<StartFilter> filter;  // of Starts: asked before the expression is run
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

struct SecretScanner::State {
  std::vector<CompiledRule> rules;
  std::vector<std::vector<std::shared_ptr<const Allowlist>>> allowlists;  // by rule set
  std::unique_ptr<LiteralSearch> search;
  // Of files that are no text: only the starts of rules that look at those; by its literals those of `search`. Null: `search`.
  std::unique_ptr<LiteralSearch> binary_search;
  std::vector<std::uint32_t> binary_literals;
  std::vector<std::vector<Use>> uses;          // by literal: rules that may start there
  std::vector<std::vector<std::uint32_t>> gates;  // by literal: rules whose keyword it is
  std::vector<std::uint32_t> always, path_only;
  std::vector<KeyRule> key_rules;
  std::vector<std::shared_ptr<const Allowlist>> key_allowlists;
  std::vector<std::string> not_paths;
  std::vector<std::size_t> lengths;            // of the literals
  std::vector<bool> is_key;                    // by literal: words of a key
  bool decode = true;
  bool gitleaks = false;  // its rules look at binaries as at text
};

}  // namespace plimsoll::detect
