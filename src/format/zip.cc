#include "format/zip.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::size_t kEndSize = 22, kCentralSize = 46, kLocalSize = 30, kEnd64Size = 56, kLocatorSize = 20;
constexpr std::size_t kPiece = 256 << 10;
constexpr std::uint64_t kRatioGrace = 16ull << 20;

std::uint16_t u16(Bytes b, std::size_t at) { return load_le<std::uint16_t>(b, at); }
std::uint32_t u32(Bytes b, std::size_t at) { return load_le<std::uint32_t>(b, at); }
std::uint64_t u64(Bytes b, std::size_t at) { return load_le<std::uint64_t>(b, at); }

bool inside(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// The end record: the last one whose comment ends with the file; failing that, the last that fits at all.
std::size_t find_end(Bytes bytes) {
  if (bytes.size() < kEndSize) return SIZE_MAX;
  const std::size_t lowest = bytes.size() > kEndSize + 65535 ? bytes.size() - kEndSize - 65535 : 0;
  std::size_t fitting = SIZE_MAX;
  for (std::size_t at = bytes.size() - kEndSize + 1; at-- > lowest;) {
    if (bytes[at] != 'P' || u32(bytes, at) != kEnd) continue;
    const std::size_t end = at + kEndSize + u16(bytes, at + 20);
    if (end == bytes.size()) return at;
    if (end < bytes.size() && fitting == SIZE_MAX) fitting = at;
  }
  return fitting;
}

// The 64-bit sizes and offset of a zip64 extra field (APPNOTE 4.5.3), for those that are all ones.
bool apply_zip64(Bytes extra, std::uint64_t& size, std::uint64_t& stored, std::uint64_t& header) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::size_t length = u16(extra, at + 2);
    if (at + 4 + length > extra.size()) return false;
    if (u16(extra, at) == 1) {
      std::size_t field = at + 4;
      for (std::uint64_t* value : {&size, &stored, &header}) {
        if (*value != UINT32_MAX) continue;
        if (field + 8 > at + 4 + length) return false;
        *value = u64(extra, field);
        field += 8;
      }
      return true;
    }
    at += 4 + length;
  }
  return size != UINT32_MAX && stored != UINT32_MAX && header != UINT32_MAX;
}

}  // namespace

struct ZipReader::Inflater {
  libdeflate_decompressor* deflate = libdeflate_alloc_decompressor();
  std::unique_ptr<inflate_state> stream;
  ~Inflater() { libdeflate_free_decompressor(deflate); }
  inflate_state& begin(Bytes input) {
    if (!stream) stream = std::make_unique<inflate_state>();
    isal_inflate_init(stream.get());
    stream->next_in = const_cast<std::uint8_t*>(input.data());
    stream->avail_in = static_cast<std::uint32_t>(input.size());
    return *stream;
  }
};

ZipReader::ZipReader(Bytes bytes, const Limits& limits)
    : bytes_(bytes), limits_(limits), inflater_(std::make_unique<Inflater>()) {}
ZipReader::~ZipReader() = default;
ZipReader::ZipReader(ZipReader&&) noexcept = default;

Result<ZipReader> ZipReader::open(Bytes bytes, const Limits& limits) {
  const std::size_t end = find_end(bytes);
  if (end == SIZE_MAX) return malformed("zip: no end record");
  std::uint64_t entries = u16(bytes, end + 10), size = u32(bytes, end + 12), offset = u32(bytes, end + 16);
  std::uint64_t directory_end = end;
  if ((entries == 0xFFFF || size == UINT32_MAX || offset == UINT32_MAX) && end >= kLocatorSize &&
      u32(bytes, end - kLocatorSize) == kLocator64) {
    std::uint64_t at = u64(bytes, end - kLocatorSize + 8);
    if (!inside(bytes, at, kEnd64Size) || u32(bytes, at) != kEnd64) {
      // Bytes in front of the archive shift it; it still lies right before the locator.
      if (end < kLocatorSize + kEnd64Size) return malformed("zip: no zip64 end record");
      at = end - kLocatorSize - kEnd64Size;
      if (u32(bytes, at) != kEnd64) return malformed("zip: no zip64 end record");
    }
    entries = u64(bytes, at + 32);
    size = u64(bytes, at + 40);
    offset = u64(bytes, at + 48);
    directory_end = at;
  }
  if (entries > limits.archive_entries) return limit_reached(cat("zip: ", entries, " entries"));
  ZipReader zip(bytes, limits);
  zip.entries_ = entries;
  // The directory lies right before the end record; what its offset says beyond that are bytes in front of the archive.
  const auto at_directory = [&](std::uint64_t at) { return size == 0 || (size >= 4 && u32(bytes, at) == kCentral); };
  if (size <= directory_end && offset <= directory_end - size && at_directory(directory_end - size)) {
    zip.directory_ = directory_end - size;
    zip.base_ = zip.directory_ - offset;
  } else if (inside(bytes, offset, size) && at_directory(offset)) {
    zip.directory_ = offset;
  } else {
    return malformed("zip: the central directory is not where the end record says");
  }
  zip.directory_end_ = zip.directory_ + size;
  return zip;
}

