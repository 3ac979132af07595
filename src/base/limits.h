// Limits: the bounds every reader of outside bytes takes. Reaching one is an Error{Limit} or a named gap, never silence.
#pragma once
#include <cstdint>

namespace plimsoll {

struct Limits {
  std::uint64_t file_bytes = 64ull << 20;         // one file handed whole to an analyser, in memory; beyond: spilled
  std::uint64_t spilled_file_bytes = 2ull << 30;  // one file kept in an unlinked temporary file; beyond: a gap
  std::uint64_t layer_bytes = 64ull << 30;        // one layer, uncompressed
  std::uint64_t layer_entries = 10'000'000;       // tar entries of one layer
  std::uint64_t path_bytes = 4096;                // one path
  std::uint64_t metadata_bytes = 64ull << 20;     // a manifest, config, index, lock file, JSON or XML document
  std::uint32_t archive_depth = 5;                // archives inside archives
  std::uint64_t archive_entries = 1'000'000;      // entries of one nested archive
  std::uint64_t archive_bytes = 4ull << 30;       // bytes inflated out of one nested archive, all depths
  std::uint32_t inflate_ratio = 1100;             // inflated / deflated; deflate cannot exceed about 1032
  std::uint32_t nesting = 256;                    // depth of JSON, YAML, XML
  std::uint32_t records = 5'000'000;              // packages, stanzas, rows of one file
};

}  // namespace plimsoll
