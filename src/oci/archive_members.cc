#include "oci/archive_members.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

#include "base/path.h"
#include "base/text.h"
#include "format/inflate.h"
#include "format/source_chunks.h"
#include "format/tar.h"

namespace plimsoll::oci {
namespace {

constexpr std::uint64_t kMostMembers = 200'000;
constexpr std::uint64_t kSmallBytes = 4 << 20;  // manifests and configs, kept while a stream is indexed
constexpr int kMostLinks = 16;

Limits archive_limits(Limits limits) {
  limits.layer_entries = std::min(limits.layer_entries, kMostMembers);
  return limits;
}

// Reads where the tar reader looks, and steps over what it skips.
class FileChunks : public format::ChunkSource {
 public:
  explicit FileChunks(const Fd& file, std::uint64_t size) : file_(file), size_(size) {}
  Result<Bytes> next_chunk() override {
    PLIM_TRY(const std::size_t count, read_at(file_, position_, buffer_.data(), buffer_.size()));
    position_ += count;
    return Bytes(buffer_.data(), count);
  }
  Result<std::uint64_t> pass_over(std::uint64_t size) override {
    const std::uint64_t passed = std::min(size, size_ - std::min(size_, position_));
    position_ += passed;
    return passed;
  }

 private:
  const Fd& file_;
  std::uint64_t size_, position_ = 0;
  std::array<std::uint8_t, 4096> buffer_;
};

using Members = std::map<std::string, Member, std::less<>>;
using Contents = std::map<std::string, std::string, std::less<>>;

// Fills the table; with `small`, keeps the JSON documents too.
Status index_members(format::ChunkSource& chunks, const Limits& limits, Members& members, Contents* small) {
  format::TarReader reader(chunks, limits);
  format::TarEntry entry;
  for (std::size_t order = 0;; ++order) {
    PLIM_TRY(const bool more, reader.next(entry));
    if (!more) return Ok{};
    const std::string name = normalise_path(entry.name);
    Member member{.order = order, .offset = entry.content_offset, .size_bytes = entry.size};
    if (entry.kind == format::TarKind::SymbolicLink) {
      member.link = resolve_link(name, entry.link);
    } else if (entry.kind == format::TarKind::HardLink) {
      member.link = normalise_path(entry.link);
    } else if (entry.kind != format::TarKind::File || entry.sparse || entry.name_too_long) {
      continue;
    }
    members[name] = std::move(member);
    if (!small) continue;
    small->erase(name);
    if (entry.kind != format::TarKind::File || entry.size > kSmallBytes) continue;
    std::string content;
    for (;;) {
      PLIM_TRY(const Bytes piece, reader.content());
      if (piece.empty()) break;
      content += as_text(piece);
      if (content.front() != '{' && content.front() != '[') {  // no JSON
        content.clear();
        break;
      }
    }
    if (content.size() == entry.size && !content.empty()) (*small)[name] = std::move(content);
  }
}

class FileMembers : public ArchiveMembers {
 public:
  static Result<std::shared_ptr<ArchiveMembers>> make(std::shared_ptr<const Fd> file, const Limits& limits) {
    auto out = std::make_shared<FileMembers>();
    PLIM_TRY(const std::uint64_t size, file_size(*file));
    FileChunks chunks(*file, size);
    PLIM_CHECK(index_members(chunks, archive_limits(limits), out->members_, nullptr));
    out->file_ = std::move(file);
    return std::shared_ptr<ArchiveMembers>(std::move(out));
  }

 protected:
  Result<std::unique_ptr<ByteSource>> open_found(const Found& found) override {
    return file_range(file_, found.second.offset, found.second.size_bytes);
  }

 private:
  std::shared_ptr<const Fd> file_;
};

// One pass through the stream, somewhere in it.
struct Cursor {
  Cursor(std::unique_ptr<ByteSource> source, const Limits& limits)
      : chunks(std::move(source)), reader(chunks, limits) {}
  format::SourceChunks<> chunks;
  format::TarReader reader;
  std::size_t next_order = 0;
};

struct CursorPool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Cursor>> waiting;

  // The one nearest before `order`; null when all are beyond it.
  std::unique_ptr<Cursor> take(std::size_t order) {
    const std::lock_guard lock(mutex);
    auto best = waiting.end();
    for (auto at = waiting.begin(); at != waiting.end(); ++at)
      if ((*at)->next_order <= order && (best == waiting.end() || (*at)->next_order > (*best)->next_order)) best = at;
    if (best == waiting.end()) return nullptr;
    auto out = std::move(*best);
    waiting.erase(best);
    return out;
  }
  void give_back(std::unique_ptr<Cursor> cursor) {
    constexpr std::size_t kMostWaiting = 4;
    const std::lock_guard lock(mutex);
    if (waiting.size() < kMostWaiting) waiting.push_back(std::move(cursor));
  }
};

class MemberSource : public ByteSource {
 public:
  // The pool is shared: a layer may still be read when its image is gone.
  MemberSource(std::unique_ptr<Cursor> cursor, std::shared_ptr<CursorPool> pool)
      : cursor_(std::move(cursor)), pool_(std::move(pool)) {}
  ~MemberSource() override {
    if (cursor_) pool_->give_back(std::move(cursor_));
  }
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (!cursor_ || size == 0) return std::size_t{0};
    if (piece_.empty()) {
      auto piece = cursor_->reader.content();
      if (!piece) {
        cursor_.reset();
        return std::move(piece).error();
      }
      piece_ = *piece;
    }
    if (piece_.empty()) {
      pool_->give_back(std::move(cursor_));
      return std::size_t{0};
    }
    const std::size_t count = std::min(size, piece_.size());
    std::copy_n(piece_.data(), count, into);
    piece_ = piece_.subspan(count);
    return count;
  }

