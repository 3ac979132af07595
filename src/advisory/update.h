// Update: feeds fetched over HTTPS into a folder that keeps them, then compiled into the database.
//
// Conditional (a feed whose ETag or date the server still has is not sent again), resumable within a download, atomic: a
// feed file is replaced when it has come whole and an import could read it, the database when all of it was built. When a
// feed cannot be had, or what came is no feed (a captive portal's page, half a document), the old file of it is used where
// there is one, else the database is built without it; both are gaps. When none can be had, and for every other trouble, the
// old database stays.
// Two updates at once: the second is refused (a lock on the folder).
#pragma once
#include <string>
#include <vector>

#include "advisory/import.h"
#include "base/http.h"

namespace plimsoll::advisory {

struct RemoteFeed {
  std::string name;  // file name it is kept under
  std::string url;
};
// Public addresses of the feeds that have no key and one file.
const std::vector<RemoteFeed>& public_feeds();

struct UpdateOptions {
  std::string folder;                // where feed files are kept between updates
  std::vector<RemoteFeed> feeds;
  HttpOptions http;
  bool plain_http = false;           // allow http:// beyond loopback
  std::uint64_t max_feed_bytes = 4ull << 30;
  ImportOptions import;
};
struct UpdateSummary {
  ImportSummary import;
  std::uint64_t fetched = 0, unchanged = 0, bytes = 0;
};
// Errors: Denied (another update runs), Io and Limit (no feed came at all), those of import_feeds.
Result<UpdateSummary> update(const std::string& database, const UpdateOptions& options);

}  // namespace plimsoll::advisory
