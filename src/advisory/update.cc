#include "advisory/update.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

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

// What the server said of the file that is kept: ETag and Last-Modified, one a line.
std::pair<std::string, std::string> validators(const std::string& path) {
  const auto text = read_file(path);
  if (!text.has_value()) return {};
  const auto [etag, rest] = cut(*text, '\n');
  return {std::string(etag), std::string(cut(rest, '\n').first)};
}

// The body into `path`, by a file beside it. Errors leave nothing behind.
Result<std::uint64_t> store(ByteSource& body, const std::string& path, std::uint64_t max_bytes) {
  const std::string part = cat(path, ".part");
  std::uint64_t total = 0;
  const auto write = [&]() -> Status {
    Fd fd(::open(part.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644));
    if (!fd.open()) return errno_error(cat("writing ", part));
    std::vector<std::uint8_t> buffer(256 << 10);
    for (;;) {
      PLIM_TRY(const std::size_t n, body.read(buffer.data(), buffer.size()));
      if (n == 0) break;
      total += n;
      if (total > max_bytes) return limit_reached(cat("the feed is larger than ", max_bytes, " bytes"));
      PLIM_CHECK(write_all(fd, Bytes(buffer.data(), n)));
    }
    if (::fsync(fd.get()) != 0) return errno_error(cat("writing ", part));
    return Ok{};
  };
  if (Status status = write(); !status.has_value()) {
    ::unlink(part.c_str());
    return std::move(status).error();
  }
  if (::rename(part.c_str(), path.c_str()) != 0) return errno_error(cat("replacing ", path));
  return total;
}

// True when something new came.
Result<bool> fetch(HttpClient& client, const RemoteFeed& feed, const UpdateOptions& options, const std::string& folder, std::uint64_t& bytes) {
  const std::string path = cat(folder, "/", feed.name), known = cat(options.folder, "/.validators-", feed.name);
  HttpRequest request{.url = feed.url};
  request.plain_http = options.plain_http;
  if (exists(path)) {
    const auto [etag, modified] = validators(known);
    if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
    if (!modified.empty()) request.headers.emplace_back("If-Modified-Since", modified);
  }
  PLIM_TRY(HttpResponse response, client.get_resumable(request, Resume::ByValidator));
  if (response.status == 304) return false;
  if (!response.ok()) return io_error(cat("the server answers ", response.status));
  const std::string said = cat(response.header("ETag"), "\n", response.header("Last-Modified"), "\n");
  ::unlink(known.c_str());  // the file may be newer than what was said of the last one, never older
  PLIM_TRY(const std::uint64_t size, store(*response.body, path, options.max_feed_bytes));
  bytes += size;
  PLIM_CHECK(replace_file(known, as_bytes(said)));
  return true;
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
  PLIM_CHECK(make_directories(files));
  PLIM_TRY(const Fd held, lock(options.folder));
  HttpClient client(options.http);
  UpdateSummary summary;
  Gaps gaps;
  for (const RemoteFeed& feed : options.feeds) {
    auto fresh = fetch(client, feed, options, files, summary.bytes);
    if (fresh.has_value()) {
      ++(*fresh ? summary.fetched : summary.unchanged);
      continue;
    }
    if (!exists(cat(files, "/", feed.name))) return std::move(fresh).error().with_context("feed", feed.url);
    gaps.push_back({.part = "feed", .where = feed.url, .why = cat("could not be fetched, its last version is used: ", fresh.error().message())});
  }
  PLIM_TRY(summary.import, import_feeds(files, database, options.import));
  summary.import.gaps.insert(summary.import.gaps.begin(), gaps.begin(), gaps.end());
  return summary;
}

}  // namespace plimsoll::advisory
