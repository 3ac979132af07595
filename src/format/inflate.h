// Inflation of streams: gzip (RFC 1952, several members, CRC and length checked) and zstd (RFC 8878), or none.
//
// Each gives a ByteSource over another. Memory: a few hundred KiB (zstd: its window, at most 128 MiB is accepted).
// Errors   Malformed: a bad header, block, CRC or length, a stream that stops early, bytes after the last member;
//          Limit: more than limits.layer_bytes out, or a ratio above limits.inflate_ratio once 64 MiB are out.
#pragma once
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/stream.h"

namespace plimsoll::format {

enum class Compression : std::uint8_t { None, Gzip, Zstd, Bzip2, Xz };
std::string_view to_string(Compression compression);
// Tells by leading bytes (6 are enough).
Compression detect_compression(Bytes head);

std::unique_ptr<ByteSource> gunzip(std::unique_ptr<ByteSource> stored, const Limits& limits);
std::unique_ptr<ByteSource> unzstd(std::unique_ptr<ByteSource> stored, const Limits& limits);
// By what the bytes themselves say; Unsupported for bzip2 and xz. `kind` (may be null) tells what it was.
Result<std::unique_ptr<ByteSource>> decompress(std::unique_ptr<ByteSource> stored, const Limits& limits,
                                               Compression* kind = nullptr);

}  // namespace plimsoll::format
