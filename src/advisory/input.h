// Input: one feed file, inflated as it is read (gzip, zstd, bzip2, xz, plain; told by its first bytes), under one size limit.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/stream.h"

namespace plimsoll::advisory {

// No feed of the world is near this in one document; a bomb is. An archive of a whole publisher (Red Hat's VEX) may be larger.
inline constexpr std::uint64_t kMaxFeedBytes = 8ull << 30, kMaxArchiveBytes = 128ull << 30;

class Input {
 public:
  // `name` is what errors and notes call it.
  static Result<Input> open_file(const std::string& path, std::string name);
  static Input over(Bytes bytes, std::string name);  // borrowed
  static Input owning(std::string bytes, std::string name);
  static Input failing(Error error, std::string name);  // every read gives `error`
  ~Input();
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;

  const std::string& name() const;
  void allow(std::uint64_t max_bytes);  // inflated, in all; at first kMaxFeedBytes
  // The first bytes (up to 64 KiB), without consuming them.
  Result<std::string_view> head();
  // Up to `size` bytes; 0 at the true end. Errors: Malformed (corrupt, cut short), Limit, Io.
  Result<std::size_t> read(std::uint8_t* into, std::size_t size);
  // The next line without its end; false at the end of input. The view lives until the next call. Errors: Limit for a
  // line beyond `max_line`.
  Result<bool> line(std::string_view& out, std::uint64_t max_line);
  // All that is left. Errors: Limit beyond `max`.
  Result<std::string> rest(std::uint64_t max);

 private:
  struct State;
  explicit Input(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::advisory
