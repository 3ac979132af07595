#include "format/rpmdb.h"

#include "format/sqlite.h"

namespace plimsoll::format {

Status read_rpmdb(Bytes file, const Limits& limits, const BlobVisitor& visit, std::vector<std::string>& problems) {
  if (is_sqlite(file)) {
    return read_sqlite_table(
        file, "Packages", limits,
        [&](const SqliteRow& row) {
          if (row.values.size() >= 2 && row.values[1].kind == SqliteValue::Kind::Blob) visit(row.values[1].bytes);
          else problems.push_back("a row of Packages has no blob");
        },
        problems);
  }
  if (is_ndb(file)) return read_ndb(file, limits, visit, problems);
  if (is_bdb(file)) {
    return read_bdb_hash(
        file, limits,
        [&](Bytes key, Bytes value) {
          // Key 0 holds the next free number, no header.
          if (key.size() == 4 && load_le<std::uint32_t>(key, 0) != 0) visit(value);
        },
        problems);
  }
  return malformed("no rpm database in a known form (SQLite, NDB, Berkeley DB)");
}

}  // namespace plimsoll::format
