#include "base/bytes.h"
#include "oci/auth.h"

void fuzz_oci_auth(plimsoll::Bytes input) {
  for (const auto& challenge : plimsoll::oci::parse_challenges(plimsoll::as_text(input))) {
    PLIM_ASSERT(!challenge.scheme.empty());
    (void)challenge.parameter("realm");
  }
}
