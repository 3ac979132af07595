#include "inventory/pom.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll::inventory {
namespace {

Pom pom(std::string_view inside) {
  auto read = parse_pom(as_bytes(cat("<project>", inside, "</project>")), Limits{});
  EXPECT_TRUE(read.has_value());
  return read ? std::move(*read) : Pom{};
}

TEST(pom, version_and_group_come_from_the_parent) {
  PomSet set;
  set.add("pom.xml", pom("<groupId>g</groupId><artifactId>root</artifactId><version>${rev}</"
                         "version><properties><rev>1.${minor}</rev><minor>2</minor></properties>"));
  set.add("a/pom.xml", pom("<parent><groupId>g</groupId><artifactId>root</artifactId><version>${rev}</version></"
                           "parent><artifactId>a</artifactId>"));
  EXPECT_EQ(set.group("a/pom.xml"), "g");
  EXPECT_EQ(set.version("a/pom.xml"), "1.2");
  EXPECT_EQ(set.artifact("a/pom.xml"), "a");
}

TEST(pom, properties_of_the_child_win) {
  PomSet set;
  set.add("pom.xml", pom("<groupId>g</groupId><artifactId>root</artifactId><version>1</version><properties><v>1</v></"
                         "properties><dependencies><dependency><groupId>d</groupId><artifactId>d</"
                         "artifactId><version>${v}</version></dependency></dependencies>"));
  set.add("a/pom.xml", pom("<parent><groupId>g</groupId><artifactId>root</artifactId><version>1</version></"
                           "parent><artifactId>a</artifactId><properties><v>2</v></properties>"));
  ASSERT_EQ(set.dependencies("a/pom.xml").size(), 1u);
  EXPECT_EQ(set.dependencies("a/pom.xml")[0].version, "2");
}

TEST(pom, circles_end) {
  PomSet set;
  set.add("a/pom.xml", pom("<parent><groupId>g</groupId><artifactId>b</artifactId><version>1</version><relativePath>../"
                           "b</relativePath></parent><artifactId>a</artifactId><version>${x}</"
                           "version><properties><x>${y}</x><y>${x}</y></properties>"));
  set.add("b/pom.xml", pom("<parent><groupId>g</groupId><artifactId>a</artifactId><version>1</version><relativePath>../"
                           "a</relativePath></parent><artifactId>b</artifactId>"));
  EXPECT_NE(set.version("a/pom.xml").find("${"), std::string::npos);
}

TEST(pom, packing_loses_nothing) {
  const Pom before = pom(
      "<parent><groupId>pg</groupId><artifactId>pa</artifactId><version>pv</version><relativePath>../x</relativePath></"
      "parent><groupId>g</groupId><artifactId>a</artifactId><version>v</version><properties><k>w</k></properties>"
      "<dependencies><dependency><groupId>d</groupId><artifactId>e</artifactId><version>1</version><scope>test</"
      "scope><optional>true</optional></dependency></dependencies><licenses><license><name>MIT</name></license></"
      "licenses>");
  const Pom after = Pom::unpacked(before.packed());
  EXPECT_EQ(after.packed(), before.packed());
  EXPECT_EQ(after.licenses, std::vector<std::string>{"MIT"});
  EXPECT_TRUE(after.dependencies.at(0).optional);
}

TEST(pom, other_documents_are_refused) {
  EXPECT_FALSE(parse_pom(as_bytes("<settings/>"), Limits{}).has_value());
  EXPECT_FALSE(parse_pom(as_bytes("<project>"), Limits{}).has_value());
}

}  // namespace
}  // namespace plimsoll::inventory
