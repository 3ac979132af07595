#include "detect/git_history.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

namespace fs = std::filesystem;

// A repository in a folder of its own, made with git itself.
class GitHistoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("git --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "git is not installed";
    std::string name = (fs::temp_directory_path() / "plimsoll-git-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    git("init -q -b main");
    auto loaded = Secrets::load({.rules = {}, .fingerprint_key = "k"});
    ASSERT_TRUE(loaded.has_value());
    secrets_ = std::make_unique<Secrets>(std::move(*loaded));
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void git(const std::string& arguments) const {
    const std::string command = cat("cd '", folder_.string(), "' && HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git -c user.name='Ann Author' -c user.email=ann@acme.io -c commit.gpgsign=false ", arguments, " > /dev/null 2>&1");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  void commit(const std::string& path, std::string_view text, const std::string& message) const {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
    git("add -A");
    git(cat("commit -q --allow-empty -m '", message, "'"));
  }
  static std::string evidence(const Finding& f, std::string_view name) {
    for (const auto& [key, value] : f.evidence)
      if (key == name) return value;
    return {};
  }
  fs::path folder_;
  std::unique_ptr<Secrets> secrets_;
};

constexpr std::string_view kToken = "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";

TEST_F(GitHistoryTest, a_secret_that_was_removed_is_found_with_its_commit_and_author) {
  commit("src/a.txt", "nothing\n", "first");
  commit("src/token.txt", cat("x\nt = ", kToken, "\n"), "second");
  commit("src/token.txt", "gone\n", "third");
  git("tag v1");
  commit("deploy/.env", "DB_PASSWORD=Vb9kdLq77\n", "fourth");
  const auto all = scan_git_history(folder_.string(), *secrets_);
  ASSERT_TRUE(all.has_value()) << all.error().message();
  ASSERT_EQ(all->findings.size(), 2u);
  const Finding& old = all->findings[0];
  EXPECT_EQ(old.locations.at(0).path, "src/token.txt");
  EXPECT_EQ(old.locations.at(0).line, 2u);
  EXPECT_EQ(evidence(old, "author"), "Ann Author <ann@acme.io>");
  EXPECT_EQ(evidence(old, "commit").size(), 40u);
  EXPECT_EQ(evidence(old, "state"), "only in history");
  EXPECT_EQ(evidence(all->findings[1], "state"), "still in HEAD");
  EXPECT_EQ(all->commits, 4u);
  EXPECT_EQ(all->blobs, 4u) << "each once";
  EXPECT_TRUE(all->gaps.empty());

  const auto since = scan_git_history(folder_.string(), *secrets_, {.since = "v1", .limits = {}, .progress = {}});
  ASSERT_TRUE(since.has_value());
  ASSERT_EQ(since->findings.size(), 1u);
  EXPECT_EQ(since->findings[0].locations.at(0).path, "deploy/.env");
  EXPECT_EQ(since->blobs, 1u);
}

TEST_F(GitHistoryTest, other_branches_count_and_later_states_are_one_finding) {
  commit("a.txt", cat("t = ", kToken, "\n"), "one");
  commit("a.txt", cat("t = ", kToken, "\nmore\n"), "two");
  git("checkout -q -b side");
  commit("b.txt", cat("u = ", kToken, "\n"), "three");
  git("checkout -q main");
  const auto all = scan_git_history(folder_.string(), *secrets_);
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->findings.size(), 2u);
  EXPECT_EQ(evidence(all->findings[0], "state"), "still in HEAD");
  EXPECT_EQ(evidence(all->findings[1], "state"), "only in history");
}

TEST_F(GitHistoryTest, broken_objects_are_gaps_and_the_rest_is_searched) {
  commit("a/good.txt", cat("t = ", kToken, "\n"), "one");
  commit("b/bad.txt", "some text\n", "two");
  // The blob of bad.txt is overwritten where it lies.
  const fs::path list = folder_ / "ids";
  ASSERT_EQ(std::system(cat("cd '", folder_.string(), "' && git rev-parse HEAD:b/bad.txt > ids").c_str()), 0);
  const auto id = read_file(list.string());
  ASSERT_TRUE(id.has_value());
  const fs::path object = folder_ / ".git/objects" / id->substr(0, 2) / id->substr(2, 38);
  ASSERT_TRUE(fs::exists(object));
  fs::permissions(object, fs::perms::owner_all);
  std::ofstream(object, std::ios::trunc) << "not zlib";
  const auto all = scan_git_history(folder_.string(), *secrets_);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->findings.size(), 1u);
  ASSERT_EQ(all->gaps.size(), 1u);
  EXPECT_EQ(all->gaps[0].part, "git");
  EXPECT_EQ(all->gaps[0].where, "b/bad.txt");
}

TEST_F(GitHistoryTest, a_broken_pack_is_named) {
  for (int i = 0; i < 30; ++i) commit(cat("f", i, ".txt"), cat("text ", i, "\n"), "c");
  git("gc -q");
  for (const auto& entry : fs::directory_iterator(folder_ / ".git/objects/pack")) {
    if (entry.path().extension() != ".pack") continue;
    fs::permissions(entry.path(), fs::perms::owner_all);
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(entry.path()) / 2));
    file << std::string(400, '\xa5');
  }
  const auto all = scan_git_history(folder_.string(), *secrets_);
  // Either the list of commits itself cannot be had, or objects are missing: never an answer without a word.
  if (!all.has_value()) return;
  EXPECT_FALSE(all->gaps.empty());
}

TEST_F(GitHistoryTest, bounds_are_named) {
  for (int i = 0; i < 4; ++i) commit("a.txt", cat("text ", i, "\n"), "c");
  const auto few = scan_git_history(folder_.string(), *secrets_, {.since = {}, .limits = {}, .most_commits = 2, .progress = {}});
  ASSERT_TRUE(few.has_value());
  ASSERT_FALSE(few->gaps.empty());
  EXPECT_NE(few->gaps[0].why.find("more than 2 commits"), std::string::npos);
  Limits small;
  small.file_bytes = 3;
  const auto large = scan_git_history(folder_.string(), *secrets_, {.since = {}, .limits = small, .progress = {}});
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->gaps.size(), 4u);
}

TEST_F(GitHistoryTest, no_repository_and_no_revision_are_errors) {
  EXPECT_EQ(scan_git_history("/nonexistent", *secrets_).error().kind(), ErrorKind::NotFound);
  commit("a", "b", "c");
  EXPECT_EQ(scan_git_history(folder_.string(), *secrets_, {.since = "nope", .limits = {}, .progress = {}}).error().kind(), ErrorKind::NotFound);
}

}  // namespace
}  // namespace plimsoll::detect
