#include "image/ring.h"

namespace plimsoll::image {

void Ring::fill_from(ByteSource& source) {
  while (true) {
    std::size_t slot = 0;
    {
      std::unique_lock lock(mutex_);
      // The consumer still looks at chunk consumed_-1, so one slot fewer is free than the numbers say.
      freed_.wait(lock, [&] { return left_ || produced_ + 1 < consumed_ + kChunks; });
      if (left_) return;
      slot = produced_ % kChunks;
    }
    Buffer& buffer = buffers_[slot];
    buffer.size = 0;
    std::optional<Error> error;
    bool ended = false;
    while (buffer.size < kChunkBytes) {
      Result<std::size_t> got = source.read(buffer.bytes.get() + buffer.size, kChunkBytes - buffer.size);
      if (!got) {
        error = std::move(got).error();
        break;
      }
      if (*got == 0) {
        ended = true;
        break;
      }
      buffer.size += *got;
    }
    std::lock_guard lock(mutex_);
    if (buffer.size > 0) ++produced_;
    ended_ = ended || error;
    error_ = std::move(error);
    filled_.notify_one();
    if (ended_) return;
  }
}

Result<Bytes> Ring::next_chunk() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return ended_ || produced_ > consumed_; });
  if (produced_ > consumed_) {
    const Buffer& buffer = buffers_[consumed_++ % kChunks];
    freed_.notify_one();
    return Bytes(buffer.bytes.get(), buffer.size);
  }
  if (error_) return *error_;
  return Bytes{};
}

void Ring::leave() {
  std::lock_guard lock(mutex_);
  left_ = true;
  freed_.notify_one();
}

}  // namespace plimsoll::image
