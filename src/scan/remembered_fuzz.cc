#include "scan/remembered.h"

void fuzz_scan_remembered(plimsoll::Bytes input) {
  if (const auto subject = plimsoll::scan::unpack_subject(input))
    PLIM_ASSERT(plimsoll::scan::unpack_subject(plimsoll::as_bytes(plimsoll::scan::pack_subject(*subject))).has_value());
}
