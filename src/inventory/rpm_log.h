// An rpm database in SQLite's form and the write-ahead log beside it: which of their packages are installed.
//
// Purpose  Rows that a commit wrote to the log, and the database file does not have yet, count; rows that are no longer in
//          the pages which the log replaced do not. A row that both hold with the same package is the database's, whose
//          relations are better known. The two files are read apart (a cataloguer sees one file at a time), so
//          each leaves the pages of its table as notes, and the log's are laid over the database's here.
// Use      note_tree(facts, tree); note_rows(facts, ids);           // in extract, of both
//          const LogOverlay overlay(&database, &log);               // in resolve; the log may be null
//          if (overlay.in_database(i)) ...; if (overlay.in_log(i)) ...
// Cost     O(pages + rows). Threads: one.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "format/sqlite.h"
#include "model/facts.h"

namespace plimsoll::inventory {

// The table's root and pages.
void note_tree(Facts& facts, const format::SqliteTree& tree);
// The row of each package of facts.packages, in order; then the rows that were read and hold none (keys, damaged headers).
void note_rows(Facts& facts, const std::vector<std::int64_t>& packages, const std::vector<std::int64_t>& others);

class LogOverlay {
 public:
  // Facts of the database file and of its log; either may be null.
  LogOverlay(const Facts* database, const Facts* log);
  // Whether package `index` of that file's facts is installed.
  bool in_database(std::size_t index) const;
  bool in_log(std::size_t index) const;
  // Rows and pages that the table names and neither file holds whole.
  std::uint64_t missing() const { return missing_; }

 private:
  bool overlaid_ = false;
  std::vector<std::uint64_t> database_rows_, log_rows_;  // of the packages
  std::set<std::uint64_t> present_;                      // rows the table has
  std::set<std::uint64_t> same_, replaced_;              // rows of both files: with the same package, with another
  std::uint64_t missing_ = 0;
};

}  // namespace plimsoll::inventory
