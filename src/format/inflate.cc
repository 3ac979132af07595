#include "format/inflate.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::size_t kInputBytes = 256 << 10;
constexpr std::uint64_t kRatioGrace = 64ull << 20;  // small streams may inflate as they like

// Counts what goes in and comes out, for the two bounds that every inflater has.
struct Account {
  std::uint64_t in = 0, out = 0;
  Status check(const Limits& limits) const {
    if (out > limits.layer_bytes) return limit_reached(cat("stream inflates to more than ", limits.layer_bytes, " bytes"));
    if (out > kRatioGrace && out / limits.inflate_ratio > in)
      return limit_reached(cat("stream inflates more than ", limits.inflate_ratio, ":1 (", in, " bytes to ", out, ")"));
    return Ok{};
  }
};

std::string_view isal_error(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK: return "gzip: invalid deflate block";
    case ISAL_INVALID_SYMBOL: return "gzip: invalid deflate symbol";
    case ISAL_INVALID_LOOKBACK: return "gzip: distance beyond the window";
    case ISAL_INVALID_WRAPPER: return "gzip: bad member header";
    case ISAL_UNSUPPORTED_METHOD: return "gzip: compression method is not deflate";
    case ISAL_INCORRECT_CHECKSUM: return "gzip: wrong CRC or length";
    case ISAL_NEED_DICT: return "gzip: needs a dictionary";
    default: return "gzip: corrupt stream";
  }
}

class Gunzip : public ByteSource {
 public:
  Gunzip(std::unique_ptr<ByteSource> stored, const Limits& limits)
      : stored_(std::move(stored)), limits_(limits), input_(kInputBytes), state_(std::make_unique<inflate_state>()) {
    start_member();
  }

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    size = std::min<std::size_t>(size, 1u << 30);
    state_->next_out = into;
    state_->avail_out = static_cast<std::uint32_t>(size);
    while (state_->avail_out == size && size != 0) {
      if (state_->block_state == ISAL_BLOCK_FINISH) {
        PLIM_TRY(const bool more, refill());
        if (!more) break;
        if (*state_->next_in != 0x1f) return malformed("gzip: bytes after the last member");
        start_member();
      }
      PLIM_TRY(const bool more, refill());
      const std::uint32_t before_in = state_->avail_in;
      const int code = isal_inflate(state_.get());
      if (code < 0 || code == ISAL_NEED_DICT) return malformed(std::string(isal_error(code)));
      const bool idle = state_->avail_out == size && state_->avail_in == before_in;
      if (!more && idle && state_->block_state != ISAL_BLOCK_FINISH) {
        if (account_.in == 0) return malformed("gzip: empty stream");
        return malformed(cat("gzip: stream ends early, after ", account_.in, " bytes"));
      }
    }
    const std::size_t produced = size - state_->avail_out;
    account_.out += produced;
    PLIM_CHECK(account_.check(limits_));
    return produced;
  }

 private:
  void start_member() {
    std::uint8_t* const next_in = state_->next_in;
    const std::uint32_t avail_in = state_->avail_in;
    std::uint8_t* const next_out = state_->next_out;
    const std::uint32_t avail_out = state_->avail_out;
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
    state_->next_in = next_in;
    state_->avail_in = avail_in;
    state_->next_out = next_out;
    state_->avail_out = avail_out;
  }
  // Makes sure some input is there; false at the end of the stored bytes.
  Result<bool> refill() {
    if (state_->avail_in > 0) return true;
    PLIM_TRY(const std::size_t got, stored_->read(input_.data(), input_.size()));
    state_->next_in = input_.data();
    state_->avail_in = static_cast<std::uint32_t>(got);
    account_.in += got;
    return got > 0;
  }

  std::unique_ptr<ByteSource> stored_;
  Limits limits_;
  std::vector<std::uint8_t> input_;
  std::unique_ptr<inflate_state> state_ = nullptr;
  Account account_;
};

class Unzstd : public ByteSource {
 public:
  Unzstd(std::unique_ptr<ByteSource> stored, const Limits& limits, std::uint64_t window)
      : stored_(std::move(stored)), limits_(limits), input_(kInputBytes), stream_(ZSTD_createDStream()) {
    int log = 10;
    while (log < 27 && std::uint64_t{1} << log < window) ++log;
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, log);
  }
  ~Unzstd() override { ZSTD_freeDStream(stream_); }

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    ZSTD_outBuffer out{into, size, 0};
    while (out.pos == 0 && size != 0) {
      if (in_.pos == in_.size) {
        PLIM_TRY(const std::size_t got, stored_->read(input_.data(), input_.size()));
        in_ = {input_.data(), got, 0};
        account_.in += got;
        if (got == 0) {
          if (account_.in == 0) return malformed("zstd: empty stream");
          if (frame_left_ == 0) break;
        }
      }
      const std::size_t before = in_.pos;
      const std::size_t hint = ZSTD_decompressStream(stream_, &out, &in_);
      if (ZSTD_isError(hint)) return malformed(cat("zstd: ", ZSTD_getErrorName(hint)));
      frame_left_ = hint;
      if (in_.size == 0 && in_.pos == before && out.pos == 0)
        return malformed(cat("zstd: stream ends early, after ", account_.in, " bytes"));
    }
    account_.out += out.pos;
    PLIM_CHECK(account_.check(limits_));
    return out.pos;
  }

 private:
  std::unique_ptr<ByteSource> stored_;
  Limits limits_;
  std::vector<std::uint8_t> input_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  std::size_t frame_left_ = 1;  // 0 between frames
  Account account_;
};

