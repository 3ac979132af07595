// What the image sources hand to the walk: a manifest and config already verified by digest, layers still to be read.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/digest.h"
#include "model/provenance.h"

namespace plimsoll {

struct LayerDescriptor {
  Digest digest;              // of the blob as stored; empty when the store has none (podman's unpacked layers)
  Digest diff_id;             // of the uncompressed tar, as the config claims
  std::uint64_t size_bytes = 0;
  std::string media_type;     // tells gzip, zstd, none; the bytes decide when they disagree
  std::string created_by;     // from history, secrets not yet redacted
};

struct ImageConfig {
  Digest manifest_digest, config_digest;
  std::string reference;
  std::string os, architecture, variant;
  std::string created;
  std::string config_json;          // whole config blob
  std::vector<std::pair<std::string, std::string>> annotations;  // manifest's, then config labels
  std::vector<LayerDescriptor> layers;                            // lowest first
  std::vector<ProvenanceStatement> provenance;  // of this image by their own words, unverified; secrets not yet redacted
  std::vector<std::string> provenance_notes;    // what lies beside the image and was not used, and why
};

}  // namespace plimsoll
