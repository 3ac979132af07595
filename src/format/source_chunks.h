// What a source gives, piece by piece, as a tar's reader asks for it. `Source` is a pointer to what has read(into, size):
// std::unique_ptr<ByteSource>, or a plain pointer to one that is borrowed. One thread.
#pragma once
#include <memory>
#include <utility>
#include <vector>

#include "base/stream.h"
#include "format/tar.h"

namespace plimsoll::format {

template <class Source = std::unique_ptr<ByteSource>>
class SourceChunks : public ChunkSource {
 public:
  explicit SourceChunks(Source source, std::size_t at_once = 256 << 10) : source_(std::move(source)), buffer_(at_once) {}
  Result<Bytes> next_chunk() override {
    PLIM_TRY(const std::size_t got, source_->read(buffer_.data(), buffer_.size()));
    bytes_ += got;
    return Bytes(buffer_).first(got);
  }
  std::uint64_t bytes() const { return bytes_; }  // given so far

 private:
  Source source_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t bytes_ = 0;
};

}  // namespace plimsoll::format
