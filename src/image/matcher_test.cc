#include "image/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace plimsoll::image {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Analyser> wanting(std::vector<std::string> globs) {
  std::vector<Analyser> out;
  for (std::string& glob : globs) {
    Analyser a;
    a.paths = {std::move(glob)};
    out.push_back(std::move(a));
  }
  return out;
}
std::vector<std::uint16_t> match(const Matcher& matcher, std::string_view path) {
  Wanted wanted(matcher.analysers());
  matcher.by_path(path, wanted);
  matcher.by_any(path, wanted);
  std::vector<std::uint16_t> out(wanted.list().begin(), wanted.list().end());
  std::sort(out.begin(), out.end());
  return out;
}

TEST(matcher, agrees_with_glob_match_on_every_form) {
  const std::vector<std::string> globs = {"etc/os-release", "**/package.json", "**/*.jar", "**/*.tar.gz", "var/lib/dpkg/status.d/*", "**/*-x/METADATA",
                                          "**/a{b,c}/*.{yml,yaml}", "*", "**", "lib/**", "**/python3*", "**/p*", "**/lib[a-c]*.so", "usr/**/x.txt", "x?y",
                                          "**/*req*.txt", "*.conf", "**/[ab].txt", "**/py[0-9]*.q", "**/li", "**/x{1,2}*"};
  const std::vector<std::string> paths = {"etc/os-release", "package.json", "a/b/package.json", "x.jar", "d/x.jar", ".jar", "d/x.tar.gz", "x.gz",
                                          "var/lib/dpkg/status.d/base", "var/lib/dpkg/status.d/a/b", "q/n-x/METADATA", "q/n/METADATA", "ab/x.yml",
                                          "d/ac/y.yaml", "ad/x.yml", "python3", "usr/bin/python3.11", "usr/bin/python", "lib/liba.so.so", "liba-1.so", "libd.so",
                                          "lib/x/y/z", "usr/x.txt", "usr/a/b/x.txt", "xzy", "requirements.txt", "d/dev-req-2.txt", "a.conf", "d/a.conf", "d/a.txt",
                                          "a.txt", "", "p", "py3.q", "d/li", "d/x1", "x2y"};
  const auto analysers = wanting(globs);
  const Matcher matcher(analysers, Scope::Any);
  for (const std::string& path : paths) {
    std::vector<std::uint16_t> expected;
    for (std::uint16_t i = 0; i < globs.size(); ++i)
      if (glob_match(globs[i], path)) expected.push_back(i);
    EXPECT_EQ(match(matcher, path), expected) << path;
  }
}

TEST(matcher, nested_paths_count_whole_and_from_the_last_mark) {
  auto analysers = wanting({"META-INF/MANIFEST.MF", "a/x.jar!/META-INF/*", "**/MANIFEST.MF", "**/MANIFEST.MF"});
  analysers[3].nested = false;
  const Matcher matcher(analysers, Scope::Any);
  EXPECT_THAT(match(matcher, "a/x.jar!/META-INF/MANIFEST.MF"), ElementsAre(0, 1, 2));
  EXPECT_THAT(match(matcher, "META-INF/MANIFEST.MF"), ElementsAre(0, 2, 3));
}

TEST(matcher, scopes) {
  auto analysers = wanting({"a", "a", "a"});
  analysers[1].scope = Scope::Image;
  analysers[2].scope = Scope::Directory;
  EXPECT_THAT(match(Matcher(analysers, Scope::Image), "a"), ElementsAre(0, 1));
  EXPECT_THAT(match(Matcher(analysers, Scope::Directory), "a"), ElementsAre(0, 2));
  EXPECT_THAT(match(Matcher(analysers, Scope::Directory), "b"), IsEmpty());
}

}  // namespace
}  // namespace plimsoll::image
