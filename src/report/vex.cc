#include "report/vex.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "model/exceptions.h"

namespace plimsoll::report {
namespace {

bool is_image_purl(std::string_view id) { return id.starts_with("pkg:oci/") || id.starts_with("pkg:docker/"); }

// pkg:oci/shop@sha256%3A9f2c...?repository_url=registry.example/shop&tag=1.2, a digest, or the reference itself.
bool names_image(std::string_view id, const ImageInfo& image) {
  if (!image.digest.empty() && (id == image.digest || id == image.image_id)) return true;
  if (!is_image_purl(id)) return !image.reference.empty() && id == image.reference;
  const auto purl = Purl::parse(id);
  if (!purl) return false;
  if (!purl->version.empty()) return purl->version == image.digest || purl->version == image.image_id;
  // Without a digest: the repository, and the tag where it is given.
  const std::string_view repository = std::string_view(image.reference).substr(0, image.reference.find('@'));
  const std::size_t colon = repository.rfind(':');
  const bool tagged = colon != std::string_view::npos && repository.find('/', colon) == std::string_view::npos;
  const std::string_view name = tagged ? repository.substr(0, colon) : repository;
  if (const auto tag = purl->qualifiers.find("tag"); tag != purl->qualifiers.end() && (!tagged || tag->second != repository.substr(colon + 1))) return false;
  if (const auto url = purl->qualifiers.find("repository_url"); url != purl->qualifiers.end()) return url->second == name;
  return name == purl->name || name.ends_with(cat("/", purl->name));
}

bool on_platform(const VexProduct& product, const ImageInfo& image) {
  // cpe:/o:redhat:enterprise_linux:9 against ...:9::baseos: the shorter must be the beginning of the longer.
  if (product.platform_cpe.empty()) return true;
  const std::string& own = image.os.cpe;
  const std::size_t shared = std::min(own.size(), product.platform_cpe.size());
  return shared != 0 && own.compare(0, shared, product.platform_cpe, 0, shared) == 0;
}

bool concerns(const VexProduct& product, const ImageInfo& image, const Package* package) {
  const auto names = [&](const std::string& id) { return package != nullptr && id.starts_with("pkg:") && !is_image_purl(id) && names_package(id, *package); };
  if (!on_platform(product, image)) return false;
  for (const std::string& id : product.ids) {
    if (names(id) && product.subcomponents.empty()) return true;
    if (!names_image(id, image)) continue;
    if (product.subcomponents.empty() || std::any_of(product.subcomponents.begin(), product.subcomponents.end(), names)) return true;
  }
  return false;
}

bool concerns(const VexStatement& statement, const Finding& finding) {
  return std::any_of(statement.vulnerabilities.begin(), statement.vulnerabilities.end(), [&](const std::string& id) {
    return equals_ignore_case(id, finding.id) || std::any_of(finding.aliases.begin(), finding.aliases.end(), [&](const std::string& alias) { return equals_ignore_case(alias, id); });
  });
}

void name_unused(Report& report, const VexDocument& document, const std::vector<bool>& used) {
  constexpr std::size_t kNamed = 20;
  std::size_t unused = 0;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i] || ++unused > kNamed) continue;
    const VexStatement& statement = document.statements[i];
    const std::string id = statement.vulnerabilities.empty() ? "a statement without a vulnerability" : statement.vulnerabilities.front();
    report.notices.push_back({"VEX statement unused", cat(document.source, " statement ", i + 1), cat(id, " (", to_string(statement.status), ") matches nothing in this report")});
  }
  if (unused > kNamed) report.notices.push_back({"VEX statement unused", document.source, cat(unused - kNamed, " more statements match nothing in this report")});
  for (const std::string& why : document.unread) report.notices.push_back({"VEX not used", document.source, why});
}

}  // namespace

std::string_view to_string(VexStatus status) {
  switch (status) {
    case VexStatus::NotAffected: return "not_affected";
    case VexStatus::Affected: return "affected";
    case VexStatus::Fixed: return "fixed";
    case VexStatus::UnderInvestigation: return "under_investigation";
  }
  return "";
}

Report with_vex(Report report, const VexDocument& document) {
  std::unordered_map<std::string_view, const Package*> packages;
  for (const Package& package : report.packages) packages.emplace(package.id, &package);
  // Statements by the ids they name, so that a feed of a hundred thousand statements costs one look-up a finding.
  std::unordered_map<std::string, std::vector<std::size_t>> by_id;
  for (std::size_t i = 0; i < document.statements.size(); ++i)
    for (const std::string& id : document.statements[i].vulnerabilities) by_id[lower(id)].push_back(i);
  std::vector<bool> used(document.statements.size(), false);
  std::vector<Finding> kept;
  kept.reserve(report.findings.size());
  for (Finding& finding : report.findings) {
    std::vector<std::size_t> candidates;
    const auto add = [&](const std::string& id) {
      if (const auto found = by_id.find(lower(id)); found != by_id.end()) candidates.insert(candidates.end(), found->second.begin(), found->second.end());
    };
    if (finding.klass == FindingClass::Vulnerability) {
      add(finding.id);
      for (const std::string& alias : finding.aliases) add(alias);
      std::sort(candidates.begin(), candidates.end());
    }
    const auto found = packages.find(finding.package);
    const Package* package = found == packages.end() ? nullptr : found->second;
    const VexStatement* latest = nullptr;
    for (const std::size_t i : candidates) {
      const VexStatement& statement = document.statements[i];
      if (!concerns(statement, finding)) continue;
      if (std::none_of(statement.products.begin(), statement.products.end(), [&](const VexProduct& product) { return concerns(product, report.image, package); })) continue;
      used[i] = true;
      if (latest == nullptr || statement.timestamp >= latest->timestamp) latest = &statement;
    }
    if (latest != nullptr && (latest->status == VexStatus::NotAffected || latest->status == VexStatus::Fixed)) {
      std::string reason(to_string(latest->status));
      if (!latest->justification.empty()) reason += cat(": ", latest->justification);
      if (!latest->detail.empty()) reason += cat(": ", latest->detail);
      report.suppressed.push_back({.key = finding.key, .id = finding.id, .package = finding.package, .by = document.source, .reason = std::move(reason)});
      continue;
    }
    if (latest != nullptr) finding.evidence.emplace_back("vex", cat(to_string(latest->status), latest->detail.empty() ? "" : ": ", latest->detail, " (", document.source, ")"));
    kept.push_back(std::move(finding));
  }
  report.findings = std::move(kept);
  name_unused(report, document, used);
  return report;
}

}  // namespace plimsoll::report
