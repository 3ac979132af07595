#include "version/range.h"

#include <gtest/gtest.h>

#include "version/line_protocol.h"
#include "version/scheme.h"

namespace plimsoll::version {
namespace {

const Scheme& scheme(std::string_view name) { return *find_scheme(name); }

bool affected(std::string_view name, std::vector<std::pair<EventKind, std::string_view>> rows,
              std::string_view version) {
  std::vector<Event> events;
  for (const auto& [kind, text] : rows) events.push_back(make_event(scheme(name), kind, text));
  sort_events(events);
  return is_affected(events, parse(scheme(name), version));
}

using enum EventKind;

TEST(events, fixed_is_out_and_introduced_is_in) {
  const std::vector<std::pair<EventKind, std::string_view>> rows = {{Introduced, "1.0.0"}, {Fixed, "1.2.0"}};
  EXPECT_FALSE(affected("semver", rows, "0.9.0"));
  EXPECT_TRUE(affected("semver", rows, "1.0.0"));
  EXPECT_TRUE(affected("semver", rows, "1.2.0-rc.1"));
  EXPECT_FALSE(affected("semver", rows, "1.2.0"));
}
TEST(events, zero_is_the_beginning_of_time) {
  EXPECT_TRUE(affected("semver", {{Introduced, "0"}, {Fixed, "1.0.0"}}, "0.0.0-alpha"));
  EXPECT_TRUE(affected("deb", {{Introduced, "0"}, {Fixed, "1.0"}}, "0~~"));
  EXPECT_TRUE(affected("pep440", {{Introduced, "0"}}, "banana"));
}
TEST(events, last_affected_is_in) {
  EXPECT_TRUE(affected("semver", {{Introduced, "0"}, {LastAffected, "1.2.0"}}, "1.2.0"));
  EXPECT_FALSE(affected("semver", {{Introduced, "0"}, {LastAffected, "1.2.0"}}, "1.2.1"));
}
TEST(events, order_of_rows_does_not_matter) {
  const std::vector<std::pair<EventKind, std::string_view>> rows = {
      {Fixed, "2.1.0"}, {Introduced, "2.0.0"}, {Fixed, "1.1.0"}, {Introduced, "0"}};
  EXPECT_TRUE(affected("semver", rows, "1.0.0"));
  EXPECT_FALSE(affected("semver", rows, "1.5.0"));
  EXPECT_TRUE(affected("semver", rows, "2.0.5"));
  EXPECT_FALSE(affected("semver", rows, "2.1.0"));
}
TEST(events, limit_cuts_a_branch_off) {
  EXPECT_FALSE(affected("semver", {{Introduced, "1.0.0"}, {Limit, "2.0.0"}}, "2.0.0"));
  EXPECT_TRUE(affected("semver", {{Introduced, "1.0.0"}, {Limit, "*"}}, "2.0.0"));
}
TEST(events, introduced_and_fixed_at_once_is_nothing) {
  EXPECT_FALSE(affected("semver", {{Introduced, "1.0.0"}, {Fixed, "1.0.0"}}, "1.0.0"));
}
TEST(events, nothing_is_nothing) { EXPECT_FALSE(affected("semver", {}, "1.0.0")); }
TEST(events, a_local_label_does_not_leave_last_affected) {
  EXPECT_TRUE(affected("pep440", {{Introduced, "0"}, {LastAffected, "1.0"}}, "1.0+deb1"));
}

TEST(range, what_cannot_be_read_is_an_error_that_names_it) {
  for (const auto& [name, text] : {std::pair{"npm", ">=1.0.0 latest"},
                                   {"maven", "[1.0,2.0"},
                                   {"pep440", "~=1"},
                                   {"packagist", "~> 1.0 2"},
                                   {"rubygems", "~> "},
                                   {"deb", ">="},
                                   {"deb", ""},
                                   {"hex", "~> 1"}}) {
    const auto range = parse_range(scheme(name), text);
    ASSERT_FALSE(range.has_value()) << name << ' ' << text;
    EXPECT_EQ(range.error().kind(), ErrorKind::Malformed);
  }
}
TEST(range, too_many_comparators_is_a_limit) {
  std::string text = "=1";
  for (std::size_t i = 0; i < kMaxConditions; ++i) text.append(",=1");
  EXPECT_EQ(parse_range(scheme("deb"), text).error().kind(), ErrorKind::Limit);
  EXPECT_EQ(parse_range(scheme("npm"), text).error().kind(), ErrorKind::Limit);
}
TEST(range, generic_and_native_part_as_documented) {
  const auto in = [](std::string_view name, std::string_view version, std::string_view text) {
    const auto range = parse_range(scheme(name), text);
    return range && contains(*range, parse(scheme(name), version));
  };
  EXPECT_TRUE(in("npm", "2.0.0-rc.1", "<2.0.0"));
  EXPECT_FALSE(in("npm", "2.0.0-rc.1", ">=1.0.0 <2.0.0"));
  EXPECT_FALSE(in("npm", "2.0.0-rc.1", "<2"));
  EXPECT_TRUE(in("pep440", "2.0rc1", ">=1.0,<2.0"));
  EXPECT_FALSE(in("pep440", "2.0rc1", "==2.*,<2.0"));
  EXPECT_TRUE(in("packagist", "2.0-beta1", "<2.0"));
  EXPECT_FALSE(in("packagist", "2.0-beta1", ">=1.0 <2.0"));
}

TEST(range, a_comparator_on_an_invalid_version_is_generic) {
  const auto range = parse_range(scheme("npm"), ">=1.2.3.4, <2.0.0");
  ASSERT_TRUE(range.has_value());
  EXPECT_TRUE(contains(*range, parse(scheme("npm"), "1.2.3.5")));
  EXPECT_FALSE(contains(*range, parse(scheme("npm"), "1.2.3")));
}

void is(std::string_view name, std::string_view text, bool valid, bool prerelease) {
  const Version version = parse(scheme(name), text);
  EXPECT_EQ(version.valid, valid) << name << ' ' << text;
  EXPECT_EQ(version.prerelease, prerelease) << name << ' ' << text;
}
TEST(version, knows_whether_it_is_valid_and_a_prerelease) {
  is("semver", "1.2.3", true, false);
  is("semver", "1.2.3-rc.1+b", true, true);
  is("semver", "1.2", false, false);
  is("semver", "01.2.3", false, false);
  is("semver", "1.2.3-01", false, true);
  is("semver", "latest", false, false);
  is("pep440", "1.0.dev1", true, true);
  is("pep440", "1.0.post1", true, false);
  is("pep440", "1.0-custom", false, false);
  is("maven", "1.0-SNAPSHOT", true, true);
  is("maven", "1.0.Final", true, false);
  is("rubygems", "1.0.a", true, true);
  is("rubygems", "1..0", false, false);
  is("packagist", "1.0-beta1", true, true);
  is("packagist", "dev-main", true, true);
  is("packagist", "1.0.0.0.0", false, false);
  is("deb", "1.0~rc1-1", true, true);
  is("deb", "a1-1", false, false);
  is("apk", "1.0_rc1-r0", true, true);
  is("apk", "1.0_foo", false, false);
  is("cran", "1.0-1", true, false);
  is("cran", "1.0b", false, false);
  is("generic", "1.0-rc1", true, true);
}

TEST(line_protocol, every_line_has_an_answer) {
  EXPECT_EQ(compare_line(scheme("deb"), "1.0\t1.1").text, "-1");
  EXPECT_EQ(compare_line(scheme("deb"), "1.1\t1.0\r").text, "1");
  EXPECT_EQ(compare_line(scheme("deb"), "1.0").text, "1");
  EXPECT_EQ(compare_line(scheme("semver"), "\t").text, "0");
  EXPECT_EQ(compare_line(scheme("semver"), "latest\tbanana").text, "1");
  EXPECT_EQ(match_line(scheme("npm"), "1.2.3\t^1.0.0").text, "true");
  EXPECT_EQ(match_line(scheme("npm"), "1.2.3\tlatest").text, "false");
  EXPECT_FALSE(match_line(scheme("npm"), "1.2.3\tlatest").problem.empty());
  EXPECT_EQ(match_line(scheme("deb"), "1.2.3").text, "false");
}

TEST(find_scheme, by_name_and_alias_in_any_case) {
  EXPECT_EQ(find_scheme("PyPI")->name, "pep440");
  EXPECT_EQ(find_scheme("crates.io")->name, "cargo");
  EXPECT_EQ(find_scheme("Alpine")->name, "apk");
  EXPECT_EQ(find_scheme("Debian:12")->name, "deb");
  EXPECT_EQ(find_scheme("Red Hat:enterprise_linux:9::baseos")->name, "rpm");
  EXPECT_EQ(find_scheme("cobol"), nullptr);
  EXPECT_EQ(find_scheme(""), nullptr);
  EXPECT_EQ(schemes().size(), 18u);
}

}  // namespace
}  // namespace plimsoll::version
