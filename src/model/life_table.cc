#include "model/life_table.h"

#include <algorithm>

#include "base/text.h"
#include "model/ecosystem.h"

namespace plimsoll {
namespace {

constexpr std::string_view kShipped =
#include "life_table.inc"
    ;

bool is_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && parse_u64(text.substr(0, 4)) && parse_u64(text.substr(5, 2)) && parse_u64(text.substr(8, 2));
}

// CentOS is filed under rhel, but ends on dates of its own.
std::string life_key(std::string_view id, std::string_view version) {
  const bool own = id == "centos" || id == "centos-stream";
  return own ? cat(id, ":", cut(version, '.').first) : distribution_key(id, version);
}

}  // namespace

Result<std::vector<EndOfLife>> parse_life_table(std::string_view text) {
  std::vector<EndOfLife> out;
  std::string_view line;
  for (std::size_t number = 1; next_line(text, line); ++number) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    std::vector<std::string_view> parts = split(line, '\t');
    parts.resize(std::max<std::size_t>(parts.size(), 5));
    if (!parts[4].empty() && !is_date(parts[4])) parts[4] = {};  // a source, where there is no paid support
    if (parts[0].empty() || !is_date(parts[2]) || (!parts[3].empty() && !is_date(parts[3])))
      return malformed(cat("end-of-life table, line ", number, ": expected distribution, release, end, end of long-term support, end of paid support"));
    const std::string key = life_key(parts[0], parts[1]);
    const auto [id, release] = split_ecosystem(key);
    out.push_back({.distribution = std::string(id), .release = std::string(release), .date = std::string(parts[2]), .long_term = std::string(parts[3]), .paid = std::string(parts[4])});
  }
  return out;
}

std::vector<EndOfLife> shipped_ends_of_life() {
  auto table = parse_life_table(kShipped);
  PLIM_ASSERT(table.has_value());  // our own file, tested
  return std::move(*table);
}

std::pair<std::string, std::string> life_key(const Distribution& distribution) {
  // CentOS Stream shares CentOS's id and version numbers, not its dates.
  const bool stream = distribution.id == "centos" && distribution.name.find("Stream") != std::string::npos;
  const std::string key = life_key(stream ? "centos-stream" : std::string_view(distribution.id), distribution.version_id);
  const auto [id, release] = split_ecosystem(key);
  return {std::string(id), std::string(release)};
}

const EndOfLife* shipped_end_of_life(const Distribution& distribution) {
  static const std::vector<EndOfLife> table = shipped_ends_of_life();
  const auto [id, release] = life_key(distribution);
  const auto at = std::find_if(table.begin(), table.end(), [&](const EndOfLife& end) { return end.distribution == id && end.release == release; });
  return at == table.end() ? nullptr : &*at;
}

}  // namespace plimsoll
