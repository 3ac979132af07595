#include "standard/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "model/report.h"

namespace plimsoll::standard {
namespace {

// Weights in units of 1e-9, falling; beyond the table they are 0.
constexpr std::size_t kWeights = 1024;
const std::array<std::uint64_t, kWeights>& weights() {
  static const auto table = [] {
    std::array<std::uint64_t, kWeights> out{};
    double worst = 0.25, many = 0.01;
    std::uint64_t last = 1'000'000'000;
    for (std::uint64_t& weight : out) {
      weight = std::min(last, static_cast<std::uint64_t>((worst + many) * 1e9));
      last = weight;
      worst *= 0.5;
      many *= 0.98;
    }
    return out;
  }();
  return table;
}

// tenths of risk x 1e-9 -> hundredths of points.
std::uint64_t hundredths(std::uint64_t raw) { return (raw + 50'000'000) / 100'000'000; }
double as_points(std::uint64_t hundredths) { return static_cast<double>(hundredths) / 100; }

struct Group {
  FindingClass klass{};
  std::string name;
  std::uint64_t raw = 0;
  std::size_t first = 0;  // place of its worst finding in the order
  const Finding* worst = nullptr;
  std::vector<const Finding*> findings;
};

std::string subject_of(const Finding& finding, const std::unordered_map<std::string_view, const Package*>& packages) {
  if (!finding.package.empty()) {
    const auto found = packages.find(finding.package);
    if (found == packages.end()) return to_utf8(finding.package);
    const Package& package = *found->second;
    return to_utf8(cat(package.source_name.empty() ? package.name : package.source_name, finding.installed_version.empty() ? "" : " ", finding.installed_version));
  }
  return to_utf8(finding.rule_id.empty() ? finding.id : finding.rule_id);
}

}  // namespace

unsigned ScoreSum::tenths(double risk) {
  if (!(risk < 100)) return 1000;  // also NaN
  return risk <= 0 ? 0 : static_cast<unsigned>(std::lround(risk * 10));
}

double ScoreSum::score() const {
  std::uint64_t raw = 0;
  std::size_t k = 0;
  for (std::size_t risk = counts_.size(); risk-- > 1 && k < kWeights;)
    for (std::uint32_t i = 0; i < counts_[risk] && k < kWeights; ++i) raw += risk * weights()[k++];
  return as_points(10'000 - hundredths(raw));
}

Score score(const Report& report, std::span<const FindingClass> looked_for) {
  std::unordered_map<std::string_view, const Package*> packages;
  for (const Package& package : report.packages) packages.emplace(package.id, &package);
  struct Weighed {
    unsigned tenths;
    const Finding* finding;
  };
  std::vector<Weighed> order;
  order.reserve(report.findings.size());
  for (const Finding& finding : report.findings) order.push_back({ScoreSum::tenths(finding.risk_0_100), &finding});
  std::stable_sort(order.begin(), order.end(), [](const Weighed& a, const Weighed& b) {
    return a.tenths != b.tenths ? a.tenths > b.tenths : std::tie(a.finding->id, a.finding->key) < std::tie(b.finding->id, b.finding->key);
  });

  std::map<FindingClass, ScoreSum> by_class;
  for (const FindingClass klass : looked_for) by_class[klass];
  std::map<std::pair<FindingClass, std::string>, Group> groups;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const Finding& finding = *order[k].finding;
    by_class[finding.klass].add(finding.risk_0_100);
    const auto at = groups.try_emplace({finding.klass, subject_of(finding, packages)}).first;
    Group& group = at->second;
    if (group.findings.empty()) group.klass = finding.klass, group.first = k, group.worst = &finding, group.name = at->first.second;
    group.findings.push_back(&finding);
    if (k < kWeights) group.raw += weights()[k] * order[k].tenths;
  }

  std::vector<Group*> sorted;
  for (auto& [key, group] : groups) sorted.push_back(&group);
  std::sort(sorted.begin(), sorted.end(), [](const Group* a, const Group* b) { return std::pair(b->raw, a->first) < std::pair(a->raw, b->first); });

  Score out;
  std::uint64_t running = 0, told = 0;
  for (const Group* group : sorted) {
    if (group->raw == 0) continue;
    running += group->raw;
    const std::uint64_t points = hundredths(running) - told;  // rounded on the running sum, so that the parts add up
    told += points;
    Deduction deduction{.klass = group->klass, .finding_keys = {}, .points = as_points(points), .why = {}};
    for (const Finding* finding : group->findings) deduction.finding_keys.push_back(finding->key);
    std::sort(deduction.finding_keys.begin(), deduction.finding_keys.end());
    deduction.finding_keys.erase(std::unique(deduction.finding_keys.begin(), deduction.finding_keys.end()), deduction.finding_keys.end());
    const std::size_t count = group->findings.size();
    const unsigned risk = ScoreSum::tenths(group->worst->risk_0_100);
    deduction.why = cat(group->name, ": ", count, count == 1 ? " finding, " : " findings, the worst ", to_string(group->worst->severity), " (", to_utf8(group->worst->id), ", risk ", risk / 10, ".", risk % 10, ")");
    out.deductions.push_back(std::move(deduction));
  }
  out.total = as_points(10'000 - told);
  for (const auto& [klass, sum] : by_class) out.by_class.emplace_back(klass, sum.score());
  return out;
}

}  // namespace plimsoll::standard
