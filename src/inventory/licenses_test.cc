#include "inventory/licenses.h"

#include <gtest/gtest.h>

namespace plimsoll::inventory {
namespace {

void is(std::string_view text, std::string_view spdx) { EXPECT_EQ(spdx_expression(text), spdx) << text; }

TEST(licenses, names_of_debian_fedora_alpine_and_pypi) {
  is("MIT", "MIT");
  is("Expat", "MIT");
  is("mit", "MIT");
  is("GPL-2+", "GPL-2.0-or-later");
  is("GPL-2", "GPL-2.0-only");
  is("GPL-2.0", "GPL-2.0-only");
  is("GPLv3+", "GPL-3.0-or-later");
  is("LGPL-2.1+", "LGPL-2.1-or-later");
  is("LGPLv2+", "LGPL-2.0-or-later");
  is("AGPL-3.0-or-later", "AGPL-3.0-or-later");
  is("GFDL-1.3+", "GFDL-1.3-or-later");
  is("ASL 2.0", "Apache-2.0");
  is("The Apache Software License, Version 2.0", "Apache-2.0");
  is("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later");
  is("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0");
}

TEST(licenses, expressions) {
  is("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0");
  is("GPL-2+ and LGPL-2.1+", "GPL-2.0-or-later AND LGPL-2.1-or-later");
  is("GPL-2+ or MIT, and BSD-3-clause", "(GPL-2.0-or-later OR MIT) AND BSD-3-Clause");
  is("(MIT OR Apache-2.0) AND Unicode-DFS-2016", "(MIT OR Apache-2.0) AND Unicode-DFS-2016");
  is("MIT/Apache-2.0", "MIT OR Apache-2.0");
  is("GPL-2+ with Autoconf exception", "GPL-2.0-or-later WITH Autoconf-exception-2.0");
}

TEST(licenses, what_cannot_be_told_whole_is_not_told) {
  is("", "");
  is("MIT and home-made", "");
  is("GPL-9", "");
  is("GPL-2+ with a wish", "");
  is("((((", "");
  is(std::string(5000, '('), "");
  EXPECT_EQ(license_or_text("home-made\n text \xff"), "home-made text \xEF\xBF\xBD");
}

TEST(licenses, copyright_files) {
  const auto dep5 = licenses_of_copyright(
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: x\nLicense: GPL-2+\n text\n\n"
      "Files: lib/*\nLicense: Expat\n\nLicense: Zlib\n only a text\n");
  EXPECT_EQ(dep5, (std::vector<std::string>{"GPL-2.0-or-later", "MIT"}));
  EXPECT_EQ(licenses_of_copyright("...(at your option) any later version.\nsee /usr/share/common-licenses/GPL-2.\n"), std::vector<std::string>{"GPL-2.0-or-later"});
  EXPECT_EQ(licenses_of_copyright("see `/usr/share/common-licenses/Apache-2.0'"), std::vector<std::string>{"Apache-2.0"});
  EXPECT_TRUE(licenses_of_copyright("all mine").empty());
}

}  // namespace
}  // namespace plimsoll::inventory
