// A bounded reader of tar streams: ustar, pax (POSIX.1-2001), GNU long names, base-256 numbers, GNU sparse files.
//
//   TarReader reader(chunks, limits);
//   TarEntry entry;
//   while (true) {
//     PLIM_TRY(bool more, reader.next(entry));       // skips what is left of the file before
//     if (!more) break;
//     PLIM_TRY(Bytes some, reader.content());        // repeatedly; empty at the end of the file
//   }
//
// Nothing is copied: content() gives the part of the file that lies in the current chunk. A stream ends at two zero
// blocks or at its end between two entries; bytes after the zero blocks are left to the caller (after_end()).
// Errors   Malformed: header checksum, numbers, a stream that ends inside a header or file, a bad pax record;
//          Limit: limits.layer_entries, a header's extra data beyond 1 MiB. A name beyond limits.path_bytes is not an
//          error: the entry says name_too_long.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::format {

// A source that gives its bytes in pieces of its own choosing.
class ChunkSource {
 public:
  virtual ~ChunkSource() = default;
  // The next piece, valid until the next call; empty only at the end.
  virtual Result<Bytes> next_chunk() = 0;
  // Passes over at most `size` bytes that come next, where that is cheaper than giving them; how many (0: it cannot).
  virtual Result<std::uint64_t> pass_over(std::uint64_t size) {
    (void)size;
    return std::uint64_t{0};
  }
};

enum class TarKind : std::uint8_t { File, HardLink, SymbolicLink, Directory, CharacterDevice, BlockDevice, Fifo, Other };

struct TarEntry {
  std::string name;         // as written: not normalised, not always UTF-8
  std::string link;         // target of a link, as written
  TarKind kind = TarKind::File;
  std::uint64_t size = 0;   // bytes of content stored in the stream
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::uint32_t device_major = 0, device_minor = 0;
  bool sparse = false;        // content is the packed form of a sparse file: `extents` say where its parts belong
  std::uint64_t real_size = 0;  // of a sparse file
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;  // offset, length
  bool extents_in_content = false;  // pax 1.0: the map stands in front of the content
  bool name_too_long = false;  // beyond limits.path_bytes: `name` is cut there
  std::vector<std::pair<std::string, std::string>> xattrs;  // from SCHILY.xattr.*: name, value
  std::uint64_t offset = 0;   // of the header in the stream
  std::uint64_t content_offset = 0;  // of the content in the stream
};

class TarReader {
 public:
  TarReader(ChunkSource& source, const Limits& limits) : source_(source), limits_(limits) {}
  Result<bool> next(TarEntry& entry);
  Result<Bytes> content();
  std::uint64_t content_left() const { return left_; }
  // After next() said false: reads the stream to its end; tells whether anything but zeros came.
  Result<bool> after_end();

 private:
  Result<bool> fill();  // makes chunk_ non-empty; false at the end of the stream
  // The next `size` bytes together: a view of the chunk, or of scratch_ when they are spread over chunks.
  // `at_start` = the stream may end here: then an empty view.
  Result<Bytes> take(std::size_t size, bool at_start = false);
  Status skip(std::uint64_t size);
  Result<std::string> extra_data(std::uint64_t size, std::string_view what);
  struct Extended;
  Status read_pax(std::string_view records, Extended& into);
  Status apply(const Extended& extended, TarEntry& entry);
  Status read_old_sparse(Bytes header, TarEntry& entry);

  ChunkSource& source_;
  Limits limits_;
  Bytes chunk_;
  std::uint64_t position_ = 0;  // of chunk_'s front in the stream
  std::uint64_t left_ = 0, padding_ = 0;  // of the entry's content
  std::uint64_t entries_ = 0;
  std::string scratch_;
  std::vector<std::pair<std::string, std::string>> global_;  // pax global records in force
  bool ended_ = false;
};

// Numbers of a tar header: octal with leading spaces, or base-256. False when it is neither.
bool parse_tar_number(Bytes field, std::uint64_t& value);

// Reads the map that stands in front of a pax 1.0 sparse file's content. `used` = bytes of it, a multiple of 512.
Result<std::vector<std::pair<std::uint64_t, std::uint64_t>>> parse_sparse_map(Bytes content, std::size_t& used);

}  // namespace plimsoll::format
