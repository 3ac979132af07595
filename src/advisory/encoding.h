// How values lie in the database file: little-endian integers, LEB128 counts, length-prefixed text. See FORMAT.md.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace plimsoll::advisory {

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void count(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void text(std::string_view value) {
    count(value.size());
    out_.append(value);
  }
  template <class T>
  void fixed(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
  }

 private:
  std::string& out_;
};

// Reads what Encoder wrote. Never past its bytes: after a read beyond the end `good()` is false and values are empty.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  bool good() const { return good_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::uint8_t byte() {
    if (at_ == end_) return good_ = false, std::uint8_t{0};
    return *at_++;
  }
  std::uint64_t count() {
    if (at_ != end_ && *at_ < 0x80) return *at_++;
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = byte();
      value |= static_cast<std::uint64_t>(b & 0x7f) << shift;
      if (b < 0x80) return value;
    }
    good_ = false;
    return 0;
  }
  std::string_view text() {
    const std::uint64_t size = count();
    if (size > left()) return good_ = false, std::string_view{};
    const std::string_view value(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return value;
  }
  // A count of items of at least `least` bytes each: never more than the bytes left could hold.
  std::uint64_t items(std::size_t least = 1) {
    const std::uint64_t value = count();
    if (value > left() / least) return good_ = false, 0;
    return value;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool good_ = true;
};

}  // namespace plimsoll::advisory
