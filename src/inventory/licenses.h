// Licence names as SPDX expressions.
//
// Package metadata says "GPL-2+ or Artistic", "ASL 2.0", "MIT BSD"; a report says SPDX (SPDX 2.3 annex D). Names come from
// rules/licenses/spdx.tsv. All functions are pure and thread-safe.
//
//   spdx_expression("GPL-2+, and Expat")  ->  "GPL-2.0-or-later AND MIT"
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::inventory {

// Empty when any part of it cannot be told: half a licence would be a wrong one.
std::string spdx_expression(std::string_view text);

// What goes into Package::licenses: the SPDX expression, else the text itself (first 200 bytes, repaired, one line).
std::string license_or_text(std::string_view text);

// What a Debian copyright file says: the expressions of its Files paragraphs (DEP-5), else what the text names
// (/usr/share/common-licenses, and the well-known permissive wordings). Distinct, in order; may be empty.
std::vector<std::string> licenses_of_copyright(std::string_view text);

}  // namespace plimsoll::inventory
