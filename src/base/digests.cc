#include "base/digests.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "base/hash.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace plimsoll {
namespace {

constexpr std::size_t kBlock = 4096, kHash = 32;
constexpr std::size_t kPiece = 64 << 10;  // hashed by all methods while it is in the cache; a multiple of kBlock

// The fs-verity digest, told from the hashes of the content's blocks. A level's hashes are the next one's bytes.
std::string verity_digest(std::string hashes, std::uint64_t size) {
  while (hashes.size() > kHash) {
    std::string above;
    for (std::size_t at = 0; at < hashes.size(); at += kBlock) {
      std::string block = hashes.substr(at, kBlock);
      block.resize(kBlock, '\0');
      above += hash(HashKind::Sha256, as_bytes(block));
    }
    hashes = std::move(above);
  }
  hashes.resize(kHash, '\0');  // an empty file has a root of zeros
  // struct fsverity_descriptor: version, algorithm (1: SHA-256), log2 of the block, no salt, no signature; then the size,
  // the root hash in 64 bytes, and zeros.
  std::string descriptor(256, '\0');
  descriptor[0] = 1;
  descriptor[1] = 1;
  descriptor[2] = 12;
  for (std::size_t i = 0; i < 8; ++i) descriptor[8 + i] = static_cast<char>(size >> (8 * i));
  std::copy(hashes.begin(), hashes.end(), descriptor.begin() + 16);
  return hash(HashKind::Sha256, as_bytes(descriptor));
}

std::string last_leaf(Bytes tail) {
  std::string block(as_text(tail));
  block.resize(kBlock, '\0');
  return hash(HashKind::Sha256, as_bytes(block));
}

}  // namespace

Digests all_digests_one_by_one(Bytes content, DigestsWanted wanted) {
  Hasher sha256(HashKind::Sha256), leaf(HashKind::Sha256);
  std::optional<Hasher> md5, sha1;
  if (wanted.md5_and_sha1) {
    md5.emplace(HashKind::Md5);
    sha1.emplace(HashKind::Sha1);
  }
  std::string leaves;
  for (std::size_t at = 0; at < content.size(); at += kPiece) {
    const Bytes piece = content.subspan(at, std::min(kPiece, content.size() - at));
    sha256.update(piece);
    if (md5) md5->update(piece);
    if (sha1) sha1->update(piece);
    for (std::size_t from = 0; wanted.verity && from < piece.size(); from += kBlock) {
      if (piece.size() - from < kBlock) {
        leaves += last_leaf(piece.subspan(from));
      } else {
        leaf.update(piece.subspan(from, kBlock));
        leaves += leaf.finish();
      }
    }
  }
  Digests out{.md5 = {}, .sha1 = {}, .sha256 = sha256.finish(), .verity = {}};
  if (md5) out.md5 = md5->finish();
  if (sha1) out.sha1 = sha1->finish();
  if (wanted.verity) out.verity = verity_digest(std::move(leaves), content.size());
  return out;
}

const Digests& ContentDigests::get(DigestsWanted wanted) {
  wanted.md5_and_sha1 = wanted.md5_and_sha1 && known_.md5.empty();
  wanted.verity = wanted.verity && known_.verity.empty();
  if (!wanted.md5_and_sha1 && !wanted.verity && !known_.sha256.empty()) return known_;
  Digests fresh = all_digests(content_, wanted);
  known_.sha256 = std::move(fresh.sha256);
  if (wanted.md5_and_sha1) {
    known_.md5 = std::move(fresh.md5);
    known_.sha1 = std::move(fresh.sha1);
  }
  if (wanted.verity) known_.verity = std::move(fresh.verity);
  return known_;
}

#if !defined(__x86_64__)
Digests all_digests(Bytes content, DigestsWanted wanted) { return all_digests_one_by_one(content, wanted); }
#else

