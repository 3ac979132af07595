#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/tar_walk.h"
#include "image/test_walk.h"

namespace plimsoll::image {
namespace {

using format::TestTar;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Analyser> kTexts = {watcher("texts", {"**/*.txt"})};

Result<WalkedImage> walk(FakeSource& source, std::span<const Analyser> analysers = kTexts, WalkOptions options = {}) {
  options.analysers = analysers;
  return walk_image(source, options);
}

std::vector<std::string> texts(std::vector<TestTar> layers) {
  FakeSource source;
  for (const TestTar& layer : layers) source.add_tar(layer);
  Result<WalkedImage> image = walk(source);
  if (!image) return {image.error().message()};
  std::vector<std::string> out;
  for (const FileFacts& file : image->squashed(0).files) out.push_back(cat(file.path, "@", file.layer));
  for (const Gap& gap : image->gaps()) out.push_back(cat("gap ", gap.where, ": ", gap.why));
  return out;
}

TEST(walk, every_compression_gives_the_same_facts) {
  const std::string tar = TestTar().file("a/b.txt", "hello").file("c.bin", "x").end();
  for (const std::string& stored : {format::gzip(tar), format::zstd(tar), tar}) {
    FakeSource source;
    source.add(stored, tar);
    Result<WalkedImage> image = walk(source);
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_THAT(seen(*image), ElementsAre("a/b.txt@0 a/b.txt=hello"));
    EXPECT_EQ(image->statistics().files, 2u);
    EXPECT_EQ(image->statistics().unpacked_bytes, tar.size());
    EXPECT_TRUE(image->tree().contains("c.bin"));
    EXPECT_FALSE(image->tree().contains("d.bin"));
  }
}

TEST(walk, files_over_chunk_borders_arrive_whole) {
  std::string big;
  for (int i = 0; i < 300'000; ++i) big += static_cast<char>('a' + i % 26);
  std::vector<Analyser> hashers = {watcher("hash", {"**/*.txt"})};
  hashers[0].extract = [](const FileView& file, const Limits&) -> Result<Facts> {
    Facts facts;
    facts.notes.emplace_back("saw", hash_hex(HashKind::Sha256, file.content));
    return facts;
  };
  TestTar tar;
  for (int i = 0; i < 7; ++i) tar.file(cat("f", i, ".txt"), std::string_view(big).substr(0, 100'000 + 33'000 * i));
  FakeSource source;
  source.add_tar(tar);
  Result<WalkedImage> image = walk(source, hashers);
  ASSERT_TRUE(image) << image.error().message();
  const auto files = image->squashed(0).files;
  ASSERT_EQ(files.size(), 7u);
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(files[i].facts->note("saw"), hash_hex(HashKind::Sha256, as_bytes(big).first(100'000 + 33'000 * i)));
}

TEST(walk, a_failing_analyser_is_a_gap_and_the_others_are_kept) {
  FakeSource source;
  source.add_tar(TestTar().file("a.txt", "fail").file("b.txt", "fine"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("b.txt@0 b.txt=fine"));
  EXPECT_THAT(image->gaps(), ElementsAre(Gap{"texts", "a.txt", "told to fail"}));
}

TEST(walk, magics_and_execute_bits) {
  std::vector<Analyser> analysers = {watcher("elf", {}), watcher("executables", {})};
  analysers[0].magics = {"\x7f" "ELF", "MZ"};
  analysers[1].executables = true;
  FakeSource source;
  source.add_tar(TestTar().file("bin/a", "\x7f" "ELF...").file("b.dll", "MZ").file("c", "M").file("sh", "#!/bin/sh", 0755));
  Result<WalkedImage> image = walk(source, analysers);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image, 0), ElementsAre("b.dll@0 b.dll=MZ", "bin/a@0 bin/a=\x7f" "ELF..."));
  EXPECT_THAT(seen(*image, 1), ElementsAre("sh@0 sh=#!/bin/sh"));
}

// ---- bad bytes: the whole walk is an error that names the layer

std::string failure(const std::string& stored, const std::string& tar) {
  FakeSource source;
  source.add(stored, tar);
  Result<WalkedImage> image = walk(source);
  if (image) return "no error";
  EXPECT_THAT(image.error().message(), HasSubstr(": layer sha256:"));
  return image.error().message();
}

TEST(walk, truncated_streams) {
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200'000; ++i) noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  const std::string tar = TestTar().file("a.txt", noise).end();
  const std::string gz = format::gzip(tar), zs = format::zstd(tar);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{8}, std::size_t{500}, gz.size() / 2}) {
    EXPECT_THAT(failure(gz.substr(0, gz.size() - cut), tar), HasSubstr("gzip: stream ends early"));
    EXPECT_THAT(failure(zs.substr(0, zs.size() - cut), tar), HasSubstr("zstd: stream ends early"));
  }
  EXPECT_THAT(failure(tar.substr(0, 5000), tar.substr(0, 5000)), HasSubstr("tar: stream ends inside"));
  EXPECT_THAT(failure("", ""), HasSubstr("no error"));  // an empty tar: no entries, no end mark
}

