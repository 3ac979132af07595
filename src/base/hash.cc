#include "base/hash.h"

// The digest functions alone are linked in from libcrypto's archive (a few pages of code that use the processor's SHA
// instructions); its EVP layer, which its makers would rather have called, costs each start more than a millisecond of loading
// and half of one of looking up what "SHA256" means.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <utility>
#include <variant>

#include "base/result.h"

namespace plimsoll {
namespace {

template <class Context, int (*Init)(Context*), int (*Update)(Context*, const void*, std::size_t), int (*Final)(unsigned char*, Context*), std::size_t Size>
struct Running {
  Context context;
  static constexpr std::size_t kSize = Size;
  Running() { Init(&context); }
  void update(Bytes bytes) { Update(&context, bytes.data(), bytes.size()); }
  void finish(unsigned char* out) { Final(out, &context); }
};
using Md5 = Running<MD5_CTX, MD5_Init, MD5_Update, MD5_Final, MD5_DIGEST_LENGTH>;
using Sha1 = Running<SHA_CTX, SHA1_Init, SHA1_Update, SHA1_Final, SHA_DIGEST_LENGTH>;
using Sha256 = Running<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final, SHA256_DIGEST_LENGTH>;
using Sha512 = Running<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final, SHA512_DIGEST_LENGTH>;
using Digest = std::variant<Md5, Sha1, Sha256, Sha512>;

Digest start(HashKind kind) {
  switch (kind) {
    case HashKind::Md5: return Md5();
    case HashKind::Sha1: return Sha1();
    case HashKind::Sha256: return Sha256();
    case HashKind::Sha512: return Sha512();
  }
  PLIM_ASSERT(false);
}

std::string finish(Digest& digest) {
  return std::visit([](auto& d) {
    std::string out(d.kSize, '\0');
    d.finish(reinterpret_cast<unsigned char*>(out.data()));
    return out;
  }, digest);
}

}  // namespace

struct Hasher::State {
  HashKind kind;
  Digest digest;
};

Hasher::Hasher(HashKind kind) : state_(std::make_unique<State>(kind, start(kind))) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(Bytes bytes) {
  std::visit([&](auto& digest) { digest.update(bytes); }, state_->digest);
}

std::string Hasher::finish() {
  std::string out = plimsoll::finish(state_->digest);
  state_->digest = start(state_->kind);
  return out;
}

std::string hash(HashKind kind, Bytes bytes) {
  Digest digest = start(kind);
  std::visit([&](auto& d) { d.update(bytes); }, digest);
  return finish(digest);
}

std::string hash_hex(HashKind kind, Bytes bytes) { return to_hex(hash(kind, bytes)); }

std::string to_hex(std::string_view raw) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(raw.size() * 2);
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  if (hex.size() % 2) return out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string to_base64(Bytes bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i] << 16 | (left > 1 ? bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0));
    out += kAlphabet[group >> 18];
    out += kAlphabet[group >> 12 & 63];
    out += left > 1 ? kAlphabet[group >> 6 & 63] : '=';
    out += left > 2 ? kAlphabet[group & 63] : '=';
  }
  return out;
}

bool from_base64(std::string_view text, std::string& out) {
  while (text.ends_with('=')) text.remove_suffix(1);
  out.clear();
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    else if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    else if (c >= '0' && c <= '9') value = c - '0' + 52;
    else if (c == '+' || c == '-') value = 62;
    else if (c == '/' || c == '_') value = 63;
    else if (c == '\n' || c == '\r') continue;
    if (value < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 255);
    }
  }
  return count < 6;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A multiply-and-fold hash over 8-byte words (the wyhash family's construction, with constants of our own choosing).
std::uint64_t hash64(std::string_view text, std::uint64_t seed) {
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  constexpr std::uint64_t kA = 0x9E3779B97F4A7C15ull, kB = 0xD1B54A32D192ED03ull, kC = 0x8CB92BA72F3D8DD7ull;
  std::uint64_t state = fold(seed ^ kA, text.size() ^ kB);
  const char* p = text.empty() ? "" : text.data();  // an empty view may be null, which memcpy may not be given
  std::size_t left = text.size();
  const auto load = [](const char* at, std::size_t n) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, n);  // little-endian machines only, as all we build for
    return word;
  };
  for (; left > 16; p += 16, left -= 16) state = fold(load(p, 8) ^ kB ^ state, load(p + 8, 8) ^ kC);
  if (left > 8) return fold(fold(load(p, 8) ^ kB ^ state, load(p + 8, left - 8) ^ kC) ^ kA, text.size() ^ kC);
  return fold(fold(load(p, left) ^ kB ^ state, kC) ^ kA, text.size() ^ kC);
}

}  // namespace plimsoll
