// Image configurations as hostile JSON: what is redacted reads as JSON again.
#include "base/json.h"
#include "detect/image_text.h"

void fuzz_detect_image_text(plimsoll::Bytes input) {
  using namespace plimsoll;
  static const auto secrets = detect::Secrets::load({.rules = {}, .fingerprint_key = "fuzz"});
  PLIM_ASSERT(secrets.has_value());
  static_cast<void>(detect::redact(as_text(input), *secrets));
  const auto text = detect::scan_image_config(as_text(input), *secrets);
  if (text) PLIM_ASSERT(JsonDocument::parse(text->redacted_json).has_value());
}
