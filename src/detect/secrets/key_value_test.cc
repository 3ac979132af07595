#include "detect/secrets/key_value.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/secrets/secrets.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

const Secrets& secrets() {
  static const Secrets all = [] {
    auto loaded = Secrets::load({.rules = {}, .fingerprint_key = "k"});
    EXPECT_TRUE(loaded.has_value());
    return std::move(*loaded);
  }();
  return all;
}
std::vector<std::string> found(std::string_view path, std::string_view text) {
  std::vector<std::string> out;
  for (const SecretMatch& m : secrets().matches({.path = path, .text = text, .commit = {}}).matches) out.push_back(m.rule->id);
  return out;
}

TEST(secret_keys, examples_of_the_rules) {
  const fs::path folder = fs::path(PLIMSOLL_TEST_DATA).parent_path().parent_path() / "rules" / "secret-keys";
  std::size_t examples = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text.has_value());
    const KeyRules rules = read_key_rules(entry.path().filename().string(), *text);
    for (const RuleError& e : rules.errors) ADD_FAILURE() << to_string(e);
    for (const KeyRule& rule : rules.rules) {
      for (const auto& e : rule.match) {
        // By this rule, or by one that knows the file better and so comes first.
        EXPECT_FALSE(found(e.path, e.text).empty()) << rule.rule.id << " must find in " << e.path << ": " << e.text;
        ++examples;
      }
      for (const auto& e : rule.no_match) EXPECT_TRUE(found(e.path, e.text).empty()) << rule.rule.id << " must not find in " << e.path << ": " << e.text << " got " << found(e.path, e.text)[0];
    }
  }
  EXPECT_GE(examples, 25u);
}

TEST(secret_keys, words) {
  EXPECT_EQ(key_words("spring.datasource.dbPassword"), (std::vector<std::string>{"spring", "datasource", "db", "password"}));
  EXPECT_EQ(key_words("AWS_SECRET_Access-key"), (std::vector<std::string>{"aws", "secret", "access", "key"}));
  EXPECT_EQ(key_words("myDBPassword"), (std::vector<std::string>{"my", "db", "password"}));
}

// tests/data/detect/secrets/*.json: {"path", "text", "secret": true|false}, one a line; look-alikes beside true ones.
TEST(secret_keys, corpus_of_true_ones_and_look_alikes) {
  std::size_t live = 0, live_found = 0, alike = 0, alike_found = 0;
  const fs::path folder = fs::path(PLIMSOLL_TEST_DATA) / "detect" / "secrets";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".jsonl") continue;
    const auto lines = read_file(entry.path().string());
    ASSERT_TRUE(lines.has_value());
    std::string_view rest = *lines, line;
    while (next_line(rest, line)) {
      const auto document = JsonDocument::parse(line);
      ASSERT_TRUE(document.has_value()) << line;
      const JsonValue root = document->root();
      const bool reported = !found(root["path"].text(), root["text"].text()).empty();
      if (root["secret"].boolean().value_or(false)) {
        ++live;
        live_found += reported;
        if (!reported) std::printf("missed: %.*s\n", static_cast<int>(line.size()), line.data());
      } else {
        ++alike;
        alike_found += reported;
        if (reported) std::printf("reported: %.*s\n", static_cast<int>(line.size()), line.data());
      }
    }
  }
  std::printf("found %zu of %zu, reported %zu of %zu look-alikes\n", live_found, live, alike_found, alike);
  ASSERT_GE(live, 60u);
  ASSERT_GE(alike, 100u);
  EXPECT_GE(live_found * 100, live * 90);
  EXPECT_LE(alike_found * 100, alike * 5);
}

}  // namespace
}  // namespace plimsoll::detect
