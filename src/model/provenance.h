// What an image, or what lies beside it, says of how it was built. Said, not proven: no signature over it was checked.
#pragma once
#include <string>

namespace plimsoll {

struct ProvenanceStatement {
  std::string found_in;        // "attestation-manifest", "referrer", "annotations"
  std::string digest;          // of the blob that holds it; empty for annotations
  std::string predicate_type;  // "https://slsa.dev/provenance/v1"; empty for annotations
  std::string builder;         // id of the builder
  std::string source;          // repository, as written
  std::string revision;        // commit
  std::string created;         // when it was built
  friend bool operator==(const ProvenanceStatement&, const ProvenanceStatement&) = default;
};

}  // namespace plimsoll
