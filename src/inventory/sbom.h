// A software bill of materials that somebody else (or plimsoll) wrote -> packages, as if we had found them.
//
// Reads    CycloneDX 1.2 to 1.7 in JSON and XML, SPDX 2.2 and 2.3 in JSON and tag-value, each also inside an in-toto
//          statement's `predicate`. The kind is told by the content.
// Package  from its package URL: type, namespace, name, version, qualifiers arch, epoch, upstream, rpmmod, distro (others
//          become properties "purl:KEY"); then what the document says beside it: place and layer, licences, dependencies,
//          source package, digest of the file, in the words of Syft, of Trivy and of plimsoll.
// System   an `operating-system` component, SPDX's OPERATING-SYSTEM purpose, else the packages' own `distro` qualifiers.
// Gaps     (part "sbom") a package URL that cannot be read; packages without one (kept as type "generic", which no
//          advisory source covers); packages without a version; operating system packages in a list that names no
//          distribution; packages of a second distribution. Never silence.
// Errors   Malformed: no SBOM, or cut short. Unsupported: SPDX 3, CycloneDX 1.0/1.1, another major version. Limit.
// Input    hostile; bounded by limits.metadata_bytes, nesting and records. Pure and thread-safe.
// Example  PLIM_TRY(SbomContent sbom, read_sbom(bytes, limits, "app/bom.json"));
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/gap.h"
#include "model/package.h"

namespace plimsoll::inventory {

struct SbomContent {
  std::string kind;            // "CycloneDX 1.6 JSON", "SPDX 2.3 tag-value"...
  std::string created_by;      // "syft 1.57.0"; empty when it does not say
  std::string created;         // its timestamp, verbatim
  std::string subject;         // what it describes: an image reference, a folder, an application
  std::string subject_digest;  // "sha256:...", where it says so
  Distribution distribution;   // id empty when none is named
  std::vector<Package> packages;  // ids are those of the document (bom-ref, SPDXID); in document order
  Gaps gaps;
};

// `path`: what a package without a stated place is located at; empty leaves it without one.
Result<SbomContent> read_sbom(Bytes document, const Limits& limits, std::string_view path = {});

// Whether the bytes look like one of the kinds read here (cheap: looks at the beginning only).
bool looks_like_sbom(Bytes document);

}  // namespace plimsoll::inventory
