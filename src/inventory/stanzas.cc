#include "inventory/stanzas.h"

#include <algorithm>

namespace plimsoll::inventory {

bool StanzaReader::next() {
  fields_.clear();
  bad_line_ = 0;
  std::string_view line;
  bool any = false;
  while (!rest_.empty()) {
    const char* const begin = rest_.data();
    plimsoll::next_line(rest_, line);
    const std::uint32_t number = next_line_++;
    const bool continuation = line.starts_with(' ') || line.starts_with('\t');
    if (trim(line).empty()) {
      if (any) return true;
      continue;
    }
    if (!any) line_ = number;
    any = true;
    if (continuation) {
      if (fields_.empty()) {
        if (bad_line_ == 0) bad_line_ = number;
        continue;
      }
      auto& value = fields_.back().second;
      value = {value.data(), static_cast<std::size_t>(begin + line.size() - value.data())};
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      if (bad_line_ == 0) bad_line_ = number;
      continue;
    }
    fields_.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return any;
}

bool StanzaReader::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(), [&](const auto& field) { return equals_ignore_case(field.first, name); });
}

std::string_view StanzaReader::field(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equals_ignore_case(key, name)) return trim(value);
  return {};
}

}  // namespace plimsoll::inventory
