#include "advisory/archive.h"

#include <zlib.h>


#include "base/file.h"
#include "base/text.h"
#include "format/source_chunks.h"
#include "format/tar.h"

namespace plimsoll::advisory {
namespace {

constexpr std::uint64_t kMaxMember = 1ull << 30;
constexpr std::uint64_t kMaxZip = 4ull << 30;

Status read_tar(const std::string& name, Input& input, const Limits& limits, const std::function<void(Input)>& visit) {
  format::SourceChunks chunks(&input);
  format::TarReader reader(chunks, limits);
  format::TarEntry entry;
  for (;;) {
    PLIM_TRY(const bool more, reader.next(entry));
    if (!more) return Ok{};
    if (entry.kind != format::TarKind::File) continue;
    if (entry.size > kMaxMember) return limit_reached(cat(name, "/", entry.name, " is larger than ", kMaxMember, " bytes"));
    std::string content;
    for (;;) {
      PLIM_TRY(const Bytes some, reader.content());
      if (some.empty()) break;
      content.append(as_text(some));
    }
    visit(Input::owning(std::move(content), cat(name, "/", to_utf8(entry.name))));
  }
}

// One file of a zip, by its entry in the central directory (APPNOTE 4.3.12), sizes of zip64 (4.5.3) included.
struct ZipEntry {
  std::string name;
  std::uint16_t method = 0, flags = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0, size = 0, offset = 0;
};

Result<std::string> zip_content(Bytes file, const ZipEntry& entry) {
  constexpr std::size_t kLocal = 30;
  if (entry.offset > file.size() || file.size() - entry.offset < kLocal || load_le<std::uint32_t>(file, entry.offset) != 0x04034b50) return malformed("zip entry lies outside the file");
  const std::uint64_t start = entry.offset + kLocal + load_le<std::uint16_t>(file, entry.offset + 26) + load_le<std::uint16_t>(file, entry.offset + 28);
  if (start > file.size() || entry.packed > file.size() - start) return malformed("zip entry is cut short");
  if (entry.size > kMaxMember) return limit_reached(cat("zip entry is larger than ", kMaxMember, " bytes"));
  if (entry.flags & 1) return unsupported("zip entry is encrypted");
  const Bytes packed = file.subspan(start, entry.packed);
  std::string out;
  if (entry.method == 0) {
    out = as_text(packed);
  } else if (entry.method == 8) {
    if (entry.size > (entry.packed + 1) * 1100) return limit_reached("zip entry inflates beyond what deflate can");
    out.resize(entry.size);
    z_stream z{};
    if (inflateInit2(&z, -15) != Z_OK) return io_error("no memory to inflate");
    z.next_in = const_cast<Bytef*>(packed.data()), z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = static_cast<uInt>(out.size());
    const int code = ::inflate(&z, Z_FINISH);
    const bool whole = code == Z_STREAM_END && z.avail_out == 0;
    inflateEnd(&z);
    if (!whole) return malformed("zip entry is corrupt");
  } else {
    return unsupported(cat("zip entry is packed by method ", entry.method));
  }
  if (out.size() != entry.size || crc32(0, reinterpret_cast<const Bytef*>(out.data()), static_cast<uInt>(out.size())) != entry.crc) return malformed("zip entry does not fit its checksum");
  return out;
}

Status each_zip_entry(Bytes file, const Limits& limits, const std::function<void(const ZipEntry&)>& visit) {
  constexpr std::size_t kEnd = 22, kCentral = 46;
  std::size_t end = file.size() < kEnd ? 0 : file.size() - kEnd;
  const std::size_t lowest = end > 65535 ? end - 65535 : 0;
  while (end > lowest && load_le<std::uint32_t>(file, end) != 0x06054b50) --end;
  if (file.size() < kEnd || load_le<std::uint32_t>(file, end) != 0x06054b50) return malformed("zip has no list of files: it is cut short");
  std::uint64_t count = load_le<std::uint16_t>(file, end + 10), at = load_le<std::uint32_t>(file, end + 16);
  if ((count == 0xffff || at == 0xffffffff) && end >= 20 && load_le<std::uint32_t>(file, end - 20) == 0x07064b50) {
    const std::uint64_t end64 = load_le<std::uint64_t>(file, end - 12);
    if (end64 > file.size() || file.size() - end64 < 56 || load_le<std::uint32_t>(file, end64) != 0x06064b50) return malformed("zip64 list of files cannot be read");
    count = load_le<std::uint64_t>(file, end64 + 32), at = load_le<std::uint64_t>(file, end64 + 48);
  }
  if (count > limits.archive_entries) return limit_reached(cat("zip has more than ", limits.archive_entries, " entries"));
  for (; count > 0; --count) {
    if (at > file.size() || file.size() - at < kCentral || load_le<std::uint32_t>(file, at) != 0x02014b50) return malformed("zip list of files cannot be read");
    const std::uint16_t name = load_le<std::uint16_t>(file, at + 28), extra = load_le<std::uint16_t>(file, at + 30), comment = load_le<std::uint16_t>(file, at + 32);
    if (file.size() - at - kCentral < std::uint64_t{name} + extra + comment) return malformed("zip list of files is cut short");
    ZipEntry entry{.name = std::string(as_text(file.subspan(at + kCentral, name))), .method = load_le<std::uint16_t>(file, at + 10), .flags = load_le<std::uint16_t>(file, at + 8),
                   .crc = load_le<std::uint32_t>(file, at + 16), .packed = load_le<std::uint32_t>(file, at + 20), .size = load_le<std::uint32_t>(file, at + 24),
                   .offset = load_le<std::uint32_t>(file, at + 42)};
    for (Bytes more = file.subspan(at + kCentral + name, extra); more.size() >= 4;) {
      const std::uint16_t kind = load_le<std::uint16_t>(more, 0), size = load_le<std::uint16_t>(more, 2);
      if (more.size() - 4u < size) break;
      Bytes field = more.subspan(4, size);
      if (kind == 1)
        for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.offset})
          if (*value == 0xffffffff && field.size() >= 8) *value = load_le<std::uint64_t>(field, 0), field = field.subspan(8);
      more = more.subspan(4u + size);
    }
    visit(entry);
    at += kCentral + name + extra + comment;
  }
  return Ok{};
}

