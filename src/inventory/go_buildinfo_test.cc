#include "inventory/go_buildinfo.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

// A minimal program of our own: one writable segment that holds build information as Go 1.18 and later write it.
std::string program_with(std::string_view toolchain, std::string_view modules) {
  const auto text = [](std::string_view value) {
    std::string out;
    for (std::size_t n = value.size();; n >>= 7) {
      out += static_cast<char>((n & 0x7f) | (n >= 0x80 ? 0x80 : 0));
      if (n < 0x80) break;
    }
    return out + std::string(value);
  };
  std::string blob("\xff Go buildinf:", 14);
  blob += "\x08\x02";
  blob.append(16, '\0');
  blob += text(toolchain) + text(modules.empty() ? std::string() : cat(std::string(16, 'a'), modules, std::string(16, 'b')));
  std::string elf("\x7f" "ELF\x02\x01\x01", 7);
  elf.resize(64 + 56 + 8);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) elf[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(32, 64, 8);   // program headers
  put(54, 56, 2);
  put(56, 1, 2);
  put(64, 1, 4);    // PT_LOAD
  put(68, 6, 4);    // readable, writable
  put(72, 128, 8);  // offset
  put(80, 0x1000, 8);
  put(96, blob.size(), 8);
  return elf + blob;
}

std::vector<Package> packages(std::string_view toolchain, std::string_view modules) {
  const std::string program = program_with(toolchain, modules);
  for (const Cataloguer& cataloguer : cataloguers()) {
    if (cataloguer.name != "go_binary") continue;
    const auto facts = cataloguer.extract({.path = "app", .content = as_bytes(program), .mode = 0755}, {});
    EXPECT_TRUE(facts.has_value());
    return facts->packages;
  }
  return {};
}

std::string stdlib(std::string_view toolchain) {
  const auto all = packages(toolchain, "");
  return all.size() == 1 ? all[0].version : "?";
}

TEST(go_buildinfo, trap_15_experiment_suffixes_of_the_toolchain) {
  EXPECT_EQ(stdlib("go1.21.5"), "1.21.5");
  EXPECT_EQ(stdlib("go1.21.5 X:boringcrypto"), "1.21.5");
  EXPECT_EQ(stdlib("go1.20.4 (Red Hat 1.20.4-1.el9)"), "1.20.4");
  EXPECT_EQ(stdlib("go1.22rc1"), "1.22.0-rc.1");
  EXPECT_EQ(stdlib("go1.18beta2 X:fips"), "1.18.0-beta.2");
  EXPECT_EQ(stdlib("devel go1.23-a1b2c3 Thu"), "");
}

std::string main_version(std::string_view version, std::string_view flags) {
  const auto all = packages("go1.21.0", cat("path\tex.org/a\nmod\tex.org/a\t", version, "\t\nbuild\t-ldflags=", flags, "\n"));
  return all.size() == 2 ? all[0].version : "?";
}

TEST(go_buildinfo, trap_15_main_modules_without_a_release) {
  EXPECT_EQ(main_version("v1.2.3", ""), "v1.2.3");
  EXPECT_EQ(main_version("(devel)", ""), "");
  EXPECT_EQ(main_version("v0.0.0-20240101000000-abcdefabcdef", ""), "");
  EXPECT_EQ(main_version("(devel)", R"("-s -w -X main.version=1.4.2")"), "v1.4.2");
  EXPECT_EQ(main_version("(devel)", R"("-X 'ex.org/a/v.Version=v2.0.0-rc1' -X ex.org/a/v.GoVersion=1.21.0")"), "v2.0.0-rc1");
  EXPECT_EQ(main_version("(devel)", R"("-X main.commit=1.2.3 -X main.date=2024.01.01")"), "");
  EXPECT_EQ(main_version("(devel)", R"("-X main.version=dev")"), "");
}

TEST(go_buildinfo, trap_15_replacements) {
  const auto all = packages("go1.21.0", "mod\tex.org/a\tv1.0.0\t\ndep\tex.org/b\tv1.0.0\th1:x\n=>\tex.org/fork\tv1.0.1\th1:y\ndep\tex.org/c\tv2.0.0\th1:z\n=>\t./c\t(devel)\t\n");
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].name, "fork");
  EXPECT_EQ(all[1].version, "v1.0.1");
  EXPECT_EQ(all[1].property("go:replaces"), "ex.org/b@v1.0.0");
  EXPECT_EQ(all[2].name, "c");
  EXPECT_EQ(all[2].version, "");
}

}  // namespace
}  // namespace plimsoll::inventory
