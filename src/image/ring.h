// A bounded ring of chunks between the thread that inflates a layer and the one that walks it.
//
// One producer, one consumer. The chunk given by next_chunk() stays valid until the next call: the producer fills the
// others meanwhile.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/stream.h"
#include "format/tar.h"

namespace plimsoll::image {

class Ring : public format::ChunkSource {
 public:
  // 256 KiB stays in the second-level cache between the two threads; six of them ride out a slow file.
  static constexpr std::size_t kChunkBytes = 256 << 10, kChunks = 6;
  Ring() : buffers_(kChunks) {
    for (auto& buffer : buffers_) buffer.bytes.reset(new std::uint8_t[kChunkBytes]);
  }

  // Producer: reads `source` to its end or first error. Returns early when the consumer has left.
  void fill_from(ByteSource& source);
  // Consumer.
  Result<Bytes> next_chunk() override;
  void leave();  // the consumer will not call again

 private:
  struct Buffer {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Buffer> buffers_;
  std::mutex mutex_;
  std::condition_variable filled_, freed_;
  std::size_t produced_ = 0, consumed_ = 0;  // chunks; the consumer holds chunk consumed_-1
  bool ended_ = false, left_ = false;
  std::optional<Error> error_;
};

}  // namespace plimsoll::image
