// Bytes: a borrowed view of raw input, valid for the call it is passed to unless its giver says otherwise.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace plimsoll {

using Bytes = std::span<const std::uint8_t>;

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Reads a little- or big-endian integer at `offset`; the caller has checked that offset + sizeof(T) <= size.
template <class T>
T load_le(Bytes bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>((value << 7 << 1) | bytes[offset + i]);
  return value;
}
template <class T>
T load_be(Bytes bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 7 << 1) | bytes[offset + i]);
  return value;
}

}  // namespace plimsoll
