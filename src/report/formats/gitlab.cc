// gitlab: GitLab's container scanning report (gl-container-scanning-report.json).
//
// Output  one entry for each vulnerability in each package. The other classes have no place in this report type. Gaps are
//         messages of level warn. Times are the report's own `at`.
// Source  GitLab security report schemas 15.2.4, container-scanning-report-format.
#include "base/json.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

constexpr std::size_t kMaxName = 255, kMaxSolution = 7000, kMaxVectors = 10;

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::Critical: return "Critical";
    case Severity::High: return "High";
    case Severity::Medium: return "Medium";
    case Severity::Low: return "Low";
    case Severity::Negligible: return "Info";
    case Severity::Unknown: return "Unknown";
  }
  return "Unknown";
}

// "cve" of CVE-2021-44228: GitLab's names for kinds of ids are their prefixes.
std::string kind_of(std::string_view id) {
  const std::string kind = lower(id.substr(0, id.find('-')));
  return kind.empty() || kind.size() == id.size() || kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos ? "plimsoll" : kind;
}

void identifier(JsonWriter& json, std::string_view id) {
  const std::string shown = printable(id);
  json.begin_object().member("type", kind_of(id)).member("name", shown).member("value", shown).text_member("url", advisory_url(id)).end_object();
}

bool is_vector(std::string_view vector) {
  return (vector.starts_with("CVSS:3.0/") || vector.starts_with("CVSS:3.1/") || vector.starts_with("CVSS:4.0/")) && vector.size() >= 32 && vector.size() <= 128;
}

void write_vulnerability(JsonWriter& json, const Report& report, const Finding& finding, const Package* package) {
  const std::string os = os_in_words(report.image.os);
  json.begin_object().member("id", uuid_of(cat(finding.key, "|", finding.package, "|", finding.installed_version)));
  json.member("name", fit(finding.title.empty() ? finding.id : finding.title, kMaxName));
  std::string description = cat(printable(finding.id), " in ", package == nullptr ? printable(finding.package) : printable(dependency_name(*package)), " ", printable(finding.installed_version), ": ",
                                finding.fixed_version.empty() ? std::string(in_words(finding.state)) : cat("fixed in ", printable(finding.fixed_version)));
  json.member("description", description).member("severity", severity_word(finding.severity));
  if (!finding.fix.empty()) json.member("solution", fit(finding.fix, kMaxSolution));
  json.key("identifiers").begin_array();
  identifier(json, finding.id.empty() ? std::string_view("unknown") : finding.id);
  for (const std::string& alias : finding.aliases)
    if (!alias.empty()) identifier(json, alias);
  json.end_array();
  std::vector<const Cvss*> vectors;
  for (const Cvss& cvss : finding.cvss)
    if (is_vector(cvss.vector) && vectors.size() < kMaxVectors) vectors.push_back(&cvss);
  if (!vectors.empty()) {
    json.key("cvss_vectors").begin_array();
    for (const Cvss* cvss : vectors) json.begin_object().member("vendor", cvss->source.empty() ? "unknown" : cvss->source).member("vector", cvss->vector).end_object();
    json.end_array();
  }
  json.key("links").begin_array();
  for (const std::string& url : finding.references)
    if (is_link(url)) json.begin_object().member("url", url).end_object();
  json.end_array();
  json.key("location").begin_object().key("dependency").begin_object().key("package").begin_object();
  json.member("name", printable(package == nullptr ? finding.package : dependency_name(*package))).end_object().member("version", printable(finding.installed_version)).end_object();
  json.member("operating_system", os.empty() ? "unknown" : os).member("image", image_name(report.image)).end_object().end_object();
}

void write_tool(JsonWriter& json, std::string_view key, const ToolInfo& tool) {
  json.key(key).begin_object().member("id", "plimsoll").member("name", "plimsoll").member("version", tool.version.empty() ? "unknown" : tool.version);
  json.key("vendor").begin_object().member("name", "plimsoll").end_object().end_object();
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  const PackageRefs refs(report);
  std::string at = date_time(report.tool.at);
  if (at.empty()) at = "1970-01-01T00:00:00Z";
  at.pop_back();  // the schema wants UTC without its letter
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("version", "15.2.4").key("scan").begin_object();
  write_tool(json, "analyzer", report.tool);
  write_tool(json, "scanner", report.tool);
  json.member("type", "container_scanning").member("start_time", at).member("end_time", at).member("status", "success").key("messages").begin_array();
  for (const Gap* gap : ordered(report.gaps, std::less<Gap>()))
    json.begin_object().member("level", "warn").member("value", cat("not read: ", printable(gap->part), ": ", printable(gap->where), ": ", printable(gap->why))).end_object();
  json.end_array().end_object().key("vulnerabilities").begin_array();
  for (const Finding* finding : ordered(report.findings, FindingOrder())) {
    if (finding->klass != FindingClass::Vulnerability) continue;
    const std::ptrdiff_t index = refs.by_id(finding->package);
    std::string text;
    JsonWriter record(text);
    write_vulnerability(record, report, *finding, index < 0 ? nullptr : refs.packages()[static_cast<std::size_t>(index)]);
    json.raw(text);
  }
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace

Format gitlab() { return {.name = "gitlab", .extension = "gitlab.json", .description = "GitLab container scanning report 15.2.4", .write = write}; }

}  // namespace plimsoll::report
