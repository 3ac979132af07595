#include "advisory/life_table.h"

#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

constexpr std::string_view kShipped =
#include "advisory_life_table.inc"
    ;

}  // namespace

Result<std::vector<EndOfLife>> parse_life_table(std::string_view text) {
  std::vector<EndOfLife> out;
  std::string_view line;
  for (std::size_t number = 1; next_line(text, line); ++number) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const std::vector<std::string_view> parts = split(line, '\t');
    if (parts.size() < 4 || parts[0].empty() || iso_date(parts[2]).empty() || (!parts[3].empty() && iso_date(parts[3]).empty()))
      return malformed(cat("end-of-life table, line ", number, ": expected distribution, release, date, extended date"));
    // CentOS is filed under rhel, but ends on dates of its own.
    const std::string key = parts[0] == "centos" ? cat(parts[0], ":", parts[1]) : distribution_key(parts[0], parts[1]);
    const auto [id, release] = split_ecosystem(key);
    out.push_back({std::string(id), std::string(release), std::string(parts[2]), std::string(parts[3])});
  }
  return out;
}

std::vector<EndOfLife> shipped_ends_of_life() {
  auto table = parse_life_table(kShipped);
  PLIM_ASSERT(table.has_value());  // our own file, tested
  return std::move(*table);
}

}  // namespace plimsoll::advisory
