#include "oci/tar_split.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::size_t kMostLine = 64 << 20;  // one segment: the headers between two files, padding at the end

// Opens a file below a directory; no part of its path may be a link.
Result<Fd> open_below(const Fd& directory, std::string_view path) {
  Fd at(::dup(directory.get()));
  if (!at.open()) return errno_error("cannot open layer directory");
  const auto parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part(parts[i]);
    if (part.empty() || part == ".") continue;
    if (part == "..") return malformed(cat("tar-split: a name that leads out of the layer: ", to_utf8(path)));
    const bool last = i + 1 == parts.size();
    Fd next(
        ::openat(at.get(), part.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (last ? 0 : O_DIRECTORY)));
    if (!next.open()) return errno_error(cat("cannot open ", to_utf8(path), " of the unpacked layer"));
    at = std::move(next);
  }
  return at;
}

class TarAssembler : public ByteSource {
 public:
  TarAssembler(std::unique_ptr<ByteSource> record, Fd directory, const Limits& limits)
      : record_(std::move(record)), directory_(std::move(directory)), limits_(limits) {}

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (size == 0) return std::size_t{0};
    for (;;) {
      if (segment_at_ < segment_.size()) {
        const std::size_t count = std::min(size, segment_.size() - segment_at_);
        std::memcpy(into, segment_.data() + segment_at_, count);
        segment_at_ += count;
        return count;
      }
      if (file_left_ > 0) {
        PLIM_TRY(const std::size_t count,
                 read_some(file_, into, static_cast<std::size_t>(std::min<std::uint64_t>(size, file_left_))));
        if (count == 0) return malformed(cat("tar-split: ", to_utf8(file_name_), " is shorter than it was"));
        file_left_ -= count;
        return count;
      }
      PLIM_TRY(const bool more, next_entry());
      if (!more) return std::size_t{0};
    }
  }

 private:
  Result<bool> next_line(std::string& line) {
    for (;;) {
      const std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        line.assign(buffer_, at_, end - at_);
        at_ = end + 1;
        return true;
      }
      buffer_.erase(0, at_);
      at_ = 0;
      if (buffer_.size() > kMostLine) return limit_reached("tar-split: a line without end");
      const std::size_t old = buffer_.size(), room = 64 << 10;
      buffer_.resize(old + room);
      PLIM_TRY(const std::size_t count, record_->read(reinterpret_cast<std::uint8_t*>(buffer_.data()) + old, room));
      buffer_.resize(old + count);
      if (count > 0) continue;
      if (buffer_.empty()) return false;
      buffer_.push_back('\n');
    }
  }

  Result<bool> next_entry() {
    std::string line;
    PLIM_TRY(const bool more, next_line(line));
    if (!more) return false;
    if (++entries_ > 2 * limits_.layer_entries + 2) return limit_reached("tar-split: too many entries");
    PLIM_TRY(const JsonValue entry, reader_.parse(line, limits_).context("tar-split"));
    segment_.clear();
    segment_at_ = 0;
    const auto type = entry["type"].integer();
    if (type == 2) {
      if (!from_base64(entry["payload"].text(), segment_)) return malformed("tar-split: a segment that is not base64");
      return true;
    }
    if (type != 1) return malformed("tar-split: an entry of unknown type");
    const auto file_size = entry["size"].integer().value_or(0);
    if (file_size < 0) return malformed("tar-split: a negative size");
    if (file_size == 0) return true;  // links and folders: all there is of them is their header
    file_name_ = entry["name"].text();
    if (const std::string_view raw = entry["name_raw"].text(); file_name_.empty() && !from_base64(raw, file_name_))
      return malformed("tar-split: a name that is not base64");
    PLIM_TRY(file_, open_below(directory_, file_name_));
    PLIM_TRY(const std::uint64_t found, plimsoll::file_size(file_).context("file", to_utf8(file_name_)));
    if (found != static_cast<std::uint64_t>(file_size))
      return malformed(cat("tar-split: ", to_utf8(file_name_), " has ", found, " bytes, the layer had ", file_size));
    file_left_ = found;
    return true;
  }

  std::unique_ptr<ByteSource> record_;
  Fd directory_, file_;
  Limits limits_;
  JsonReader reader_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::string segment_, file_name_;
  std::size_t segment_at_ = 0;
  std::uint64_t file_left_ = 0, entries_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> assemble_tar(std::unique_ptr<ByteSource> record, const std::string& directory,
                                                 const Limits& limits) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open()) return errno_error(cat("cannot open layer directory ", directory));
  return std::unique_ptr<ByteSource>(std::make_unique<TarAssembler>(std::move(record), std::move(fd), limits));
}

}  // namespace plimsoll::oci
