// SQLite database files, read-only and page by page: the rows of one table, nothing else.
//
// Why our own  the file comes out of an image: a bounded reader of bytes in memory needs no file on disk, no journal
//              recovery and no SQL, and a torn page costs its rows, not the database.
// Source       sqlite.org/fileformat2.html §1.3 (header), §1.6 (b-tree pages and cells), §2.1 (records), §4 (write-ahead log).
// Log          a write-ahead log beside the file is read by itself (read_sqlite_log). SqliteTree says of both which pages a
//              table has, so that the log's can be laid over the file's.
//
//   std::vector<std::string> problems;
//   PLIM_CHECK(read_sqlite_table(file, "Packages", limits, [](const SqliteRow& row) { use(row.values[1].bytes); }, problems));
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::format {

struct SqliteValue {
  enum class Kind { Null, Integer, Real, Text, Blob };
  Kind kind = Kind::Null;
  std::int64_t integer = 0;
  double real = 0;
  Bytes bytes;  // of Text (in the file's encoding) and Blob; valid during the visit
};

struct SqliteRow {
  std::int64_t row_id = 0;
  std::vector<SqliteValue> values;  // a column that is the INTEGER PRIMARY KEY is stored as Null: it is row_id
};

// The pages of a table's b-tree, by number.
struct SqliteTree {
  struct Page {
    std::uint64_t number = 0;
    bool leaf = false;
    std::vector<std::uint64_t> items;  // of a leaf the ids of its rows, else its child pages; in order
  };
  std::uint64_t root = 0;  // 0: not known
  std::vector<Page> pages;
};

bool is_sqlite(Bytes file);

// Visits each row of a table in b-tree order. What is damaged (a page that is no b-tree page, a cell that leaves its
// page, a page reached twice) is skipped and named in `problems`; the rest is still read.
// `tree` (may be null) is filled with the table's pages. Errors: Malformed (no SQLite file, no such table), Limit
// (limits.records rows).
Status read_sqlite_table(Bytes file, std::string_view table, const Limits& limits, const std::function<void(const SqliteRow&)>& visit,
                         std::vector<std::string>& problems, SqliteTree* tree = nullptr);

struct SqliteLog {
  SqliteTree tree;  // of all tables' pages that the log's commits wrote, their newest state; root of `table` when page 1 is among them
  std::uint64_t left_out = 0;  // frames of the newest generation that are torn or were never committed
};
// Reads what a write-ahead log holds up to its last commit, checksums verified. Visits the rows, of whatever table, whose
// bytes are all in the log; of the others the tree has the ids. A log that SQLite would take for empty gives an empty
// tree. Errors: Limit.
Result<SqliteLog> read_sqlite_log(Bytes wal, std::string_view table, const Limits& limits, const std::function<void(const SqliteRow&)>& visit);

// Frames of a write-ahead log (§4) that belong to its newest generation: pages which the database file does not have yet
// or has in an older state. 0 for an empty log or none.
std::uint64_t sqlite_wal_frames(Bytes wal);

}  // namespace plimsoll::format
