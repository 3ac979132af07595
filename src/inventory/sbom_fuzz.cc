#include "inventory/sbom.h"

void fuzz_inventory_sbom(plimsoll::Bytes input) {
  using namespace plimsoll;
  const auto sbom = inventory::read_sbom(input, Limits{}, "bom");
  if (!sbom) return;
  for (const Package& package : sbom->packages) {
    PLIM_ASSERT(!package.type.empty() && !package.name.empty() && !package.locations.empty());
    PLIM_ASSERT(package.purl_text().starts_with("pkg:"));
  }
}
