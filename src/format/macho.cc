// Mach-O headers: <mach-o/loader.h>, mach_header, LC_SEGMENT and LC_SEGMENT_64.
#include <algorithm>

#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::format {

Result<Executable> read_macho(Bytes file) {
  if (file.size() < 32) return malformed("Mach-O header is cut short");
  const std::uint32_t little = load_le<std::uint32_t>(file, 0), big = load_be<std::uint32_t>(file, 0);
  if ((little | 1u) != 0xfeedfacfu && (big | 1u) != 0xfeedfacfu) return unsupported("not an ELF, PE or Mach-O file");
  Executable out;
  out.kind = Executable::Kind::MachO;
  out.big_endian = (big | 1u) == 0xfeedfacfu;
  out.is_64_bit = (out.big_endian ? big : little) == 0xfeedfacfu;
  const auto u32 = [&](Bytes b, std::size_t at) { return out.big_endian ? load_be<std::uint32_t>(b, at) : load_le<std::uint32_t>(b, at); };
  const auto word = [&](Bytes b, std::size_t at) -> std::uint64_t {
    if (!out.is_64_bit) return u32(b, at);
    return out.big_endian ? load_be<std::uint64_t>(b, at) : load_le<std::uint64_t>(b, at);
  };
  const auto part = [&](std::uint64_t offset, std::uint64_t size) -> Bytes {
    if (offset > file.size() || size > file.size() - offset) out.truncated = true;
    if (offset >= file.size()) return {};
    return file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(std::min<std::uint64_t>(size, file.size() - offset)));
  };
  out.machine = u32(file, 4);
  constexpr std::uint32_t kDylib = 6, kSegment32 = 1, kSegment64 = 0x19, kMostCommands = 65536;
  out.shared_library = u32(file, 12) == kDylib;
  const std::size_t word_size = out.is_64_bit ? 8 : 4;
  // Segment command: 24 bytes to vmaddr, four words, then protections, section count, flags.
  const std::size_t segment_size = 24 + 4 * word_size + 16, section_size = out.is_64_bit ? 80 : 68;
  std::size_t at = out.is_64_bit ? 32 : 28;
  for (std::uint32_t left = std::min(u32(file, 16), kMostCommands); left > 0 && file.size() - at >= 8; --left) {
    const std::uint32_t command = u32(file, at), size = u32(file, at + 4);
    if (size < 8 || size > file.size() - at) {
      out.truncated = true;
      break;
    }
    const Bytes c = file.subspan(at, size);
    at += size;
    if ((command != kSegment32 && command != kSegment64) || c.size() < segment_size) continue;
    const std::uint32_t protection = u32(c, 24 + 4 * word_size + 4);
    out.segments.push_back({.address = word(c, 24), .data = part(word(c, 24 + 2 * word_size), word(c, 24 + 3 * word_size)), .writable = (protection & 2) != 0, .runnable = (protection & 4) != 0});
    const std::size_t sections = u32(c, 24 + 4 * word_size + 8);
    for (std::size_t i = 0; i < sections && segment_size + (i + 1) * section_size <= c.size(); ++i) {
      const Bytes s = c.subspan(segment_size + i * section_size, section_size);
      const std::string_view name = as_text(s.first(16));
      const std::uint64_t bytes = word(s, 32 + word_size);
      out.sections.push_back({.name = name.substr(0, name.find('\0')), .address = word(s, 32), .size = bytes, .data = part(u32(s, 32 + 2 * word_size), bytes)});
    }
  }
  return out;
}

}  // namespace plimsoll::format
