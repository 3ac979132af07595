#include "advisory/update.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "advisory/download.h"
#include "base/file.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

// Held while an update runs; given up with the process, however it ends.
Result<Fd> lock(const std::string& folder) {
  const std::string path = cat(folder, "/.lock");
  Fd fd(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644));
  if (!fd.open()) return errno_error(cat("opening ", path));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return denied(cat("another update of ", folder, " is running"));
  return fd;
}

Status move_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return errno_error(cat("replacing ", to));
  return Ok{};
}

// Where the files of one feed lie. What the server sent counts only once an import has read it whole: until then the last
// good file waits in `previous`, and nothing is kept of what the server said of the new one.
struct FeedFiles {
  FeedFiles(const std::string& folder, const std::string& name)
      : current(cat(folder, "/files/", name)), incoming(cat(folder, "/incoming/", name)), previous(cat(folder, "/previous/", name)), validators(cat(folder, "/.validators-", name)) {}
  std::string current, incoming, previous, validators;
};

constexpr std::string_view kNotThere = "there is no earlier version of it: the database is without this feed";

struct Fetched {
  const RemoteFeed* feed = nullptr;
  FeedFiles files;
  std::string said;  // the validators of the new file
};

Status put_in_place(const FeedFiles& files) {
  ::unlink(files.validators.c_str());
  // A `previous` that is there is the last good one: the update that put it there did not end.
  if (exists(files.current) && !exists(files.previous)) PLIM_CHECK(move_file(files.current, files.previous));
  return move_file(files.incoming, files.current);
}

// What came cannot be used: the last good file is put back, where there is one.
Status put_back(const Fetched& fetched, Gaps& gaps) {
  const bool earlier = exists(fetched.files.previous);
  gaps.push_back({.part = "feed", .where = fetched.feed->url, .why = cat("what the server sent cannot be read whole by any feed; ", earlier ? "its last version is used" : kNotThere)});
  if (earlier) return move_file(fetched.files.previous, fetched.files.current);
  ::unlink(fetched.files.current.c_str());
  return Ok{};
}

// Files of feeds that are no longer asked for, and what was begun of them.
Status remove_others(const std::string& folder, const std::vector<RemoteFeed>& feeds) {
  for (const char* part : {"/files", "/incoming"}) {
    PLIM_TRY(const std::vector<std::string> names, list_directory(cat(folder, part)));
    for (const std::string& name : names)
      if (std::none_of(feeds.begin(), feeds.end(), [&](const RemoteFeed& feed) { return name == feed.name || (name.starts_with(feed.name) && is_unfinished(name)); }))
        ::unlink(cat(folder, part, "/", name).c_str());
  }
  return Ok{};
}

void add_shortfalls(std::vector<Shortfall>& out, const RemoteFeed& feed, const std::string& why) {
  for (const std::string& ecosystem : feed.covers) out.push_back({.ecosystem = ecosystem, .where = feed.name, .why = why});
}

Status keep(const Fetched& fetched) {
  ::unlink(fetched.files.previous.c_str());
  return replace_file(fetched.files.validators, as_bytes(fetched.said));
}

}  // namespace

Result<UpdateSummary> update(const std::string& database, const UpdateOptions& options) {
  const std::string files = cat(options.folder, "/files");
  for (const std::string& folder : {files, cat(options.folder, "/incoming"), cat(options.folder, "/previous")}) PLIM_CHECK(make_directories(folder));
  PLIM_TRY(const Fd held, lock(options.folder));
  HttpClient client(options.http);
  UpdateSummary summary;
  Gaps gaps;
  std::optional<Error> first_trouble;
  std::vector<Fetched> fetched;
  ImportOptions import = options.import;
  for (const RemoteFeed& feed : options.feeds) {
    FeedFiles places(options.folder, feed.name);
    const bool earlier = exists(places.current);
    const std::string said = earlier ? read_file(places.validators).value_or(std::string{}) : std::string{};
    auto fresh = download(client, feed, places.incoming, said, {.plain_http = options.plain_http, .max_bytes = options.max_feed_bytes, .page_pause = options.page_pause});
    if (fresh.has_value()) {
      summary.bytes += fresh->bytes;
      if (fresh->kind == Downloaded::Kind::NotThere) ++summary.not_there;
      else if (fresh->kind == Downloaded::Kind::Unchanged) ++summary.unchanged;
      else ++summary.fetched, fetched.push_back({&feed, std::move(places), std::move(fresh->validators)});
      continue;
    }
    if (!earlier) add_shortfalls(import.missing, feed, "it could not be fetched");
    gaps.push_back({.part = "feed", .where = feed.url, .why = cat("could not be fetched (", fresh.error().message(), "); ", earlier ? "its last version is used" : kNotThere)});
    if (!earlier && !first_trouble) first_trouble = std::move(fresh).error().with_context("feed", feed.url);
  }
  PLIM_CHECK(remove_others(options.folder, options.feeds));
  if (fetched.empty() && summary.unchanged == 0 && first_trouble) return std::move(*first_trouble);
  for (const Fetched& each : fetched) PLIM_CHECK(put_in_place(each.files));

  const std::string built = cat(database, ".next");
  auto imported = import_feeds(files, built, import);
  if (!imported.has_value() && imported.error().kind() != ErrorKind::Malformed) {  // a full disk is no fault of the feeds
    for (const Fetched& each : fetched)
      if (exists(each.files.previous)) PLIM_CHECK(move_file(each.files.previous, each.files.current));
    return std::move(imported).error();
  }
  // Files that gave nothing or ended early: the last good ones instead, and all is built once more.
  Status usable = Ok{};
  bool again = false;
  for (const Fetched& each : fetched) {
    const bool bad = !imported.has_value() || std::find(imported->unusable.begin(), imported->unusable.end(), each.feed->name) != imported->unusable.end();
    again = again || bad;
    if (bad && !exists(each.files.previous)) add_shortfalls(import.missing, *each.feed, "what the server sent cannot be read whole");
    Status kept = bad ? put_back(each, gaps) : keep(each);
    if (!kept.has_value() && usable.has_value()) usable = std::move(kept);
  }
  if (again && usable.has_value()) imported = import_feeds(files, built, import);
  if (!usable.has_value() || !imported.has_value()) {
    ::unlink(built.c_str());
    PLIM_CHECK(usable);
  }
  PLIM_TRY(summary.import, std::move(imported));
  PLIM_CHECK(move_file(built, database));
  summary.import.gaps.insert(summary.import.gaps.begin(), gaps.begin(), gaps.end());
  return summary;
}

}  // namespace plimsoll::advisory
