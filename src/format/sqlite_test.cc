#include "format/sqlite.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::format {
namespace {

std::string fixture() {
  auto file = read_file(PLIMSOLL_TEST_DATA "/inventory/rpm/sqlite/input/var/lib/rpm/rpmdb.sqlite");
  EXPECT_TRUE(file.has_value());
  return std::move(file).value();
}

std::vector<std::size_t> blob_sizes(std::string_view file, std::vector<std::string>& problems) {
  std::vector<std::size_t> sizes;
  const Status status = read_sqlite_table(as_bytes(file), "packages", {}, [&](const SqliteRow& row) { sizes.push_back(row.values.at(1).bytes.size()); }, problems);
  EXPECT_TRUE(status.has_value());
  return sizes;
}

// Sizes as `SELECT length(blob)` says; the first blob spans overflow pages.
TEST(sqlite, rows_with_overflow_pages) {
  std::vector<std::string> problems;
  EXPECT_EQ(blob_sizes(fixture(), problems), (std::vector<std::size_t>{50876, 1848, 2044, 1800}));
  EXPECT_TRUE(problems.empty());
}

TEST(sqlite, what_is_no_database_is_an_error) {
  std::vector<std::string> problems;
  const auto never = [](const SqliteRow&) { FAIL(); };
  EXPECT_FALSE(read_sqlite_table({}, "x", {}, never, problems).has_value());
  EXPECT_FALSE(read_sqlite_table(as_bytes(std::string(5000, 'x')), "x", {}, never, problems).has_value());
  EXPECT_FALSE(read_sqlite_table(as_bytes(fixture()), "no such table", {}, never, problems).has_value());
  std::string odd = fixture();
  odd[17] = 3;  // page size 4099
  EXPECT_FALSE(read_sqlite_table(as_bytes(odd), "Packages", {}, never, problems).has_value());
}

TEST(sqlite, limits_and_cut_files) {
  const std::string file = fixture();
  std::vector<std::string> problems;
  Limits limits;
  limits.records = 2;
  const Status few = read_sqlite_table(as_bytes(file), "Packages", limits, [](const SqliteRow&) {}, problems);
  ASSERT_FALSE(few.has_value());
  EXPECT_EQ(few.error().kind(), ErrorKind::Limit);
  problems.clear();
  EXPECT_LT(blob_sizes(std::string_view(file).substr(0, 5 * 4096 + 100), problems).size(), 4u);
  EXPECT_FALSE(problems.empty()) << "a cut file must not look whole";
}

}  // namespace
}  // namespace plimsoll::format
