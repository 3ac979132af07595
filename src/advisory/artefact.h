// The database as an OCI artefact, so that any registry is a mirror; pulls bring only what changed.
//
// Form    a manifest with artifactType kArtefactType; its config (kArtefactConfig, JSON: format, digest of the database,
//         builtAt, bytes, and the chunks' digests and sizes in order); a layer (kArtefactChunk, zstd) for each chunk.
//         Chunks are cut by content (chunks.h) and named by what they hold: the registry keeps those of the last version,
//         a push sends the new ones, a pull takes from the file at hand what that already has.
// Trust   every layer is checked against its digest, every chunk against the config's, the whole against its Merkle root
//         and, with a key, its signature, before the old file is replaced (by rename). A registry that lies changes nothing.
// Errors  those of oci::Registry; Malformed (not such an artefact, bytes that do not match), Denied (not signed by the key).
// Example PLIM_TRY(const PullSummary pulled, pull_database(registry, reference, "advisories.db", {}));
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "oci/registry.h"

namespace plimsoll::advisory {

inline constexpr std::string_view kArtefactType = "application/vnd.plimsoll.advisories.v1";
inline constexpr std::string_view kArtefactConfig = "application/vnd.plimsoll.advisories.config.v1+json";
inline constexpr std::string_view kArtefactChunk = "application/vnd.plimsoll.advisories.chunk.v1+zstd";

struct PushSummary {
  Digest manifest;
  std::uint64_t chunks = 0, sent_chunks = 0, sent_bytes = 0;
};
// Errors also: those of Database::open; Denied for an overlay (records of an organisation's own).
Result<PushSummary> push_database(oci::Registry& registry, const oci::Reference& reference, const std::string& path);

struct PullOptions {
  std::string public_key;  // raw Ed25519; the database must be signed by it. Empty: not demanded
  Limits limits;
};
struct PullSummary {
  Digest manifest;
  std::string database;   // its digest
  bool unchanged = false;  // the file is that database already
  std::uint64_t chunks = 0, fetched_chunks = 0, fetched_bytes = 0;
};
Result<PullSummary> pull_database(oci::Registry& registry, const oci::Reference& reference, const std::string& path, const PullOptions& options);

}  // namespace plimsoll::advisory
