#include "advisory/update.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

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

// What the server at `url` said of the file that is kept: ETag, Last-Modified and the address itself, one a line.
std::pair<std::string, std::string> validators(const std::string& path, std::string_view url) {
  const auto text = read_file(path);
  if (!text.has_value()) return {};
  const std::vector<std::string_view> lines = split(*text, '\n');
  if (lines.size() < 3 || lines[2] != url) return {};
  return {std::string(lines[0]), std::string(lines[1])};
}

// The body into `path`. Errors leave nothing behind.
Result<std::uint64_t> store(ByteSource& body, const std::string& path, std::uint64_t max_bytes) {
  std::uint64_t total = 0;
  const auto write = [&]() -> Status {
    Fd fd(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644));
    if (!fd.open()) return errno_error(cat("writing ", path));
    std::vector<std::uint8_t> buffer(256 << 10);
    for (;;) {
      PLIM_TRY(const std::size_t n, body.read(buffer.data(), buffer.size()));
      if (n == 0) break;
      total += n;
      if (total > max_bytes) return limit_reached(cat("the feed is larger than ", max_bytes, " bytes"));
      PLIM_CHECK(write_all(fd, Bytes(buffer.data(), n)));
    }
    if (::fsync(fd.get()) != 0) return errno_error(cat("writing ", path));
    return Ok{};
  };
  if (Status status = write(); !status.has_value()) {
    ::unlink(path.c_str());
    return std::move(status).error();
  }
  return total;
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

// Nothing when the server still has what we have.
Result<std::optional<Fetched>> fetch(HttpClient& client, const RemoteFeed& feed, const UpdateOptions& options, std::uint64_t& bytes) {
  FeedFiles files(options.folder, feed.name);
  HttpRequest request{.url = feed.url};
  request.plain_http = options.plain_http;
  if (exists(files.current)) {
    const auto [etag, modified] = validators(files.validators, feed.url);
    if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
    if (!modified.empty()) request.headers.emplace_back("If-Modified-Since", modified);
  }
  PLIM_TRY(HttpResponse response, client.get_resumable(request, Resume::ByValidator));
  if (response.status == 304) return std::optional<Fetched>();
  if (!response.ok()) return io_error(cat("the server answers ", response.status));
  std::string said = cat(response.header("ETag"), "\n", response.header("Last-Modified"), "\n", feed.url, "\n");
  PLIM_TRY(const std::uint64_t size, store(*response.body, files.incoming, options.max_feed_bytes));
  bytes += size;
  return std::optional(Fetched{&feed, std::move(files), std::move(said)});
}

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

// Files of feeds that are no longer asked for.
Status remove_others(const std::string& files, const std::vector<RemoteFeed>& feeds) {
  PLIM_TRY(const std::vector<std::string> names, list_directory(files));
  for (const std::string& name : names)
    if (std::none_of(feeds.begin(), feeds.end(), [&](const RemoteFeed& feed) { return feed.name == name; })) ::unlink(cat(files, "/", name).c_str());
  return Ok{};
}

Status keep(const Fetched& fetched) {
  ::unlink(fetched.files.previous.c_str());
  return replace_file(fetched.files.validators, as_bytes(fetched.said));
}

}  // namespace

const std::vector<RemoteFeed>& public_feeds() {
  static const std::vector<RemoteFeed> feeds = [] {
    std::vector<RemoteFeed> out = {
        {"debian-tracker.json", "https://security-tracker.debian.org/tracker/data/json"},
        {"kev.json", "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"},
        {"epss.csv.gz", "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"},
        {"wolfi.json", "https://packages.wolfi.dev/os/security.json"},
    };
    for (const char* ecosystem : {"npm", "PyPI", "Maven", "Go", "crates.io", "RubyGems", "Packagist", "NuGet", "Hex", "Pub", "AlmaLinux", "Rocky%20Linux", "Ubuntu"})
      out.push_back({cat("osv-", lower(ecosystem), ".zip"), cat("https://osv-vulnerabilities.storage.googleapis.com/", ecosystem, "/all.zip")});
    for (const char* branch : {"v3.18", "v3.19", "v3.20", "v3.21", "v3.22", "edge"})
      for (const char* repository : {"main", "community"})
        out.push_back({cat("alpine-", branch, "-", repository, ".json"), cat("https://secdb.alpinelinux.org/", branch, "/", repository, ".json")});
    return out;
  }();
  return feeds;
}

Result<UpdateSummary> update(const std::string& database, const UpdateOptions& options) {
  const std::string files = cat(options.folder, "/files");
  for (const std::string& folder : {files, cat(options.folder, "/incoming"), cat(options.folder, "/previous")}) PLIM_CHECK(make_directories(folder));
  PLIM_TRY(const Fd held, lock(options.folder));
  HttpClient client(options.http);
  UpdateSummary summary;
  Gaps gaps;
  std::optional<Error> first_trouble;
  std::vector<Fetched> fetched;
  for (const RemoteFeed& feed : options.feeds) {
    auto fresh = fetch(client, feed, options, summary.bytes);
    if (fresh.has_value()) {
      ++(*fresh ? summary.fetched : summary.unchanged);
      if (*fresh) fetched.push_back(std::move(**fresh));
      continue;
    }
    const bool earlier = exists(cat(files, "/", feed.name));
    gaps.push_back({.part = "feed", .where = feed.url, .why = cat("could not be fetched (", fresh.error().message(), "); ", earlier ? "its last version is used" : kNotThere)});
    if (!earlier && !first_trouble) first_trouble = std::move(fresh).error().with_context("feed", feed.url);
  }
  PLIM_CHECK(remove_others(files, options.feeds));
  if (fetched.empty() && summary.unchanged == 0 && first_trouble) return std::move(*first_trouble);
  for (const Fetched& each : fetched) PLIM_CHECK(put_in_place(each.files));

  const std::string built = cat(database, ".next");
  auto imported = import_feeds(files, built, options.import);
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
    Status kept = bad ? put_back(each, gaps) : keep(each);
    if (!kept.has_value() && usable.has_value()) usable = std::move(kept);
  }
  if (again && usable.has_value()) imported = import_feeds(files, built, options.import);
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
