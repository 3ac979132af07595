// What must hold for every text in every scheme: antisymmetry, transitivity, determinism, bounded keys and time.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>

#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

using Random = std::mt19937_64;

// Pieces that mean something in some scheme, and bytes that mean nothing in any.
std::string any_text(Random& random) {
  static constexpr std::string_view kPieces[] = {"0",
                                                 "1",
                                                 "2",
                                                 "10",
                                                 "007",
                                                 "99999999999999999999",
                                                 ".",
                                                 "..",
                                                 "-",
                                                 "~",
                                                 "^",
                                                 "+",
                                                 "_",
                                                 ":",
                                                 "!",
                                                 "v",
                                                 "a",
                                                 "b",
                                                 "rc",
                                                 "alpha",
                                                 "beta",
                                                 "pre",
                                                 "dev",
                                                 "post",
                                                 "p",
                                                 "sp",
                                                 "final",
                                                 "SNAPSHOT",
                                                 "x",
                                                 "-r1",
                                                 "1:",
                                                 "go1.",
                                                 "dev-",
                                                 " ",
                                                 "\xC3\xA9",
                                                 "\xFF",
                                                 std::string_view("\0", 1),
                                                 "(devel)",
                                                 "*",
                                                 "a1",
                                                 ".0",
                                                 "-0",
                                                 "1.0"};
  std::string out;
  for (auto pieces = random() % 7; pieces-- > 0;) out.append(kPieces[random() % std::size(kPieces)]);
  return out;
}

// Shapes on which the three schemes that follow a circular tool are in order: numbers, then a dash and a qualifier.
std::string regular_text(Random& random) {
  static constexpr std::string_view kNumbers[] = {"0", "1", "2", "9", "10", "11", "2024"};
  static constexpr std::string_view kQualifiers[] = {"", "", "-alpha", "-beta-1", "-rc-2", "-sp", "-1", "-SNAPSHOT"};
  std::string out(kNumbers[random() % std::size(kNumbers)]);
  for (auto parts = random() % 3; parts-- > 0;) out.append(".").append(kNumbers[random() % std::size(kNumbers)]);
  return out.append(kQualifiers[random() % std::size(kQualifiers)]);
}

// One more on alpm: with a pkgrel on all, or on none.
std::string text_for(const Scheme& scheme, Random& random) {
  if (scheme.name == "alpm") {
    std::string text = regular_text(random);
    std::replace(text.begin(), text.end(), '-', '.');
    return text + "-1";
  }
  if (scheme.name == "conan") {
    const std::string text = regular_text(random);
    return text.substr(0, text.find("-1"));
  }
  return scheme.name == "maven" ? regular_text(random) : any_text(random);
}

class Laws : public testing::TestWithParam<std::string_view> {
 protected:
  const Scheme& scheme() const { return *find_scheme(GetParam()); }
};

TEST_P(Laws, antisymmetry_holds_for_any_text) {
  Random random(1);
  for (int i = 0; i < 4000; ++i) {
    const std::string a = any_text(random);
    const std::string b = any_text(random);
    ASSERT_EQ(compare(scheme(), a, b), -compare(scheme(), b, a)) << a << " against " << b;
    ASSERT_EQ(compare(scheme(), a, a), 0) << a;
  }
}

TEST_P(Laws, order_is_transitive) {
  Random random(2);
  for (int round = 0; round < 60; ++round) {
    std::vector<Version> versions;
    for (int i = 0; i < 40; ++i) versions.push_back(parse(scheme(), text_for(scheme(), random)));
    std::stable_sort(versions.begin(), versions.end());
    for (std::size_t i = 0; i < versions.size(); ++i)
      for (std::size_t j = i + 1; j < versions.size(); ++j) ASSERT_LE(compare(versions[i], versions[j]), 0) << round;
  }
}

TEST_P(Laws, parsing_is_repeatable_and_keys_are_bounded) {
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = any_text(random);
    const Version version = parse(scheme(), text);
    ASSERT_EQ(version.key, parse(scheme(), text).key) << text;
    ASSERT_LE(version.key.size(), 6 * text.size() + 64) << text;
    ASSERT_LE(version.release_size, version.key.size());
    ASSERT_LE(version.public_size, version.key.size());
  }
}

TEST_P(Laws, megabytes_take_no_time) {
  const auto start = std::chrono::steady_clock::now();
  for (const std::string_view piece : {"1", "0", ".", "1.", "a1", "-", "~", "^", "_p1", "-rc.", "+1", "x.x."}) {
    std::string text = "1";
    while (text.size() < 1 << 20) text.append(piece);
    const Version long_one = parse(scheme(), text);
    const Version short_one = parse(scheme(), "1");
    EXPECT_EQ(compare(long_one, long_one), 0) << piece;
    EXPECT_EQ(compare(long_one, short_one), -compare(short_one, long_one)) << piece;
    (void)parse_range(scheme(), text);
    (void)parse_range(scheme(), ">=" + text);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_P(Laws, any_range_text_has_an_answer) {
  Random random(4);
  static constexpr std::string_view kOperators[] = {
      "", "<", ">=", "=", "^", "~", "~>", "~=", "==", "!=", "[", ",", ")", "||", "|", " - ", " ", "@dev", "*", ".x"};
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (auto parts = random() % 4; parts-- > 0;)
      text.append(kOperators[random() % std::size(kOperators)]).append(any_text(random));
    const auto range = parse_range(scheme(), text);
    if (range)
      (void)contains(*range, parse(scheme(), any_text(random)));
    else
      EXPECT_FALSE(range.error().message().empty());
  }
}

// What scheme.h says of the three that follow a circular tool; should one of these change, so must its words.
TEST(circles, are_as_scheme_h_says) {
  const auto less = [](std::string_view name, std::string_view a, std::string_view b) {
    EXPECT_EQ(compare(*find_scheme(name), a, b), -1) << name << ": " << a << " against " << b;
  };
  less("maven", "1.sp.1", "1-alpha");
  less("maven", "1-alpha", "1");
  less("maven", "1", "1.sp.1");
  less("conan", "10", "1a");
  less("conan", "1a", "9");
  less("conan", "9", "10");
  less("alpm", "1.0-1", "1.0-2");
  EXPECT_EQ(compare(*find_scheme("alpm"), "1.0-1", "1.0"), 0);
  EXPECT_EQ(compare(*find_scheme("alpm"), "1.0", "1.0-2"), 0);
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> out;
  for (const Scheme& scheme : schemes()) out.push_back(scheme.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(version, Laws, testing::ValuesIn(names()),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace plimsoll::version
