// What a hostile layer may hold: each row ends in a named gap, an error that names the layer, or nothing amiss.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/layer_record.h"
#include "image/test_walk.h"

namespace plimsoll::image {
namespace {

using format::TestTar;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Analyser> kTexts = {watcher("texts", {"**/*.txt"})};

struct Outcome {
  std::string error;
  std::vector<std::string> files, gaps;
};
Outcome outcome(const TestTar& tar, Limits limits = {}) {
  FakeSource source;
  source.add_tar(tar);
  Result<WalkedImage> image = walk_image(source, {.limits = limits, .analysers = kTexts});
  if (!image) return {.error = image.error().message()};
  Outcome out{.files = seen(*image)};
  for (const Gap& gap : image->gaps()) out.gaps.push_back(cat(gap.part, " ", gap.where, ": ", gap.why));
  return out;
}

TEST(bad_input, device_nodes_and_pipes_are_not_read) {
  const Outcome out = outcome(TestTar().entry('3', "null.txt").entry('4', "sda.txt").entry('6', "pipe.txt").file("a.txt", "x"));
  EXPECT_THAT(out.files, ElementsAre("a.txt@0 a.txt=x"));
  EXPECT_THAT(out.gaps, IsEmpty());
}

TEST(bad_input, absolute_and_climbing_paths_stay_inside) {
  const Outcome out = outcome(TestTar().file("/etc/a.txt", "1").file("../../../b.txt", "2").file("x/../../c.txt", "3").symlink("up", "../../..").file("up/d.txt", "4"));
  EXPECT_THAT(out.files, ElementsAre("b.txt@0 b.txt=2", "c.txt@0 c.txt=3", "d.txt@0 d.txt=4", "etc/a.txt@0 etc/a.txt=1"));
}

TEST(bad_input, gigantic_names) {
  Outcome out = outcome(TestTar().gnu_long('L', std::string(5000, 'n') + ".txt").file("n", "x").file("a.txt", "y"));
  EXPECT_THAT(out.files, ElementsAre("a.txt@0 a.txt=y"));
  EXPECT_THAT(out.gaps, ElementsAre("tar " + std::string(120, 'n') + ": name longer than 4096 bytes"));
  out = outcome(TestTar().gnu_long('L', std::string(2 << 20, 'n')).file("n", "x"));
  EXPECT_THAT(out.error, HasSubstr("extended header of 2097153 bytes"));
}

TEST(bad_input, names_that_are_not_utf8) {
  EXPECT_THAT(outcome(TestTar().file("\xff\xfe.txt", "x")).files, ElementsAre("\xff\xfe.txt@0 \xff\xfe.txt=x"));
}

TEST(bad_input, deep_paths) {
  std::string path;
  for (int i = 0; i < 2000; ++i) path += "d/";
  EXPECT_THAT(outcome(TestTar().gnu_long('L', path + "a.txt").file("n", "x")).files.size(), 1u);
}

TEST(bad_input, chains_of_links) {
  TestTar chain;
  for (int i = 0; i < 39; ++i) chain.symlink(cat("l", i), cat("l", i + 1));
  chain.directory("l39").file("l0/a.txt", "x");
  EXPECT_THAT(outcome(chain).files, ElementsAre("l39/a.txt@0 l39/a.txt=x"));
  TestTar wide;  // each link names the next twice: must not double the work
  for (int i = 0; i < 60; ++i) wide.symlink(cat("w", i), cat("w", i + 1, "/w", i + 1));
  wide.file("w0/a.txt", "x");
  EXPECT_THAT(outcome(wide).gaps, ElementsAre("tar w0/a.txt: its directory is a symbolic link in a circle"));
}

TEST(bad_input, entries_of_unknown_type) {
  EXPECT_THAT(outcome(TestTar().entry('M', "part.txt").file("a.txt", "x")).gaps, ElementsAre("tar part.txt: tar entry of an unknown type"));
}

TEST(bad_input, too_many_entries) {
  Limits limits;
  limits.layer_entries = 3;
  EXPECT_THAT(outcome(TestTar().file("a", "").file("b", "").file("c", "").file("d", ""), limits).error, HasSubstr("more than 3 entries: layer sha256:"));
}

TEST(bad_input, more_names_than_are_kept_in_memory) {
  LayerBuilder builder;
  const std::string name(4000, 'x');
  std::size_t count = 0;
  while (!builder.full() && count < 100'000) builder.add(cat(count++, name), NodeKind::File);
  EXPECT_LE(count, kMostTreeBytes / 4000 + 1);
  EXPECT_GT(count, 20'000u);
}

TEST(bad_input, too_many_bytes) {
  Limits limits;
  limits.layer_bytes = 100'000;
  EXPECT_THAT(outcome(TestTar().file("a.txt", std::string(200'000, 'x')), limits).error, HasSubstr("bytes: layer sha256:"));
  limits = {};
  limits.spilled_file_bytes = 1000;
  const Outcome out = outcome(TestTar().file("a.txt", std::string(1001, 'x')).file("a.bin", std::string(1001, 'x')), limits);
  EXPECT_THAT(out.files, IsEmpty());
  EXPECT_THAT(out.gaps, ElementsAre("tar a.txt: file of 1001 bytes is not analysed"));
}

TEST(bad_input, sparse_files) {
  const auto sparse = [](const std::string& map, const std::string& real, std::string_view data) {
    const auto r = TestTar::pax_record;
    return outcome(TestTar().pax(r("GNU.sparse.name", "s.txt") + r("GNU.sparse.size", real) + r("GNU.sparse.map", map)).file("x", data));
  };
  EXPECT_THAT(sparse("0,1,3,2", "6", "abc").files, ElementsAre("s.txt@0 s.txt=" + std::string("a\0\0bc\0", 6)));
  EXPECT_THAT(sparse("0,9", "6", "abc").gaps, ElementsAre("tar s.txt: sparse map leads outside the file"));
  EXPECT_THAT(sparse("0,3", "99999999999999", "abc").gaps, ElementsAre("tar s.txt: file of 99999999999999 bytes is not analysed"));
  const Outcome mapped = outcome(TestTar().pax(TestTar::pax_record("GNU.sparse.major", "1") + TestTar::pax_record("GNU.sparse.name", "m.txt") +
                                               TestTar::pax_record("GNU.sparse.realsize", "5")).file("x", "1\n3\n2\n" + std::string(506, '\0') + "ab"));
  EXPECT_THAT(mapped.files, ElementsAre("m.txt@0 m.txt=" + std::string("\0\0\0ab", 5)));
}

// A wanted name that is a hard link to a file nobody wanted: its content comes by a second pass, under the same bounds.
TEST(bad_input, contents_of_the_second_pass) {
  const auto r = TestTar::pax_record;
  const auto sparse = [&](const std::string& map) {
    return outcome(TestTar().pax(r("GNU.sparse.name", "blob") + r("GNU.sparse.size", "6") + r("GNU.sparse.map", map)).file("x", "abc").hard_link("a.txt", "blob").file("b.txt", "b"));
  };
  EXPECT_THAT(sparse("0,1,3,2").files, ElementsAre("a.txt@0 a.txt=" + std::string("a\0\0bc\0", 6), "b.txt@0 b.txt=b"));
  EXPECT_THAT(sparse("0,9").files, ElementsAre("b.txt@0 b.txt=b"));
  EXPECT_THAT(sparse("0,9").gaps, ElementsAre("tar a.txt: sparse map leads outside the file"));
  Limits limits;
  limits.spilled_file_bytes = 1000;
  const Outcome big = outcome(TestTar().file("blob", std::string(1001, 'x')).hard_link("a.txt", "blob").file("b.txt", "b"), limits);
  EXPECT_EQ(big.error, "");
  EXPECT_THAT(big.files, ElementsAre("b.txt@0 b.txt=b"));
  EXPECT_THAT(big.gaps, ElementsAre("tar a.txt: file of 1001 bytes is not analysed"));
}

TEST(bad_input, bytes_behind_the_end) {
  FakeSource source;
  const std::string tar = TestTar().file("a.txt", "x").end() + TestTar().file("b.txt", "y").end();
  source.add(tar, tar);
  Result<WalkedImage> image = walk_image(source, {.analysers = kTexts});
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("a.txt@0 a.txt=x"));
  ASSERT_EQ(image->gaps().size(), 1u);
  EXPECT_EQ(image->gaps()[0].why, "bytes after the end of the archive are not read, as no runtime does");
}

TEST(bad_input, one_bad_layer_stops_the_others) {
  FakeSource source;
  for (int i = 0; i < 20; ++i) source.add_tar(TestTar().file(cat(i, ".txt"), std::string(1000, 'x')));
  source.stored_[7].resize(30);
  Result<WalkedImage> image = walk_image(source, {.analysers = kTexts});
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message(), HasSubstr(source.config().layers[7].digest.text()));
}

TEST(bad_input, a_source_that_fails_half_way) {
  struct Failing : FakeSource {
    struct Source : ByteSource {
      std::string bytes;
      std::size_t at = 0;
      Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
        if (at >= bytes.size() / 2) return io_error("connection reset");
        const std::size_t n = std::min<std::size_t>({size, 16, bytes.size() - at});
        std::memcpy(into, bytes.data() + at, n);
        at += n;
        return n;
      }
    };
    Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override {
      auto out = std::make_unique<Source>();
      out->bytes = stored_[index];
      return std::unique_ptr<ByteSource>(std::move(out));
    }
  } source;
  source.add_tar(TestTar().file("a.txt", "x"));
  EXPECT_THAT(walk_image(source, {.analysers = kTexts}).error().message(), HasSubstr("connection reset: layer sha256:"));
}

}  // namespace
}  // namespace plimsoll::image
