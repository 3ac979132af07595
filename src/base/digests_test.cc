#include "base/digests.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace plimsoll {
namespace {

void same(Bytes content, DigestsWanted wanted) {
  const Digests fast = all_digests(content, wanted), slow = all_digests_one_by_one(content, wanted);
  EXPECT_EQ(to_hex(fast.md5), to_hex(slow.md5)) << content.size();
  EXPECT_EQ(to_hex(fast.sha1), to_hex(slow.sha1)) << content.size();
  EXPECT_EQ(to_hex(fast.sha256), to_hex(slow.sha256)) << content.size();
  EXPECT_EQ(to_hex(fast.verity), to_hex(slow.verity)) << content.size();
}

std::string noise(std::size_t size) {
  std::string out(size, '\0');
  std::uint64_t state = size + 1;
  for (char& c : out) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    c = static_cast<char>(state >> 56);
  }
  return out;
}

// Every length around the borders of blocks and padding, and some long ones.
TEST(digests, as_openssl) {
  for (std::size_t size = 0; size < 300; ++size)
    for (const DigestsWanted wanted : {DigestsWanted{true, true}, DigestsWanted{false, true}, DigestsWanted{true, false}, DigestsWanted{false, false}}) same(as_bytes(noise(size)), wanted);
  for (const std::size_t size : {4095u, 4096u, 4097u, 8192u, 65535u, 65536u, 524288u, 524289u, 1000003u}) same(as_bytes(noise(size)), {});
}

TEST(digests, by_openssl_itself) {
  const std::string text = noise(100'000);
  const Digests digests = all_digests(as_bytes(text), {});
  EXPECT_EQ(digests.md5, hash(HashKind::Md5, as_bytes(text)));
  EXPECT_EQ(digests.sha1, hash(HashKind::Sha1, as_bytes(text)));
  EXPECT_EQ(digests.sha256, hash(HashKind::Sha256, as_bytes(text)));
}

}  // namespace
}  // namespace plimsoll
