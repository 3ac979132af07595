#include "inventory/harvest.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

const FileView kFile{.path = "a/lock.json"};

TEST(harvest, doubles_become_one) {
  Harvest harvest(kFile, "x", Limits{});
  EXPECT_TRUE(harvest.add("npm", "", "a", "1"));
  EXPECT_TRUE(harvest.add("npm", "", "b", "1"));
  EXPECT_TRUE(harvest.add("npm", "", "a", "1"));
  EXPECT_EQ(harvest.take().packages.size(), 2u);
}

TEST(harvest, wanted_once_in_production_is_no_development_package) {
  Harvest harvest(kFile, "x", Limits{});
  harvest.add_dev("npm", "", "a", "1", true);
  harvest.add_dev("npm", "", "a", "1", false);
  harvest.add_dev("npm", "", "b", "1", false);
  harvest.add_dev("npm", "", "b", "1", true);
  const Facts facts = harvest.take();
  EXPECT_EQ(facts.packages[0].property("dev"), "");
  EXPECT_EQ(facts.packages[1].property("dev"), "");
}

TEST(harvest, a_megabyte_of_version_is_cut_and_named) {
  Harvest harvest(kFile, "x", Limits{});
  harvest.add("npm", "", "a", std::string(1 << 20, '1'));
  const Facts facts = harvest.take();
  EXPECT_EQ(facts.packages.at(0).version.size(), kMaxVersionBytes);
  ASSERT_EQ(facts.gaps.size(), 1u);
  EXPECT_EQ(facts.gaps[0].where, "a/lock.json");
}

TEST(harvest, names_that_cannot_be_are_named_not_listed) {
  Harvest harvest(kFile, "x", Limits{});
  EXPECT_FALSE(harvest.add("npm", "", std::string(5000, 'a'), "1"));
  EXPECT_FALSE(harvest.add("npm", "", "a\nb", "1"));
  const Facts facts = harvest.take();
  EXPECT_TRUE(facts.packages.empty());
  EXPECT_EQ(facts.gaps.size(), 2u);
}

TEST(harvest, records_beyond_the_limit_are_a_gap) {
  Limits limits;
  limits.records = 2;
  Harvest harvest(kFile, "x", limits);
  for (const char* name : {"a", "b", "c", "d"}) harvest.add("npm", "", name, "1");
  const Facts facts = harvest.take();
  EXPECT_EQ(facts.packages.size(), 2u);
  EXPECT_EQ(facts.gaps.size(), 1u);
}

TEST(harvest, many_gaps_are_counted) {
  Harvest harvest(kFile, "x", Limits{});
  for (int i = 0; i < 100; ++i) harvest.gap("no");
  const Facts facts = harvest.take();
  ASSERT_EQ(facts.gaps.size(), kMaxGapsOfAFile + 1);
  EXPECT_EQ(facts.gaps.back().why, "84 more of this file's parts could not be read");
}

TEST(harvest, wrong_shapes_are_gaps_and_absent_ones_are_not) {
  const auto document = JsonDocument::parse(R"({"list": [1], "text": "x", "none": null})");
  Harvest harvest(kFile, "x", Limits{});
  EXPECT_EQ(harvest.items(document->root()["list"], "list").size(), 1u);
  harvest.members(document->root()["absent"], "absent");
  harvest.members(document->root()["none"], "none");
  EXPECT_TRUE(harvest.facts().gaps.empty());
  harvest.members(document->root()["list"], "list");
  harvest.items(document->root()["text"], "text");
  EXPECT_EQ(harvest.take().gaps.size(), 2u);
}

TEST(harvest, comments_and_trailing_commas) {
  EXPECT_EQ(strip_json_comments("{\"a\": \"//no\", // yes\n \"b\": [1, 2, ], /* x */ }"),
            "{\"a\": \"//no\", \n \"b\": [1, 2 ]  }");
  EXPECT_EQ(strip_json_comments("\"torn \\"), "\"torn \\");
  EXPECT_EQ(strip_json_comments("/* never ends"), "");
}

TEST(harvest, graph_reach_ends_in_circles) {
  const auto seen = reachable(4, {0}, {{1}, {0, 2}, {}, {0}});
  EXPECT_EQ(seen, (std::vector<bool>{true, true, true, false}));
}

TEST(harvest, places_in_archives) {
  EXPECT_EQ(path_in_archive("a.war!/lib/b.jar!/c/d"), "c/d");
  EXPECT_EQ(archive_of("a.war!/lib/b.jar!/c/d"), "a.war!/lib/b.jar");
  EXPECT_EQ(archive_of("c/d"), "");
}

}  // namespace
}  // namespace plimsoll::inventory
