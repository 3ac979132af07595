// sbom: bills of materials that an image carries about itself.
//
// Input   CycloneDX and SPDX documents at the places where Bitnami, Wolfi and Chainguard, and builders in general leave
//         them; hostile. Read by inventory/sbom.h.
// Output  the packages they name. The package database wins over them (inventory/merge.h).
// Errors  Malformed, Unsupported, Limit: a document that cannot be read.
// Cost    O(bytes) of the document.
// Source  Bitnami's and apko's image layouts; sbom.h for the formats.
#include "inventory/sbom.h"

#include "base/path.h"
#include "inventory/cataloguer.h"
#include "inventory/os_packages.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  // "bom.xml" and "x.spdx" are other people's names too; these two say for certain what they are.
  if (!looks_like_sbom(file.content) && !file.path.ends_with(".spdx.json") && !file.path.ends_with(".cdx.json")) return Facts{};
  PLIM_TRY(SbomContent sbom, read_sbom(file.content, limits, file.path));
  Facts facts;
  facts.packages = std::move(sbom.packages);
  for (Package& p : facts.packages) p.set_property("sbom", base_name(file.path));
  facts.gaps = std::move(sbom.gaps);
  // The image names its distribution, where the document does not.
  std::erase_if(facts.gaps, [](const Gap& gap) { return gap.where == "distribution"; });
  return facts;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  const std::string distro = distro_qualifier(facts.distribution);
  for (Package& p : out.packages)
    if (!distro.empty() && p.property("distro").empty() && (p.type == "apk" || p.type == "deb" || p.type == "rpm")) p.set_property("distro", distro);
  return out;
}

}  // namespace

Cataloguer sbom() {
  return {.name = "sbom",
          .paths = {"**/*.spdx.json", "**/*.cdx.json", "**/.spdx-*.spdx", "**/bom.json", "**/*.bom.json", "**/sbom.json", "**/sbom.cdx.json", "**/*.cyclonedx.json", "**/*.cdx.xml",
                    "**/bom.xml", "**/*.spdx", "usr/share/sbom/*", "var/lib/db/sbom/*.json"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
