#include "detect/secrets/sensitive_rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

TEST(sensitive_files, examples_of_every_rule) {
  const fs::path folder = fs::path(PLIMSOLL_TEST_DATA).parent_path().parent_path() / "rules" / "sensitive-files";
  const SensitiveRules shipped = shipped_sensitive_rules();
  std::set<std::string> ids;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text.has_value());
    const SensitiveRules rules = read_sensitive_rules(entry.path().filename().string(), *text);
    for (const RuleError& e : rules.errors) ADD_FAILURE() << to_string(e);
    for (const SensitiveRule& rule : rules.rules) {
      EXPECT_TRUE(ids.insert(rule.id).second) << rule.id << " stands twice";
      EXPECT_FALSE(rule.match.empty() || rule.no_match.empty()) << rule.id << " needs examples of both kinds";
      const auto found = [&](const SensitiveRule::Example& e) {
        const auto f = shipped.examine(e.path, e.text);
        return f ? f->id : std::string();
      };
      for (const auto& e : rule.match) EXPECT_EQ(found(e), rule.id) << e.path << ": " << e.text;
      for (const auto& e : rule.no_match) EXPECT_NE(found(e), rule.id) << e.path << ": " << e.text;
    }
  }
  EXPECT_EQ(ids.size(), shipped.rules.size());
  EXPECT_GE(ids.size(), 35u);
}

TEST(sensitive_files, places_of_examples_are_low) {
  const SensitiveRules shipped = shipped_sensitive_rules();
  const auto found = shipped.examine("app/tests/fixtures/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\n");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->severity, Severity::Low);
}

TEST(sensitive_files, wrong_rules_are_refused) {
  const auto refused = [](std::string_view text, std::string_view why) {
    const SensitiveRules rules = read_sensitive_rules("own.yaml", text);
    ASSERT_FALSE(rules.errors.empty()) << text;
    EXPECT_NE(to_string(rules.errors[0]).find(why), std::string::npos) << to_string(rules.errors[0]);
  };
  refused("rules:\n- {id: a, title: t, why: w, fix: f}\n", "no paths");
  refused("rules:\n- {id: a, title: t, why: w, fix: f, paths: [x], content: '('}\n", "own.yaml: rule a: regular expression");
  refused("rules: 1", "no list");
}

}  // namespace
}  // namespace plimsoll::detect
