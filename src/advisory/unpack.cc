#include "advisory/unpack.h"

#include <bzlib.h>
#include <lzma.h>

#include <vector>

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kChunk = 256 << 10;

// bzip2 (what Debian, Ubuntu and Red Hat pack their OVAL with), by libbz2.
class Bzip2Source : public ByteSource {
 public:
  explicit Bzip2Source(std::unique_ptr<ByteSource> stored) : stored_(std::move(stored)) {}
  ~Bzip2Source() override { if (open_) BZ2_bzDecompressEnd(&stream_); }

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    stream_.next_out = reinterpret_cast<char*>(into), stream_.avail_out = static_cast<unsigned>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        PLIM_TRY(const std::size_t n, stored_->read(raw_.data(), raw_.size()));
        if (n == 0) {
          if (open_) return malformed("bzip2 stream is cut short");
          return std::size_t{0};
        }
        stream_.next_in = reinterpret_cast<char*>(raw_.data()), stream_.avail_in = static_cast<unsigned>(n);
      }
      if (!open_) {
        if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return io_error("no memory to inflate");
        open_ = true;
      }
      const int code = BZ2_bzDecompress(&stream_);
      if (code == BZ_STREAM_END) {
        BZ2_bzDecompressEnd(&stream_);
        open_ = false;
      } else if (code != BZ_OK) {
        return malformed("bzip2 stream is corrupt");
      }
    }
    return size - stream_.avail_out;
  }

 private:
  std::unique_ptr<ByteSource> stored_;
  std::vector<std::uint8_t> raw_ = std::vector<std::uint8_t>(kChunk);
  bz_stream stream_{};
  bool open_ = false;
};

// xz (Canonical's VEX), by liblzma.
class XzSource : public ByteSource {
 public:
  explicit XzSource(std::unique_ptr<ByteSource> stored) : stored_(std::move(stored)) {}
  ~XzSource() override { lzma_end(&stream_); }

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (!open_) {
      if (lzma_stream_decoder(&stream_, kMostDictionary + (1 << 20), LZMA_CONCATENATED) != LZMA_OK) return io_error("no memory to inflate");
      open_ = true;
    }
    if (done_) return std::size_t{0};
    stream_.next_out = into, stream_.avail_out = size;
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0 && !ended_) {
        PLIM_TRY(const std::size_t n, stored_->read(raw_.data(), raw_.size()));
        stream_.next_in = raw_.data(), stream_.avail_in = n;
        ended_ = n == 0;
      }
      const lzma_ret code = lzma_code(&stream_, ended_ ? LZMA_FINISH : LZMA_RUN);
      if (code == LZMA_STREAM_END) {
        done_ = true;
        break;
      }
      if (code == LZMA_BUF_ERROR && ended_) return malformed("xz stream is cut short");
      if (code == LZMA_MEMLIMIT_ERROR) return limit_reached("xz stream asks for too large a dictionary");
      if (code != LZMA_OK && code != LZMA_BUF_ERROR) return malformed("xz stream is corrupt");
    }
    return size - stream_.avail_out;
  }

 private:
  std::unique_ptr<ByteSource> stored_;
  std::vector<std::uint8_t> raw_ = std::vector<std::uint8_t>(kChunk);
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool open_ = false, ended_ = false, done_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> unbzip2(std::unique_ptr<ByteSource> stored) { return std::make_unique<Bzip2Source>(std::move(stored)); }
std::unique_ptr<ByteSource> unxz(std::unique_ptr<ByteSource> stored) { return std::make_unique<XzSource>(std::move(stored)); }

}  // namespace plimsoll::advisory
