#include "advisory/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/stream.h"
#include "base/text.h"
#include "base/xml.h"

namespace plimsoll::advisory {
namespace {

constexpr std::uint64_t kMaxIndex = 16ull << 20;
constexpr std::uint64_t kMaxPage = 256ull << 20;
constexpr std::size_t kMaxMirrors = 5;
constexpr std::uint64_t kPerPage = 2000;       // the most that NVD gives
constexpr std::uint64_t kMostPages = 10'000;
constexpr std::string_view kPart = ".part", kPartOf = ".part-of";

struct Target {
  std::string url, sha256;  // sha256: hex; empty when no index tells it
};

HttpRequest request_for(const std::string& url, const DownloadOptions& options) {
  HttpRequest request{.url = url};
  request.plain_http = options.plain_http;
  return request;
}

Result<std::string> small(HttpClient& client, const std::string& url, const DownloadOptions& options, std::uint64_t max, std::uint64_t& bytes) {
  PLIM_TRY(HttpResponse response, client.send(request_for(url, options)));
  if (!response.ok()) return io_error(cat("the server answers ", response.status, " for ", response.url));
  PLIM_TRY(std::string text, read_all(*response.body, max));
  bytes += text.size();
  return text;
}

// An address that an index gives, which may be relative to the index; never from https to http.
Result<std::string> beside(const std::string& index, std::string_view name) {
  PLIM_TRY(const Url base, Url::parse(index));
  PLIM_TRY(const Url url, base.resolve(name));
  if (base.scheme == "https" && url.scheme != "https") return denied(cat("an index at ", base.shown(), " leads from https to ", url.shown()));
  return url.text();
}

std::string_view first_line(std::string_view text) {
  std::string_view line;
  while (next_line(text, line))
    if (!trim(line).empty()) return trim(line);
  return {};
}

Result<Target> from_repomd(HttpClient& client, const std::string& url, const DownloadOptions& options, std::uint64_t& bytes) {
  PLIM_TRY(const std::string text, small(client, url, options, kMaxIndex, bytes));
  PLIM_TRY(auto found, updateinfo_of(text).context("in", url));
  // One above the index's own folder.
  Target out{{}, std::move(found.second)};
  PLIM_TRY(out.url, beside(url, cat("../", found.first)));
  return out;
}

Result<Target> from_mirrors(HttpClient& client, const std::string& url, const DownloadOptions& options, std::uint64_t& bytes) {
  PLIM_TRY(const std::string text, small(client, url, options, kMaxIndex, bytes));
  std::string_view rest = text, line;
  std::optional<Error> trouble;
  std::size_t tried = 0;
  while (tried < kMaxMirrors && next_line(rest, line)) {
    std::string mirror(trim(line));
    if (mirror.empty() || mirror.starts_with('#')) continue;
    if (const std::size_t at = mirror.find("$basearch"); at != std::string::npos) mirror.replace(at, 9, "x86_64");
    if (!mirror.ends_with('/')) mirror += '/';
    ++tried;
    const auto index = beside(url, cat(mirror, "repodata/repomd.xml"));
    auto target = index.has_value() ? from_repomd(client, *index, options, bytes) : Result<Target>(index.error());
    if (target.has_value()) return target;
    trouble = std::move(target).error();
  }
  if (trouble) return std::move(*trouble).with_context("mirrors of", url);
  return malformed(cat("the list of mirrors is empty: ", url));
}

Result<Target> target_of(HttpClient& client, const RemoteFeed& feed, const DownloadOptions& options, std::uint64_t& bytes) {
  if (feed.form == FeedForm::Repomd) return from_repomd(client, feed.url, options, bytes);
  if (feed.form == FeedForm::MirrorList) return from_mirrors(client, feed.url, options, bytes);
  if (feed.form == FeedForm::Latest) {
    PLIM_TRY(const std::string text, small(client, feed.url, options, kMaxIndex, bytes));
    if (first_line(text).empty()) return malformed(cat("it names no archive: ", feed.url));
    PLIM_TRY(std::string url, beside(feed.url, first_line(text)));
    return Target{std::move(url), {}};
  }
  return Target{feed.url, {}};
}

// What the server at `url` said of the file that is kept: ETag and Last-Modified.
std::pair<std::string, std::string> said_of(const std::string& text, std::string_view url) {
  const std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() < 3 || lines[2] != url) return {};
  return {std::string(lines[0]), std::string(lines[1])};
}

// What an earlier process began: bytes that are there, and the validator of their content.
Begun begun_of(const std::string& incoming, std::string_view url) {
  const auto text = read_file(cat(incoming, kPartOf), 1 << 16);
  struct stat info {};
  if (!text.has_value() || ::stat(cat(incoming, kPart).c_str(), &info) != 0 || info.st_size <= 0) return {};
  const auto [validator, of] = cut(*text, '\n');
  if (validator.empty() || trim(of) != url) return {};
  return {static_cast<std::uint64_t>(info.st_size), std::string(validator)};
}

void forget(const std::string& incoming) {
  ::unlink(cat(incoming, kPart).c_str());
  ::unlink(cat(incoming, kPartOf).c_str());
}

// The body behind the first `have` bytes of the part.
Status append(ByteSource& body, const std::string& path, std::uint64_t have, std::uint64_t max_bytes, std::uint64_t& came) {
  Fd fd(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | (have > 0 ? O_APPEND : O_TRUNC), 0644));
  if (!fd.open()) return errno_error(cat("writing ", path));
  std::vector<std::uint8_t> buffer(256 << 10);
  for (std::uint64_t total = have;;) {
    PLIM_TRY(const std::size_t n, body.read(buffer.data(), buffer.size()));
    if (n == 0) break;
    total += n, came += n;
    if (total > max_bytes) return limit_reached(cat("the feed is larger than ", max_bytes, " bytes"));
    PLIM_CHECK(write_all(fd, Bytes(buffer.data(), n)));
  }
  if (::fsync(fd.get()) != 0) return errno_error(cat("writing ", path));
  return Ok{};
}

