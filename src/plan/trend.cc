#include "plan/trend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "standard/excepted.h"

namespace plimsoll::plan {
namespace {

std::string period_of(std::int32_t day, Period period) {
  if (period == Period::Week) day -= (day % 7 + 7 + 3) % 7;  // 1970-01-01 was a Thursday
  const std::string text = standard::day_text(day);
  return period == Period::Month ? text.substr(0, 7) : text;
}

double median(std::vector<double>& values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string score_text(double value) {
  if (std::isnan(value)) return "-";
  const auto tenths = std::llround(value * 10);
  return cat(tenths / 10, ".", tenths % 10);
}

}  // namespace

Trend trend(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, Period period) {
  Trend out;
  // period -> image -> its last report there
  std::map<std::string, std::map<std::string_view, std::size_t>> last;
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index.day(i) == standard::kNoDay) {
      ++out.without_day;
      continue;
    }
    const auto [at, fresh] = last[period_of(index.day(i), period)].try_emplace(index.reference(i).empty() ? index.path(i) : index.reference(i), i);
    if (!fresh && index.day(i) >= index.day(at->second)) at->second = i;
  }
  for (const auto& [name, images] : last) {
    TrendPoint point{.period = name};
    std::vector<double> totals, vulnerabilities;
    for (const auto& [reference, i] : images) {
      standard::Facts facts = index.facts(i, Time(std::chrono::days(index.day(i))));
      standard::Context context{.stage = options.stage, .ns = options.ns, .environment = options.environment, .without_workload = true};
      if (!standard::selects(standard.selector, facts, context)) continue;
      const auto exceptions = standard::own_exceptions(standard, facts.at);
      const std::vector<std::uint8_t> left_out = exceptions ? standard::leave_out_excepted(facts, *exceptions) : std::vector<std::uint8_t>();
      context.left_out = left_out;
      const standard::Effect worst = standard::evaluate(standard, facts, context).worst;
      ++point.images;
      if (worst == standard::Effect::Block) ++point.block;
      else if (!facts.image.complete && !standard.allow_incomplete) ++point.incomplete;
      else ++(worst == standard::Effect::Warn ? point.warn : point.pass);
      if (!std::isnan(facts.image.score_total)) totals.push_back(facts.image.score_total);
      if (!std::isnan(facts.image.score_by_class[0])) vulnerabilities.push_back(facts.image.score_by_class[0]);
      point.findings += facts.findings.size();
      point.exploited += static_cast<std::uint64_t>(std::count_if(facts.findings.begin(), facts.findings.end(), [](const standard::FindingRow& row) { return row.exploited; }));
    }
    point.median_score = median(totals);
    point.median_vulnerability_score = median(vulnerabilities);
    if (point.images != 0) out.points.push_back(std::move(point));
  }
  return out;
}

std::string trend_json(const Index& index, const standard::Resolved& standard, const Trend& trend) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("standard", standard.name).member("digest", standard.digest).key("points").begin_array();
  for (const TrendPoint& p : trend.points)
    json.begin_object().member("period", p.period).member("images", p.images).member("pass", p.pass).member("warn", p.warn).member("block", p.block).member("incomplete", p.incomplete).member("medianScore", p.median_score).member("medianVulnerabilityScore", p.median_vulnerability_score).member("findings", p.findings).member("exploited", p.exploited).end_object();
  json.end_array().member("withoutDay", trend.without_day).key("unreadable").begin_array();
  for (const Unreadable& each : index.unreadable()) json.begin_object().member("path", each.path).member("why", each.why).end_object();
  json.end_array().end_object();
  out += '\n';
  return out;
}

std::string trend_text(const standard::Resolved& standard, const Trend& trend) {
  std::string out = cat(standard.name, " over time\n\nPERIOD        IMAGES    PASS    WARN   BLOCK   SCORE  EXPLOITED\n");
  const auto cell = [](const std::string& value, std::size_t width) { return std::string(value.size() < width ? width - value.size() : 0, ' ') + value; };
  for (const TrendPoint& p : trend.points) {
    out += p.period + std::string(p.period.size() < 12 ? 12 - p.period.size() : 1, ' ');
    for (const std::uint64_t count : {p.images, p.pass, p.warn, p.block}) out += cell(std::to_string(count), 8);
    out += cat(cell(score_text(p.median_score), 8), cell(std::to_string(p.exploited), 11), "\n");
  }
  if (trend.without_day != 0) out += cat(trend.without_day, " reports do not say of what day they speak\n");
  return out;
}

}  // namespace plimsoll::plan
