// A bounded reader of zip archives (PKWARE APPNOTE 6.3.9): the central directory alone says what is there.
//
//   PLIM_TRY(ZipReader zip, ZipReader::open(bytes, limits));
//   ZipEntry entry;
//   while (true) {
//     PLIM_TRY(bool more, zip.next(entry));
//     if (!more) break;
//     PLIM_TRY(std::string content, zip.read(entry));  // inflates; CRC and size checked
//   }
//
// Read: zip64, data descriptors (the directory has the sizes), bytes before the archive (self-extracting files) and
// behind it. Methods: stored, deflate, zstd. Names are given as written.
// Errors   Malformed: no end record, a directory or entry beyond the file, a wrong CRC or size; Unsupported: encrypted,
//          another method; Limit: entries, ratio, size. An error of one entry leaves the others readable.
// Thread rules: one thread a reader. The bytes are borrowed.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll::format {

struct ZipEntry {
  std::string_view name;  // in the archive's bytes; '/'-separated, a directory ends with '/'
  std::uint64_t stored_size = 0, size = 0;
  std::uint64_t header = 0;  // offset of the local header
  std::uint32_t crc = 0;
  std::uint16_t method = 0;  // 0 stored, 8 deflate, 93 zstd
  std::uint16_t flags = 0;
  std::uint32_t mode = 0;    // permission bits where a Unix wrote it, else 0
  bool directory() const { return name.ends_with('/'); }
  bool encrypted() const { return (flags & 0x2041) != 0; }
};

class ZipReader {
 public:
  static Result<ZipReader> open(Bytes bytes, const Limits& limits);
  ~ZipReader();
  ZipReader(ZipReader&&) noexcept;

  Result<bool> next(ZipEntry& entry);
  std::uint64_t entries() const { return entries_; }  // as the end record claims
  // After the last entry: whether entries claim more bytes than there are, so that some share theirs (a bomb's way).
  bool overlapping() const { return stored_total_ > bytes_.size(); }

  // The bytes as stored. Of an entry of method 0 they are its content (CRC not checked).
  Result<Bytes> stored(const ZipEntry& entry) const;
  // The content, entry.size bytes; at most limits.file_bytes.
  Result<std::string> read(const ZipEntry& entry);
  // The content in pieces, for entries of any size.
  Status stream(const ZipEntry& entry, const std::function<Status(Bytes)>& sink);
  // At most `size` bytes of its front, nothing checked: to look at magic bytes.
  Result<std::string> head(const ZipEntry& entry, std::size_t size);

 private:
  struct Inflater;
  ZipReader(Bytes bytes, const Limits& limits);
  Status check_method(const ZipEntry& entry) const;

  Bytes bytes_;
  Limits limits_;
  std::uint64_t base_ = 0;       // of the archive in bytes_
  std::uint64_t directory_ = 0, directory_end_ = 0;
  std::uint64_t entries_ = 0, seen_ = 0, stored_total_ = 0;
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace plimsoll::format
