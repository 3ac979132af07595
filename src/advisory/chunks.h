// Chunks: a file cut where its content says so, so that two versions of a database share most pieces even where bytes
// were inserted between them. The unit of push, pull and their deltas (artefact.h).
//
// Method  content-defined chunking by a rolling gear hash over the last 64 bytes (Xia et al., "FastCDC", USENIX ATC
//         2016): a border where the hash's 18 top bits are zero; 64 KiB to 1 MiB, 256 KiB on average.
// Cost    one pass at about 1 GB/s, and a SHA-256 of each chunk. Pure.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/digest.h"

namespace plimsoll::advisory {

struct Chunk {
  Digest digest;  // SHA-256 of its bytes
  std::uint64_t offset = 0, bytes = 0;
};

inline constexpr std::uint64_t kLeastChunkBytes = 64 << 10, kMostChunkBytes = 1 << 20;

// In order, without gaps; empty for an empty file.
std::vector<Chunk> cut_into_chunks(Bytes file);

}  // namespace plimsoll::advisory