TEST(walk, corrupt_streams) {
  const std::string tar = TestTar().file("a.txt", "hello").end();
  std::string gz = format::gzip(tar);
  EXPECT_THAT(failure(gz + "garbage", tar), HasSubstr("gzip: bytes after the last member"));
  gz[gz.size() - 6] ^= 1;
  EXPECT_THAT(failure(gz, tar), HasSubstr("gzip: wrong CRC"));
  std::string zs = format::zstd(tar);
  EXPECT_THAT(failure(zs + "garbage", tar), HasSubstr("zstd: "));
  std::string bad = tar;
  bad[3] ^= 1;
  EXPECT_THAT(failure(bad, bad), HasSubstr("tar: header checksum at byte 0"));
  EXPECT_THAT(failure("BZh91AY&SY", ""), HasSubstr("bzip2 compression"));
}

TEST(walk, wrong_digests) {
  const std::string tar = TestTar().file("a.txt", "hello").end();
  FakeSource source;
  source.add(format::gzip(tar), tar);
  source.config().layers[0].diff_id = Digest::of(as_bytes("another"));
  EXPECT_THAT(walk(source).error().message(), HasSubstr("diffID does not match"));
  EXPECT_EQ(walk(source).error().kind(), ErrorKind::Denied);
  FakeSource other;
  other.add(format::gzip(tar), tar);
  other.config().layers[0].digest = Digest::of(as_bytes("another"));
  EXPECT_THAT(walk(other).error().message(), HasSubstr("digest of the blob does not match"));
  FakeSource plain;
  plain.add(tar, tar);
  plain.config().layers[0].digest = Digest::of(as_bytes("another"));
  EXPECT_THAT(walk(plain).error().message(), HasSubstr("does not match"));
}

TEST(walk, several_gzip_members_are_one_layer) {
  const std::string tar = TestTar().file("a.txt", "hello").file("b.txt", "there").end();
  FakeSource source;
  source.add(format::gzip(tar.substr(0, 700)) + format::gzip("") + format::gzip(tar.substr(700)), tar);
  source.piece = 7;
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(seen(*image).size(), 2u);
}

// ---- the squash; numbers are those of docs on whiteout traps (ANCHORS §1, 9 to 13)

