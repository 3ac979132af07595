#include "base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"

namespace plimsoll {
namespace {

TEST(path, never_climbs_out) {
  EXPECT_EQ(normalise_path("../../etc//./passwd"), "etc/passwd");
  EXPECT_EQ(normalise_path("/a/b/../../../c/"), "c");
  EXPECT_EQ(normalise_path("."), "");
  EXPECT_EQ(resolve_link("usr/bin/java", "../../../../etc/alternatives/java"), "etc/alternatives/java");
  EXPECT_EQ(resolve_link("a/b", "/c"), "c");
}

TEST(file, replace_keeps_the_old_one_whole) {
  const std::string folder = cat(::testing::TempDir(), "plim.", ::getpid());
  ASSERT_TRUE(make_directories(cat(folder, "/x/y")));
  const std::string path = cat(folder, "/x/y/f");
  ASSERT_TRUE(replace_file(path, as_bytes("one")));
  ASSERT_TRUE(replace_file(path, as_bytes("two")));
  EXPECT_EQ(*read_file(path), "two");
  EXPECT_EQ(list_directory(cat(folder, "/x/y"))->size(), 1u);
  EXPECT_EQ(read_file(path, 2).error().kind(), ErrorKind::Limit);
  EXPECT_EQ(read_file(cat(folder, "/none")).error().kind(), ErrorKind::NotFound);
}

}  // namespace
}  // namespace plimsoll
