// Rule files as hostile text: both formats, the shapes of their expressions, and a search by whatever loads.
#include "base/text.h"
#include "detect/secrets/regex_shape.h"
#include "detect/secrets/scanner.h"
#include "detect/secrets/sensitive_rules.h"

void fuzz_detect_rules(plimsoll::Bytes input) {
  using namespace plimsoll;
  using namespace plimsoll::detect;
  constexpr std::size_t kMost = 16 << 10;  // a thousand rules would make a round too long
  const std::string_view text = as_text(input).substr(0, kMost);
  static_cast<void>(shape_of(text.substr(0, 1024)));
  static_cast<void>(read_sensitive_rules("own.yaml", text).rules.size());
  static_cast<void>(read_key_rules("own.yaml", text).rules.size());
  for (const char* name : {"own.toml", "own.yaml"}) {
    RuleSet set = read_secret_rules(name, text);
    for (const RuleError& error : set.errors) PLIM_ASSERT(!error.why.empty() && !to_string(error).empty());
    if (set.rules.empty() || set.rules.size() > 20) continue;
    std::vector<RuleSet> sets;
    sets.push_back(std::move(set));
    const auto scanner = SecretScanner::build(std::move(sets), {.method = LiteralSearch::Method::Portable});
    if (!scanner) continue;
    for (const SecretMatch& match : scanner->scan({.path = "a/b.txt", .text = text, .commit = {}}).matches) PLIM_ASSERT(match.begin <= match.end && match.end <= text.size());
  }
}