TEST(squash, trap_9_bare_whiteout_does_not_delete_its_parent) {
  EXPECT_THAT(texts({TestTar().file("d/a.txt", ""), TestTar().file("d/.wh.", "")}),
              ElementsAre("d/a.txt@0", "gap " + Digest::of(as_bytes(TestTar().file("d/.wh.", "").end())).text() +
                                           " d/.wh.: a whiteout that names no file hides nothing"));
}
TEST(squash, trap_9_opaque_acts_on_lower_layers_only) {
  const TestTar lower = TestTar().file("d/low.txt", "").file("e/low.txt", "");
  EXPECT_THAT(texts({lower, TestTar().file("d/up.txt", "").file("d/.wh..wh..opq", "")}), ElementsAre("d/up.txt@1", "e/low.txt@0"));
  EXPECT_THAT(texts({lower, TestTar().file("d/.wh..wh..opq", "").file("d/up.txt", "")}), ElementsAre("d/up.txt@1", "e/low.txt@0"));
  EXPECT_THAT(texts({lower, TestTar().file(".wh..wh..opq", "").file("up.txt", "")}), ElementsAre("up.txt@1"));
}
TEST(squash, trap_9_dots_and_slashes_in_names) {
  EXPECT_THAT(texts({TestTar().directory("./").file("./a.txt", "").file("d//b.txt", "").file("/c.txt", ""),
                     TestTar().file("./d/.wh.b.txt", "")}),
              ElementsAre("a.txt@0", "c.txt@0"));
  EXPECT_THAT(texts({TestTar().directory("d/").file("d/b.txt", ""), TestTar().file("./.wh.d", "")}), IsEmpty());
}
TEST(squash, trap_9_removed_file_and_symlink_on_one_path) {
  // rm x && ln -s y x in one step: a whiteout and a link on one path of one layer (trivy#2637), in either order.
  for (const bool whiteout_first : {true, false}) {
    FakeSource source;
    source.add_tar(TestTar().file("d/x/a.txt", "old").file("y/b.txt", "new"));
    TestTar upper;
    if (whiteout_first) upper.file("d/.wh.x", "");
    upper.symlink("d/x", "../y");
    if (!whiteout_first) upper.file("d/.wh.x", "");
    source.add_tar(upper);
    Result<WalkedImage> image = walk(source);
    ASSERT_TRUE(image);
    EXPECT_THAT(seen(*image), ElementsAre("y/b.txt@0 y/b.txt=new"));
    EXPECT_TRUE(image->tree().contains("d/x"));
    EXPECT_TRUE(image->tree().contains("d/x/b.txt"));
    EXPECT_FALSE(image->tree().contains("d/x/a.txt"));
  }
}
TEST(squash, whiteout_and_file_of_one_layer) {
  const TestTar lower = TestTar().file("d/a.txt", "low").file("d/b.txt", "low");
  EXPECT_THAT(texts({lower, TestTar().file("d/.wh.a.txt", "").file("d/a.txt", "up")}), ElementsAre("d/a.txt@1", "d/b.txt@0"));
  EXPECT_THAT(texts({lower, TestTar().file(".wh.d", "").file("d/c.txt", "up")}), ElementsAre("d/c.txt@1"));
  EXPECT_THAT(texts({lower, TestTar().file("d/c.txt", "up").file(".wh.d", "")}), ElementsAre("d/c.txt@1"));
}
TEST(squash, file_takes_a_directorys_place_and_back) {
  const TestTar lower = TestTar().file("d.txt/a.txt", "").file("e.txt", "");
  EXPECT_THAT(texts({lower, TestTar().file("d.txt", "")}), ElementsAre("d.txt@1", "e.txt@0"));
  EXPECT_THAT(texts({lower, TestTar().file("e.txt/f.txt", "")}), ElementsAre("d.txt/a.txt@0", "e.txt/f.txt@1"));
  // And a third layer makes it a directory again: what the first held there stays gone.
  EXPECT_THAT(texts({lower, TestTar().file("d.txt", ""), TestTar().file("d.txt/b.txt", "")}),
              ElementsAre("d.txt/b.txt@2", "e.txt@0"));
  EXPECT_THAT(texts({TestTar().file("d/a.txt", ""), TestTar().file("b/x.txt", "").symlink("d", "b")}), ElementsAre("b/x.txt@1"));
}
TEST(squash, later_entries_of_one_layer_win) {
  FakeSource source;
  source.add_tar(TestTar().file("a.txt", "first").file("d/b.txt", "").file("a.txt", "second").symlink("d", "/e").file("e/c.txt", ""));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("a.txt@0 a.txt=second", "e/c.txt@0 e/c.txt="));
  EXPECT_EQ(image->all_layers(0).size(), 4u);  // the first ones still ship in the layer's bytes
}
TEST(squash, directory_entries_merge) {
  EXPECT_THAT(texts({TestTar().directory("d").file("d/a.txt", ""), TestTar().directory("d").file("d/b.txt", ""),
                     TestTar().directory("d")}),
              ElementsAre("d/a.txt@0", "d/b.txt@1"));
}
TEST(squash, aufs_marks_hide_nothing) {
  EXPECT_THAT(texts({TestTar().file("a.txt", ""), TestTar().directory(".wh..wh.plnk").file(".wh..wh.aufs", "")}), ElementsAre("a.txt@0"));
}
TEST(squash, trap_11_links_neither_escape_nor_circle) {
  FakeSource source;
  source.add_tar(TestTar().symlink("loop", "loop2").symlink("loop2", "loop").symlink("out", "../../../../etc").file("etc/p.txt", "x")
                     .symlink("abs", "/etc").file("loop/x.txt", "lost").file("../../up.txt", "in").file("/etc/../q.txt", "in"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(seen(*image), ElementsAre("etc/p.txt@0 etc/p.txt=x", "q.txt@0 q.txt=in", "up.txt@0 up.txt=in"));
  EXPECT_THAT(image->gaps(), ElementsAre(Gap{"tar", "loop/x.txt", "its directory is a symbolic link in a circle"}));
  EXPECT_TRUE(image->tree().contains("out/p.txt"));
  EXPECT_TRUE(image->tree().contains("abs/p.txt"));
  EXPECT_TRUE(image->tree().contains("loop"));
  EXPECT_FALSE(image->tree().contains("loop/x"));
  EXPECT_TRUE(image->tree().contains("/../etc/./p.txt"));
  EXPECT_TRUE(image->tree().contains(""));
}
TEST(squash, links_among_the_parents_are_followed_inside_a_layer) {
  EXPECT_THAT(texts({TestTar().symlink("bin", "usr/bin").file("bin/a.txt", "")}), ElementsAre("usr/bin/a.txt@0"));
}
TEST(squash, what_upper_layers_wrote_anew_is_told) {
  FakeSource source;
  source.add_tar(TestTar().file("db.txt", "one").file("gone.txt", ""));
  source.add_tar(TestTar().file("db.txt", "two").file(".wh.gone.txt", ""));
  source.add_tar(TestTar().file("db.txt", "three"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  const SquashedFacts facts = image->squashed(0);
  ASSERT_EQ(facts.files.size(), 1u);
  ASSERT_EQ(facts.replaced.size(), 2u);
  EXPECT_EQ(facts.replaced[0].facts->note("saw"), "db.txt=one");
  EXPECT_EQ(facts.replaced[1].facts->note("saw"), "db.txt=two");
  EXPECT_EQ(facts.replaced[1].layer, 1u);
}
TEST(squash, trap_12_deleted_files_stay_reachable) {
  FakeSource source;
  source.add_tar(TestTar().file("key.txt", "secret").file("kept.txt", ""));
  source.add_tar(TestTar().file(".wh.key.txt", ""));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("kept.txt@0 kept.txt="));
  ASSERT_EQ(image->all_layers(0).size(), 2u);
  EXPECT_EQ(image->all_layers(0)[1].path, "key.txt");
  EXPECT_TRUE(image->all_layers(0)[1].deleted);
  EXPECT_TRUE(image->is_deleted("key.txt"));
  EXPECT_FALSE(image->is_deleted("kept.txt"));
}

// ---- hard links (trap 10)

TEST(hard_links, trap_10_a_name_that_is_only_a_hard_link_is_analysed) {
  FakeSource source;
  source.add_tar(TestTar().file("data/blob", "content").hard_link("a.txt", "data/blob"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(seen(*image), ElementsAre("a.txt@0 a.txt=content"));
  EXPECT_EQ(source.opened, 2);  // nobody had wanted data/blob: a second pass fetched it
}
TEST(hard_links, one_inode_two_wanted_names) {
  FakeSource source;
  source.add_tar(TestTar().file("a.txt", "content").hard_link("b.txt", "./a.txt").hard_link("c.txt", "b.txt").hard_link("a.txt", "a.txt"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("a.txt@0 a.txt=content", "b.txt@0 b.txt=content", "c.txt@0 c.txt=content"));
  EXPECT_EQ(source.opened, 1);
}
TEST(hard_links, facts_by_content_are_shared) {
  std::vector<Analyser> analysers = {watcher("elf", {})};
  analysers[0].magics = {"\x7f" "ELF"};
  FakeSource source;
  source.add_tar(TestTar().file("bin/git", "\x7f" "ELF").hard_link("lib/git-add", "bin/git"));
  Result<WalkedImage> image = walk(source, analysers);
  ASSERT_TRUE(image);
  EXPECT_THAT(seen(*image), ElementsAre("bin/git@0 bin/git=\x7f" "ELF", "lib/git-add@0 bin/git=\x7f" "ELF"));
  EXPECT_EQ(image->statistics().analysed, 1u);
}
TEST(hard_links, target_in_a_lower_layer) {
  EXPECT_THAT(texts({TestTar().file("a.txt", "low"), TestTar().hard_link("b.txt", "a.txt").file(".wh.a.txt", "")}), ElementsAre("b.txt@1"));
  EXPECT_THAT(texts({TestTar().file("blob", "low"), TestTar().hard_link("b.txt", "blob")}),
              ElementsAre("gap b.txt: hard link to blob of a lower layer, not analysed under this name"));
  EXPECT_THAT(texts({TestTar().hard_link("b.txt", "nowhere")}), ElementsAre("gap b.txt: hard link to nowhere, which no layer has"));
}
TEST(hard_links, to_symbolic_links_and_replaced_files) {
  FakeSource source;
  source.add_tar(TestTar().file("d/a.txt", "x").symlink("l", "d").hard_link("m", "l").file("o.txt", "old").hard_link("p.txt", "o.txt").file("o.txt", "new"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->tree().contains("m/a.txt"));
  EXPECT_THAT(seen(*image), ElementsAre("d/a.txt@0 d/a.txt=x", "o.txt@0 o.txt=new", "p.txt@0 p.txt=old"));
}

TEST(walk, every_file_and_what_its_bits_ask_for) {
  std::vector<Analyser> analysers = {watcher("all", {"**"}), watcher("all too", {}), watcher("bits", {})};
  analysers[1].all_files = true;
  analysers[2].attributes = true;
  analysers[2].extract = [](const FileView& file, const Limits&) -> Result<Facts> {
    Facts facts;
    facts.notes.emplace_back("saw", cat(file.directory ? "folder " : "", file.mode, " ", to_hex(file.capabilities)));
    return facts;
  };
  FakeSource source;
  TestTar tar;
  tar.file("a", "1").file("su", "2", 04755).directory("shared/", 0777).directory("tmp/", 01777);
  source.add_tar(tar);
  Result<WalkedImage> image = walk(source, analysers);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(seen(*image, 0), ElementsAre("a@0 a=1", "su@0 su=2"));
  EXPECT_THAT(seen(*image, 1), ElementsAre("a@0 a=1", "su@0 su=2"));
  EXPECT_THAT(seen(*image, 2), ElementsAre("shared@0 folder 511 ", "su@0 2541 "));
}

TEST(walk, a_folders_bits_are_its_topmost_entrys) {
  std::vector<Analyser> analysers = {watcher("bits", {})};
  analysers[0].attributes = true;
  FakeSource source;
  source.add_tar(TestTar().directory("a/", 0777).directory("b/", 0777));
  source.add_tar(TestTar().file("a/x", "only inside").directory("b/", 0755));
  Result<WalkedImage> image = walk(source, analysers);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(seen(*image), ElementsAre("a@0 a="));
}

TEST(walk, deleted_and_replaced_facts_are_told_apart) {
  FakeSource source;
  source.add_tar(TestTar().file("gone.txt", "1").file("anew.txt", "2").file("stays.txt", "3").file("nolonger.txt", "4"));
  source.add_tar(TestTar().file(".wh.gone.txt", "").file("anew.txt", "5").symlink("nolonger.txt", "stays.txt"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image) << image.error().message();
  const SquashedFacts facts = image->squashed(0);
  const auto paths = [](std::span<const FileFacts> files) {
    std::vector<std::string> out;
    for (const FileFacts& file : files) out.push_back(cat(file.path, "@", file.layer));
    return out;
  };
  EXPECT_THAT(paths(facts.files), ElementsAre("anew.txt@1", "stays.txt@0"));
  EXPECT_THAT(paths(facts.replaced), ElementsAre("anew.txt@0"));
  EXPECT_THAT(paths(facts.deleted), ElementsAre("gone.txt@0", "nolonger.txt@0"));
}

TEST(walk, links_are_followed_in_the_finished_tree) {
  FakeSource source;
  source.add_tar(TestTar().symlink("bin", "usr/bin").file("usr/bin/dash", "x").symlink("loop", "loop"));
  source.add_tar(TestTar().symlink("usr/bin/sh", "dash"));
  Result<WalkedImage> image = walk(source);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->tree().real_path("bin/sh"), "usr/bin/dash");
  EXPECT_EQ(image->tree().real_path("/bin"), "usr/bin");
  EXPECT_EQ(image->tree().real_path("loop"), "");
  EXPECT_EQ(image->tree().real_path("nowhere"), "");
}

TEST(recent_contents, what_is_found_is_what_was_kept) {
  RecentContents recent(1000);
  const auto text = [](std::uint64_t id) { return std::string(1 + id * 37 % 290, static_cast<char>('a' + id % 26)); };
  for (std::uint64_t id = 1; id < 2000; ++id) {
    recent.keep(id, as_bytes(text(id)));
    EXPECT_EQ(as_text(recent.find(id)), text(id));
    std::size_t found = 0;
    for (std::uint64_t old = id > 20 ? id - 20 : 1; old < id; ++old) {
      const Bytes bytes = recent.find(old);
      if (bytes.empty()) continue;
      ++found;
      ASSERT_EQ(as_text(bytes), text(old)) << id;
    }
    EXPECT_GE(found + (id <= 20 ? 1 : 0), 1u);
  }
  recent.keep(1, as_bytes(std::string(1001, 'x')));
  EXPECT_TRUE(recent.find(1).empty());
}

TEST(walk, one_content_is_shown_to_everybody) {
  const std::vector<Analyser> analysers = {watcher("texts", {"**/*.txt"}), watcher("none", {"x"})};
  WalkOptions options;
  options.analysers = analysers;
  Result<WalkedImage> image = walk_content("dir/a.bin", 0644, as_bytes("hello"), options);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_THAT(seen(*image, 0), ElementsAre("dir/a.bin@0 dir/a.bin=hello"));
  EXPECT_THAT(seen(*image, 1), ElementsAre("dir/a.bin@0 dir/a.bin=hello"));
}

}  // namespace
}  // namespace plimsoll::image
