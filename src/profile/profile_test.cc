#include "profile/profile.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::profile {
namespace {

// As `fsverity digest` of fsverity-utils 1.5 gives them.
TEST(fs_verity, as_the_reference_tool) {
  EXPECT_EQ(to_hex(fs_verity_digest({})), "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95");
  EXPECT_EQ(to_hex(fs_verity_digest(as_bytes("the quick brown fox\n"))), "1aad24f916e2d915051d24dd642267b08313fc87dec7d460d07a33da5d5bd3f2");
  EXPECT_EQ(to_hex(fs_verity_digest(as_bytes(std::string(4096, '\0')))), "babc284ee4ffe7f449377fbf6692715b43aec7bc39c094a95878904d34bac97e");
  std::string long_one(1000003, '\0');
  for (std::size_t i = 0; i < long_one.size(); ++i) long_one[i] = static_cast<char>((i * 7 + i / 256) % 256);
  EXPECT_EQ(to_hex(fs_verity_digest(as_bytes(long_one))), "b2a9549c5ee21b504abe149726ced9e8fb5d1d07aa5e9487a7086299a9acdbcb");
}

TEST(executables, kinds) {
  EXPECT_EQ(kind_of("a.sh", as_bytes("#!/bin/sh\n")), FileKind::Script);
  EXPECT_EQ(kind_of("app.jar", as_bytes("PK\3\4")), FileKind::EntryPoint);
  EXPECT_EQ(kind_of("x/__main__.py", as_bytes("1")), FileKind::EntryPoint);
  EXPECT_EQ(kind_of("x.txt", as_bytes("#x")), FileKind::Plain);
  EXPECT_EQ(kind_of("torn", as_bytes("\x7f" "ELF")), FileKind::Plain);
}

Facts look(const Analyser& analyser, std::string_view path, std::string_view content, std::uint32_t mode = 0755) {
  auto facts = analyser.extract({.path = path, .content = as_bytes(content), .mode = mode}, {});
  EXPECT_TRUE(facts);
  return facts ? *facts : Facts();
}

TEST(executables, facts_round_trip) {
  const Facts facts = look(executables(VerifyFiles::Executables), "usr/bin/x", "#! /usr/bin/env python3 \nprint()\n", 04755);
  const auto x = read_executable_facts(facts);
  ASSERT_TRUE(x);
  EXPECT_EQ(x->kind, FileKind::Script);
  EXPECT_EQ(x->mode, 04755u);
  EXPECT_EQ(x->interpreter, "/usr/bin/env python3");
  EXPECT_EQ(x->md5.size(), 16u);
  EXPECT_EQ(x->sha1.size(), 20u);
  EXPECT_EQ(to_hex(x->sha256), hash_hex(HashKind::Sha256, as_bytes("#! /usr/bin/env python3 \nprint()\n")));
  EXPECT_TRUE(read_executable_facts(look(executables(VerifyFiles::Executables), "usr/local/bin/x", "#!/bin/sh\n"))->md5.empty());
  EXPECT_TRUE(look(executables(VerifyFiles::Executables), "usr/share/x", "text").empty());
  EXPECT_EQ(read_executable_facts(look(executables(VerifyFiles::All), "usr/share/x", "text"))->kind, FileKind::Plain);
  for (std::size_t cut = 0; cut < facts.notes[0].second.size(); ++cut) {
    Facts torn;
    torn.notes.emplace_back("x", facts.notes[0].second.substr(0, cut));
    EXPECT_FALSE(read_executable_facts(torn));
  }
}

struct Built {
  BuiltProfile profile;
  Result<std::vector<ProfileEntry>> read() const {
    return read_profile(profile.profile.text, [&](const std::string& digest) -> Result<std::string> {
      for (const Document& part : profile.parts)
        if (part.digest == digest) return part.text;
      return not_found("part");
    });
  }
};

Built build(std::string_view second_content) {
  const Analyser analyser = executables(VerifyFiles::Executables);
  const std::vector<Facts> facts = {look(analyser, "bin/a", "#!/bin/sh\n1"), look(analyser, "usr/bin/b", "#!/bin/sh\n2"), look(analyser, "usr/bin/b", second_content)};
  const std::vector<SeenExecutable> seen = {{"bin/a", 0, &facts[0], true}, {"usr/bin/b", 0, &facts[1], false}, {"usr/bin/b", 1, &facts[2], true}};
  const std::vector<std::string> layers = {"sha256:one", "sha256:two"};
  return {build_profile(seen, layers, [](std::string_view path) { return path == "bin" ? std::string("usr/bin") : std::string(path); },
                        [](std::string_view path) { return path == "bin/a" ? std::string("pkg:deb/debian/a@1") : std::string(); })};
}

TEST(profile, round_trip_and_what_is_hidden) {
  const Built built = build("#!/bin/sh\n3");
  EXPECT_EQ(built.profile.executables, 2u);
  ASSERT_EQ(built.profile.parts.size(), 2u);
  const auto entries = built.read();
  ASSERT_TRUE(entries) << entries.error().message();
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].path, "usr/bin/a");
  EXPECT_EQ((*entries)[0].owner, "pkg:deb/debian/a@1");
  EXPECT_EQ((*entries)[1].layer, "sha256:two");
  EXPECT_EQ(built.profile.profile.text, build("#!/bin/sh\n3").profile.profile.text);
}

TEST(profile, a_lower_layers_part_does_not_depend_on_the_upper) {
  EXPECT_EQ(build("#!/bin/sh\n3").profile.parts[0].digest, build("#!/bin/sh\n4").profile.parts[0].digest);
}

TEST(profile, diff) {
  const auto changes = diff(*build("#!/bin/sh\n3").read(), *build("#!/bin/sh\n4").read());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, ChangeKind::Content);
  EXPECT_EQ(changes[0].path, "usr/bin/b");
  EXPECT_EQ(diff({}, *build("x#!").read()).size(), 1u);
}

TEST(profile, altered_part_is_refused) {
  const Built built = build("#!/bin/sh\n3");
  const auto read = read_profile(built.profile.profile.text, [&](const std::string&) -> Result<std::string> { return built.profile.parts[0].text + " "; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), ErrorKind::Denied);
}

}  // namespace
}  // namespace plimsoll::profile
