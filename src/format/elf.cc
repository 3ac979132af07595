// ELF headers: System V gABI ch. 4 (sections) and 5 (segments).
#include <algorithm>

#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::format {
namespace {

constexpr std::size_t kMostHeaders = 65536;
constexpr std::uint32_t kLoad = 1, kDynamic = 2, kInterpreter = 3, kNote = 4, kNoBits = 8, kStack = 0x6474e551;

// Reads fields of either class and byte order.
struct Fields {
  Bytes file;
  bool wide, big;
  std::uint64_t u16(std::size_t at) const { return big ? load_be<std::uint16_t>(file, at) : load_le<std::uint16_t>(file, at); }
  std::uint64_t u32(std::size_t at) const { return big ? load_be<std::uint32_t>(file, at) : load_le<std::uint32_t>(file, at); }
  std::uint64_t word(std::size_t at) const { return !wide ? u32(at) : big ? load_be<std::uint64_t>(file, at) : load_le<std::uint64_t>(file, at); }
  // What of [offset, offset + size) is in the file.
  Bytes part(std::uint64_t offset, std::uint64_t size, bool& truncated) const {
    if (offset > file.size() || size > file.size() - offset) truncated = true;
    if (offset >= file.size()) return {};
    return file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(std::min<std::uint64_t>(size, file.size() - offset)));
  }
};

void read_segments(const Fields& f, Executable& out) {
  const std::uint64_t table = f.word(f.wide ? 32 : 28);
  const std::size_t size = f.u16(f.wide ? 54 : 42), count = f.u16(f.wide ? 56 : 44);
  if (count == 0 || size < (f.wide ? 56u : 32u)) return;
  bool cut_short = false;
  // Segments of a separate debug file point outside it by design: sections, where there are any, tell what is missing.
  const Bytes headers = f.part(table, std::uint64_t{size} * count, cut_short);
  const bool has_sections = f.word(f.wide ? 40 : 32) != 0;
  if (!has_sections) out.truncated |= cut_short;
  if (table == (f.wide ? 64u : 52u) && headers.size() == size * count) out.program_headers_end = static_cast<std::size_t>(table) + size * count;
  for (std::size_t i = 0; i + size <= headers.size(); i += size) {
    const Fields h{headers.subspan(i, size), f.wide, f.big};
    const std::uint64_t type = h.u32(0), flags = h.u32(f.wide ? 4 : 24);
    if (type == kDynamic) out.dynamic = true;
    if (type == kStack) out.runnable_stack = (flags & 1) != 0;
    if (type == kInterpreter) {
      bool outside = false;
      const std::string_view path = as_text(f.part(h.word(f.wide ? 8 : 4), std::min<std::uint64_t>(h.word(f.wide ? 32 : 16), 4096), outside));
      out.interpreter = path.substr(0, path.find('\0'));
    }
    if (type != kLoad && type != kNote) continue;
    out.segments.push_back({.address = h.word(f.wide ? 16 : 8),
                            .data = f.part(h.word(f.wide ? 8 : 4), h.word(f.wide ? 32 : 16), has_sections ? cut_short : out.truncated),
                            .writable = (flags & 2) != 0,
                            .runnable = (flags & 1) != 0,
                            .note = type == kNote});
  }
}

void read_sections(const Fields& f, Executable& out) {
  const std::uint64_t table = f.word(f.wide ? 40 : 32);
  const std::size_t size = f.u16(f.wide ? 58 : 46);
  std::uint64_t count = f.u16(f.wide ? 60 : 48), names_index = f.u16(f.wide ? 62 : 50);
  if (table == 0 || size < (f.wide ? 64u : 40u)) return;
  bool cut_short = false;
  const Bytes first = f.part(table, size, cut_short);
  if (first.size() < size) {
    out.truncated = true;
    return;
  }
  // Counts that do not fit into 16 bits stand in the first header.
  const Fields zero{first, f.wide, f.big};
  if (count == 0) count = zero.word(f.wide ? 32 : 20);
  if (names_index == 0xffff) names_index = zero.u32(f.wide ? 40 : 24);
  count = std::min<std::uint64_t>(count, kMostHeaders);
  const Bytes headers = f.part(table, size * count, out.truncated);
  const auto header = [&](std::uint64_t i) { return Fields{headers.subspan(static_cast<std::size_t>(i) * size, size), f.wide, f.big}; };
  const std::size_t whole = headers.size() / size;
  std::string_view names;
  if (names_index < whole) {
    const Fields h = header(names_index);
    names = as_text(f.part(h.word(f.wide ? 24 : 16), h.word(f.wide ? 32 : 20), out.truncated));
  }
  for (std::size_t i = 1; i < whole; ++i) {
    const Fields h = header(i);
    const std::uint64_t name_at = h.u32(0), bytes = h.word(f.wide ? 32 : 20);
    ExecutableSection section{.address = h.word(f.wide ? 16 : 12), .size = bytes};
    if (name_at < names.size()) section.name = names.substr(static_cast<std::size_t>(name_at), names.find('\0', static_cast<std::size_t>(name_at)) - static_cast<std::size_t>(name_at));
    if (h.u32(4) != kNoBits) section.data = f.part(h.word(f.wide ? 24 : 16), bytes, out.truncated);
    out.sections.push_back(section);
  }
}

}  // namespace

Result<Executable> read_elf(Bytes file) {
  if (file.size() < 52 || !as_text(file).starts_with("\x7f" "ELF")) return malformed("ELF header is cut short");
  const std::uint8_t bits = file[4], order = file[5];
  if (bits < 1 || bits > 2 || order < 1 || order > 2) return malformed(cat("ELF class ", bits, " or byte order ", order));
  const Fields f{file, bits == 2, order == 2};
  if (f.wide && file.size() < 64) return malformed("ELF header is cut short");
  Executable out;
  out.kind = Executable::Kind::Elf;
  out.is_64_bit = f.wide;
  out.big_endian = f.big;
  out.machine = static_cast<std::uint32_t>(f.u16(18));
  constexpr std::uint64_t kSharedObject = 3;
  out.shared_library = f.u16(16) == kSharedObject;
  out.entry = f.word(24);
  out.section_table = f.word(f.wide ? 40 : 32);
  out.section_headers = static_cast<std::uint32_t>(f.u16(f.wide ? 60 : 48));
  read_segments(f, out);
  read_sections(f, out);
  return out;
}

}  // namespace plimsoll::format
