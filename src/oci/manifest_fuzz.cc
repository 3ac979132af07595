#include "oci/layout.h"
#include "oci/manifest.h"

// Manifest, index and config out of the same bytes; a manifest's config is the document itself.
void fuzz_oci_manifest(plimsoll::Bytes input) {
  using namespace plimsoll::oci;
  const std::string_view text = plimsoll::as_text(input);
  const plimsoll::Limits limits;
  if (const auto manifest = parse_manifest(text, limits)) {
    (void)choose_platform(manifest->manifests, {"linux", "arm", "v7"}, true);
    if (const auto image = make_image_config(*manifest, std::string(text), limits))
      PLIM_ASSERT(image->layers.size() == manifest->layers.size());
  }
  (void)parse_config(std::string(text), limits);
  (void)choose_entry(text, "", {}, limits);
}
