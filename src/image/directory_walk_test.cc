// Directories of the host: root file systems, source trees, unpacked overlay layers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "image/test_walk.h"
#include "oci/test_image.h"

namespace plimsoll::image {
namespace {

namespace fs = std::filesystem;
using oci::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Analyser> watchers() {
  std::vector<Analyser> out = {watcher("any", {"**/*.txt"}), watcher("image", {"**/*.txt"}), watcher("source", {"**/*.txt"})};
  out[1].scope = Scope::Image;
  out[2].scope = Scope::Directory;
  return out;
}

TEST(directory, source_tree) {
  TestFolder folder;
  folder.write("a.txt", "hello");
  folder.write("deep/er/b.txt", std::string(100'000, 'b'));
  folder.write(".git/c.txt", "not me");
  folder.write("sub/.git/d.txt", "nor me");
  folder.write("x.jar", format::TestZip().file("e.txt", "in").end());
  fs::create_symlink("a.txt", folder.path() + "/l.txt");
  fs::create_symlink("/etc", folder.path() + "/out");
  const auto analysers = watchers();
  Result<WalkedImage> walked = walk_directory(folder.path(), {.analysers = analysers});
  ASSERT_TRUE(walked) << walked.error().message();
  EXPECT_THAT(seen(*walked, 0), ElementsAre("a.txt@0 a.txt=hello", "deep/er/b.txt@0 deep/er/b.txt=" + std::string(40, 'b'), "x.jar!/e.txt@0 x.jar!/e.txt=in"));
  EXPECT_THAT(seen(*walked, 1), IsEmpty());
  EXPECT_EQ(seen(*walked, 2).size(), 3u);
  EXPECT_THAT(walked->notices(), ElementsAre(".git: data of version control, not read", "sub/.git: data of version control, not read"));
  EXPECT_TRUE(walked->tree().contains("l.txt"));
  EXPECT_TRUE(walked->squashed(0).layers.empty());
  EXPECT_EQ(walked->squashed(0).location(walked->squashed(0).files[0]).layer, "");
}

TEST(directory, root_file_system) {
  TestFolder folder;
  folder.write("etc/a.txt", "x");
  folder.write(".git/b.txt", "y");  // an image may well hold one
  ASSERT_EQ(::link((folder.path() + "/etc/a.txt").c_str(), (folder.path() + "/hard.txt").c_str()), 0);
  const auto analysers = watchers();
  Result<WalkedImage> walked = walk_rootfs(folder.path(), {.threads = 1, .analysers = analysers});
  ASSERT_TRUE(walked);
  EXPECT_THAT(seen(*walked, 1), ElementsAre(".git/b.txt@0 .git/b.txt=y", "etc/a.txt@0 etc/a.txt=x", "hard.txt@0 hard.txt=x"));
  EXPECT_THAT(seen(*walked, 2), IsEmpty());
}

TEST(directory, what_cannot_be_read) {
  const auto analysers = watchers();
  EXPECT_EQ(walk_directory("/nowhere/at/all", {.analysers = analysers}).error().kind(), ErrorKind::NotFound);
  TestFolder folder;
  EXPECT_FALSE(walk_directory(folder.write("a.txt", "x"), {.analysers = analysers}));
  folder.write("b.txt", "fail");
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe.txt").c_str(), 0600), 0);  // nothing hangs on it
  Limits limits;
  limits.spilled_file_bytes = 100'000;
  folder.write("big.txt", std::string(100'001, 'x'));
  Result<WalkedImage> walked = walk_directory(folder.path(), {.limits = limits, .analysers = std::span(analysers).first(1)});
  ASSERT_TRUE(walked);
  EXPECT_THAT(walked->gaps(), ElementsAre(Gap{"any", "b.txt", "told to fail"}, Gap{"directory", "big.txt", "file of 100001 bytes is not analysed"}));
}

TEST(directory, overlay_layers_in_their_own_form) {
  TestFolder lower, upper;
  lower.write("d/gone.txt", "low");
  lower.write("d/kept.txt", "low");
  lower.write("o/hidden.txt", "low");
  upper.write("o/new.txt", "up");
  upper.write("d/new.txt", "up");
  if (::mknod((upper.path() + "/d/gone.txt").c_str(), S_IFCHR, makedev(0, 0)) != 0) GTEST_SKIP() << "needs root to make a whiteout";
  const std::string opaque = upper.path() + "/o";
  if (::setxattr(opaque.c_str(), "trusted.overlay.opaque", "y", 1, 0) != 0 && ::setxattr(opaque.c_str(), "user.overlay.opaque", "y", 1, 0) != 0)
    GTEST_SKIP() << "the file system keeps no extended attributes";
  struct Store : FakeSource {
    std::vector<std::string> directories;
    std::string layer_directory(std::size_t index) const override { return directories[index]; }
  } store;
  store.directories = {lower.path(), upper.path()};
  store.config().layers.resize(2);
  const auto analysers = watchers();
  Result<WalkedImage> walked = walk_image(store, {.analysers = analysers});
  ASSERT_TRUE(walked) << walked.error().message();
  std::vector<std::string> paths;
  for (const FileFacts& file : walked->squashed(0).files) paths.push_back(cat(file.path, "@", file.layer));
  EXPECT_THAT(paths, ElementsAre("d/kept.txt@0", "d/new.txt@1", "o/new.txt@1"));
  EXPECT_EQ(store.opened, 0);
  EXPECT_TRUE(walked->is_deleted("o/hidden.txt"));
}

}  // namespace
}  // namespace plimsoll::image
