#include "detect/secrets/rule.h"

#include <mutex>
#include <set>

#include "base/hash.h"
#include "base/text.h"
#include "detect/secrets/dummy.h"
#include "detect/secrets/key_value.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& secret_rule_files();
const std::vector<std::pair<std::string_view, std::string_view>>& secret_key_files();

std::string to_string(const RuleError& error) {
  std::string out = error.file;
  if (error.line) out += cat(":", error.line);
  if (!error.rule.empty()) out += cat(": rule ", error.rule);
  return cat(out, ": ", error.why);
}

RuleSet read_secret_rules(std::string_view path, std::string_view text, const RuleReadOptions& options) {
  if (path.ends_with(".toml")) return read_gitleaks(path, text, options);
  if (path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json")) return read_secret_yaml(path, text, options);
  // TOML has [tables] and key = value at the left margin, YAML a "rules:".
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    if (line.starts_with("[") || (line.find(" = ") != std::string_view::npos && !line.starts_with("#") && !line.starts_with(" "))) return read_gitleaks(path, text, options);
    if (line.starts_with("rules:")) break;
  }
  return read_secret_yaml(path, text, options);
}

RuleSet shipped_secret_rules() {
  RuleSet out;
  for (const auto& [name, text] : secret_rule_files()) {
    RuleSet one = read_secret_yaml(name, text, {.limits = {}, .trusted = true, .read_other = {}});
    // A damaged shipped rule is a bug; the test that compiles every one of them names it.
    if (!one.errors.empty()) std::fprintf(stderr, "plimsoll: %s\n", to_string(one.errors[0]).c_str());
    PLIM_ASSERT(one.errors.empty());
    std::move(one.rules.begin(), one.rules.end(), std::back_inserter(out.rules));
  }
  return out;
}

bool is_shipped_secret_rule(const std::string& id) {
  static const std::set<std::string> ids = [] {
    std::set<std::string> out;
    for (const SecretRule& rule : shipped_secret_rules().rules) out.insert(rule.id);
    for (const KeyRule& rule : shipped_key_rules().rules) out.insert(rule.rule.id);
    return out;
  }();
  return ids.contains(id);
}

std::string shipped_secret_rules_digest() {
  Hasher hasher(HashKind::Sha256);
  for (const auto* files : {&secret_rule_files(), &secret_key_files()})
    for (const auto& [name, text] : *files) {
      hasher.update(as_bytes(name));
      hasher.update(as_bytes(text));
    }
  hasher.update(as_bytes(published_examples()));
  return to_hex(hasher.finish());
}

}  // namespace plimsoll::detect
