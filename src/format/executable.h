// Executable files (ELF, PE, Mach-O): where their sections and segments lie. Enough for readers of embedded data; no
// symbols, no relocations.
//
// Only headers are touched, so a mapped file of hundreds of MB costs a few pages. Every offset is checked against the
// file: a section that leaves it is kept with the bytes that are there, and truncated() tells.
// Source  ELF: System V gABI ch. 4-5; PE: Microsoft "PE Format"; Mach-O: Apple's <mach-o/loader.h>.
//
//   PLIM_TRY(const Executable program, read_executable(file));
//   if (const auto* section = program.section(".go.buildinfo")) use(section->data);
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::format {

struct ExecutableSection {
  std::string_view name;      // Mach-O: the section's own, "__go_buildinfo"
  std::uint64_t address = 0;  // where it is loaded; PE: image base included
  std::uint64_t size = 0;     // as the header says
  Bytes data;                 // what of it is in the file; empty for .bss
};

struct ExecutableSegment {
  std::uint64_t address = 0;
  Bytes data;
  bool writable = false, runnable = false;
  bool note = false;  // ELF PT_NOTE
};

class Executable {
 public:
  enum class Kind : std::uint8_t { Elf, Pe, MachO };
  Kind kind = Kind::Elf;
  bool is_64_bit = false, big_endian = false, shared_library = false;
  std::uint32_t machine = 0;  // the format's own number
  std::vector<ExecutableSection> sections;  // empty when stripped of them
  std::vector<ExecutableSegment> segments;  // PE: one per section
  bool truncated = false;                   // a header points outside the file
  std::uint64_t entry = 0;                  // loaded address at which it starts; PE: image base included
  // ELF alone:
  std::string_view interpreter = {};        // PT_INTERP, without its zero: stays when sections are taken away
  bool dynamic = false;                     // it has PT_DYNAMIC
  bool runnable_stack = false;              // PT_GNU_STACK asks for one
  std::uint64_t section_table = 0;          // e_shoff; 0: no section headers
  std::uint32_t section_headers = 0;        // e_shnum as it stands there
  std::size_t program_headers_end = 0;      // where the table of segments ends; 0 when it is not right behind the header

  const ExecutableSection* section(std::string_view name) const;  // first of that name; null when there is none
  // Bytes from a loaded address to the end of its segment; empty when the file has none there.
  Bytes at_address(std::uint64_t address) const;
};

bool is_executable_file(Bytes file);  // by its leading bytes
// Errors: Malformed, Unsupported (a kind we do not read: 16-bit MZ, fat Mach-O).
Result<Executable> read_executable(Bytes file);
Result<Executable> read_elf(Bytes file);
Result<Executable> read_pe(Bytes file);
Result<Executable> read_macho(Bytes file);

struct ElfNote {
  std::string_view owner;  // "GNU", "FDO"
  std::uint32_t type = 0;
  Bytes data;
};
// Notes of all note segments, or of the sections named ".note*" where there are no such segments.
std::vector<ElfNote> elf_notes(const Executable& program);

}  // namespace plimsoll::format