namespace {

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

#pragma GCC push_options
#pragma GCC target("sha,sse4.1,ssse3")
#define PLIM_INLINE inline __attribute__((always_inline))

alignas(16) constexpr std::array<std::uint32_t, 64> kSha256 = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
    0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
    0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
    0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
constexpr std::array<std::uint32_t, 64> kMd5 = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122,
    0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6,
    0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60,
    0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
    0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr std::array<std::uint32_t, 8> kSha256Start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// A SHA-256 state as the instructions want it: words a, b, e, f and c, d, g, h.
struct Sha256State {
  __m128i abef, cdgh;
  Sha256State() {
    const auto at = [](int i) { return static_cast<int>(kSha256Start[static_cast<std::size_t>(i)]); };
    abef = _mm_set_epi32(at(0), at(1), at(4), at(5));
    cdgh = _mm_set_epi32(at(2), at(3), at(6), at(7));
  }
  std::string bytes() const {
    alignas(16) std::array<std::uint32_t, 8> words;
    _mm_store_si128(reinterpret_cast<__m128i*>(words.data()), abef);
    _mm_store_si128(reinterpret_cast<__m128i*>(words.data() + 4), cdgh);
    const std::array<std::uint32_t, 8> order = {words[3], words[2], words[7], words[6], words[1], words[0], words[5], words[4]};
    std::string out;
    for (const std::uint32_t word : order)
      for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
    return out;
  }
};
struct Sha1State {
  __m128i abcd = _mm_set_epi32(0x67452301, static_cast<int>(0xefcdab89), static_cast<int>(0x98badcfe), 0x10325476);
  __m128i e = _mm_set_epi32(static_cast<int>(0xc3d2e1f0), 0, 0, 0);
  std::string bytes() const {
    alignas(16) std::array<std::uint32_t, 4> words, last;
    _mm_store_si128(reinterpret_cast<__m128i*>(words.data()), abcd);
    _mm_store_si128(reinterpret_cast<__m128i*>(last.data()), e);
    std::string out;
    for (const std::uint32_t word : {words[3], words[2], words[1], words[0], last[3]})
      for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
    return out;
  }
};
struct Md5State {
  std::uint32_t a = 0x67452301, b = 0xefcdab89, c = 0x98badcfe, d = 0x10325476;
  std::string bytes() const {
    std::string out;
    for (const std::uint32_t word : {a, b, c, d})
      for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(word >> shift);
    return out;
  }
};

struct States {
  Sha256State sha256, leaf;
  Sha1State sha1;
  Md5State md5;
};

template <int kStep>
PLIM_INLINE void md5_step(std::uint32_t& a, std::uint32_t b, std::uint32_t c, std::uint32_t d, const std::uint8_t* block) {
  constexpr int kRound = kStep / 16, kIn = kStep % 16;
  constexpr int kWord = kRound == 0 ? kIn : kRound == 1 ? (5 * kIn + 1) % 16 : kRound == 2 ? (3 * kIn + 5) % 16 : (7 * kIn) % 16;
  constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  constexpr int kShift = kShifts[kRound][kStep % 4];
  std::uint32_t word = 0;
  std::memcpy(&word, block + 4 * kWord, 4);
  std::uint32_t f = 0;
  if constexpr (kRound == 0) f = d ^ (b & (c ^ d));
  else if constexpr (kRound == 1) f = (d & b) + (~d & c);  // the halves share no bit: an addition shortens the chain
  else if constexpr (kRound == 2) f = b ^ c ^ d;
  else f = c ^ (b | ~d);
  const std::uint32_t sum = a + (word + kMd5[kStep]) + f;
  a = b + ((sum << kShift) | (sum >> (32 - kShift)));
}

// One block of 64 bytes through all that is asked for, in sixteen steps of four rounds each, so that neighbours in the
// program never wait for one another.
template <bool kMd5Too, bool kSha1Too, bool kSha256Too, bool kLeafToo>
struct BlockStep {
  const std::uint8_t* block;
  States& s;
  __m128i m0, m1, m2, m3;  // SHA-256's message, the four latest groups
  __m128i n0, n1, n2, n3;  // SHA-1's
  __m128i e_before;        // SHA-1: abcd before the last group
  Sha256State a, b;
  Sha1State one;
  Md5State five;

  PLIM_INLINE BlockStep(const std::uint8_t* at, States& states) : block(at), s(states), a(states.sha256), b(states.leaf), one(states.sha1), five(states.md5) {}

  template <int kGroup>
  PLIM_INLINE void sha256_group() {
    if constexpr (kGroup < 4) {
      const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
      const __m128i words = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * kGroup)), swap);
      (kGroup == 0 ? m0 : kGroup == 1 ? m1 : kGroup == 2 ? m2 : m3) = words;
      rounds(words, kGroup);
    } else {
      const __m128i next = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(m0, m1), _mm_alignr_epi8(m3, m2, 4)), m3);
      m0 = m1;
      m1 = m2;
      m2 = m3;
      m3 = next;
      rounds(next, kGroup);
    }
  }
  PLIM_INLINE void rounds(__m128i words, int group) {
    const __m128i low = _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(kSha256.data() + 4 * group)));
    const __m128i high = _mm_shuffle_epi32(low, 0x0e);
    if constexpr (kSha256Too) a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, low);
    if constexpr (kLeafToo) b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, low);
    if constexpr (kSha256Too) a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, high);
    if constexpr (kLeafToo) b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, high);
  }

  template <int kGroup>
  PLIM_INLINE void sha1_group() {
    __m128i words;
    if constexpr (kGroup < 4) {
      const __m128i swap = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
      words = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * kGroup)), swap);
      (kGroup == 0 ? n0 : kGroup == 1 ? n1 : kGroup == 2 ? n2 : n3) = words;
    } else {
      words = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(n0, n1), n2), n3);
      n0 = n1;
      n1 = n2;
      n2 = n3;
      n3 = words;
    }
    const __m128i e = kGroup == 0 ? _mm_add_epi32(one.e, words) : _mm_sha1nexte_epu32(e_before, words);
    e_before = one.abcd;
    one.abcd = _mm_sha1rnds4_epu32(one.abcd, e, kGroup / 5);
  }

  template <int kGroup>
  PLIM_INLINE void md5_group() {
    md5_step<4 * kGroup>(five.a, five.b, five.c, five.d, block);
    md5_step<4 * kGroup + 1>(five.d, five.a, five.b, five.c, block);
    md5_step<4 * kGroup + 2>(five.c, five.d, five.a, five.b, block);
    md5_step<4 * kGroup + 3>(five.b, five.c, five.d, five.a, block);
  }

  template <int kGroup>
  PLIM_INLINE void step() {
    if constexpr (kSha256Too || kLeafToo) sha256_group<kGroup>();
    if constexpr (kMd5Too) md5_group<kGroup>();
    if constexpr (kSha1Too) {
      sha1_group<kGroup + kGroup / 4>();  // twenty groups in sixteen steps
      if constexpr (kGroup % 4 == 3) sha1_group<kGroup + kGroup / 4 + 1>();
    }
  }
  template <int... kGroups>
  PLIM_INLINE void steps(std::integer_sequence<int, kGroups...>) {
    (step<kGroups>(), ...);
  }
  PLIM_INLINE void run() {
    steps(std::make_integer_sequence<int, 16>());
    if constexpr (kSha256Too) {
      s.sha256.abef = _mm_add_epi32(s.sha256.abef, a.abef);
      s.sha256.cdgh = _mm_add_epi32(s.sha256.cdgh, a.cdgh);
    }
    if constexpr (kLeafToo) {
      s.leaf.abef = _mm_add_epi32(s.leaf.abef, b.abef);
      s.leaf.cdgh = _mm_add_epi32(s.leaf.cdgh, b.cdgh);
    }
    if constexpr (kSha1Too) {
      s.sha1.e = _mm_sha1nexte_epu32(e_before, s.sha1.e);
      s.sha1.abcd = _mm_add_epi32(s.sha1.abcd, one.abcd);
    }
    if constexpr (kMd5Too) {
      s.md5.a += five.a;
      s.md5.b += five.b;
      s.md5.c += five.c;
      s.md5.d += five.d;
    }
  }
};

