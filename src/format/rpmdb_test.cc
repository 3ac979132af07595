#include "format/rpmdb.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace plimsoll::format {
namespace {

constexpr std::size_t kPage = 4096;

std::string bdb_file() {
  auto file = read_file(PLIMSOLL_TEST_DATA "/inventory/rpm/bdb/input/var/lib/rpm/Packages");
  EXPECT_TRUE(file.has_value());
  return file ? *file : std::string();
}

struct Reading {
  bool ok = false;
  std::size_t blobs = 0;
  std::vector<std::string> problems;
};
Reading read(std::string_view file) {
  Reading out;
  out.ok = read_rpmdb(as_bytes(file), {}, [&](Bytes) { ++out.blobs; }, out.problems).has_value();
  return out;
}

TEST(rpmdb, a_whole_berkeley_file_has_no_problem) {
  const Reading whole = read(bdb_file());
  EXPECT_TRUE(whole.ok);
  EXPECT_EQ(whole.blobs, 4u);
  EXPECT_TRUE(whole.problems.empty());
}

TEST(rpmdb, a_page_of_zeros_is_told_whichever_it_is) {
  const std::string whole = bdb_file();
  ASSERT_EQ(whole.size(), 19 * kPage);
  for (std::size_t page = 1; page < 19; ++page) {
    std::string torn = whole;
    torn.replace(page * kPage, kPage, kPage, '\0');
    const Reading reading = read(torn);
    EXPECT_TRUE(reading.ok) << page;
    EXPECT_LT(reading.blobs, 4u) << page;
    EXPECT_FALSE(reading.problems.empty()) << page;
  }
  std::string other = whole;
  other[kPage + 25] = 5;  // a leaf of a tree
  EXPECT_FALSE(read(other).problems.empty());
}

}  // namespace
}  // namespace plimsoll::format
