#include "image/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::image {
namespace {

constexpr std::uint32_t kFactsForm = 4;  // raised when write_facts or the record changes what it means
constexpr std::string_view kTemporary = ".part-";
constexpr std::time_t kStale = 3600;  // seconds after which a temporary file has no writer any more

constexpr std::size_t kNoteBytes = 64 << 20;

std::string pair_name(const Digest& blob) { return hash_hex(HashKind::Sha256, as_bytes(blob.text())); }

}  // namespace

std::string limits_text(const Limits& l) {
  std::string text;
  for (const std::uint64_t bound : {l.file_bytes, l.spilled_file_bytes, l.layer_bytes, l.layer_entries, l.path_bytes,
                                    l.metadata_bytes, std::uint64_t{l.archive_depth}, l.archive_entries, l.archive_bytes,
                                    std::uint64_t{l.inflate_ratio}, std::uint64_t{l.nesting}, std::uint64_t{l.records}})
    text += cat(bound, " ");
  return text;
}

std::string cache_key(const std::string& diff_id, std::span<const Analyser> analysers, Scope scope,
                      const std::string& rules_digest, const Limits& limits) {
  std::string text = cat("facts ", kFactsForm, "\n", diff_id, "\n", static_cast<int>(scope), "\n", rules_digest, "\n");
  text += limits_text(limits);
  // Facts name their analyser by its place in this list. What it asks to see decides which facts there are.
  for (const Analyser& analyser : analysers) {
    text += cat("\n", analyser.name, " ", analyser.version, " ", static_cast<int>(analyser.scope), analyser.executables ? " x" : "", analyser.all_files ? " all" : "", analyser.attributes ? " bits" : "", analyser.nested ? " nested" : "");
    for (const std::string& path : analyser.paths) text += cat("\np ", path.size(), " ", path);
    for (const std::string& magic : analyser.magics) text += cat("\nm ", magic.size(), " ", magic);
  }
  return hash(HashKind::Sha256, as_bytes(text));
}

FactsCache::FactsCache(std::string directory, std::uint64_t max_bytes, Log log)
    : directory_(std::move(directory)), max_bytes_(max_bytes), log_(std::move(log)) {}

void FactsCache::say(std::string_view text) const {
  std::lock_guard lock(mutex_);
  if (log_) log_(text);
}

std::string FactsCache::layer_file(const std::string& key) const { return cat(directory_, "/layers/", to_hex(key)); }

std::optional<std::string> FactsCache::read_note(std::string_view kind, std::string_view name) const {
  if (!enabled()) return std::nullopt;
  const std::string path = cat(directory_, "/", kind, "/", name);
  Result<std::string> text = read_file(path, kNoteBytes);
  if (!text) return std::nullopt;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // used now: the last to be pruned
  const std::size_t end = text->rfind('\n');
  if (end == std::string::npos || text->substr(end + 1) != cat(hash64(text->substr(0, end)))) return std::nullopt;
  text->resize(end);
  return std::move(text).value();
}

void FactsCache::write_note(std::string_view kind, std::string_view name, std::string_view text) const {
  if (!enabled() || text.size() + 32 > kNoteBytes) return;
  const Status status = write(cat(directory_, "/", kind, "/", name), as_bytes(cat(text, "\n", hash64(text))));
  if (!status) say(cat("layer cache: ", status.error().message()));
}

// A pair with another diffID is a config that lies, or a damaged file: either way the layer is walked.
bool FactsCache::knows_pair(const Digest& blob, const Digest& diff_id) const {
  if (blob.empty() || diff_id.empty()) return false;
  return read_note("pairs", pair_name(blob)) == cat(blob.text(), " ", diff_id.text());
}

void FactsCache::add_pair(const Digest& blob, const Digest& diff_id) {
  if (!blob.empty()) write_note("pairs", pair_name(blob), cat(blob.text(), " ", diff_id.text()));
}

std::optional<FactsCache::Hit> FactsCache::find(const std::string& key, std::size_t analysers) const {
  if (!enabled()) return std::nullopt;
  const std::string path = layer_file(key);
  const auto open = [&]() -> Result<Hit> {
    PLIM_TRY(const Fd fd, open_file(path));
    PLIM_TRY(const std::uint64_t size, file_size(fd));
    if (size == 0) return malformed("layer record: empty file");
    Hit hit;
    PLIM_TRY(hit.file, Mapping::map(fd, size));
    PLIM_TRY(hit.record, LayerRecord::open(hit.file.bytes(), key, analysers));
    ::futimens(fd.get(), nullptr);  // used now: the last to be pruned
    return hit;
  };
  Result<Hit> hit = open();
  if (hit) return std::move(hit).value();
  if (hit.error().kind() == ErrorKind::NotFound) return std::nullopt;
  say(cat("layer cache: ", path, " is damaged and made anew: ", hit.error().message()));
  ::unlink(path.c_str());
  return std::nullopt;
}

void FactsCache::add(const std::string& key, Bytes record) {
  if (!enabled()) return;
  const Status status = write(layer_file(key), record);
  if (!status) say(cat("layer cache: facts of a layer are not kept: ", status.error().message()));
}

Status FactsCache::write(const std::string& path, Bytes bytes) const {
  const std::string folder = path.substr(0, path.rfind('/'));
  if (!is_directory(folder)) PLIM_CHECK(make_directories(folder, 0700));
  std::string temporary = cat(folder, "/", kTemporary, "XXXXXX");
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.open()) return errno_error(folder);
  Status status = write_all(fd, bytes);
  if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = errno_error(path);
  if (!status) ::unlink(temporary.c_str());
  return status;
}

void FactsCache::prune() const {
  if (!enabled()) return;
  struct File {
    std::time_t used;
    std::uint64_t bytes;
    std::string path;
  };
  std::vector<File> files;
  std::uint64_t total = 0;
  const std::time_t now = std::time(nullptr);
  for (const std::string_view folder : {"/layers", "/pairs", "/bases", "/images"}) {
    const std::string directory = cat(directory_, folder);
    const Result<std::vector<std::string>> names = list_directory(directory);
    if (!names) continue;
    for (const std::string& name : *names) {
      const std::string path = cat(directory, "/", name);
      struct stat info {};
      if (::lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
      if (name.starts_with(kTemporary)) {
        if (info.st_mtime + kStale < now) ::unlink(path.c_str());
        continue;
      }
      const std::uint64_t bytes = static_cast<std::uint64_t>(info.st_blocks) * 512;
      total += bytes;
      files.push_back({info.st_mtime, bytes, path});
    }
  }
  if (total <= max_bytes_) return;
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (total <= max_bytes_) break;
    if (::unlink(file.path.c_str()) == 0) total -= file.bytes;
  }
}

}  // namespace plimsoll::image
