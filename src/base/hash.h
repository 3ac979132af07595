// Digests of byte streams (OpenSSL underneath; SHA-NI where the processor has it).
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace plimsoll {

enum class HashKind { Md5, Sha1, Sha256, Sha512 };

// One running digest. Not thread-safe; reusable after finish().
class Hasher {
 public:
  explicit Hasher(HashKind kind);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(Bytes bytes);
  std::string finish();  // raw digest bytes (16, 20, 32, 64); starts anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hash(HashKind kind, Bytes bytes);      // raw bytes
std::string hash_hex(HashKind kind, Bytes bytes);  // lower-case hex
std::string to_hex(std::string_view raw);
// Empty when `hex` is not an even number of hex digits.
std::string from_hex(std::string_view hex);
std::string to_base64(Bytes bytes);  // RFC 4648 §4, padded
// Accepts the URL-safe alphabet and missing padding too; false when it is not base64.
bool from_base64(std::string_view text, std::string& out);
// Constant time for equal lengths.
bool equal_secrets(std::string_view a, std::string_view b);
// Fast 64-bit hash for tables and keys of our own files: stable across versions and machines, not cryptographic.
std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0);

}  // namespace plimsoll
