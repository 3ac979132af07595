#include "format/executable.h"

void fuzz_format_executable(plimsoll::Bytes input) {
  if (const auto program = plimsoll::format::read_executable(input)) {
    (void)plimsoll::format::elf_notes(*program);
    if (!program->segments.empty()) (void)program->at_address(program->segments.back().address + 1);
  }
}
