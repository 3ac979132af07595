// Bytes at hand, as the source that a stream's reader asks for. Borrowed: they must outlive it. One thread.
#pragma once
#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/stream.h"

namespace plimsoll {

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    const std::size_t n = std::min(size, bytes_.size());
    if (n > 0) std::memcpy(into, bytes_.data(), n);
    bytes_ = bytes_.subspan(n);
    return n;
  }

 private:
  Bytes bytes_;
};

}  // namespace plimsoll
