// Whole zlib streams in memory (RFC 1950), for small embedded data.
#pragma once
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::format {

// Errors: Malformed, Limit when more than max_bytes come out. Bytes after the stream are left alone.
Result<std::string> inflate_zlib(Bytes stored, std::uint64_t max_bytes);

}  // namespace plimsoll::format
