#include "report/filter.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"

namespace plimsoll::report {
namespace {

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool matches_any(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_match(glob, text); });
}

bool named(const Finding& finding, const std::vector<std::string>& globs) {
  if (globs.empty()) return true;
  std::vector<std::string> lowered;
  for (const std::string& glob : globs) lowered.push_back(lower(glob));
  if (matches_any(lowered, lower(finding.id)) || matches_any(lowered, lower(finding.rule_id))) return true;
  return std::any_of(finding.aliases.begin(), finding.aliases.end(), [&](const std::string& alias) { return matches_any(lowered, lower(alias)); });
}

// The flag that leaves the finding out; empty when it stays.
std::string_view flag_against(const Finding& finding, const Filter& filter) {
  const auto at = [](const std::vector<std::string>& globs) { return [&globs](const Location& location) { return matches_any(globs, location.path); }; };
  if (filter.at_least && finding.severity != Severity::Unknown && finding.severity < *filter.at_least) return "--severity";
  if (finding.klass == FindingClass::Vulnerability && !holds(filter.states, finding.state)) return "--state";
  if (!holds(filter.classes, finding.klass)) return "--class";
  if (!named(finding, filter.ids)) return "--id";
  if (!filter.paths.empty() && std::none_of(finding.locations.begin(), finding.locations.end(), at(filter.paths))) return "--path";
  if (!filter.not_paths.empty() && !finding.locations.empty() && std::all_of(finding.locations.begin(), finding.locations.end(), at(filter.not_paths))) return "--skip-path";
  if (filter.origin && finding.origin != Origin::Unknown && finding.origin != *filter.origin) return "--layer-origin";
  return {};
}

// The inventory follows --layer-origin too. A package that something in the report still names stays.
void filter_packages(Report& report, Origin origin) {
  std::unordered_set<std::string> named;
  for (const Finding& finding : report.findings) named.insert(finding.package);
  for (const Suppressed& item : report.suppressed)
    if (!item.by.starts_with("filter ")) named.insert(item.package);
  const std::size_t left_out = std::erase_if(report.packages, [&](const Package& package) {
    return package.origin != Origin::Unknown && package.origin != origin && !named.contains(package.id);
  });
  if (left_out > 0)
    report.notices.push_back({"filter --layer-origin", std::string(to_string(origin)), cat(left_out, " packages of other layers are not listed: not asked for")});
}

}  // namespace

Report filtered(Report report, const Filter& filter) {
  if (filter.empty()) return report;
  std::vector<Finding> kept;
  kept.reserve(report.findings.size());
  for (Finding& finding : report.findings) {
    const std::string_view flag = flag_against(finding, filter);
    if (flag.empty()) kept.push_back(std::move(finding));
    else report.suppressed.push_back({.key = finding.key, .id = finding.id, .package = finding.package, .by = cat("filter ", flag), .reason = "not asked for"});
  }
  report.findings = std::move(kept);
  if (filter.origin) filter_packages(report, *filter.origin);
  return report;
}

}  // namespace plimsoll::report
