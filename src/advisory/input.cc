#include "advisory/input.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kHead = 64 << 10;

}  // namespace

struct Input::State {
  std::string name;
  Fd fd;
  std::string owned;
  Bytes memory;              // when there is no file
  std::vector<std::uint8_t> raw = std::vector<std::uint8_t>(kChunk);
  Bytes pending;             // raw bytes not inflated yet
  bool raw_end = false;
  enum class Form { Unknown, Plain, Gzip, Zstd } form = Form::Unknown;
  std::unique_ptr<z_stream, void (*)(z_stream*)> gzip{nullptr, [](z_stream* z) { inflateEnd(z), delete z; }};
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> zstd{nullptr, ZSTD_freeDCtx};
  bool frame_done = true;    // no compressed frame is open
  std::uint64_t inflated = 0;
  std::string buffer;        // inflated, not given out yet
  std::size_t taken = 0;
  bool end = false;

  Status more_raw() {
    if (!pending.empty() || raw_end) return Ok{};
    if (!fd.open()) {
      pending = memory, memory = {};
      raw_end = pending.empty();
      return Ok{};
    }
    PLIM_TRY(const std::size_t n, read_some(fd, raw.data(), raw.size()));
    pending = Bytes(raw.data(), n);
    raw_end = n == 0;
    return Ok{};
  }

  Status begin() {
    PLIM_CHECK(more_raw());
    form = Form::Plain;
    if (pending.size() >= 3 && pending[0] == 0x1f && pending[1] == 0x8b) form = Form::Gzip;
    if (pending.size() >= 4 && load_le<std::uint32_t>(pending, 0) == ZSTD_MAGICNUMBER) form = Form::Zstd;
    if (form == Form::Gzip) {
      gzip.reset(new z_stream{});
      if (inflateInit2(gzip.get(), 15 + 16) != Z_OK) return io_error("no memory to inflate");
    }
    if (form == Form::Zstd) {
      zstd.reset(ZSTD_createDCtx());
      if (!zstd) return io_error("no memory to inflate");
      ZSTD_DCtx_setParameter(zstd.get(), ZSTD_d_windowLogMax, 27);
    }
    return Ok{};
  }

  Result<std::size_t> inflate_gzip(std::uint8_t* into, std::size_t size) {
    z_stream& z = *gzip;
    z.next_out = into, z.avail_out = static_cast<uInt>(size);
    while (z.avail_out == size) {
      PLIM_CHECK(more_raw());
      if (pending.empty()) {
        if (!frame_done) return malformed("gzip stream is cut short");
        return std::size_t{0};
      }
      if (frame_done && inflateReset2(&z, 15 + 16) != Z_OK) return malformed("gzip stream cannot be read");
      frame_done = false;
      z.next_in = const_cast<Bytef*>(pending.data()), z.avail_in = static_cast<uInt>(std::min<std::size_t>(pending.size(), 1u << 30));
      const std::size_t before = z.avail_in;
      const int code = ::inflate(&z, Z_NO_FLUSH);
      pending = pending.subspan(before - z.avail_in);
      if (code == Z_STREAM_END) frame_done = true;
      else if (code != Z_OK && code != Z_BUF_ERROR) return malformed("gzip stream is corrupt");
    }
    return size - z.avail_out;
  }

  Result<std::size_t> inflate_zstd(std::uint8_t* into, std::size_t size) {
    ZSTD_outBuffer out{into, size, 0};
    while (out.pos == 0) {
      PLIM_CHECK(more_raw());
      if (pending.empty() && frame_done) return std::size_t{0};
      const bool drained = pending.empty();
      ZSTD_inBuffer in{pending.data(), pending.size(), 0};
      const std::size_t code = ZSTD_decompressStream(zstd.get(), &out, &in);
      if (ZSTD_isError(code)) return malformed(cat("zstd stream is corrupt: ", ZSTD_getErrorName(code)));
      pending = pending.subspan(in.pos);
      frame_done = code == 0;
      if (drained && out.pos == 0 && !frame_done) return malformed("zstd stream is cut short");
    }
    return out.pos;
  }

  Result<std::size_t> inflate_some(std::uint8_t* into, std::size_t size) {
    if (form == Form::Unknown) PLIM_CHECK(begin());
    std::size_t n = 0;
    if (form == Form::Plain) {
      PLIM_CHECK(more_raw());
      n = std::min(size, pending.size());
      std::copy_n(pending.begin(), n, into);
      pending = pending.subspan(n);
    } else {
      PLIM_TRY(n, form == Form::Gzip ? inflate_gzip(into, size) : inflate_zstd(into, size));
    }
    inflated += n;
    if (inflated > kMaxFeedBytes) return limit_reached(cat("feed file is larger than ", kMaxFeedBytes, " bytes"));
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
  PLIM_TRY(state->fd, plimsoll::open_file(path));
  return Input(std::move(state));
}

Input Input::over(Bytes bytes, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->memory = bytes;
  return Input(std::move(state));
}

Input Input::owning(std::string bytes, std::string name) {
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->owned = std::move(bytes);
  state->memory = as_bytes(state->owned);
  return Input(std::move(state));
}

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
