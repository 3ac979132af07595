#include "base/hash.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(hash, known_answers) {  // FIPS 180-4 examples, RFC 1321 A.5
  EXPECT_EQ(hash_hex(HashKind::Sha256, as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_hex(HashKind::Sha1, as_bytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hash_hex(HashKind::Md5, as_bytes("abc")), "900150983cd24fb0d6963f7d28e17f72");
}
TEST(hash, base64_round_trip) {
  for (const std::string_view text : {"", "f", "fo", "foo", "foob", "\xff\xfe"}) {
    std::string out;
    EXPECT_TRUE(from_base64(to_base64(as_bytes(text)), out));
    EXPECT_EQ(out, text);
  }
  std::string out;
  EXPECT_FALSE(from_base64("a b", out));
}
TEST(hash, hash64_is_frozen) {  // files on disk hold these values
  EXPECT_EQ(hash64(""), 0x30860477fd05a80cull);
  EXPECT_EQ(hash64("openssl"), 0x7fdc87cd46a0935bull);
  EXPECT_EQ(hash64("usr/share/doc/openssl/copyright"), 0x5688e5d3c12d59dull);
  EXPECT_NE(hash64("aaaaaaaaaaaaaaaaa"), hash64("aaaaaaaaaaaaaaaab"));
}
TEST(hash, hex) { EXPECT_EQ(from_hex("0aFf"), std::string("\x0a\xff")); EXPECT_EQ(from_hex("0"), ""); }

}  // namespace
}  // namespace plimsoll
