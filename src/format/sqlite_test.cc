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

std::string wal_fixture() {
  auto file = read_file(PLIMSOLL_TEST_DATA "/inventory/rpm/wal/input/var/lib/rpm/rpmdb.sqlite-wal");
  EXPECT_TRUE(file.has_value());
  return std::move(file).value();
}

// Row 4 became row 5, row 2 went; row 1 lies on a page of the log, but for its overflow pages.
TEST(sqlite, a_log_gives_its_pages_and_whole_rows) {
  const std::string wal = wal_fixture();
  std::vector<std::int64_t> blobs;
  const auto log = read_sqlite_log(as_bytes(wal), "Packages", {}, [&](const SqliteRow& row) {
    if (row.values.at(1).kind == SqliteValue::Kind::Blob) blobs.push_back(row.row_id);
  });
  ASSERT_TRUE(log.has_value());
  EXPECT_EQ(blobs, (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(log->left_out, 0u);
  EXPECT_EQ(log->tree.root, 0u) << "page 1 is not in it";
  ASSERT_EQ(log->tree.pages.size(), 3u);
  EXPECT_EQ(log->tree.pages[1].number, 17u);
  EXPECT_EQ(log->tree.pages[1].items, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(log->tree.pages[2].number, 18u);
  EXPECT_EQ(log->tree.pages[2].items, (std::vector<std::uint64_t>{3, 5}));
}

TEST(sqlite, of_a_log_only_whole_commits_count) {
  const std::string wal = wal_fixture();
  const auto pages = [](std::string_view bytes) {
    const auto log = read_sqlite_log(as_bytes(bytes), "Packages", {}, [](const SqliteRow&) {});
    EXPECT_TRUE(log.has_value());
    return log ? std::pair(log->tree.pages.size(), log->left_out) : std::pair(std::size_t{99}, std::uint64_t{99});
  };
  EXPECT_EQ(pages(""), std::pair(std::size_t{0}, std::uint64_t{0}));
  EXPECT_EQ(pages("no log"), std::pair(std::size_t{0}, std::uint64_t{0}));
  std::string torn = wal;
  torn.back() = static_cast<char>(torn.back() ^ 1);  // in the second commit, of page 17 alone
  EXPECT_EQ(pages(torn), std::pair(std::size_t{2}, std::uint64_t{1}));
  torn[32 + 24 + 100] = static_cast<char>(torn[32 + 24 + 100] ^ 1);  // in the first frame of the first
  EXPECT_EQ(pages(torn), std::pair(std::size_t{0}, std::uint64_t{3}));
  EXPECT_EQ(pages(std::string_view(wal).substr(0, 32 + 4120)), std::pair(std::size_t{0}, std::uint64_t{1})) << "a commit without its last frame";
}

TEST(sqlite, a_tables_tree) {
  std::vector<std::string> problems;
  SqliteTree tree;
  EXPECT_TRUE(read_sqlite_table(as_bytes(fixture()), "Packages", {}, [](const SqliteRow&) {}, problems, &tree).has_value());
  EXPECT_EQ(tree.root, 2u);
  ASSERT_EQ(tree.pages.size(), 3u);
  EXPECT_EQ(tree.pages[0].items, (std::vector<std::uint64_t>{17, 18}));
  EXPECT_EQ(tree.pages[1].items, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(tree.pages[2].items, (std::vector<std::uint64_t>{3, 4}));
}

}  // namespace
}  // namespace plimsoll::format
