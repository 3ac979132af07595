// Import: a folder of feeds in their published forms -> a database.
//
// Every file at any depth is looked at; each goes to the feed plugin that claims it. Files that none claims, and files or
// records that could not be read, are named and counted, never left out in silence. Files are read by `threads` workers;
// the result does not depend on which was first.
// Example PLIM_TRY(auto summary, import_feeds("feeds/", "advisories.db", {}));
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "advisory/database.h"
#include "base/limits.h"
#include "model/gap.h"

namespace plimsoll::advisory {

struct ImportOptions {
  Limits limits;
  unsigned threads = 2;
  std::int64_t built_at = 0;        // seconds since 1970; 0: now is not known here, so the newest feed's date
  std::string private_key_pem;      // signs the database when not empty
  std::vector<std::string> only;    // feed plugins to use; empty: all
  std::vector<Shortfall> missing;   // feeds that the folder should hold and does not
};

struct ImportSummary {
  std::vector<FeedSummary> feeds;   // sorted by name
  std::vector<std::string> unknown; // files no feed claims
  std::vector<std::string> unusable; // files of which nothing was read, or whose reading ended early; below `source`
  Gaps gaps;                        // files and records that could not be read (the first thousand)
  std::uint64_t unread_records = 0; // all of them
  std::uint64_t files = 0, size_bytes = 0;
  std::string digest;
};

// `source`: a folder, or one file. Errors: NotFound; Malformed when nothing in it could be used at all (an empty database
// would look like a clean one); Io. `out` is replaced atomically, and only on success.
Result<ImportSummary> import_feeds(const std::string& source, const std::string& out, const ImportOptions& options);

}  // namespace plimsoll::advisory