Result<bool> ZipReader::next(ZipEntry& entry) {
  if (directory_ == directory_end_) {
    // The count may wrap at 65536 (writers without zip64).
    if ((seen_ & 0xFFFF) != (entries_ & 0xFFFF)) return malformed(cat("zip: ", entries_, " entries claimed, ", seen_, " found"));
    return false;
  }
  if (seen_ >= limits_.archive_entries) return limit_reached(cat("zip: more than ", limits_.archive_entries, " entries"));
  const Bytes rest = bytes_.subspan(directory_, directory_end_ - directory_);
  if (rest.size() < kCentralSize || u32(rest, 0) != kCentral) return malformed("zip: central directory is cut or corrupt");
  const std::size_t name = u16(rest, 28), extra = u16(rest, 30), comment = u16(rest, 32);
  if (kCentralSize + name + extra + comment > rest.size()) return malformed("zip: central directory is cut or corrupt");
  entry.flags = u16(rest, 8);
  entry.method = u16(rest, 10);
  entry.crc = u32(rest, 16);
  entry.stored_size = u32(rest, 20);
  entry.size = u32(rest, 24);
  entry.header = u32(rest, 42);
  entry.mode = rest[5] == 3 ? u32(rest, 38) >> 16 & 07777 : 0;  // made by Unix
  entry.name = as_text(rest.subspan(kCentralSize, name));
  if (!apply_zip64(rest.subspan(kCentralSize + name, extra), entry.size, entry.stored_size, entry.header))
    return malformed("zip: bad zip64 field");
  stored_total_ += std::min(entry.stored_size, bytes_.size() + 1);
  directory_ += kCentralSize + name + extra + comment;
  ++seen_;
  return true;
}

Status ZipReader::check_method(const ZipEntry& entry) const {
  if (entry.encrypted()) return unsupported("zip: encrypted entry");
  if (entry.method != 0 && entry.method != 8 && entry.method != 93)
    return unsupported(cat("zip: compression method ", entry.method));
  if (entry.method == 0 && entry.size != entry.stored_size) return malformed("zip: stored entry with two sizes");
  if (entry.size > kRatioGrace && entry.size / limits_.inflate_ratio > entry.stored_size)
    return limit_reached(cat("zip: entry inflates more than ", limits_.inflate_ratio, ":1"));
  return Ok{};
}

Result<Bytes> ZipReader::stored(const ZipEntry& entry) const {
  const std::uint64_t header = base_ + entry.header;
  if (header < base_ || !inside(bytes_, header, kLocalSize) || u32(bytes_, header) != kLocal)
    return malformed("zip: no local header where the directory says");
  // Only the lengths of the local header count: name and extra field may differ from the directory's.
  const std::uint64_t data = header + kLocalSize + u16(bytes_, header + 26) + u16(bytes_, header + 28);
  if (!inside(bytes_, data, entry.stored_size)) return malformed("zip: entry beyond the end of the archive");
  return bytes_.subspan(data, entry.stored_size);
}

