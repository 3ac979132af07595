#include "inventory/java_groups.h"

#include <map>
#include <string>
#include <vector>

#include "base/text.h"

namespace plimsoll::inventory {

const std::vector<std::pair<std::string_view, std::string_view>>& java_groups();

namespace {

struct Row {
  std::string_view group;
  std::uint64_t major = 0;  // with `below`: versions before this one; else from this one on
  bool below = false;
};
using Table = std::map<std::string, std::vector<Row>, std::less<>>;

const Table& table() {
  static const Table built = [] {
    Table out;
    for (const auto& [path, text] : java_groups()) {
      std::string_view rest = text, line;
      while (next_line(rest, line)) {
        if (line.empty() || line[0] == '#') continue;
        const auto parts = split(line, '\t');
        if (parts.size() < 2) continue;
        Row row{.group = parts[1]};
        if (parts.size() > 2) {
          row.below = parts[2].starts_with('<');
          row.major = parse_u64(parts[2].substr(row.below ? 1 : 0)).value_or(0);
        }
        out[std::string(parts[0])].push_back(row);
      }
    }
    return out;
  }();
  return built;
}

std::string_view pick(std::string_view key, std::uint64_t major) {
  const auto found = table().find(key);
  if (found == table().end()) return {};
  for (const Row& row : found->second)
    if (row.major == 0 || (row.below ? major < row.major : major >= row.major)) return row.group;
  return {};
}

}  // namespace

std::string_view known_java_group(std::string_view artifact, std::string_view version) {
  const std::uint64_t major = parse_u64(version.substr(0, version.find_first_not_of("0123456789"))).value_or(0);
  if (const auto group = pick(artifact, major); !group.empty()) return group;
  // "tomcat-embed-core": "tomcat-embed-*" before "tomcat-*"
  for (std::size_t end = artifact.size(); end > 0; --end)
    if (artifact[end - 1] == '-' || artifact[end - 1] == '_')
      if (const auto group = pick(cat(artifact.substr(0, end), "*"), major); !group.empty()) return group;
  return {};
}

}  // namespace plimsoll::inventory
