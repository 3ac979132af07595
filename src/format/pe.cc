// PE headers: Microsoft, "PE Format", COFF file header, optional header, section table.
#include <algorithm>

#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::format {

Result<Executable> read_pe(Bytes file) {
  if (file.size() < 64 || !as_text(file).starts_with("MZ")) return malformed("PE header is cut short");
  const std::uint64_t at = load_le<std::uint32_t>(file, 60);
  constexpr std::size_t kCoff = 24;  // signature and file header
  if (at + kCoff > file.size() || as_text(file.subspan(static_cast<std::size_t>(at), 4)) != std::string_view("PE\0\0", 4))
    return unsupported("an MZ program that is no PE file");
  const Bytes coff = file.subspan(static_cast<std::size_t>(at));
  const std::size_t sections = load_le<std::uint16_t>(coff, 6), optional_size = load_le<std::uint16_t>(coff, 20);
  if (optional_size < 32 || kCoff + optional_size > coff.size()) return malformed("PE optional header is cut short");
  const Bytes optional = coff.subspan(kCoff, optional_size);
  Executable out;
  out.kind = Executable::Kind::Pe;
  out.machine = load_le<std::uint16_t>(coff, 4);
  constexpr std::uint16_t kDll = 0x2000, kWide = 0x20b;
  out.shared_library = (load_le<std::uint16_t>(coff, 22) & kDll) != 0;
  out.is_64_bit = load_le<std::uint16_t>(optional, 0) == kWide;
  const std::uint64_t base = out.is_64_bit ? load_le<std::uint64_t>(optional, 24) : load_le<std::uint32_t>(optional, 28);
  out.entry = base + load_le<std::uint32_t>(optional, 16);
  const Bytes table = coff.subspan(kCoff + optional_size);
  constexpr std::size_t kSection = 40;
  out.truncated = table.size() < sections * kSection;
  for (std::size_t i = 0; i < sections && (i + 1) * kSection <= table.size(); ++i) {
    const Bytes h = table.subspan(i * kSection, kSection);
    std::string_view name = as_text(h.first(8));
    const std::uint64_t stored = load_le<std::uint32_t>(h, 16), offset = load_le<std::uint32_t>(h, 20);
    const std::uint32_t flags = load_le<std::uint32_t>(h, 36);
    Bytes data;
    if (offset < file.size()) data = file.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(std::min<std::uint64_t>(stored, file.size() - offset)));
    if (data.size() < stored) out.truncated = true;
    const std::uint64_t address = base + load_le<std::uint32_t>(h, 12);
    out.sections.push_back({.name = name.substr(0, name.find('\0')), .address = address, .size = load_le<std::uint32_t>(h, 8), .data = data});
    out.segments.push_back({.address = address, .data = data, .writable = (flags & 0x80000000u) != 0, .runnable = (flags & 0x20000000u) != 0});
  }
  return out;
}

}  // namespace plimsoll::format
