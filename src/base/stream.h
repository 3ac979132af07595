// A source of bytes read once from front to back: a file, an HTTP body, an inflater. Not thread-safe.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace plimsoll {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads at most `size` bytes into `into`; 0 only at the true end. A stream that stops early is an Error, not an end.
  virtual Result<std::size_t> read(std::uint8_t* into, std::size_t size) = 0;
};

}  // namespace plimsoll