bool is_tar(std::string_view head) { return head.size() >= 512 && head.substr(257, 5) == "ustar"; }

}  // namespace

Result<bool> each_member(const std::string& path, const std::string& name, Input& input, const Limits& limits, const std::function<void(Input)>& visit) {
  PLIM_TRY(const std::string_view head, input.head());
  if (head.starts_with("PK\x03\x04")) {
    PLIM_TRY(const Fd fd, open_file(path));
    PLIM_TRY(const std::uint64_t size, file_size(fd));
    if (size > kMaxZip) return limit_reached(cat("zip is larger than ", kMaxZip, " bytes"));
    PLIM_TRY(const Mapping mapping, Mapping::map(fd, size));
    PLIM_CHECK(each_zip_entry(mapping.bytes(), limits, [&](const ZipEntry& entry) {
      if (entry.name.ends_with('/')) return;
      const std::string inside = cat(name, "/", to_utf8(entry.name));
      auto content = zip_content(mapping.bytes(), entry);
      // An entry that cannot be read goes on as an input that fails, so that it is named like any other.
      if (content.has_value()) visit(Input::owning(std::move(*content), inside));
      else visit(Input::failing(std::move(content).error(), inside));
    }));
    return true;
  }
  if (is_tar(head)) {
    input.allow(kMaxArchiveBytes);
    PLIM_CHECK(read_tar(name, input, limits, visit));
    return true;
  }
  return false;
}

}  // namespace plimsoll::advisory
