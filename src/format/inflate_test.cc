#include "format/inflate.h"

#include <gtest/gtest.h>

#include "format/test_archives.h"

namespace plimsoll::format {
namespace {

std::string inflate(const std::string& stored, std::size_t piece = 1 << 16, const Limits& limits = {}, std::size_t out_piece = 1 << 16) {
  auto source = decompress(std::make_unique<TestChunks>(stored, piece), limits);
  if (!source) return "error: " + source.error().message();
  std::string out;
  std::vector<std::uint8_t> chunk(out_piece);
  while (true) {
    const Result<std::size_t> got = (*source)->read(chunk.data(), chunk.size());
    if (!got) return "error: " + got.error().message();
    if (*got == 0) return out;
    out += as_text({chunk.data(), *got});
  }
}

std::string noise(std::size_t size) {
  std::string out;
  for (std::uint32_t i = 0, x = 7; i < size; ++i) out += static_cast<char>((x = x * 1664525 + 1013904223) >> 28);
  return out;
}

TEST(inflate, round_trips_in_pieces_of_any_size) {
  const std::string text = noise(300'000);
  for (const std::string& stored : {gzip(text), gzip(text, 1), zstd(text), text})
    for (const std::size_t piece : {1, 100, 65536})
      for (const std::size_t out : {1, 7, 65536}) EXPECT_TRUE(inflate(stored, piece, {}, out) == text) << piece << " " << out;
  EXPECT_EQ(inflate(gzip("")), "");
  EXPECT_EQ(inflate(""), "");
}

TEST(inflate, gzip_headers_with_every_field) {
  // FTEXT, FHCRC absent, FEXTRA, FNAME, FCOMMENT (RFC 1952 §2.3).
  const std::string plain = gzip("hello");
  const std::string header = std::string("\x1f\x8b\x08\x1d\0\0\0\0\0\3", 10) + std::string("\4\0abcd", 6) + std::string("name\0", 5) + std::string("why\0", 4);
  EXPECT_EQ(inflate(header + plain.substr(10)), "hello");
  EXPECT_EQ(inflate(std::string("\x1f\x8b\x07", 3) + plain.substr(3)), "error: gzip: compression method is not deflate");
}

TEST(inflate, members_and_frames) {
  EXPECT_EQ(inflate(gzip("a") + gzip("b") + gzip("c"), 3), "abc");
  EXPECT_EQ(inflate(zstd("a") + zstd("b"), 3), "ab");
  const std::string skippable("\x50\x2a\x4d\x18\3\0\0\0xyz", 11);
  EXPECT_EQ(inflate(skippable + zstd("b") + skippable, 3), "b");
  EXPECT_EQ(inflate(gzip("a") + std::string(512, '\0')), "error: gzip: bytes after the last member");
  EXPECT_EQ(inflate(gzip("a") + "\x1f"), cat("error: gzip: stream ends early, after ", gzip("a").size() + 1, " bytes"));
}

TEST(inflate, every_cut_is_noticed) {
  for (const std::string& whole : {gzip(noise(400)), zstd(noise(400))})
    for (std::size_t cut = 6; cut < whole.size(); ++cut) EXPECT_EQ(inflate(whole.substr(0, cut)).substr(0, 6), "error:") << cut;
}

TEST(inflate, flipped_bits_never_pass_as_another_text) {
  const std::string text = noise(500), whole = gzip(text);
  for (std::size_t i = 10; i < whole.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = whole;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      const std::string out = inflate(bad);  // padding bits and codes that nothing uses may flip unseen
      EXPECT_TRUE(out.starts_with("error:") || out == text) << i << " " << bit;
    }
}

TEST(inflate, bounds) {
  Limits limits;
  limits.layer_bytes = 1000;
  EXPECT_EQ(inflate(gzip(std::string(5000, 'x')), 65536, limits), "error: stream inflates to more than 1000 bytes");
  limits = {};
  limits.inflate_ratio = 100;
  const std::string zeros(80 << 20, '\0');  // zstd packs zeros some 20,000:1
  EXPECT_EQ(inflate(zstd(zeros), 65536, limits).substr(0, 39), "error: stream inflates more than 100:1 ");
}

// A frame that asks for a window of 2^log bytes and holds `text`.
std::string zstd_with_window(std::string_view text, int log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, log);
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // In two calls, so that the size is not known beforehand and the window is written as asked.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  out.resize(to.pos);
  ZSTD_freeCCtx(context);
  return out;
}

TEST(inflate, large_windows_take_turns) {
  const std::string small = zstd_with_window("small", 23), large = zstd_with_window("large", 27);
  EXPECT_EQ(zstd_window(as_bytes(small)), kUsualWindow);
  EXPECT_EQ(zstd_window(as_bytes(large)), kLargestWindow);
  EXPECT_EQ(zstd_window(as_bytes(zstd("abc"))), 3u) << "a single segment";
  EXPECT_EQ(zstd_window({}), kLargestWindow);
  const auto read = [](const std::string& stored, std::mutex& mutex, bool& held) {
    std::unique_lock<std::mutex> turn(mutex, std::defer_lock);
    auto source = decompress(std::make_unique<TestChunks>(stored), {}, nullptr, &turn);
    held = turn.owns_lock();
    if (!source) return source.error().message();
    std::string out(100, '\0');
    std::size_t size = 0;
    while (true) {
      const auto got = (*source)->read(reinterpret_cast<std::uint8_t*>(out.data()) + size, out.size() - size);
      if (!got) return "error: " + got.error().message();
      if (*got == 0) break;
      size += *got;
    }
    return out.substr(0, size);
  };
  std::mutex mutex;
  bool held = false;
  EXPECT_EQ(read(small, mutex, held), "small");
  EXPECT_FALSE(held);
  EXPECT_EQ(read(large, mutex, held), "large");
  EXPECT_TRUE(held);
  EXPECT_TRUE(read(small + large, mutex, held).starts_with("error: zstd: ")) << "a large window behind a small one";
  EXPECT_FALSE(held);
}

TEST(inflate, other_formats_are_named) {
  EXPECT_EQ(inflate("BZh91AY"), "error: bzip2 compression");
  EXPECT_EQ(inflate(std::string("\xfd" "7zXZ\0\0", 7)), "error: xz compression");
}

}  // namespace
}  // namespace plimsoll::format
