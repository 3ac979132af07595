#include "advisory/input.h"

#include <algorithm>
#include <vector>

#include "advisory/unpack.h"
#include "base/file.h"
#include "base/memory_source.h"
#include "base/stream.h"
#include "base/text.h"
#include "format/inflate.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kHead = 64 << 10;

// Puts bytes that were looked at back in front of a source.
class Prefixed : public ByteSource {
 public:
  Prefixed(std::string front, std::unique_ptr<ByteSource> rest) : front_(std::move(front)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (taken_ == front_.size()) return rest_->read(into, size);
    const std::size_t n = std::min(size, front_.size() - taken_);
    std::copy_n(front_.data() + taken_, n, reinterpret_cast<char*>(into));
    taken_ += n;
    return n;
  }

 private:
  std::string front_;
  std::size_t taken_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

class FailingSource : public ByteSource {
 public:
  explicit FailingSource(Error error) : error_(std::move(error)) {}
  Result<std::size_t> read(std::uint8_t*, std::size_t) override { return error_; }

 private:
  Error error_;
};

Result<std::unique_ptr<ByteSource>> inflated(std::unique_ptr<ByteSource> stored) {
  std::string front(6, '\0');
  std::size_t have = 0;
  while (have < front.size()) {
    PLIM_TRY(const std::size_t n, stored->read(reinterpret_cast<std::uint8_t*>(front.data()) + have, front.size() - have));
    if (n == 0) break;
    have += n;
  }
  front.resize(have);
  const format::Compression kind = format::detect_compression(as_bytes(front));
  std::unique_ptr<ByteSource> whole = std::make_unique<Prefixed>(std::move(front), std::move(stored));
  if (kind == format::Compression::Bzip2) return unbzip2(std::move(whole));
  if (kind == format::Compression::Xz) return unxz(std::move(whole));
  return format::decompress(std::move(whole), Limits{});
}

}  // namespace

struct Input::State {
  std::string name;
  std::unique_ptr<ByteSource> stored;  // until the first read
  std::unique_ptr<ByteSource> source;
  std::uint64_t given = 0, most = kMaxFeedBytes;
  std::string buffer;  // inflated, not given out yet
  std::size_t taken = 0;
  bool end = false;

  Result<std::size_t> inflate_some(std::uint8_t* into, std::size_t size) {
    if (!source) {
      PLIM_TRY(source, inflated(std::move(stored)));
    }
    PLIM_TRY(const std::size_t n, source->read(into, size));
    given += n;
    if (given > most) return limit_reached(cat("feed file is larger than ", most, " bytes"));
    return n;
  }

  // Appends one chunk to the buffer; sets `end` at the end.
  Status fill() {
    if (taken > 0) buffer.erase(0, taken), taken = 0;
    const std::size_t before = buffer.size();
    buffer.resize(before + kChunk);
    auto n = inflate_some(reinterpret_cast<std::uint8_t*>(buffer.data()) + before, kChunk);
    buffer.resize(before + (n.has_value() ? *n : 0));
    if (!n.has_value()) return std::move(n).error().with_context("in", name);
    end = *n == 0;
    return Ok{};
  }
};

Input::Input(std::unique_ptr<State> state) : state_(std::move(state)) {}
Input::~Input() = default;
Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;

Result<Input> Input::open_file(const std::string& path, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  PLIM_TRY(state->stored, file_source(path));
  return Input(std::move(state));
}

Input Input::over(Bytes bytes, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->stored = std::make_unique<MemorySource>(bytes);
  return Input(std::move(state));
}

Input Input::owning(std::string bytes, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->stored = memory_source(std::move(bytes));
  return Input(std::move(state));
}

Input Input::failing(Error error, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->source = std::make_unique<FailingSource>(std::move(error));
  return Input(std::move(state));
}

void Input::allow(std::uint64_t max_bytes) { state_->most = max_bytes; }

const std::string& Input::name() const { return state_->name; }

Result<std::string_view> Input::head() {
  while (state_->buffer.size() - state_->taken < kHead && !state_->end) PLIM_CHECK(state_->fill());
  return std::string_view(state_->buffer).substr(state_->taken, kHead);
}

Result<std::size_t> Input::read(std::uint8_t* into, std::size_t size) {
  State& s = *state_;
  if (s.taken == s.buffer.size() && !s.end) PLIM_CHECK(s.fill());
  const std::size_t n = std::min(size, s.buffer.size() - s.taken);
  std::copy_n(s.buffer.data() + s.taken, n, reinterpret_cast<char*>(into));
  s.taken += n;
  return n;
}

Result<bool> Input::line(std::string_view& out, std::uint64_t max_line) {
  State& s = *state_;
  std::size_t searched = s.taken;
  for (;;) {
    const std::size_t stop = s.buffer.find('\n', searched);
    if (stop != std::string::npos) {
      out = std::string_view(s.buffer).substr(s.taken, stop - s.taken);
      s.taken = stop + 1;
      break;
    }
    if (s.end) {
      if (s.taken == s.buffer.size()) return false;
      out = std::string_view(s.buffer).substr(s.taken);
      s.taken = s.buffer.size();
      break;
    }
    const std::size_t left = s.buffer.size() - s.taken;
    if (left > max_line) return limit_reached(cat("a line of ", s.name, " is longer than ", max_line, " bytes"));
    PLIM_CHECK(s.fill());
    searched = left;
  }
  if (out.ends_with('\r')) out.remove_suffix(1);
  return true;
}

Result<std::string> Input::rest(std::uint64_t max) {
  State& s = *state_;
  while (!s.end) {
    if (s.buffer.size() - s.taken > max) return limit_reached(cat(s.name, " is larger than ", max, " bytes"));
    PLIM_CHECK(s.fill());
  }
  std::string out = s.buffer.substr(s.taken);
  s.taken = s.buffer.size();
  if (out.size() > max) return limit_reached(cat(s.name, " is larger than ", max, " bytes"));
  return out;
}

}  // namespace plimsoll::advisory
