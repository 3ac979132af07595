#include "base/text.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

void matches(std::string_view pattern, std::string_view path) { EXPECT_TRUE(glob_match(pattern, path)) << pattern << " " << path; }
void differs(std::string_view pattern, std::string_view path) { EXPECT_FALSE(glob_match(pattern, path)) << pattern << " " << path; }

TEST(glob, star_stays_in_a_folder) { matches("etc/*.conf", "etc/a.conf"); differs("etc/*.conf", "etc/a/b.conf"); }
TEST(glob, two_stars_cross_folders) { matches("**/package.json", "package.json"); matches("**/package.json", "a/b/package.json"); }
TEST(glob, two_stars_need_a_whole_name) { differs("**/package.json", "a/my-package.json"); }
TEST(glob, options_and_classes) { matches("**/*.{jar,war}", "x/y.war"); matches("lib[0-9]/?", "lib3/a"); differs("lib[!0-9]", "lib3"); }
TEST(glob, hostile_pattern_ends) { differs("*a*a*a*a*a*a*a*a*a*b", std::string(3000, 'a')); }

TEST(text, line_endings) {
  std::string_view rest = "a\r\nb\n\nc", line;
  std::string seen;
  while (next_line(rest, line)) seen.append(line).append("|");
  EXPECT_EQ(seen, "a|b||c|");
}
TEST(text, utf8_repair_keeps_the_rest) { EXPECT_EQ(to_utf8("a\xFF" "b\xC3\xA9"), "a\xEF\xBF\xBD" "b\xC3\xA9"); }
TEST(text, utf8_refuses_surrogates) { EXPECT_FALSE(is_utf8("\xED\xA0\x80")); EXPECT_TRUE(is_utf8("\xF0\x9F\x9A\xA2")); }
TEST(text, numbers_overflow_to_nothing) { EXPECT_FALSE(parse_u64("18446744073709551616")); EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX); }

}  // namespace
}  // namespace plimsoll
