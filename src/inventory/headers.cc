#include "inventory/headers.h"

#include "base/text.h"

namespace plimsoll::inventory {

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [field, value] : fields)
    if (equals_ignore_case(field, name)) return value;
  return {};
}

Headers read_headers(std::string_view text, Folding folding) {
  Headers out;
  std::string_view line;
  const auto finish = [&] {
    if (out.fields.empty()) return;
    std::string& value = out.fields.back().second;
    value = std::string(trim(value));
  };
  while (next_line(text, line)) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      if (out.fields.empty() && out.bad_lines == 0) continue;  // blank lines before the first field
      break;
    }
    if ((line[0] == ' ' || line[0] == '\t') && !out.fields.empty()) {
      std::string& value = out.fields.back().second;
      if (folding == Folding::Lines) value.push_back('\n');
      value.append(line.substr(1));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      ++out.bad_lines;
      continue;
    }
    finish();
    out.fields.emplace_back(trim(line.substr(0, colon)), line.substr(colon + 1));
  }
  finish();
  out.rest = text;
  return out;
}

}  // namespace plimsoll::inventory