template <bool kMd5Too, bool kSha1Too, bool kSha256Too, bool kLeafToo>
__attribute__((noinline)) void run_blocks(const std::uint8_t* at, std::size_t blocks, States& states) {
  States local = states;
  for (std::size_t i = 0; i < blocks; ++i) BlockStep<kMd5Too, kSha1Too, kSha256Too, kLeafToo>(at + 64 * i, local).run();
  states = local;
}

// What ends a message of `size` bytes whose last, partial block is `tail`.
struct Padding {
  std::array<std::uint8_t, 128> bytes{};
  std::size_t blocks = 1;
  Padding(Bytes tail, std::uint64_t size, bool big_endian) {
    std::copy(tail.begin(), tail.end(), bytes.begin());
    bytes[tail.size()] = 0x80;
    if (tail.size() > 55) blocks = 2;
    const std::uint64_t bits = size * 8;
    for (std::size_t i = 0; i < 8; ++i) bytes[64 * blocks - 8 + i] = static_cast<std::uint8_t>(big_endian ? bits >> (56 - 8 * i) : bits >> (8 * i));
  }
};

template <bool kPackages, bool kVerity>
Digests fast_digests(Bytes content) {
  States states;
  std::string leaves;
  std::size_t at = 0;
  if constexpr (kVerity) {
    leaves.reserve((content.size() / kBlock + 1) * kHash);
    const Padding end({}, kBlock, true);
    for (; content.size() - at >= kBlock; at += kBlock) {
      states.leaf = Sha256State();
      run_blocks<kPackages, kPackages, true, true>(content.data() + at, kBlock / 64, states);
      run_blocks<false, false, false, true>(end.bytes.data(), 1, states);
      leaves += states.leaf.bytes();
    }
    if (at < content.size()) leaves += last_leaf(content.subspan(at));
  }
  const std::size_t whole = (content.size() - at) / 64;
  run_blocks<kPackages, kPackages, true, false>(content.data() + at, whole, states);
  const Bytes tail = content.subspan(at + whole * 64);
  const Padding big(tail, content.size(), true);
  run_blocks<false, kPackages, true, false>(big.bytes.data(), big.blocks, states);
  Digests out{.md5 = {}, .sha1 = {}, .sha256 = states.sha256.bytes(), .verity = {}};
  if constexpr (kPackages) {
    const Padding little(tail, content.size(), false);
    run_blocks<true, false, false, false>(little.bytes.data(), little.blocks, states);
    out.md5 = states.md5.bytes();
    out.sha1 = states.sha1.bytes();
  }
  if constexpr (kVerity) out.verity = verity_digest(std::move(leaves), content.size());
  return out;
}

#undef PLIM_INLINE
#pragma GCC pop_options

}  // namespace

Digests all_digests(Bytes content, DigestsWanted wanted) {
  static const bool fast = has_sha_instructions();
  if (!fast) return all_digests_one_by_one(content, wanted);
  if (wanted.md5_and_sha1) return wanted.verity ? fast_digests<true, true>(content) : fast_digests<true, false>(content);
  return wanted.verity ? fast_digests<false, true>(content) : fast_digests<false, false>(content);
}
#endif

}  // namespace plimsoll
