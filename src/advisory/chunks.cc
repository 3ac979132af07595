#include "advisory/chunks.h"

#include <algorithm>
#include <array>

namespace plimsoll::advisory {
namespace {

constexpr std::uint64_t kBorder = ~std::uint64_t{0} << 46;  // 18 bits: one place in 262,144

// 256 fixed random words (SplitMix64 from 1): another table would cut elsewhere and share nothing with what is stored.
constexpr std::array<std::uint64_t, 256> gear_table() {
  std::array<std::uint64_t, 256> table{};
  std::uint64_t state = 1;
  for (std::uint64_t& word : table) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
  return table;
}
constexpr std::array<std::uint64_t, 256> kGear = gear_table();

std::uint64_t next_border(Bytes rest) {
  const std::uint64_t most = std::min<std::uint64_t>(rest.size(), kMostChunkBytes);
  if (most <= kLeastChunkBytes) return most;
  std::uint64_t hash = 0;
  for (std::uint64_t i = kLeastChunkBytes - 64; i < most; ++i) {
    hash = (hash << 1) + kGear[rest[i]];
    if (i >= kLeastChunkBytes && (hash & kBorder) == 0) return i + 1;
  }
  return most;
}

}  // namespace

std::vector<Chunk> cut_into_chunks(Bytes file) {
  std::vector<Chunk> out;
  for (std::uint64_t at = 0; at < file.size();) {
    const std::uint64_t bytes = next_border(file.subspan(at));
    out.push_back({Digest::of(file.subspan(at, bytes)), at, bytes});
    at += bytes;
  }
  return out;
}

}  // namespace plimsoll::advisory