Status check_sum(const std::string& path, const std::string& sha256) {
  PLIM_TRY(const std::unique_ptr<ByteSource> file, file_source(path));
  Hasher hasher(HashKind::Sha256);
  std::vector<std::uint8_t> buffer(256 << 10);
  for (;;) {
    PLIM_TRY(const std::size_t n, file->read(buffer.data(), buffer.size()));
    if (n == 0) break;
    hasher.update(Bytes(buffer.data(), n));
  }
  if (to_hex(hasher.finish()) != sha256) return malformed("what the server sent does not fit the checksum that its index gives");
  return Ok{};
}

Result<Downloaded> one_file(HttpClient& client, const RemoteFeed& feed, const Target& target, const std::string& incoming, const std::string& validators, const DownloadOptions& options) {
  HttpRequest request = request_for(target.url, options);
  Begun begun = begun_of(incoming, target.url);
  if (const auto [etag, modified] = said_of(validators, target.url); begun.bytes == 0) {
    if (!etag.empty()) request.headers.emplace_back("If-None-Match", etag);
    if (!modified.empty()) request.headers.emplace_back("If-Modified-Since", modified);
  }
  auto answer = client.get_resumable(request, Resume::ByValidator, {}, begun);
  // What was begun is not the front of what the server has.
  if (begun.bytes > 0 && (answer.has_value() ? answer->status == 416 : answer.error().kind() == ErrorKind::Malformed)) {
    forget(incoming);
    begun = {};
    answer = client.get_resumable(request, Resume::ByValidator);
  }
  PLIM_TRY(HttpResponse response, std::move(answer));
  Downloaded out;
  if (response.status == 304) return out;
  if (response.status == 404 && feed.optional) {
    out.kind = Downloaded::Kind::NotThere;
    return out;
  }
  if (!response.ok()) return io_error(cat("the server answers ", response.status));
  const std::uint64_t have = response.status == 206 ? begun.bytes : 0;
  const std::string validator = have > 0 ? begun.validator : resume_validator(response);
  if (have == 0) {
    forget(incoming);
    if (!validator.empty()) PLIM_CHECK(replace_file(cat(incoming, kPartOf), as_bytes(cat(validator, "\n", target.url, "\n"))));
  }
  const std::string part = cat(incoming, kPart);
  Status came = append(*response.body, part, have, options.max_bytes, out.bytes);
  if (came.has_value() && !target.sha256.empty()) {
    came = check_sum(part, target.sha256);
    if (!came.has_value()) forget(incoming);
  }
  if (!came.has_value()) {
    // What a broken connection left is of use to the next update; what is too much, or fills the disk, is not.
    const bool again = !validator.empty() && out.bytes + have > 0 && came.error().kind() == ErrorKind::Io && came.error().message().find("No space left") == std::string::npos;
    if (!again) forget(incoming);
    return std::move(came).error();
  }
  if (::rename(part.c_str(), incoming.c_str()) != 0) return errno_error(cat("replacing ", incoming));
  ::unlink(cat(incoming, kPartOf).c_str());
  out.kind = Downloaded::Kind::Fresh;
  out.validators = cat(response.header("ETag"), "\n", response.header("Last-Modified"), "\n", target.url, "\n");
  return out;
}

