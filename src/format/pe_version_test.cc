#include "format/pe_version.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace plimsoll::format {
namespace {

TEST(pe_version, texts_of_an_assembly) {
  const auto file = read_file(std::string(PLIMSOLL_TEST_DATA) + "/fuzz/fuzz_format_pe_version/python-runtime.dll");
  ASSERT_TRUE(file.has_value());
  const auto version = read_pe_version(as_bytes(*file));
  ASSERT_TRUE(version.has_value());
  EXPECT_TRUE(version->managed);
  EXPECT_TRUE(version->text("ProductVersion").starts_with("3.0.3"));
  EXPECT_EQ(version->text("OriginalFilename"), "Python.Runtime.dll");
  EXPECT_EQ(version->text("nothing"), "");
}
TEST(pe_version, every_cut_ends_well) {
  const auto file = read_file(std::string(PLIMSOLL_TEST_DATA) + "/fuzz/fuzz_format_pe_version/python-runtime.dll");
  ASSERT_TRUE(file.has_value());
  for (std::size_t size = 0; size < file->size(); size += 3) {
    const auto version = read_pe_version(as_bytes(*file).first(size));
    if (version) {
      EXPECT_TRUE(version->texts.empty() || size >= 1024) << size;
    }
  }
}

}  // namespace
}  // namespace plimsoll::format
