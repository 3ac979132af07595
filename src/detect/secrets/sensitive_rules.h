// Rules for whole files that have no place in an image: rules/sensitive-files/*.yaml, whose first lines say what a rule is.
//
// Errors   Malformed, with file, rule and what is wrong.
// Cost     a file is read only when its path fits a rule; then the first kLooked bytes are searched.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/secrets/rule.h"
#include "model/facts.h"

namespace plimsoll::detect {

struct SensitiveRule {
  std::string id, title, why, fix, source;
  Severity severity = Severity::Medium;
  std::vector<std::string> paths, not_paths;
  Regex content;
  bool has_content = false;
  struct Example {
    std::string path, text;
  };
  std::vector<Example> match, no_match;
};

struct SensitiveRules {
  static constexpr std::size_t kLooked = 256 << 10;
  std::vector<SensitiveRule> rules;
  std::vector<RuleError> errors;
  // The first rule that fits, as a finding without layer.
  std::optional<Finding> examine(std::string_view path, std::string_view content) const;
};

SensitiveRules read_sensitive_rules(std::string_view path, std::string_view text, const Limits& limits = {});
SensitiveRules shipped_sensitive_rules();
std::string shipped_sensitive_rules_digest();
// Whether a rule file of the user's is of this kind (YAML whose rules have `paths` and no `pattern`).
bool is_sensitive_rules(std::string_view path, std::string_view text);

}  // namespace plimsoll::detect