 private:
  std::unique_ptr<Cursor> cursor_;
  std::shared_ptr<CursorPool> pool_;
  Bytes piece_;
};

class StreamMembers : public ArchiveMembers {
 public:
  static Result<std::shared_ptr<ArchiveMembers>> make(ArchiveOpener opener, const Limits& limits) {
    auto out = std::make_shared<StreamMembers>();
    out->opener_ = std::move(opener);
    out->limits_ = archive_limits(limits);
    PLIM_TRY(auto stream, out->opener_());
    format::SourceChunks chunks(std::move(stream));
    PLIM_CHECK(index_members(chunks, out->limits_, out->members_, &out->small_));
    return std::shared_ptr<ArchiveMembers>(std::move(out));
  }

 protected:
  Result<std::unique_ptr<ByteSource>> open_found(const Found& found) override {
    for (;;) {
      std::unique_ptr<Cursor> cursor = pool_->take(found.second.order);
      const bool fresh = cursor == nullptr;
      if (fresh) {
        PLIM_TRY(auto stream, opener_());
        cursor = std::make_unique<Cursor>(std::move(stream), limits_);
      }
      PLIM_TRY(const bool there, advance(*cursor, found));
      if (there) return std::unique_ptr<ByteSource>(std::make_unique<MemberSource>(std::move(cursor), pool_));
      if (fresh) return malformed(cat("archive changed while it was read: ", to_utf8(found.first), " is gone"));
    }
  }

 private:
  static Result<bool> advance(Cursor& cursor, const Found& found) {
    format::TarEntry entry;
    for (;;) {
      PLIM_TRY(const bool more, cursor.reader.next(entry));
      if (!more) return false;
      ++cursor.next_order;
      if (cursor.next_order <= found.second.order || entry.kind != format::TarKind::File) continue;
      if (normalise_path(entry.name) == found.first && entry.size == found.second.size_bytes) return true;
    }
  }

  ArchiveOpener opener_;
  Limits limits_;
  std::shared_ptr<CursorPool> pool_ = std::make_shared<CursorPool>();
};

}  // namespace

Result<ArchiveMembers::Found> ArchiveMembers::find(std::string_view name) const {
  std::string current = normalise_path(name);
  for (int hops = 0; hops < kMostLinks; ++hops) {
    const auto at = members_.find(current);
    if (at == members_.end()) return not_found(cat("no ", to_utf8(name), " in the archive"));
    if (at->second.link.empty()) return Found{current, at->second};
    current = at->second.link;
  }
  return malformed(cat("links without end at ", to_utf8(name), " in the archive"));
}

std::uint64_t ArchiveMembers::size_bytes(std::string_view name) const {
  const auto found = find(name);
  return found ? found->second.size_bytes : 0;
}

Result<std::unique_ptr<ByteSource>> ArchiveMembers::open(std::string_view name) {
  PLIM_TRY(const Found found, find(name));
  if (const auto kept = small_.find(found.first); kept != small_.end()) return memory_source(kept->second);
  return open_found(found);
}

Result<std::string> ArchiveMembers::read(std::string_view name, std::uint64_t max_bytes) {
  PLIM_TRY(const auto source, open(name));
  return read_all(*source, max_bytes).context("member", to_utf8(name));
}

Result<std::shared_ptr<ArchiveMembers>> index_archive_file(const std::string& path, const Limits& limits) {
  PLIM_TRY(Fd fd, open_file(path));
  const auto file = std::make_shared<const Fd>(std::move(fd));
  PLIM_TRY(const std::uint64_t size, file_size(*file).context("archive", path));
  std::array<std::uint8_t, 16> head;
  PLIM_TRY(const std::size_t count, read_at(*file, 0, head.data(), head.size()));
  if (format::detect_compression({head.data(), count}) == format::Compression::None)
    return FileMembers::make(file, limits).context("archive", path);
  return index_archive_stream([file, size, limits] { return format::decompress(file_range(file, 0, size), limits); },
                              limits)
      .context("archive", path);
}

Result<std::shared_ptr<ArchiveMembers>> index_archive_stream(ArchiveOpener opener, const Limits& limits) {
  return StreamMembers::make(std::move(opener), limits);
}

}  // namespace plimsoll::oci
