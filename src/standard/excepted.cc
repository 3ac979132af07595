#include "standard/excepted.h"

#include <array>
#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "standard/score.h"

namespace plimsoll::standard {
namespace {

Package package_of(const PackageRow& row) {
  Package out{.type = std::string(row.type), .ns = std::string(row.ns), .name = std::string(row.name), .version = std::string(row.version), .arch = std::string(row.arch)};
  out.id = row.id;
  if (row.source != row.name) out.source_name = row.source;
  for (const auto& [key, value] : row.properties) out.set_property(key, value);
  return out;
}

void score_the_rest(Facts& facts, const std::vector<std::uint8_t>& left_out) {
  if (std::isnan(facts.image.score_total)) return;
  std::array<ScoreSum, 9> sums;
  for (std::size_t f = 0; f < facts.findings.size(); ++f) {
    if (left_out[f] != 0) continue;
    sums[8].add(facts.findings[f].risk);
    sums[static_cast<std::size_t>(facts.findings[f].klass)].add(facts.findings[f].risk);
  }
  facts.image.score_total = sums[8].score();
  for (std::size_t c = 0; c < 8; ++c)
    if (!std::isnan(facts.image.score_by_class[c])) facts.image.score_by_class[c] = sums[c].score();
}

}  // namespace

Result<std::vector<Exceptions>> own_exceptions(const Resolved& standard, Time at) {
  std::vector<Exceptions> out;
  std::vector<Notice> refused;
  for (const std::string& text : standard.exceptions) {
    PLIM_TRY(auto own, read_exceptions(text, cat("standard ", standard.name)));
    out.push_back(standard.maximum_days ? within(std::move(own), *standard.maximum_days, format_time(at), refused) : std::move(own));
  }
  return out;
}

std::vector<std::uint8_t> leave_out_excepted(Facts& facts, const std::vector<Exceptions>& exceptions) {
  std::vector<std::uint8_t> out;
  const std::string at = format_time(facts.at);
  std::unordered_map<std::string_view, const PackageRow*> packages;
  for (const Exceptions& document : exceptions)
    for (const ExceptionEntry& entry : document.entries) {
      if (has_expired(entry, at) || !is_for_image(entry, facts.image.reference, facts.image.digest)) continue;
      if (packages.empty())
        for (const PackageRow& row : facts.packages) packages.emplace(row.id, &row);
      for (std::size_t f = 0; f < facts.findings.size(); ++f) {
        const FindingRow& row = facts.findings[f];
        const FindingNames names{.klass = row.klass, .key = row.key, .rule = row.rule, .ids = {row.ids.begin(), row.ids.end()}, .paths = {row.paths.begin(), row.paths.end()}};
        const auto found = entry.package.empty() ? packages.end() : packages.find(row.package);
        const Package package = found == packages.end() ? Package{} : package_of(*found->second);
        if (!names_finding(entry, names, found == packages.end() ? nullptr : &package)) continue;
        out.resize(facts.findings.size(), 0);
        out[f] = 1;
      }
    }
  if (!out.empty()) score_the_rest(facts, out);
  return out;
}

}  // namespace plimsoll::standard
