// For tests: tar, gzip, zstd and zip made in memory, right ones and wrong ones.
#pragma once
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/stream.h"
#include "base/text.h"
#include "format/tar.h"

namespace plimsoll::format {

struct TestTar {
  std::string bytes;

  static std::string octal(std::uint64_t value, int width) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llo", width - 1, static_cast<unsigned long long>(value));
    return std::string(text, static_cast<std::size_t>(width));
  }
  struct Fields {
    char type = '0';
    std::string link;
    std::uint32_t mode = 0644;
    std::uint64_t size = 0;
    std::uint32_t major = 0, minor = 0;
    bool ustar = true;
    std::string size_field;  // raw, for odd numbers
  };
  static std::string header(std::string_view name, const Fields& f) {
    std::string h(512, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { h.replace(at, text.size(), text); };
    put(0, name.substr(0, 100));
    put(100, octal(f.mode, 8));
    put(108, octal(0, 8));
    put(116, octal(0, 8));
    put(124, f.size_field.empty() ? octal(f.size, 12) : f.size_field);
    put(136, octal(0, 12));
    h[156] = f.type;
    put(157, std::string_view(f.link).substr(0, 100));
    if (f.ustar) {
      put(257, std::string_view("ustar\00000", 8));
      put(329, octal(f.major, 8));
      put(337, octal(f.minor, 8));
    }
    seal(h);
    return h;
  }
  static void seal(std::string& h) {
    h.replace(148, 8, "        ");
    std::uint64_t sum = 0;
    for (unsigned char c : h) sum += c;
    h.replace(148, 8, octal(sum, 7) + std::string(" ", 1));
  }
  TestTar& raw(std::string_view more) {
    bytes += more;
    return *this;
  }
  TestTar& content(std::string_view data) {
    bytes += data;
    bytes.resize((bytes.size() + 511) / 512 * 512);
    return *this;
  }
  TestTar& file(std::string_view name, std::string_view data, std::uint32_t mode = 0644) {
    return raw(header(name, {.mode = mode, .size = data.size()})).content(data);
  }
  TestTar& entry(char type, std::string_view name, std::string_view link = "") {
    return raw(header(name, {.type = type, .link = std::string(link), .mode = 0755}));
  }
  TestTar& directory(std::string_view name, std::uint32_t mode = 0755) { return raw(header(name, {.type = '5', .mode = mode})); }
  TestTar& symlink(std::string_view name, std::string_view to) { return entry('2', name, to); }
  TestTar& hard_link(std::string_view name, std::string_view to) { return entry('1', name, to); }
  static std::string pax_record(std::string_view key, std::string_view value) {
    const std::size_t body = key.size() + value.size() + 3;
    std::size_t total = body + 1;
    while (cat(total).size() + body != total) ++total;
    return cat(total, " ", key, "=", value, "\n");
  }
  TestTar& pax(std::string_view records, char type = 'x') {
    return raw(header("PaxHeaders/x", {.type = type, .size = records.size()})).content(records);
  }
  TestTar& gnu_long(char type, std::string_view text) {  // 'L' name, 'K' link
    return raw(header("././@LongLink", {.type = type, .size = text.size() + 1})).content(std::string(text) + '\0');
  }
  std::string end() const { return bytes + std::string(1024, '\0'); }
};

inline std::string gzip(std::string_view data, int level = 6) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(level);
  std::string out(libdeflate_gzip_compress_bound(c, data.size()), '\0');
  out.resize(libdeflate_gzip_compress(c, data.data(), data.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return out;
}
inline std::string zstd(std::string_view data) {
  std::string out(ZSTD_compressBound(data.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), data.data(), data.size(), 3));
  return out;
}
inline std::string deflate(std::string_view data) {
  libdeflate_compressor* c = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_deflate_compress_bound(c, data.size()), '\0');
  out.resize(libdeflate_deflate_compress(c, data.data(), data.size(), out.data(), out.size()));
  libdeflate_free_compressor(c);
  return out;
}

struct TestZip {
  std::string bytes, directory;
  std::uint16_t count = 0;

