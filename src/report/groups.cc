#include "report/groups.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/text.h"
#include "report/order.h"
#include "report/plain.h"
#include "version/scheme.h"

namespace plimsoll::report {
namespace {

std::string_view evidence_of(const Finding& finding, std::string_view key) {
  for (const auto& [name, value] : finding.evidence)
    if (name == key) return value;
  return {};
}

// "raise lodash above 4.17.20": the version, where only the last affected one is known; else empty.
std::string_view raise_above(const Finding& finding) {
  if (finding.state != FixState::NotFixed || !finding.fix.starts_with("raise ")) return {};
  const std::size_t at = finding.fix.rfind(" above ");
  return at == std::string::npos ? std::string_view() : std::string_view(finding.fix).substr(at + 7);
}

bool is_later(const Finding& finding) {
  if (finding.klass != FindingClass::Vulnerability) return finding.severity == Severity::Negligible;
  if (!raise_above(finding).empty()) return false;
  return finding.state != FixState::Fixed || finding.fixed_version.empty();
}

bool lower_version(std::string_view type, std::string_view a, std::string_view b) {
  const version::Scheme* scheme = version::find_scheme(scheme_of_type(type));
  return scheme != nullptr ? version::compare(*scheme, a, b) < 0 : a < b;
}

std::string subject_of(const Finding& finding, const Package* package) {
  if (package == nullptr) return finding.package.empty() ? (finding.rule_id.empty() ? finding.id : finding.rule_id) : finding.package;
  if (!package->source_name.empty()) return package->source_name;
  if (package->type == "maven" && !package->ns.empty()) return cat(package->ns, ":", package->name);
  if ((package->type == "npm" || package->type == "golang" || package->type == "composer") && !package->ns.empty()) return cat(package->ns, "/", package->name);
  return package->name;
}

void add(FixGroup& group, const Finding& finding, const Package* package) {
  if (group.findings.empty()) group.origin = finding.origin;
  else if (group.origin != finding.origin) group.origin = Origin::Unknown;
  group.findings.push_back(&finding);
  group.worst = std::max(group.worst, finding.severity);
  group.risk_0_100 = std::max(group.risk_0_100, finding.risk_0_100);
  group.risk_sum += finding.risk_0_100;
  group.exploited = group.exploited || finding.kev.has_value();
  if (package != nullptr && std::find(group.packages.begin(), group.packages.end(), package) == group.packages.end()) group.packages.push_back(package);
  if (group.actionable && finding.klass == FindingClass::Vulnerability) {
    const std::string_view type = package != nullptr ? std::string_view(package->type) : std::string_view();
    const auto raise = [&](std::string& bound, std::string_view version) {
      if (!version.empty() && (bound.empty() || lower_version(type, bound, version))) bound = version;
    };
    raise(group.to, finding.fixed_version);
    raise(group.above, raise_above(finding));
  }
}

void name_change(FixGroup& group) {
  const Finding& first = *group.findings.front();
  if (first.klass != FindingClass::Vulnerability) {
    group.change = !first.fix.empty() ? first.fix : (!first.title.empty() ? first.title : first.id);
  } else if (group.actionable) {
    const std::string_view type = group.packages.empty() ? std::string_view() : std::string_view(group.packages.front()->type);
    const bool open = !group.above.empty() && (group.to.empty() || !lower_version(type, group.above, group.to));
    group.change = cat(evidence_of(first, "channel") == "esm" ? "attach Ubuntu Pro and raise " : "raise ", group.subject, " ", group.from, group.from.empty() ? "" : " ",
                       open ? "above " : "to ", open ? group.above : group.to);
  } else {
    group.change = cat(group.subject, group.from.empty() ? "" : " ", group.from, ": ", in_words(group.state));
  }
  std::sort(group.packages.begin(), group.packages.end(), [](const Package* a, const Package* b) { return PackageOrder()(*a, *b); });
}

void sort_groups(std::vector<FixGroup>& groups) {
  for (FixGroup& group : groups) name_change(group);
  std::stable_sort(groups.begin(), groups.end(), [](const FixGroup& a, const FixGroup& b) {
    return std::tie(b.risk_0_100, b.risk_sum, a.change) < std::tie(a.risk_0_100, a.risk_sum, b.change);
  });
}

}  // namespace

std::vector<const Finding*> FixGroup::distinct() const {
  std::set<std::string_view> seen;
  std::vector<const Finding*> out;
  for (const Finding* finding : findings)
    if (seen.insert(finding->id).second) out.push_back(finding);
  return out;
}

std::vector<std::string> FixGroup::places() const {
  std::set<std::string> seen;
  for (const Finding* finding : findings)
    for (const Location& location : finding->locations)
      if (!location.path.empty()) seen.insert(location.line == 0 ? location.path : cat(location.path, ":", location.line));
  return {seen.begin(), seen.end()};
}

Overview overview(const Report& report) {
  Overview out;
  std::unordered_map<std::string_view, const Package*> by_id;
  for (const Package& package : report.packages) by_id.emplace(package.id, &package);
  std::map<std::tuple<int, std::string, std::string, std::string>, FixGroup> now, later;
  for (const Finding* finding : ordered(report.findings, FindingOrder())) {
    const auto found = by_id.find(finding->package);
    const Package* package = found == by_id.end() ? nullptr : found->second;
    const bool waits = is_later(*finding);
    const std::string subject = subject_of(*finding, package);
    const bool vulnerability = finding->klass == FindingClass::Vulnerability;
    // Two packages of one name but of other types or versions need two changes.
    const std::string which = vulnerability ? cat(package != nullptr ? cat(package->type, "/", package->ns) : "", "|", evidence_of(*finding, "channel") == "esm" ? "esm" : "") : finding->fix;
    const std::string from = vulnerability ? finding->installed_version : "";
    auto& groups = waits ? later : now;
    FixGroup& group = groups[{waits ? static_cast<int>(finding->state) : static_cast<int>(finding->klass), subject, which, from}];
    group.subject = subject;
    group.from = from;
    group.actionable = !waits;
    group.state = finding->state;
    add(group, *finding, package);
    if (!vulnerability || finding->state != FixState::NotAffected) {
      ++out.affecting;
      ++out.by_severity[static_cast<std::size_t>(finding->severity)];
    }
    ++(waits ? out.findings_later : out.findings_now);
    if (!waits) continue;
    std::string words(vulnerability ? in_words(finding->state) : "notices");
    if (const std::string_view reason = evidence_of(*finding, "stateReason"); !reason.empty()) words += cat(" (", printable(cut(reason, ':').first), ")");
    ++out.later_by_state[words];
  }
  for (auto& [key, group] : now) out.now.push_back(std::move(group));
  for (auto& [key, group] : later) out.later.push_back(std::move(group));
  sort_groups(out.now);
  sort_groups(out.later);
  for (const Suppressed& left_out : report.suppressed) ++out.suppressed_by[left_out.by];
  for (const Coverage* coverage : ordered(report.coverage, CoverageOrder()))
    if (coverage->feed.empty()) out.without_feed.push_back(coverage);
  return out;
}

std::string_view in_words(FixState state) {
  switch (state) {
    case FixState::Fixed: return "fixed, version not told";
    case FixState::NotFixed: return "not fixed yet";
    case FixState::WillNotFix: return "will not be fixed";
    case FixState::Postponed: return "fix postponed";
    case FixState::NotAffected: return "not affected";
    case FixState::UnderInvestigation: return "under investigation";
    case FixState::EndOfLife: return "end of life";
  }
  return "";
}

std::string os_in_words(const Distribution& os) {
  if (!os.name.empty()) return printable(os.name);
  if (os.id.empty()) return {};
  return printable(os.version_id.empty() ? os.id : cat(os.id, " ", os.version_id));
}

}  // namespace plimsoll::report
