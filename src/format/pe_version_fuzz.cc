#include "format/pe_version.h"

void fuzz_format_pe_version(plimsoll::Bytes input) {
  const auto version = plimsoll::format::read_pe_version(input);
  if (version)
    for (const auto& [key, value] : version->texts)
      PLIM_ASSERT(value.size() <= plimsoll::format::kMaxPeVersionText + 4);
}