Result<std::string> ZipReader::read(const ZipEntry& entry) {
  PLIM_CHECK(check_method(entry));
  if (entry.size > limits_.file_bytes) return limit_reached(cat("zip: entry of ", entry.size, " bytes"));
  PLIM_TRY(const Bytes packed, stored(entry));
  std::string out;
  if (entry.method == 0) {
    out = as_text(packed);
  } else if (entry.method == 8) {
    out.resize(entry.size);
    std::size_t produced = 0;
    const auto code = libdeflate_deflate_decompress(inflater_->deflate, packed.data(), packed.size(), out.data(),
                                                    out.size(), &produced);
    if (code != LIBDEFLATE_SUCCESS || produced != entry.size) return malformed("zip: corrupt entry");
  } else {
    PLIM_CHECK(stream(entry, [&](Bytes piece) -> Status {
      out.append(as_text(piece));
      return Ok{};
    }));
    return out;
  }
  if (libdeflate_crc32(0, out.data(), out.size()) != entry.crc) return malformed("zip: wrong CRC");
  return out;
}

Status ZipReader::stream(const ZipEntry& entry, const std::function<Status(Bytes)>& sink) {
  PLIM_CHECK(check_method(entry));
  PLIM_TRY(const Bytes packed, stored(entry));
  std::uint32_t crc = 0;
  std::uint64_t total = 0;
  const auto give = [&](Bytes piece) -> Status {
    total += piece.size();
    if (total > entry.size) return malformed("zip: entry is longer than its directory says");
    crc = libdeflate_crc32(crc, piece.data(), piece.size());
    return sink(piece);
  };
  if (entry.method == 0) {
    for (std::size_t at = 0; at < packed.size(); at += kPiece)
      PLIM_CHECK(give(packed.subspan(at, std::min(kPiece, packed.size() - at))));
  } else if (entry.method == 8) {
    if (packed.size() > UINT32_MAX) return unsupported("zip: entry of more than 4 GiB packed");
    inflate_state& state = inflater_->begin(packed);
    std::vector<std::uint8_t> piece(kPiece);
    while (state.block_state != ISAL_BLOCK_FINISH) {
      state.next_out = piece.data();
      state.avail_out = static_cast<std::uint32_t>(piece.size());
      if (isal_inflate(&state) != ISAL_DECOMP_OK) return malformed("zip: corrupt entry");
      const std::size_t produced = piece.size() - state.avail_out;
      if (produced == 0 && state.block_state != ISAL_BLOCK_FINISH) return malformed("zip: entry ends early");
      PLIM_CHECK(give(Bytes(piece.data(), produced)));
    }
  } else {
    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> zstd(ZSTD_createDStream(), ZSTD_freeDStream);
    ZSTD_DCtx_setParameter(zstd.get(), ZSTD_d_windowLogMax, 27);
    std::vector<std::uint8_t> piece(kPiece);
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::size_t hint = 1;
    while (hint != 0) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const std::size_t before = in.pos;
      hint = ZSTD_decompressStream(zstd.get(), &out, &in);
      if (ZSTD_isError(hint)) return malformed(cat("zip: zstd: ", ZSTD_getErrorName(hint)));
      if (out.pos == 0 && in.pos == before && hint != 0) return malformed("zip: entry ends early");
      PLIM_CHECK(give(Bytes(piece.data(), out.pos)));
    }
  }
  if (total != entry.size) return malformed("zip: entry is shorter than its directory says");
  if (crc != entry.crc) return malformed("zip: wrong CRC");
  return Ok{};
}

Result<std::string> ZipReader::head(const ZipEntry& entry, std::size_t size) {
  PLIM_CHECK(check_method(entry));
  PLIM_TRY(Bytes packed, stored(entry));
  if (entry.method == 0) return std::string(as_text(packed.first(std::min(size, packed.size()))));
  std::string out(std::min<std::uint64_t>(size, entry.size), '\0');
  std::size_t produced = 0;
  if (entry.method == 8) {
    packed = packed.first(std::min<std::size_t>(packed.size(), UINT32_MAX));
    inflate_state& state = inflater_->begin(packed);
    state.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state.avail_out = static_cast<std::uint32_t>(out.size());
    if (isal_inflate(&state) < 0) return malformed("zip: corrupt entry");
    produced = out.size() - state.avail_out;
  } else {
    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> zstd(ZSTD_createDStream(), ZSTD_freeDStream);
    ZSTD_DCtx_setParameter(zstd.get(), ZSTD_d_windowLogMax, 27);
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(zstd.get(), &to, &in))) return malformed("zip: corrupt entry");
    produced = to.pos;
  }
  out.resize(produced);
  return out;
}

}  // namespace plimsoll::format
