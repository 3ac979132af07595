#include "inventory/headers.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

TEST(headers, fields_end_at_the_blank_line) {
  const Headers headers = read_headers("Name: a\nVersion : 1 \n\nName: text, no field\n");
  EXPECT_EQ(headers.get("name"), "a");
  EXPECT_EQ(headers.get("Version"), "1");
  EXPECT_EQ(headers.fields.size(), 2u);
  EXPECT_EQ(headers.rest, "Name: text, no field\n");
}
TEST(headers, manifest_lines_join) {
  EXPECT_EQ(read_headers("Vendor-Id: org.exam\r\n ple\r\n", Folding::Joined).get("Vendor-Id"), "org.example");
}
TEST(headers, other_lines_keep_their_break) { EXPECT_EQ(read_headers("A: b\n  c\n").get("A"), "b\n c"); }
TEST(headers, lines_without_a_colon_are_counted) {
  const Headers headers = read_headers("no field\nA: b\n: empty name\n");
  EXPECT_EQ(headers.get("A"), "b");
  EXPECT_EQ(headers.bad_lines, 2u);
}
TEST(headers, nothing_in_nothing_out) {
  EXPECT_TRUE(read_headers("").fields.empty());
  EXPECT_TRUE(read_headers("\n\n").fields.empty());
}

}  // namespace
}  // namespace plimsoll::inventory
