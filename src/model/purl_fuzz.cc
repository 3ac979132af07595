#include "model/purl.h"

#include "base/bytes.h"

void fuzz_model_purl(plimsoll::Bytes input) {
  if (const auto purl = plimsoll::Purl::parse(plimsoll::as_text(input))) {
    const auto again = plimsoll::Purl::parse(purl->text());
    PLIM_ASSERT(again.has_value());
    PLIM_ASSERT(again->text() == purl->text());
  }
}