// Gives back the bytes that were read to tell what the stream is, then the rest.
class Rewound : public ByteSource {
 public:
  Rewound(std::vector<std::uint8_t> head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (at_ == head_.size()) return rest_->read(into, size);
    const std::size_t n = std::min(size, head_.size() - at_);
    std::copy_n(head_.data() + at_, n, into);
    at_ += n;
    return n;
  }

 private:
  std::vector<std::uint8_t> head_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

// A stream that is stored as it is; only its length is bounded.
class Plain : public ByteSource {
 public:
  Plain(std::unique_ptr<ByteSource> stored, const Limits& limits) : stored_(std::move(stored)), limits_(limits) {}
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    PLIM_TRY(const std::size_t got, stored_->read(into, size));
    account_.in += got;
    account_.out += got;
    PLIM_CHECK(account_.check(limits_));
    return got;
  }

 private:
  std::unique_ptr<ByteSource> stored_;
  Limits limits_;
  Account account_;
};

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::None: return "none";
    case Compression::Gzip: return "gzip";
    case Compression::Zstd: return "zstd";
    case Compression::Bzip2: return "bzip2";
    case Compression::Xz: return "xz";
  }
  return "none";
}

Compression detect_compression(Bytes head) {
  const std::string_view text = as_text(head);
  if (text.starts_with("\x1f\x8b")) return Compression::Gzip;
  if (text.starts_with("\x28\xb5\x2f\xfd")) return Compression::Zstd;
  // A skippable frame may come first (RFC 8878 §3.1.2; zstd:chunked and seekable files have one).
  if (head.size() >= 4 && (load_le<std::uint32_t>(head, 0) & 0xFFFFFFF0u) == 0x184D2A50u) return Compression::Zstd;
  if (text.starts_with("BZh")) return Compression::Bzip2;
  if (text.starts_with(std::string_view("\xfd" "7zXZ\0", 6))) return Compression::Xz;
  return Compression::None;
}

std::unique_ptr<ByteSource> gunzip(std::unique_ptr<ByteSource> stored, const Limits& limits) {
  return std::make_unique<Gunzip>(std::move(stored), limits);
}

std::uint64_t zstd_window(Bytes head) {
  if (head.size() < 6 || !as_text(head).starts_with("\x28\xb5\x2f\xfd")) return kLargestWindow;  // a skippable frame first
  const std::uint8_t descriptor = head[4];
  if ((descriptor & 0x20) == 0) {
    const std::uint64_t base = std::uint64_t{1} << (10 + (head[5] >> 3));
    return base + base / 8 * (head[5] & 7);
  }
  // A single segment: its window is its content, whose size stands behind the dictionary's number.
  static constexpr std::size_t kDictionary[] = {0, 1, 2, 4}, kContent[] = {1, 2, 4, 8};
  const std::size_t at = 5 + kDictionary[descriptor & 3], bytes = kContent[descriptor >> 6];
  if (head.size() < at + bytes) return kLargestWindow;
  std::uint64_t size = 0;
  for (std::size_t i = bytes; i-- > 0;) size = size << 8 | head[at + i];
  return bytes == 2 ? size + 256 : size;
}

std::unique_ptr<ByteSource> unzstd(std::unique_ptr<ByteSource> stored, const Limits& limits, std::uint64_t window) {
  return std::make_unique<Unzstd>(std::move(stored), limits, window);
}

Result<std::unique_ptr<ByteSource>> decompress(std::unique_ptr<ByteSource> stored, const Limits& limits,
                                               Compression* kind, std::unique_lock<std::mutex>* turn) {
  std::vector<std::uint8_t> head(18);
  std::size_t have = 0;
  while (have < head.size()) {
    PLIM_TRY(const std::size_t got, stored->read(head.data() + have, head.size() - have));
    if (got == 0) break;
    have += got;
  }
  head.resize(have);
  const Compression found = detect_compression(head);
  if (kind != nullptr) *kind = found;
  std::uint64_t window = kLargestWindow;
  if (found == Compression::Zstd && turn != nullptr) {
    if (zstd_window(head) > kUsualWindow) turn->lock();
    else window = kUsualWindow;
  }
  auto whole = std::make_unique<Rewound>(std::move(head), std::move(stored));
  switch (found) {
    case Compression::Gzip: return gunzip(std::move(whole), limits);
    case Compression::Zstd: return unzstd(std::move(whole), limits, window);
    case Compression::None: return std::unique_ptr<ByteSource>(std::make_unique<Plain>(std::move(whole), limits));
    default: return unsupported(cat(to_string(found), " compression"));
  }
}

}  // namespace plimsoll::format