// Every page on one line. A page that holds nothing before the last one, or counts that make no sense, are a server that lies.
Result<Downloaded> pages(HttpClient& client, const RemoteFeed& feed, const std::string& incoming, const DownloadOptions& options) {
  Downloaded out;
  const std::string part = cat(incoming, kPart);
  const auto fetch = [&]() -> Status {
    Fd fd(::open(part.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC | O_TRUNC, 0644));
    if (!fd.open()) return errno_error(cat("writing ", part));
    std::uint64_t start = 0, total = 1, written = 0;
    for (std::uint64_t page = 0; start < total; ++page) {
      if (page == kMostPages) return limit_reached(cat("more than ", kMostPages, " pages"));
      if (page > 0) std::this_thread::sleep_for(options.page_pause);
      const std::string url = cat(feed.url, feed.url.find('?') == std::string::npos ? "?" : "&", "startIndex=", start, "&resultsPerPage=", kPerPage);
      PLIM_TRY(const std::string text, small(client, url, options, kMaxPage, out.bytes));
      Limits limits;
      limits.metadata_bytes = kMaxPage;
      PLIM_TRY(const JsonDocument document, JsonDocument::parse(text, limits).context("page", cat(page)));
      const JsonValue root = document.root();
      const auto said = root["totalResults"].integer(), at = root["startIndex"].integer();
      const std::uint64_t count = root["vulnerabilities"].size();
      if (!said || *said < 0 || !at || *at != static_cast<std::int64_t>(start) || !root["vulnerabilities"].is_array()) return malformed(cat("page ", page, " is no page of results from ", start, " on"));
      total = static_cast<std::uint64_t>(*said);
      if (count == 0 && start < total) return malformed(cat("page ", page, " is empty, and ", total - start, " results are missing"));
      start += count;
      const std::string line = cat(root.dump(), "\n");
      written += line.size();
      if (written > options.max_bytes) return limit_reached(cat("the feed is larger than ", options.max_bytes, " bytes"));
      PLIM_CHECK(write_all(fd, as_bytes(line)));
    }
    if (::fsync(fd.get()) != 0) return errno_error(cat("writing ", part));
    return Ok{};
  };
  if (Status status = fetch(); !status.has_value()) {
    forget(incoming);
    return std::move(status).error();
  }
  if (::rename(part.c_str(), incoming.c_str()) != 0) return errno_error(cat("replacing ", incoming));
  out.kind = Downloaded::Kind::Fresh;
  return out;
}

}  // namespace

Result<Downloaded> download(HttpClient& client, const RemoteFeed& feed, const std::string& incoming, const std::string& validators, const DownloadOptions& options) {
  if (feed.form == FeedForm::Pages) return pages(client, feed, incoming, options);
  std::uint64_t bytes = 0;
  PLIM_TRY(const Target target, target_of(client, feed, options, bytes));
  PLIM_TRY(Downloaded out, one_file(client, feed, target, incoming, validators, options));
  out.bytes += bytes;
  return out;
}

Result<std::pair<std::string, std::string>> updateinfo_of(std::string_view repomd) {
  PLIM_TRY(const XmlNode root, parse_xml(as_bytes(repomd)));
  for (const XmlNode& data : root.children) {
    const auto type = data.attributes.find("type");
    if (data.name != "data" || type == data.attributes.end() || type->second != "updateinfo") continue;
    const XmlNode* const location = data.child("location");
    if (!location) break;
    const auto href = location->attributes.find("href");
    if (href == location->attributes.end() || href->second.empty()) break;
    std::string sha256;
    if (const XmlNode* const checksum = data.child("checksum")) {
      const auto kind = checksum->attributes.find("type");
      if (kind != checksum->attributes.end() && kind->second == "sha256") sha256 = lower(trim(checksum->text));
    }
    return std::pair(href->second, std::move(sha256));
  }
  return malformed("the index names no updateinfo");
}

bool is_unfinished(std::string_view name) { return name.ends_with(kPart) || name.ends_with(kPartOf); }

}  // namespace plimsoll::advisory
