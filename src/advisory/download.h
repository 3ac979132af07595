// Download: one feed from its server into one file.
//
// Conditional  a file that is kept, with what the server said of it, is not sent again when it has not changed.
// Resumed      a connection that breaks is taken up where it stopped; so is a download whose process was killed, by the next
//              one (INCOMING.part and INCOMING.part-of, which holds the strong validator of what was begun). A content that has
//              changed meanwhile begins anew.
// Checked      where an index tells the SHA-256 of the feed, what came must fit it.
// Threads      one at a time for one name.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "advisory/feed_list.h"
#include "base/http.h"

namespace plimsoll::advisory {

struct DownloadOptions {
  bool plain_http = false;                  // allow http:// beyond loopback
  std::uint64_t max_bytes = 4ull << 30;
  std::chrono::milliseconds page_pause{0};  // between two pages of FeedForm::Pages
};

struct Downloaded {
  enum class Kind : std::uint8_t { Fresh, Unchanged, NotThere } kind = Kind::Unchanged;  // NotThere: 404 of an optional feed
  std::uint64_t bytes = 0;  // that came over the network
  // Of the file that came, for the next download: ETag, Last-Modified, address, one a line.
  std::string validators;
};

// `incoming`: where the file is put when it is whole. `validators`: those of the file that is kept; empty when there is none.
// Errors: Io, Limit, Denied, Malformed (an index that cannot be read, a file that does not fit its checksum).
Result<Downloaded> download(HttpClient& client, const RemoteFeed& feed, const std::string& incoming, const std::string& validators, const DownloadOptions& options);
// Where a rpm repository's repomd.xml says that updateinfo lies (told from the repository's folder), and its SHA-256 in hex;
// empty where it tells none. Errors: Malformed.
Result<std::pair<std::string, std::string>> updateinfo_of(std::string_view repomd);
// The files beside `incoming` that a download leaves when it is killed.
bool is_unfinished(std::string_view file_name);

}  // namespace plimsoll::advisory