  template <class T>
  static std::string le(T value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  }
  struct How {
    std::uint16_t method = 8, flags = 0;
    bool wrong_crc = false;
    bool zip64 = false;
    bool descriptor = false;     // sizes behind the data, zero in the local header
    std::uint64_t claimed = 0;   // size to claim instead of the true one
    std::string packed;          // instead of the data compressed
    std::string central_name;    // where it differs from the local header's
    bool at_first = false;       // points at the first entry's bytes (overlap)
    std::uint32_t mode = 0644;
  };
  TestZip& file(std::string_view name, std::string_view data) { return file(name, data, How{}); }
  TestZip& file(std::string_view name, std::string_view data, const How& how) {
    const std::string packed = !how.packed.empty() ? how.packed : how.method == 8 ? deflate(data)
                               : how.method == 93                                  ? zstd(data)
                                                                                   : std::string(data);
    const std::uint32_t crc = libdeflate_crc32(0, data.data(), data.size()) ^ (how.wrong_crc ? 1 : 0);
    const std::uint64_t size = how.claimed != 0 ? how.claimed : data.size();
    const std::uint64_t at = how.at_first ? 0 : bytes.size();
    const std::uint16_t flags = how.flags | (how.descriptor ? 8 : 0);
    if (!how.at_first) {
      bytes += le(0x04034b50u) + le<std::uint16_t>(20) + le(flags) + le(how.method) + le(0u);
      bytes += how.descriptor ? std::string(12, '\0')
                              : le(crc) + le(static_cast<std::uint32_t>(packed.size())) + le(static_cast<std::uint32_t>(size));
      bytes += le(static_cast<std::uint16_t>(name.size())) + le<std::uint16_t>(0);
      bytes.append(name).append(packed);
      if (how.descriptor)
        bytes += le(0x08074b50u) + le(crc) + le(static_cast<std::uint32_t>(packed.size())) + le(static_cast<std::uint32_t>(size));
    }
    const std::string_view listed = how.central_name.empty() ? name : std::string_view(how.central_name);
    std::string extra;
    if (how.zip64)
      extra = le<std::uint16_t>(1) + le<std::uint16_t>(24) + le(size) + le<std::uint64_t>(packed.size()) + le(at);
    const auto narrow = [&](std::uint64_t v) { return le(how.zip64 ? UINT32_MAX : static_cast<std::uint32_t>(v)); };
    directory += le(0x02014b50u) + le<std::uint16_t>(0x031E) + le<std::uint16_t>(20) + le(flags) + le(how.method) + le(0u) +
                 le(crc) + narrow(packed.size()) + narrow(size) + le(static_cast<std::uint16_t>(listed.size())) +
                 le(static_cast<std::uint16_t>(extra.size())) + le<std::uint16_t>(0) + le(0u) + le<std::uint16_t>(0);
    directory.resize(directory.size() - 2);
    directory += le(static_cast<std::uint32_t>((0100000u | how.mode) << 16)) + narrow(at);
    directory.append(listed).append(extra);
    ++count;
    return *this;
  }
  std::string end(std::string_view comment = "") const {
    return bytes + directory + le(0x06054b50u) + le(0u) + le(count) + le(count) +
           le(static_cast<std::uint32_t>(directory.size())) + le(static_cast<std::uint32_t>(bytes.size())) +
           le(static_cast<std::uint16_t>(comment.size())) + std::string(comment);
  }
};

// Text in pieces of a chosen size, as ChunkSource and ByteSource.
class TestChunks : public ChunkSource, public ByteSource {
 public:
  explicit TestChunks(std::string bytes, std::size_t piece = 1 << 20) : bytes_(std::move(bytes)), piece_(piece) {}
  Result<Bytes> next_chunk() override {
    const Bytes out = as_bytes(bytes_).subspan(at_, std::min(piece_, bytes_.size() - at_));
    at_ += out.size();
    return out;
  }
  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    const std::size_t n = std::min({size, piece_, bytes_.size() - at_});
    std::memcpy(into, bytes_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  std::string bytes_;
  std::size_t piece_, at_ = 0;
};

}  // namespace plimsoll::format
