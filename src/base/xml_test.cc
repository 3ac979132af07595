#include "base/xml.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(xml, tree_without_prefixes) {
  const auto root = parse_xml(as_bytes("<m:a x='1'><b> t </b><b>u</b></m:a>"));
  ASSERT_TRUE(root);
  EXPECT_EQ(root->name, "a");
  EXPECT_EQ(root->attributes.at("x"), "1");
  EXPECT_EQ(root->child_text("b"), "t");
  EXPECT_EQ(root->children.size(), 2u);
}
TEST(xml, entities_are_refused) {
  EXPECT_EQ(parse_xml(as_bytes("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>")).error().kind(), ErrorKind::Malformed);
}
TEST(xml, depth_is_bounded) {
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "<a>";
  EXPECT_EQ(parse_xml(as_bytes(deep)).error().kind(), ErrorKind::Limit);
}
TEST(xml, a_cut_document_is_an_error) { EXPECT_EQ(parse_xml(as_bytes("<a><b></b>")).error().kind(), ErrorKind::Malformed); }

}  // namespace
}  // namespace plimsoll
