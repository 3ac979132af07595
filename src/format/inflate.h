// Inflation of streams: gzip (RFC 1952, several members, CRC and length checked) and zstd (RFC 8878), or none.
//
// Each gives a ByteSource over another. Memory: a few hundred KiB (zstd: its window, at most kLargestWindow is accepted).
// Errors   Malformed: a bad header, block, CRC or length, a stream that stops early, bytes after the last member;
//          Limit: more than limits.layer_bytes out, or a ratio above limits.inflate_ratio once 64 MiB are out.
#pragma once
#include <memory>
#include <mutex>
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
// zstd's window: what its levels up to 19 ask for and RFC 8878 §3.1.1.1.2 wants everybody to have, and the most accepted.
inline constexpr std::uint64_t kUsualWindow = 8ull << 20, kLargestWindow = 128ull << 20;
// The window of the frame that `head` begins with (18 bytes are enough); kLargestWindow when they do not tell.
std::uint64_t zstd_window(Bytes head);
std::unique_ptr<ByteSource> unzstd(std::unique_ptr<ByteSource> stored, const Limits& limits, std::uint64_t window = kLargestWindow);
// By what the bytes themselves say; Unsupported for bzip2 and xz. `kind` (may be null) tells what it was. Where streams
// are read side by side, they pass `turn`, a lock not yet held on one mutex: it is locked, after waiting for it, when the
// stream begins with a window above kUsualWindow, and must be held as long as the stream lives. A stream that begins
// with less may not ask for more later (Malformed).
Result<std::unique_ptr<ByteSource>> decompress(std::unique_ptr<ByteSource> stored, const Limits& limits,
                                               Compression* kind = nullptr, std::unique_lock<std::mutex>* turn = nullptr);

}  // namespace plimsoll::format
