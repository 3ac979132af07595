#include "inventory/os_packages.h"

#include <gtest/gtest.h>

#include "base/path.h"
#include "inventory/stanzas.h"

namespace plimsoll::inventory {
namespace {

using Names = std::vector<std::string>;

TEST(os_packages, dependencies_lose_versions_and_architectures) {
  EXPECT_EQ(dependency_names("libc6 (>= 2.14), awk | mawk:any,\n perl:any [amd64] <!nocheck>, libc6"), (Names{"libc6", "awk|mawk", "perl"}));
  EXPECT_EQ(dependency_names(" , ,|"), Names{});
}

TEST(os_packages, an_alternative_becomes_the_one_that_is_installed) {
  Names depends{"default-mta|mail-transport-agent", "awk", "libc6", "nobody|nothing"};
  pick_depends(depends, {{"libc6", "libc6"}, {"awk", "mawk"}, {"mail-transport-agent", "exim4"}});
  EXPECT_EQ(depends, (Names{"exim4", "libc6", "mawk", "nobody"}));
}

TEST(os_packages, file_lists_leave_out_directories) {
  std::vector<std::uint64_t> owned;
  add_owned_lines(owned, "/.\n/bin\n/bin/sh\n/etc\n/etc/a\n/etc/ab\n");
  const std::vector<std::uint64_t> expected{owned_path_hash("usr/bin/sh"), owned_path_hash("/etc/a"), owned_path_hash("etc/ab")};
  EXPECT_EQ(owned, expected);
}

class NoTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

TEST(os_packages, a_package_came_with_the_lowest_layer_that_had_it_without_a_break) {
  const auto state = [](Names names) {
    Facts facts;
    for (std::string& name : names) facts.packages.push_back({.name = std::move(name), .version = "1"});
    return facts;
  };
  const Facts lowest = state({"base", "again"}), middle = state({"base", "mid"}), top = state({"base", "mid", "again", "new"});
  const std::vector<FileFacts> replaced{{"db", 0, &lowest}, {"db", 2, &middle}, {"other", 0, &top}};
  const std::vector<std::string> layers{"L0", "L1", "L2", "L3"};
  const FileFacts file{"db", 3, &top};
  const NoTree tree;
  const SquashedFacts facts{.files = {&file, 1}, .tree = tree, .layers = layers, .replaced = replaced};
  const FirstLayers brought(facts, file);
  const auto layer_of = [&](std::string name) { return brought.location({.name = std::move(name), .version = "1"}).layer; };
  EXPECT_EQ(layer_of("base"), "L0");
  EXPECT_EQ(layer_of("mid"), "L2");
  EXPECT_EQ(layer_of("again"), "L3");
  EXPECT_EQ(layer_of("new"), "L3");
}

TEST(stanzas, blank_lines_continuations_and_bad_lines) {
  StanzaReader reader("\n\nA: 1\nLong: x\n y\n\tz\n\n\n \nnonsense\nB:2\r\nb: 3\n");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 3u);
  EXPECT_EQ(reader.field("a"), "1");
  EXPECT_EQ(reader.field("Long"), "x\n y\n\tz");
  EXPECT_EQ(reader.bad_line(), 0u);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field("B"), "2");
  EXPECT_EQ(reader.bad_line(), 10u);
  EXPECT_FALSE(reader.next());
}

}  // namespace
}  // namespace plimsoll::inventory
