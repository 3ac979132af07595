// Paragraphs of "Field: value" lines, as Debian, opkg and R write them (deb822(5)): the reader of control-like files.
//
//   StanzaReader reader(text);
//   while (reader.next()) use(reader.field("Package"), reader.line());
#pragma once
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace plimsoll::inventory {

// One pass, no copy: views are into the text given. A value keeps its continuation lines (with their line ends and
// leading space). Blank lines, also several or leading ones, only separate.
class StanzaReader {
 public:
  explicit StanzaReader(std::string_view text) : rest_(text) {}

  // The next paragraph with at least one line; false at the end.
  bool next();
  // First field of that name (case-insensitive), trimmed; empty when absent.
  std::string_view field(std::string_view name) const;
  bool has(std::string_view name) const;
  // 1-based line the paragraph starts at.
  std::uint32_t line() const { return line_; }
  // 1-based line of the first line that is no field and no continuation; 0 when all is well.
  std::uint32_t bad_line() const { return bad_line_; }
  const std::vector<std::pair<std::string_view, std::string_view>>& fields() const { return fields_; }

 private:
  std::string_view rest_;
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  std::uint32_t line_ = 0, next_line_ = 1, bad_line_ = 0;
};

}  // namespace plimsoll::inventory
