#include "inventory/java_groups.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

TEST(java_groups, by_name) { EXPECT_EQ(known_java_group("spring-core", "5.3.17"), "org.springframework"); }
TEST(java_groups, longest_prefix) {
  EXPECT_EQ(known_java_group("tomcat-embed-core", "9.0.1"), "org.apache.tomcat.embed");
  EXPECT_EQ(known_java_group("spring-boot-starter-web", "2.7.5"), "org.springframework.boot");
}
TEST(java_groups, by_version) {
  EXPECT_EQ(known_java_group("okhttp", "2.7.5"), "com.squareup.okhttp");
  EXPECT_EQ(known_java_group("okhttp", "4.10.0"), "com.squareup.okhttp3");
  EXPECT_EQ(known_java_group("asm", "3.1"), "asm");
}
TEST(java_groups, unknown) {
  EXPECT_EQ(known_java_group("no-such-thing", "1"), "");
  EXPECT_EQ(known_java_group("", ""), "");
}

}  // namespace
}  // namespace plimsoll::inventory
