// Rules that find secrets, whichever format they came in: rule_yaml.cc (our own) and rule_gitleaks.cc.
//
// Our own, rules/secrets/*.yaml:
//
//   rules:
//     - id: acme-api-token
//       title: Acme API token
//       why: whoever has it can place orders in the account's name
//       fix: revoke it under Settings > Tokens, then read the new one from the environment
//       severity: high                       # critical, high, medium, low
//       keywords: [acme_]                    # lower case; one of them is part of every match, or within 1 KiB of it
//       pattern: '\b(acme_[0-9A-Za-z]{36})\b'  # RE2
//       group: 1                             # the capture that holds the secret; default 1 if there is one, else 0
//       entropy: 3.0                         # least Shannon bits a character of the secret
//       check: github-crc32                  # a structure check by name (checks.h)
//       paths: ['**/*.env']                  # only these files (globs)
//       not_paths: ['**/docs/**']            # never these
//       not: ['(?i)example']                 # what marks a dummy; tried on the secret
//       match: ['token = acme_...']          # texts that must be reported, and
//       no_match: ['token = acme_xxx']       # texts that must not; a test runs them
//       general: true                        # gives way to any other rule that finds the same secret
//       source: https://acme.example/docs/tokens
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "detect/secrets/regex.h"
#include "model/finding.h"

namespace plimsoll::detect {

// What takes a match back. Empty lists take no part; `all`: every list that is not empty must agree, else any does.
struct Allowlist {
  enum class Target : std::uint8_t { Secret, Match, Line };
  std::vector<Regex> paths, regexes;
  std::vector<std::string> stop_words, commits;  // lower case
  std::vector<std::string> target_rules;         // of a file-wide list: only for these
  Target target = Target::Secret;
  bool all = false;
};

struct RequiredRule {
  std::string id;
  std::optional<std::int64_t> within_lines, within_columns;
};

enum class Dialect : std::uint8_t { Own, Gitleaks };

struct SecretRule {
  std::string id, title, why, fix, source;
  Severity severity = Severity::High;
  Dialect dialect = Dialect::Own;
  std::vector<std::string> keywords;  // lower case
  Regex pattern;                      // may be empty in a rule of paths alone
  bool has_pattern = false;
  std::int32_t group = -1;            // -1: the first group that took part, else the whole match
  double entropy = 0;                 // bits a character
  std::string check;                  // name in checks.h
  std::vector<std::string> paths, not_paths;  // globs
  std::optional<Regex> path;                  // gitleaks'
  std::vector<Regex> dummies;
  std::vector<std::shared_ptr<const Allowlist>> allowlists;
  std::vector<RequiredRule> required;
  bool general = false;               // gives way to any other rule that found the same
  bool silent = false;                // reported only as a part of another rule
  std::vector<std::string> match, no_match;
  std::string file;                   // where it stands
  std::uint32_t line = 0;
};

// A rule or file that cannot be used.
struct RuleError {
  std::string file;
  std::uint32_t line = 0;  // 0: not known
  std::string rule;        // its id, may be empty
  std::string why;
};
std::string to_string(const RuleError& error);  // "own.toml:12: rule acme: why"

struct RuleSet {
  std::string file;
  std::vector<SecretRule> rules;
  std::vector<std::shared_ptr<const Allowlist>> allowlists;  // for the rules of this file
  std::vector<RuleError> errors;                             // rules left out
  std::vector<RuleError> notices;                            // what loads otherwise than its author may think
  // Of gitleaks' [extend] useDefault: the shipped rules belong to it (extend_shipped.h).
  bool extends_shipped = false;
  std::uint32_t extend_line = 0;
  std::vector<std::string> disabled;    // ids of rules that are not wanted
  std::vector<SecretRule> extensions;   // rules without an expression: what they add to the one of the same id
};

// Reads one file of rules, told by its text: our YAML (or its JSON form) or gitleaks' TOML. Rules with errors are in
// `errors`, the others are kept; a file that is no rule file at all has one error. `trusted`: expressions are compiled at
// first use, not now.
// `read_other`: gives the text of a file named by gitleaks' [extend] path, relative to this one; null: such is an error.
struct RuleReadOptions {
  Limits limits;
  bool trusted = false;
  std::function<Result<std::string>(const std::string& path)> read_other;
};
RuleSet read_secret_rules(std::string_view path, std::string_view text, const RuleReadOptions& options = {});
// The two formats (called by the above).
RuleSet read_secret_yaml(std::string_view path, std::string_view text, const RuleReadOptions& options);
RuleSet read_gitleaks(std::string_view path, std::string_view text, const RuleReadOptions& options);

// Those that are part of the program.
RuleSet shipped_secret_rules();
// Whether they, or those told by their key, have one of this id. The first call reads them.
bool is_shipped_secret_rule(const std::string& id);
// A digest of the shipped rules' text.
std::string shipped_secret_rules_digest();

}  // namespace plimsoll::detect
