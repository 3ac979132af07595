// Statements of how an image was built, as builders leave them beside it. Nothing here checks a signature: whoever can write
// where the image lies can write these too. What is read is kept apart from what is verified (model/provenance.h).
//
// Where    BuildKit's attestation manifests in the image's index (annotations vnd.docker.reference.type, .digest); artefacts
//          whose subject is the image (the registry's referrers, those of a layout's index.json); the image's own
//          annotations and labels org.opencontainers.image.source, .revision, .created.
// Forms    in-toto Statement v0.1 and v1, bare, in a DSSE envelope or in a Sigstore bundle; predicates SLSA provenance v0.2
//          and v1 (https://slsa.dev/provenance), with what BuildKit and GitHub's builders put into them. Other predicates, SBOMs
//          first of all, are passed over.
// Input    hostile: at most 32 blobs of 8 MiB are read, each verified against its digest; texts are cut at 2048 bytes.
// Errors   none that stop a scan: what cannot be read, and a statement whose subject is not this image, becomes a sentence in
//          ImageConfig::provenance_notes.
// Source   moby/buildkit docs/attestations/attestation-storage.md; in-toto/attestation spec; secure-systems-lab/dsse
//          envelope.md; sigstore protobuf-specs (bundle v0.3); OCI image-spec 1.1 (annotations.md, manifest.md "subject").
#pragma once
#include <span>
#include <string_view>

#include "model/image_config.h"
#include "oci/content.h"

namespace plimsoll::oci {

// One statement. `subject` is the image's manifest. Errors: Malformed; Unsupported for a predicate that is no provenance;
// NotFound when none of its subjects is the image, naming the first.
Result<ProvenanceStatement> read_statement(std::string_view json, const Digest& subject, const Limits& limits);

// Fills provenance and provenance_notes of an image whose manifest_digest is set; `siblings` are the entries of its index.
void find_provenance(ContentStore& store, std::span<const Descriptor> siblings, ImageConfig& image, const Limits& limits);

}  // namespace plimsoll::oci
