// Archives inside files inside layers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/test_walk.h"

namespace plimsoll::image {
namespace {

using format::TestTar;
using format::TestZip;
using How = TestZip::How;
using testing::ElementsAre;
using testing::IsEmpty;

// "PATH CONTENT" of every text and every gap, of one layer that holds `bytes` at `path`.
std::vector<std::string> look(const std::string& path, const std::string& bytes, Limits limits = {}, std::vector<std::string> globs = {"**/*.txt"}) {
  const std::vector<Analyser> analysers = {watcher("texts", globs)};
  FakeSource source;
  source.add_tar(TestTar().file(path, bytes));
  Result<WalkedImage> image = walk_image(source, {.limits = limits, .analysers = analysers});
  if (!image) return {image.error().message()};
  std::vector<std::string> out;
  for (const FileFacts& file : image->squashed(0).files) out.push_back(cat(file.path, " ", file.facts->note("saw").substr(file.facts->note("saw").find('=') + 1)));
  for (const Gap& gap : image->gaps()) out.push_back(cat("gap ", gap.where, ": ", gap.why));
  return out;
}

TEST(nested, jars_in_wars_in_ears) {
  const std::string jar = TestZip().file("META-INF/a.txt", "deep").end();
  for (const std::uint16_t method : {0, 8}) {
    const std::string war = TestZip().file("WEB-INF/lib/x.jar", jar, How{.method = method}).file("b.txt", "mid").end();
    EXPECT_THAT(look("app/e.ear", TestZip().file("w.war", war, How{.method = method}).end()),
                ElementsAre("app/e.ear!/w.war!/WEB-INF/lib/x.jar!/META-INF/a.txt deep", "app/e.ear!/w.war!/b.txt mid"));
  }
}

TEST(nested, large_archives_and_entries) {
  std::string noise;
  for (std::uint32_t i = 0, x = 1; i < 3'000'000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  const std::string jar = TestZip().file("noise.bin", noise).file("a.txt", "found").file("big.txt", noise).end();
  Limits tight;
  tight.file_bytes = 1 << 20;  // both spill
  for (const Limits& limits : {Limits{}, tight}) {
    const auto seen = look("x.jar", TestZip().file("y.jar", jar, How{.method = 8}).end(), limits);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0], "x.jar!/y.jar!/a.txt found");
    EXPECT_EQ(seen[1].substr(0, 23), "x.jar!/y.jar!/big.txt " + noise.substr(0, 1));
  }
}

TEST(nested, archives_by_magic_and_behind_a_script) {
  const std::string zip = TestZip().file("a.txt", "x").end();
  EXPECT_THAT(look("plain.dat", zip), ElementsAre("plain.dat!/a.txt x"));
  EXPECT_THAT(look("app.jar", "#!/bin/sh\nexit\n" + zip), ElementsAre("app.jar!/a.txt x"));
  EXPECT_THAT(look("not.bin", "plain"), IsEmpty());
}

TEST(nested, globs_see_the_inner_path) {
  EXPECT_THAT(look("x.jar", TestZip().file("META-INF/MANIFEST.MF", "m").file("other/MANIFEST.MF", "o").end(), {}, {"META-INF/MANIFEST.MF"}),
              ElementsAre("x.jar!/META-INF/MANIFEST.MF m"));
}

TEST(nested, magics_inside) {
  std::vector<Analyser> analysers = {watcher("elf", {})};
  analysers[0].magics = {"\x7f" "ELF"};
  const std::string elf = "\x7f" "ELF" + std::string(100, 'x');
  FakeSource source;
  source.add_tar(TestTar().file("x.whl", TestZip().file("lib/n.so", elf).file("lib/stored", elf, How{.method = 0}).file("n.class", elf).end()));
  Result<WalkedImage> image = walk_image(source, {.analysers = analysers});
  ASSERT_TRUE(image);
  ASSERT_EQ(image->squashed(0).files.size(), 2u);
  EXPECT_EQ(image->squashed(0).files[0].path, "x.whl!/lib/n.so");
  EXPECT_EQ(image->squashed(0).files[1].path, "x.whl!/lib/stored");
}

// Whether anybody wants an entry may hang on its first bytes alone: one that does not show them is not passed over.
TEST(nested, entries_that_do_not_show_their_first_bytes_are_told) {
  std::vector<Analyser> analysers = {watcher("elf", {})};
  analysers[0].magics = {"\x7f" "ELF"};
  const std::string elf = "\x7f" "ELF" + std::string(100, 'x');
  const auto gaps = [&](const TestZip& zip) {
    FakeSource source;
    source.add_tar(TestTar().file("x.whl", zip.end()));
    Result<WalkedImage> image = walk_image(source, {.analysers = analysers});
    std::vector<std::string> out;
    if (!image) return out;
    for (const Gap& gap : image->gaps()) out.push_back(cat(gap.where, ": ", gap.why));
    return out;
  };
  EXPECT_THAT(gaps(TestZip().file("lib/n.so", elf, How{.flags = 1})), ElementsAre("x.whl!/lib/n.so: zip: encrypted entry"));
  EXPECT_THAT(gaps(TestZip().file("a", elf, How{.flags = 1}).file("b", elf, How{.flags = 1})),
              ElementsAre("x.whl: what 2 entries are was not seen, the first a: zip: encrypted entry"));
  EXPECT_THAT(gaps(TestZip().file("a.so", elf)), IsEmpty());
}

TEST(nested, nobody_wants_inner_files) {
  std::vector<Analyser> analysers = {watcher("texts", {"**/*.txt"})};
  analysers[0].nested = false;
  FakeSource source;
  source.add_tar(TestTar().file("x.jar", TestZip().file("a.txt", "x").end()).file("bad.jar", "PK\3\4 bad"));
  Result<WalkedImage> image = walk_image(source, {.analysers = analysers});
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->squashed(0).files.empty());
  EXPECT_TRUE(image->gaps().empty());
}

