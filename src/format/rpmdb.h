// The rpm database's blobs: package headers out of the three forms rpm has stored them in.
//
// Forms    SQLite (rpmdb.sqlite, rpm >= 4.16), Berkeley DB hash (Packages), NDB (Packages.db, SUSE). The bytes tell which.
// Damage   a torn page or blob costs its package; it is named in `problems`.
// Source   rpm: lib/backend/{sqlite,ndb/rpmpkg}.c for the layouts; Berkeley DB: src/dbinc/db_page.h for hash pages.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::format {

// The blob is valid during the visit: a header in the form RpmHeader reads.
using BlobVisitor = std::function<void(Bytes blob)>;

// Errors: Malformed (none of the three), Unsupported (a Berkeley DB that is encrypted or no hash), Limit.
Status read_rpmdb(Bytes file, const Limits& limits, const BlobVisitor& visit, std::vector<std::string>& problems);

// The two forms that are rpm's alone (bdb.cc, ndb.cc).
bool is_bdb(Bytes file);
Status read_bdb_hash(Bytes file, const Limits& limits, const std::function<void(Bytes key, Bytes value)>& visit, std::vector<std::string>& problems);
bool is_ndb(Bytes file);
Status read_ndb(Bytes file, const Limits& limits, const BlobVisitor& visit, std::vector<std::string>& problems);

}  // namespace plimsoll::format
