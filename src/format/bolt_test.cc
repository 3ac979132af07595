#include "format/bolt.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

#include "base/text.h"

namespace plimsoll::format {
namespace {

const std::string kReal = std::string(PLIMSOLL_TEST_DATA) + "/oci/containerd/io.containerd.metadata.v1.bolt/meta.db";

std::vector<std::string> names(const BoltFile& file, const BoltPath& path) {
  std::vector<std::string> out;
  const auto entries = file.list(path).value();
  for (const BoltEntry& entry : entries) out.push_back(entry.key);
  return out;
}

TEST(bolt, reads_what_containerd_wrote) {
  const BoltFile file = BoltFile::open(kReal).value();
  EXPECT_EQ(names(file, {"v1"}), (std::vector<std::string>{"default", "k8s.io", "version"}));
  EXPECT_EQ(names(file, {"v1", "default", "images"}), std::vector<std::string>{"docker.io/library/tiny:1"});
  EXPECT_EQ(file.get({"v1", "default", "images", "docker.io/library/tiny:1", "target", "digest"}).value(),
            "sha256:78a826b76ae3f453d40edcbba81ab0aed838871744002474d379797ba54102db");
  EXPECT_EQ(
      parse_go_varint(*file.get({"v1", "default", "images", "docker.io/library/tiny:1", "target", "size"}).value()),
      578);
  EXPECT_EQ(names(file, {"v1", "default", "content", "blob"}).size(), 4u);
}

TEST(bolt, what_is_not_there_is_empty) {
  const BoltFile file = BoltFile::open(kReal).value();
  EXPECT_EQ(file.get({"v1", "default", "nothing"}).value(), std::nullopt);
  EXPECT_EQ(file.get({"v1", "default"}).value(), std::nullopt) << "a bucket has no value";
  EXPECT_EQ(file.get({"v2", "default", "x"}).value(), std::nullopt);
  EXPECT_TRUE(file.list({"v1", "none", "images"}).value().empty());
  EXPECT_EQ(BoltFile::open("/none/such").error().kind(), ErrorKind::NotFound);
}

Result<BoltFile> open_bytes(std::string_view bytes, Fd& keep) {
  keep = Fd(::memfd_create("bolt", MFD_CLOEXEC));
  PLIM_CHECK(write_all(keep, as_bytes(bytes)));
  return BoltFile::open(cat("/proc/self/fd/", keep.get()));
}

TEST(bolt, one_torn_meta_page_is_survived_and_two_are_refused) {
  const std::string real = read_file(kReal).value();
  for (const std::size_t page : {0u, 1u}) {
    std::string torn = real;
    torn[page * 4096 + 16 + 45] ^= 1;
    Fd keep;
    const auto file = open_bytes(torn, keep);
    ASSERT_TRUE(file.has_value()) << page;
    // The older state may be read instead, but it is a whole one.
    EXPECT_TRUE(file->list({"v1"}).has_value()) << page;
  }
  std::string torn = real;
  torn[16 + 45] ^= 1;
  torn[4096 + 16 + 45] ^= 1;
  Fd keep;
  EXPECT_EQ(open_bytes(torn, keep).error().kind(), ErrorKind::Malformed);
  EXPECT_FALSE(open_bytes("", keep).has_value());
  EXPECT_FALSE(open_bytes(real.substr(0, 60), keep).has_value());
}

TEST(bolt, pages_cut_off_or_overwritten_are_errors_not_missing_keys) {
  const std::string real = read_file(kReal).value();
  std::size_t errors = 0;
  for (std::size_t page = 2; page * 4096 < real.size(); ++page) {
    std::string bad = real;
    for (std::size_t i = 0; i < 64; ++i) bad[page * 4096 + i] = static_cast<char>(0xff);
    Fd keep;
    const auto file = open_bytes(bad, keep);
    ASSERT_TRUE(file.has_value());
    const auto digest = file->get({"v1", "default", "images", "docker.io/library/tiny:1", "target", "digest"});
    if (digest) {
      EXPECT_TRUE(digest->has_value()) << "page " << page;
    } else {
      EXPECT_EQ(digest.error().kind(), ErrorKind::Malformed);
      ++errors;
    }
  }
  EXPECT_GE(errors, 1u);
  Fd keep;
  const auto cut = open_bytes(real.substr(0, 3 * 4096), keep);
  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(cut->list({"v1"}).has_value());
}

TEST(bolt, a_page_that_points_to_itself_ends) {
  std::string bytes = read_file(kReal).value();
  const BoltFile real = BoltFile::open(kReal).value();
  // Every page past the metas becomes a branch whose only child is itself.
  for (std::size_t page = 2; page * 4096 < bytes.size(); ++page) {
    char* at = bytes.data() + page * 4096;
    std::memset(at + 8, 0, 24);
    at[8] = 1;
    at[10] = 1;
    for (int i = 0; i < 8; ++i) at[i] = at[24 + i] = static_cast<char>(i < 4 ? page >> (8 * i) : 0);
  }
  Fd keep;
  const auto file = open_bytes(bytes, keep);
  ASSERT_TRUE(file.has_value());
  EXPECT_FALSE(file->list({"v1"}).has_value());
  EXPECT_FALSE(file->get({"v1", "x"}).has_value());
}

TEST(go_varint, signed_and_unsigned) {
  EXPECT_EQ(parse_go_varint(std::string_view("\x84\x09")), 578);
  EXPECT_EQ(parse_go_varint(std::string_view("\x01")), -1);
  EXPECT_EQ(parse_go_uvarint(std::string_view("\xac\x02")), 300u);
  EXPECT_EQ(parse_go_varint(""), std::nullopt);
  EXPECT_EQ(parse_go_varint("\xff\xff"), std::nullopt);
  EXPECT_EQ(parse_go_uvarint(std::string(11, '\xff')), std::nullopt);
}

}  // namespace
}  // namespace plimsoll::format