TEST(nested, damage_is_a_gap_with_its_path) {
  const std::string jar = TestZip().file("a.txt", "hello").file("b.txt", "fine").end();
  EXPECT_THAT(look("cut.jar", jar.substr(0, 60)), ElementsAre("gap cut.jar: zip: no end record"));
  EXPECT_THAT(look("x.jar", TestZip().file("a.txt", "hello", How{.wrong_crc = true}).file("b.txt", "fine").end()),
              ElementsAre("x.jar!/b.txt fine", "gap x.jar!/a.txt: zip: wrong CRC"));
  EXPECT_THAT(look("x.jar", TestZip().file("a.txt", "hello", How{.flags = 1}).end()), ElementsAre("gap x.jar!/a.txt: zip: encrypted entry"));
  EXPECT_THAT(look("x.jar", TestZip().file("in.jar", "nothing").end()), ElementsAre("gap x.jar!/in.jar: zip: no end record"));
  EXPECT_THAT(look("x.jar", TestZip().file("c.bin", "hello", How{.wrong_crc = true}).end()), IsEmpty());  // nobody's
}

TEST(nested, names_do_not_climb_out) {
  EXPECT_THAT(look("d/x.zip", TestZip().file("../../etc/a.txt", "x").file("/b.txt", "y").file("c\\d.txt", "z").end()),
              ElementsAre("d/x.zip!/b.txt y", "d/x.zip!/c/d.txt z", "d/x.zip!/etc/a.txt x"));
}

