#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <utility>

#include "base/result.h"

namespace plimsoll {
namespace {

// Fetched once for the process: OpenSSL looks up what EVP_sha256() stands for anew, under locks, at each use.
const EVP_MD* method(HashKind kind) {
  static const std::array<const EVP_MD*, 4> kMethods = [] {
    std::array<const EVP_MD*, 4> out{};
    for (const auto& [of, name] : {std::pair{HashKind::Md5, "MD5"}, {HashKind::Sha1, "SHA1"}, {HashKind::Sha256, "SHA256"}, {HashKind::Sha512, "SHA512"}})
      out[static_cast<std::size_t>(of)] = EVP_MD_fetch(nullptr, name, nullptr);  // kept until the process ends
    return out;
  }();
  return kMethods[static_cast<std::size_t>(kind)];
}

}  // namespace

struct Hasher::State {
  explicit State(HashKind k) : kind(k), context(EVP_MD_CTX_new()) { start(); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void start() { PLIM_ASSERT(context && EVP_DigestInit_ex(context, method(kind), nullptr) == 1); }
  HashKind kind;
  EVP_MD_CTX* context;
};

Hasher::Hasher(HashKind kind) : state_(std::make_unique<State>(kind)) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(Bytes bytes) { PLIM_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

std::string Hasher::finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  PLIM_ASSERT(EVP_DigestFinal_ex(state_->context, out, &length) == 1);
  state_->start();
  return {reinterpret_cast<char*>(out), length};
}

std::string hash(HashKind kind, Bytes bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  PLIM_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out, &length, method(kind), nullptr) == 1);
  return {reinterpret_cast<char*>(out), length};
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
