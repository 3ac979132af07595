#include "format/executable.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "format/zlib.h"

namespace plimsoll::format {
namespace {

std::string fixture(std::string_view path) {
  auto file = read_file(cat(PLIMSOLL_TEST_DATA "/inventory/", path));
  EXPECT_TRUE(file.has_value()) << path;
  return std::move(file).value();
}

TEST(executable, elf_little_and_big_endian) {
  const std::string amd64 = fixture("go_binary/trap_15_devel_replacements_flags/input/usr/local/bin/app"), s390x = fixture("go_binary/other_kinds/input/opt/app-s390x");
  const auto little = read_executable(as_bytes(amd64)), big = read_executable(as_bytes(s390x));
  ASSERT_TRUE(little.has_value() && big.has_value());
  EXPECT_EQ(little->machine, 62u);  // EM_X86_64
  EXPECT_EQ(big->machine, 22u);     // EM_S390
  EXPECT_TRUE(big->big_endian && big->is_64_bit && !little->big_endian);
  ASSERT_NE(big->section(".go.buildinfo"), nullptr);
  EXPECT_FALSE(big->truncated);
  EXPECT_EQ(big->section(".no"), nullptr);
}

TEST(executable, addresses_lead_to_bytes) {
  const std::string file = fixture("go_binary/before_1_18/input/usr/bin/esbuild");
  const auto program = read_executable(as_bytes(file));
  ASSERT_TRUE(program.has_value());
  const auto* section = program->section(".go.buildinfo");
  ASSERT_NE(section, nullptr);
  EXPECT_EQ(section->address, 0xaea000u);
  EXPECT_EQ(program->at_address(section->address).data(), section->data.data());
  EXPECT_TRUE(program->at_address(1).empty());
}

TEST(executable, pe_and_macho) {
  const std::string pe = fixture("go_binary/other_kinds/input/opt/app.exe"), macho = fixture("go_binary/other_kinds/input/opt/app-macho");
  const auto windows = read_executable(as_bytes(pe)), darwin = read_executable(as_bytes(macho));
  ASSERT_TRUE(windows.has_value() && darwin.has_value());
  EXPECT_EQ(windows->kind, Executable::Kind::Pe);
  ASSERT_NE(windows->section(".data"), nullptr);
  EXPECT_FALSE(windows->section(".data")->data.empty());
  EXPECT_EQ(darwin->kind, Executable::Kind::MachO);
  EXPECT_NE(darwin->section("__go_buildinfo"), nullptr);
}

// Every prefix of a good file: no crash, and never the same as whole.
TEST(executable, cut_files_say_so) {
  for (const std::string_view path : {"go_binary/trap_15_devel_replacements_flags/input/usr/local/bin/app", "go_binary/other_kinds/input/opt/app.exe"}) {
    const std::string whole = fixture(path);
    for (std::size_t size = 0; size < whole.size(); size += 7) {
      const std::string part = whole.substr(0, size);
      const auto program = read_executable(as_bytes(part));
      EXPECT_TRUE(!program.has_value() || program->truncated) << path << " cut at " << size;
    }
  }
}

TEST(zlib, streams_of_unknown_size_within_a_bound) {
  const std::string stored = "\x78\x9c and then nothing of the kind";
  EXPECT_FALSE(inflate_zlib(as_bytes(stored), 1000).has_value());
  const std::string program = fixture("rust_binary/auditable/input/usr/bin/plim-rust");
  const auto elf = read_elf(as_bytes(program));
  ASSERT_TRUE(elf.has_value());
  const auto json = inflate_zlib(elf->section(".dep-v0")->data, 1 << 20);
  ASSERT_TRUE(json.has_value());
  EXPECT_TRUE(json->starts_with("{\"packages\""));
  const auto bounded = inflate_zlib(elf->section(".dep-v0")->data, json->size() - 1);
  ASSERT_FALSE(bounded.has_value());
  EXPECT_EQ(bounded.error().kind(), ErrorKind::Limit);
}

}  // namespace
}  // namespace plimsoll::format