TEST(nested, tars_plain_and_gzipped) {
  const std::string tar = TestTar().directory("d").file("d/a.txt", "x").symlink("l.txt", "d/a.txt").file("b.bin", "y").end();
  EXPECT_THAT(look("x.tar", tar), ElementsAre("x.tar!/d/a.txt x"));
  EXPECT_THAT(look("x.tar.gz", format::gzip(tar)), ElementsAre("x.tar.gz!/d/a.txt x"));
  EXPECT_THAT(look("x.tgz", format::gzip(tar)), ElementsAre("x.tgz!/d/a.txt x"));
  EXPECT_THAT(look("x.bin", tar), IsEmpty()) << "outside of archives a tar is told by its name";
  EXPECT_THAT(look("x.tar", TestTar().file("../../etc/a.txt", "x").file("/b.txt", "y").end()), ElementsAre("x.tar!/b.txt y", "x.tar!/etc/a.txt x"));
  const std::string big(300'000, 'z');  // over the border of two inflated chunks
  EXPECT_THAT(look("x.tgz", format::gzip(TestTar().file("a.txt", big).file("b.txt", "y").end())), ElementsAre("x.tgz!/a.txt " + big.substr(0, 40), "x.tgz!/b.txt y"));
}

TEST(nested, archives_of_both_kinds_in_each_other) {
  const std::string inner = TestTar().file("a.txt", "x").end(), jar = TestZip().file("j.txt", "j").end();
  EXPECT_THAT(look("x.tar", TestTar().file("inner", inner).file("y.jar", jar).end()), ElementsAre("x.tar!/inner!/a.txt x", "x.tar!/y.jar!/j.txt j"));
  EXPECT_THAT(look("x.zip", TestZip().file("in.tgz", format::gzip(inner)).end()), ElementsAre("x.zip!/in.tgz!/a.txt x"));
  // An image saved into an image: its layers have digests for names.
  const std::string saved = TestTar().file("blobs/sha256/0123", format::gzip(inner)).file("blobs/sha256/4567", "{}").end();
  EXPECT_THAT(look("images/app.tar", saved), ElementsAre("images/app.tar!/blobs/sha256/0123!/a.txt x"));
}

TEST(nested, damaged_tars_are_gaps) {
  const std::string tar = TestTar().file("a.txt", "x").file("b.txt", std::string(2000, 'y')).end(), packed = format::gzip(tar);
  EXPECT_THAT(look("x.tar", tar.substr(0, 2000)), ElementsAre("x.tar!/a.txt x", "gap x.tar: tar: stream ends inside a file, at byte 2000"));
  EXPECT_THAT(look("x.tar", std::string(600, 'n')), ElementsAre("gap x.tar: tar: header checksum at byte 0"));
  const auto cut = look("x.tgz", packed.substr(0, packed.size() - 4));
  ASSERT_FALSE(cut.empty());
  EXPECT_EQ(cut.back().substr(0, 32), "gap x.tgz: gzip: stream ends ear");
}

TEST(bombs, trap_13_tars) {
  std::string tar = TestTar().file("a.txt", "x").end();
  for (int i = 0; i < 8; ++i) tar = TestTar().file("z.tar", tar).end();
  EXPECT_THAT(look("z.tar", tar), ElementsAre("gap z.tar!/z.tar!/z.tar!/z.tar!/z.tar!/z.tar: archives nested deeper than 5"));
  Limits limits;
  limits.archive_bytes = 1 << 20;
  const std::string zeros = format::gzip(TestTar().file("a.txt", "x").file("z.bin", std::string(3 << 20, '\0')).end());
  EXPECT_THAT(look("x.tgz", zeros, limits), ElementsAre("x.tgz!/a.txt x", "gap x.tgz: stream inflates to more than 1048576 bytes"));
  Limits few;
  few.archive_entries = 2;
  EXPECT_THAT(look("x.tar", TestTar().file("a", "").file("b", "").file("c", "").end(), few), ElementsAre("gap x.tar: tar: more than 2 entries"));
}

TEST(bombs, trap_13_depth) {
  std::string zip = TestZip().file("a.txt", "x").end();
  for (int i = 0; i < 8; ++i) zip = TestZip().file("z.zip", zip).end();
  EXPECT_THAT(look("z.zip", zip), ElementsAre("gap z.zip!/z.zip!/z.zip!/z.zip!/z.zip!/z.zip: archives nested deeper than 5"));
}

TEST(bombs, trap_13_entries_bytes_and_ratio) {
  TestZip many;
  for (int i = 0; i < 50; ++i) many.file(cat(i, ".txt"), "x");
  Limits limits;
  limits.archive_entries = 10;
  EXPECT_THAT(look("z.zip", many.end(), limits), ElementsAre("gap z.zip: zip: 50 entries"));
  limits = {};
  limits.archive_bytes = 1000;
  const auto seen = look("z.zip", TestZip().file("a.txt", std::string(600, 'a')).file("b.txt", std::string(600, 'b')).end(), limits);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1], "gap z.zip!/b.txt: more than 1000 bytes inflated from one archive");
  EXPECT_THAT(look("z.zip", TestZip().file("a.txt", "x", How{.claimed = 1u << 30}).end()),
              ElementsAre("gap z.zip!/a.txt: zip: entry inflates more than 1100:1"));
}

}  // namespace
}  // namespace plimsoll::image
