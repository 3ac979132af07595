// Update: feeds fetched over HTTPS into a folder that keeps them, then compiled into the database.
//
// Conditional (a feed whose ETag or date the server still has is not sent again), resumed, even where the process was killed
// (download.h), atomic: a feed file is replaced when it has come whole and an import could read it, the database when all of it was built. When a
// feed cannot be had, or what came is no feed (a captive portal's page, half a document), the old file of it is used where
// there is one, else the database is built without it and says so for the ecosystems it covers (Shortfall); both are gaps. When none can be had, and for every other trouble, the
// old database stays.
// Two updates at once: the second is refused (a lock on the folder).
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "advisory/feed_list.h"
#include "advisory/import.h"
#include "base/http.h"

namespace plimsoll::advisory {

struct UpdateOptions {
  std::string folder;                // where feed files are kept between updates
  std::vector<RemoteFeed> feeds;
  HttpOptions http;
  bool plain_http = false;           // allow http:// beyond loopback
  std::uint64_t max_feed_bytes = 4ull << 30;
  std::chrono::milliseconds page_pause{0};  // see download.h
  ImportOptions import;
};
struct UpdateSummary {
  ImportSummary import;
  std::uint64_t fetched = 0, unchanged = 0, not_there = 0, bytes = 0;
};
// Errors: Denied (another update runs), Io and Limit (no feed came at all), those of import_feeds.
Result<UpdateSummary> update(const std::string& database, const UpdateOptions& options);

}  // namespace plimsoll::advisory
