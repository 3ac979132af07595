#include "inventory/metadata_license.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

void says(std::string_view text, std::string_view expression) { EXPECT_EQ(metadata_license(text), expression) << text; }

TEST(metadata_license, expressions_in_any_case) {
  says("mit", "MIT");
  says("MIT OR Apache-2.0", "MIT OR Apache-2.0");
  says("(MIT or apache-2.0)", "(MIT OR Apache-2.0)");
}
TEST(metadata_license, names_in_full) {
  says("The Apache Software License, Version 2.0", "Apache-2.0");
  says("Apache License 2.0", "Apache-2.0");
  says("GNU General Public License v3 (GPLv3)", "GPL-3.0-only");
  says("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later");
  says("Eclipse Public License - v 2.0", "EPL-2.0");
  says("MIT License", "MIT");
}
TEST(metadata_license, classifiers) {
  says("License :: OSI Approved :: MIT License", "MIT");
  says("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0");
  says("License :: OSI Approved", "");
}
TEST(metadata_license, addresses) {
  says("http://www.apache.org/licenses/LICENSE-2.0.txt", "Apache-2.0");
  says("https://licenses.nuget.org/MIT", "MIT");
  says("https://example.org/mine", "https://example.org/mine");
}
TEST(metadata_license, old_lists) { says("MIT/Apache-2.0", "MIT OR Apache-2.0"); }
TEST(metadata_license, bsd_alone_is_no_guess) { says("BSD", "BSD"); }
TEST(metadata_license, nothing_said) {
  says("UNKNOWN", "");
  says("", "");
  says("SEE LICENSE IN LICENSE.md", "");
}
TEST(metadata_license, long_text_is_cut) { EXPECT_LE(metadata_license(std::string(1 << 20, 'x')).size(), 250u); }

}  // namespace
}  // namespace plimsoll::inventory
