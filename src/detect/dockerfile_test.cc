#include "detect/dockerfile.h"

#include <gtest/gtest.h>

namespace plimsoll::detect {
namespace {

std::vector<DockerInstruction> read(std::string_view text) {
  auto out = read_dockerfile(text, {});
  EXPECT_TRUE(out) << out.error().message();
  return out ? *out : std::vector<DockerInstruction>();
}

TEST(dockerfile, continuations_comments_and_lines) {
  const auto all = read("# syntax=docker/dockerfile:1\nFROM a:1\n\nRUN one \\\n  # between\n\n  && two\nCMD [\"x\", \"y z\"]\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].line, 4u);
  EXPECT_EQ(all[1].text, "one   && two");
  EXPECT_EQ(all[2].words, (std::vector<std::string>{"x", "y z"}));
}

TEST(dockerfile, escape_directive) {
  const auto all = read("# escape=`\nFROM a:1\nRUN one `\n two\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].text, "one  two");
}

TEST(dockerfile, heredocs) {
  const auto all = read("FROM a:1\nRUN <<EOF\ncurl x | sh\nUSER root\nEOF\nCOPY <<-\"A\" <<B /x/\n\tone\n\tA\ntwo\nB\nUSER 5\n");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].heredocs, std::vector<std::string>{"curl x | sh\nUSER root\n"});
  EXPECT_EQ(all[2].heredocs, (std::vector<std::string>{"\tone\n", "two\n"}));
  EXPECT_EQ(all[3].line, 11u);
  EXPECT_EQ(read_dockerfile("FROM a\nRUN <<EOF\nx\n", {}).error().message(), "Dockerfile line 2: the heredoc EOF has no end");
  EXPECT_EQ(read("FROM a:1\nRUN x=$((1<<2)) && cat <<<word\nUSER 1\n").size(), 3u);
}

TEST(dockerfile, variables) {
  const auto all = read("ARG V=12\nFROM d:${V}-slim AS b\nARG V\nENV A=x B=\"$V y\"\nUSER ${U:-app}\nWORKDIR /$A/${C:+no}${A:+yes}\nEXPOSE $P\nENV O '$A'\nLABEL l=\\$A\n");
  EXPECT_EQ(all[1].words[0], "d:12-slim");
  EXPECT_EQ(all[3].words[1], "B=12 y");
  EXPECT_EQ(all[4].text, "app");
  EXPECT_EQ(all[5].text, "/x/yes");
  EXPECT_TRUE(all[6].unresolved);
  EXPECT_EQ(all[6].text, "$P");
  EXPECT_FALSE(all[7].unresolved);
  EXPECT_EQ(all[8].text, "l=$A");
  EXPECT_EQ(all[1].stage, 1u);
  EXPECT_EQ(all[0].stage, 0u);
}

TEST(dockerfile, what_is_none) {
  EXPECT_EQ(read_dockerfile("hello world\n", {}).error().message(), "Dockerfile line 1: \"HELLO\" is no instruction");
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("FROM a\\").size() == 1);
}

TEST(dockerfile, image_names) {
  const ImageName name = split_image_name("registry:5000/a/b:1.2@sha256:ab");
  EXPECT_EQ(name.repository, "registry:5000/a/b");
  EXPECT_EQ(name.tag, "1.2");
  EXPECT_EQ(name.digest, "sha256:ab");
  EXPECT_EQ(split_image_name("registry:5000/a").tag, "");
}

}  // namespace
}  // namespace plimsoll::detect
