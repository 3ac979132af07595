// Header fields: "Name: value" lines with folded continuations, up to the first blank line.
//
// One reader for Python's METADATA and PKG-INFO (RFC 5322 as PEP 566 uses it), R's DESCRIPTION (Debian control form)
// and Java's MANIFEST.MF (JAR File Specification, "Name-Value pairs": continuation lines join without a break). Hostile
// input: a line without a colon is skipped and counted; nothing is allocated beyond the input's size.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::inventory {

enum class Folding { Lines, Joined };  // a continuation keeps its line break, or is glued to the value (MANIFEST.MF)

struct Headers {
  std::vector<std::pair<std::string, std::string>> fields;  // in order; values trimmed
  std::size_t bad_lines = 0;                                // neither a field nor a continuation
  std::string_view rest;                                    // what follows the blank line; borrowed from the text

  std::string_view get(std::string_view name) const;  // first of that name, case-insensitive; empty when absent
};
Headers read_headers(std::string_view text, Folding folding = Folding::Lines);

}  // namespace plimsoll::inventory
