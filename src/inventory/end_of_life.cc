#include "inventory/end_of_life.h"

#include "base/text.h"

namespace plimsoll::inventory {

const std::vector<std::pair<std::string_view, std::string_view>>& distribution_rules();

std::optional<std::string> end_of_life(const Distribution& distribution) {
  // CentOS Stream shares CentOS's id and version numbers, not its dates.
  const bool stream = distribution.id == "centos" && distribution.name.find("Stream") != std::string::npos;
  const std::string_view id = stream ? "centos-stream" : std::string_view(distribution.id);
  std::string_view version = distribution.version_id;
  while (!version.empty()) {
    for (const auto& [path, text] : distribution_rules()) {
      std::string_view rest = text, line;
      while (next_line(rest, line)) {
        const auto [row_id, row] = cut(line, '\t');
        const auto [row_version, date] = cut(row, '\t');
        if (row_id == id && row_version == version) return std::string(date);
      }
    }
    const std::size_t dot = version.rfind('.');
    version = dot == std::string_view::npos ? std::string_view{} : version.substr(0, dot);
  }
  return std::nullopt;
}

}  // namespace plimsoll::inventory
