// A source of bytes read once from front to back: a file, an HTTP body, an inflater. Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace plimsoll {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads at most `size` bytes into `into`; 0 only at the true end. A stream that stops early is an Error, not an end.
  virtual Result<std::size_t> read(std::uint8_t* into, std::size_t size) = 0;
};

// The rest of `source` as one string. Errors: Limit when it is longer than max_bytes, and those of the source.
Result<std::string> read_all(ByteSource& source, std::uint64_t max_bytes);
// Bytes [offset, offset + size) of an open file, read by position, so that several sources may share one descriptor
// (shared because the last layer read keeps the archive open). A file that ends before is an Error.
std::unique_ptr<ByteSource> file_range(std::shared_ptr<const Fd> file, std::uint64_t offset, std::uint64_t size);
// A whole file. Errors: those of open_file, Malformed when it is not a regular file.
Result<std::unique_ptr<ByteSource>> file_source(const std::string& path);
std::unique_ptr<ByteSource> memory_source(std::string bytes);

}  // namespace plimsoll
