#include "oci/manifest.h"
#include "oci/reference.h"

// A reference that parses reads back the same, and nothing in it could leave an address or a path.
void fuzz_oci_reference(plimsoll::Bytes input) {
  using namespace plimsoll::oci;
  if (const auto reference = Reference::parse(plimsoll::as_text(input))) {
    const auto again = Reference::parse(reference->text());
    PLIM_ASSERT(again.has_value() && *again == *reference);
    PLIM_ASSERT(reference->text().find_first_of(std::string_view("\r\n ?#%\\\0", 8)) == std::string::npos);
    // A tag may hold "..", but nothing that stands in a path with a slash before it.
    PLIM_ASSERT(reference->name().find("..") == std::string::npos && !reference->tag.starts_with('.'));
  }
  if (const auto platform = Platform::parse(plimsoll::as_text(input)))
    PLIM_ASSERT(Platform::parse(platform->text()).has_value());
}
