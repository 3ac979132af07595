#include "format/executable.h"

#include <algorithm>

namespace plimsoll::format {

const ExecutableSection* Executable::section(std::string_view name) const {
  for (const ExecutableSection& s : sections)
    if (s.name == name) return &s;
  return nullptr;
}

Bytes Executable::at_address(std::uint64_t address) const {
  for (const ExecutableSegment& s : segments)
    if (!s.note && address >= s.address && address - s.address < s.data.size()) return s.data.subspan(static_cast<std::size_t>(address - s.address));
  return {};
}

bool is_executable_file(Bytes file) {
  if (file.size() < 4) return false;
  const std::uint32_t magic = load_le<std::uint32_t>(file, 0);
  return magic == 0x464c457fu || (magic & 0xffffu) == 0x5a4du || (magic | 1u) == 0xfeedfacfu || magic == 0xcefaedfeu || magic == 0xcffaedfeu;
}

Result<Executable> read_executable(Bytes file) {
  if (file.size() < 4) return malformed("too short for an executable");
  const std::uint32_t magic = load_le<std::uint32_t>(file, 0);
  if (magic == 0x464c457fu) return read_elf(file);
  if ((magic & 0xffffu) == 0x5a4du) return read_pe(file);
  return read_macho(file);
}

std::vector<ElfNote> elf_notes(const Executable& program) {
  std::vector<Bytes> places;
  for (const ExecutableSegment& s : program.segments)
    if (s.note) places.push_back(s.data);
  if (places.empty())
    for (const ExecutableSection& s : program.sections)
      if (s.name.starts_with(".note")) places.push_back(s.data);
  std::vector<ElfNote> out;
  const auto u32 = [&](Bytes bytes, std::size_t at) { return program.big_endian ? load_be<std::uint32_t>(bytes, at) : load_le<std::uint32_t>(bytes, at); };
  constexpr std::size_t kMostNotes = 1000;
  for (Bytes rest : places) {
    while (rest.size() >= 12 && out.size() < kMostNotes) {
      const std::uint64_t name_size = u32(rest, 0), data_size = u32(rest, 4);
      const std::uint64_t data_at = 12 + (name_size + 3) / 4 * 4, end = data_at + (data_size + 3) / 4 * 4;
      if (data_at + data_size > rest.size()) break;
      std::string_view owner = as_text(rest.subspan(12, static_cast<std::size_t>(name_size)));
      owner = owner.substr(0, owner.find('\0'));
      out.push_back({owner, u32(rest, 8), rest.subspan(static_cast<std::size_t>(data_at), static_cast<std::size_t>(data_size))});
      rest = rest.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(end, rest.size())));
    }
  }
  return out;
}

}  // namespace plimsoll::format
