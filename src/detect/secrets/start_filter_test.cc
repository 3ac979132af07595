#include "detect/secrets/start_filter.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

bool may(std::string_view pattern, std::string_view text) { return StartFilter(pattern).may_match(text, 0, text.size()); }

TEST(start_filter, no_is_certain_and_said_early) {
  EXPECT_TRUE(may("(?i)addr\\s?=\\s?x", "ADDR = x"));
  EXPECT_FALSE(may("(?i)addr\\s?=\\s?x", "address"));
  EXPECT_FALSE(may("(?i)addr\\s?=\\s?x", "addr"));
  EXPECT_TRUE(may("a{3}b", "aaab"));
  EXPECT_FALSE(may("a{3}b", "aab"));
  EXPECT_TRUE(may("a{0,20}b", "b"));
  EXPECT_TRUE(may("(?:ab){2,9}c", "ababababc"));
  EXPECT_TRUE(may("(?:a|bc)*d", "abcad"));
  EXPECT_FALSE(may("(?:a|bc)*d", "abad"));
  EXPECT_TRUE(may("ab(?:[^0-9]|$)", "ab"));
  EXPECT_TRUE(may("", "x"));
  EXPECT_TRUE(may("x{0}", "y"));
}

TEST(start_filter, what_it_does_not_cover_is_a_yes) {
  EXPECT_TRUE(may("é", "x"));
  EXPECT_TRUE(may("(?=a)b", "x"));
  EXPECT_TRUE(may("\\Qab\\E*c", "x"));
  EXPECT_TRUE(may("a[\\s\\S]*b", std::string(4000, 'a'))) << "too far ahead to know";
  std::string many;  // more positions and states than there is room for
  for (int i = 0; i < 300; ++i) many += "(?:a[bc]?|d.{0,9}e)";
  EXPECT_TRUE(may(many, "a" + std::string(400, 'a')));
}

// Wherever an expression of a shipped rule matches one of the texts that it is written for, the filter lets it.
TEST(start_filter, no_match_of_a_shipped_rule_is_refused) {
  std::size_t matches = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(PLIMSOLL_TEST_DATA).parent_path().parent_path() / "rules" / "secrets")) {
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text.has_value());
    for (const SecretRule& rule : read_secret_rules(entry.path().filename().string(), *text).rules) {
      const StartFilter filter(rule.pattern.pattern());
      std::vector<Span> spans;
      bool gave_up = false;
      for (const std::vector<std::string>* examples : {&rule.match, &rule.no_match})
        for (const std::string& example : *examples)
          for (std::size_t at = 0; at < example.size(); ++at) {
            if (!rule.pattern.find(example, at, example.size(), Regex::Where::AtFrom, spans, gave_up)) continue;
            ++matches;
            EXPECT_TRUE(filter.may_match(example, at, example.size())) << rule.id << ": " << example.substr(at);
            EXPECT_TRUE(filter.may_match(example, at, spans[0].end)) << rule.id << ": " << example.substr(at);
          }
    }
  }
  EXPECT_GT(matches, 450u);
}

TEST(start_filter, many_threads_ask_one) {
  const StartFilter filter("(?i)(?:server|host)[a-z]{0,8}\\s?=\\s?[^;]{1,90};(?:[^\\n]{0,90};)?pwd=[a-z]{4}");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        EXPECT_TRUE(filter.may_match("hostname = a;b;c;PWD=abcd", 0, 25));
        EXPECT_FALSE(filter.may_match("hostname = a;b;c\n;PWD=abc", 0, 25));
        EXPECT_FALSE(filter.may_match("servers", 0, 7));
      }
    });
  for (std::thread& t : threads) t.join();
}

}  // namespace
}  // namespace plimsoll::detect
