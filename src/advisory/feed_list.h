// The public feeds: where their publishers keep them, in which form, and which of them `db update` takes unasked.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace plimsoll::advisory {

// How an address leads to the feed.
enum class FeedForm : std::uint8_t {
  File,        // the feed itself
  Latest,      // a text whose first line names the newest archive beside it (Red Hat's archive_latest.txt)
  Repomd,      // a rpm repository's repomd.xml, which names updateinfo and its SHA-256
  MirrorList,  // a text of addresses of such repositories (Amazon's mirror.list), tried in order
  Pages,       // an API that gives pages (NVD's: startIndex, resultsPerPage, totalResults); kept as JSON lines
};

struct RemoteFeed {
  std::string name;  // file name it is kept under
  std::string url;
  FeedForm form = FeedForm::File;
  std::string group;       // what `--with` calls it; empty: taken unasked
  bool optional = false;   // 404 is no trouble: a release that may not be out yet
  // Ecosystems that a database is not complete for without it: keys, "debian:", "*"; empty: it tells facts of CVEs alone.
  std::vector<std::string> covers = {"*"};
};

const std::vector<RemoteFeed>& public_feeds();
// Those taken unasked and those of `groups`. Errors: NotFound for a group that there is not, naming those there are.
Result<std::vector<RemoteFeed>> chosen_feeds(const std::vector<std::string>& groups);

// "NAME=URL", "NAME=mirrorlist+URL" and the like; NAME's words tell what it covers. Errors: Malformed.
Result<RemoteFeed> parse_remote_feed(std::string_view text);
std::string_view to_string(FeedForm form);

}  // namespace plimsoll::advisory
