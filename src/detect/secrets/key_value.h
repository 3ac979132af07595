// Secrets told by the key they stand under: `password: tr0ub4dor&3` has no shape of its own.
//
// What     the rules of rules/secret-keys/*.yaml. Around each place where a key's words stand, key, separator and value
//          are read as the file's format has them: Java properties and Spring YAML, ini, TOML, .env and shells, Dockerfiles,
//          JSON, XML elements, attributes and name/value pairs (web.config, Hadoop), PHP define() and arrays, string
//          constants of programming languages, Kubernetes env lists, .netrc. Outside configuration formats only quoted
//          values count.
// Not      a value that stands for another (`${X}`, `os.environ[...]`), that says what should stand there, that is a type,
//          a path, a word of a user interface. Prose (.md, .html, .rst, .txt, .po) is not read.
// Cost     a few hundred nanoseconds a place; no allocation for places that are no key.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/secrets/literal_search.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {

enum class FileForm : std::uint8_t { Prose, Config, Yaml, Json, Xml, Shell, Code };
FileForm form_of(std::string_view path);

struct KeyRule {
  enum class Kind : std::uint8_t { Password, Token, Auth };
  SecretRule rule;  // its texts; no pattern
  Kind kind = Kind::Password;
  std::vector<std::vector<std::string>> keys;  // words, lower case
  std::vector<std::string> files;              // globs; empty: every file
  struct Example {
    std::string path, text;
  };
  std::vector<Example> match, no_match;
};
struct KeyRules {
  std::vector<std::string> not_paths;  // globs of files whose secrets are known and explained elsewhere, or that have none
  std::vector<KeyRule> rules;
  std::vector<std::shared_ptr<const Allowlist>> allowlists;  // what a user takes back
  std::vector<RuleError> errors;
};
KeyRules read_key_rules(std::string_view path, std::string_view text, const Limits& limits = {});
KeyRules shipped_key_rules();

// What to look for to find the places of a rule's keys.
std::vector<Literal> key_literals(const KeyRule& rule);

struct KeyValue {
  std::string_view key, value;  // in the text
  bool quoted = false;
};
// The key around text[at] and its value; nullopt when no key with a value stands there.
std::optional<KeyValue> key_value_at(std::string_view text, std::size_t at, FileForm form);
// Words of a key: "spring.datasource.dbPassword" -> spring datasource db password.
std::vector<std::string> key_words(std::string_view key);

// Whether the pair is a secret by this rule.
bool is_secret_pair(const KeyRule& rule, const KeyValue& pair, FileForm form, std::string_view path);

}  // namespace plimsoll::detect
