// sarif: SARIF 2.1.0, for code hosts and editors.
//
// Output  one run; a rule for each id with its severity score; a result for each finding at its places, with its key as
//         fingerprint, its risk as rank and its state as property. Gaps are warnings of the invocation, which is then not
//         successful; what was left out is counted in the run's properties.
// Source  OASIS SARIF 2.1.0 and its JSON schema; "security-severity" as GitHub reads it.
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::Critical:
    case Severity::High: return "error";
    case Severity::Medium:
    case Severity::Unknown: return "warning";
    default: return "note";
  }
}

// The highest CVSS score; without one, the middle of the severity's own band.
std::string score_of(const Finding& finding) {
  double score = 0;
  for (const Cvss& cvss : finding.cvss) score = std::max(score, cvss.score_0_10);
  if (score == 0) {
    static constexpr double kBands[] = {5.0, 0.1, 2.0, 5.5, 8.0, 9.5};  // by Severity; 4.0 to 6.9 is GitHub's medium
    score = kBands[static_cast<std::size_t>(finding.severity)];
  }
  const int tenths = static_cast<int>(score * 10 + 0.5);
  return cat(tenths / 10, ".", tenths % 10);
}

// A path as a relative URI reference (RFC 3986): every byte that is not unreserved or '/' is encoded.
std::string uri_of(std::string_view path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~/!").find(c) != std::string_view::npos) out += c;
    else out += cat('%', kDigits[byte >> 4], kDigits[byte & 15]);
  }
  return out.empty() ? "image" : out;
}

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), refs_(report), findings_(ordered(report.findings, FindingOrder())), json_(out_, true) {}
  std::string text() {
    for (const Finding* finding : findings_)
      if (rule_index_.emplace(finding->id, rules_.size()).second) rules_.push_back(finding);
    json_.begin_object().member("$schema", "https://json.schemastore.org/sarif-2.1.0.json").member("version", "2.1.0");
    json_.key("runs").begin_array().begin_object();
    json_.key("tool").begin_object().key("driver").begin_object().member("name", "plimsoll").member("version", report_.tool.version);
    json_.member("informationUri", "https://plimsoll.dev").key("rules").begin_array();
    for (const Finding* finding : rules_) line([&](JsonWriter& json) { rule(json, *finding); });
    json_.end_array().end_object().end_object();
    invocation();
    json_.key("results").begin_array();
    for (const Finding* finding : findings_) line([&](JsonWriter& json) { result(json, *finding); });
    json_.end_array();
    json_.key("properties").begin_object().text_member("image", report_.image.reference).text_member("digest", report_.image.digest);
    json_.member("complete", report_.complete()).member("leftOut", report_.suppressed.size()).end_object();
    json_.end_object().end_array().end_object();
    return std::move(out_) + "\n";
  }

 private:
  template <class Write>
  void line(Write write) {
    std::string text;
    JsonWriter record(text);
    write(record);
    json_.raw(text);
  }
  static void message(JsonWriter& json, std::string_view key, std::string_view text) { json.key(key).begin_object().member("text", text).end_object(); }

  void rule(JsonWriter& json, const Finding& finding) {
    const std::string title = printable(finding.title.empty() ? finding.id : finding.title);
    json.begin_object().member("id", printable(finding.id));
    message(json, "shortDescription", title);
    std::string help = cat(title, ".");
    if (!finding.aliases.empty()) {
      help += " Also known as";
      for (std::size_t i = 0; i < finding.aliases.size(); ++i) help += cat(i == 0 ? " " : ", ", printable(finding.aliases[i]));
      help += ".";
    }
    message(json, "help", help);
    std::string url = advisory_url(finding.id);
    for (const std::string& reference : finding.references)
      if (url.empty() && is_link(reference)) url = reference;
    json.text_member("helpUri", url);
    json.key("defaultConfiguration").begin_object().member("level", level_of(finding.severity)).end_object();
    json.key("properties").begin_object().member("security-severity", score_of(finding));
    json.key("tags").begin_array().value("security").value(to_string(finding.klass)).end_array().end_object();
    json.end_object();
  }

  void invocation() {
    json_.key("invocations").begin_array().begin_object().member("executionSuccessful", report_.complete());
    if (!report_.gaps.empty()) {
      json_.key("toolExecutionNotifications").begin_array();
      for (const Gap* gap : ordered(report_.gaps, std::less<Gap>())) {
        line([&](JsonWriter& json) {
          json.begin_object().member("level", "warning");
          message(json, "message", cat("not read: ", printable(gap->part), ": ", printable(gap->where), ": ", printable(gap->why)));
          json.end_object();
        });
      }
      json_.end_array();
    }
    json_.end_object().end_array();
  }

  void result(JsonWriter& json, const Finding& finding) {
    const std::ptrdiff_t index = refs_.by_id(finding.package);
    const Package* package = index < 0 ? nullptr : refs_.packages()[static_cast<std::size_t>(index)];
    json.begin_object().member("ruleId", printable(finding.id)).member("ruleIndex", rule_index_[finding.id]).member("level", level_of(finding.severity));
    std::string text = printable(finding.id);
    if (package != nullptr) text += cat(" in ", printable(dependency_name(*package)), " ", printable(finding.installed_version));
    else if (!finding.title.empty()) text = printable(finding.title);
    if (finding.klass == FindingClass::Vulnerability)
      text += finding.fixed_version.empty() ? cat(": ", in_words(finding.state)) : cat(": fixed in ", printable(finding.fixed_version));
    else if (!finding.fix.empty()) text += cat(": ", printable(finding.fix));
    message(json, "message", text);
    json.key("locations").begin_array();
    const auto location = [&](std::string_view path, std::uint32_t at) {
      json.begin_object().key("physicalLocation").begin_object().key("artifactLocation").begin_object().member("uri", uri_of(path)).end_object();
      if (at != 0) json.key("region").begin_object().member("startLine", at).end_object();
      json.end_object();
      if (package != nullptr)
        json.key("logicalLocations").begin_array().begin_object().member("fullyQualifiedName", package->purl_text()).member("kind", "module").end_object().end_array();
      json.end_object();
    };
    for (const Location& place : finding.locations) location(place.path, place.line);
    if (finding.locations.empty()) location(report_.image.reference, 0);
    json.end_array();
    json.key("partialFingerprints").begin_object().member("plimsollKey/v1", cat(finding.key, package == nullptr ? "" : cat(":", package->version))).end_object();
    json.member("rank", finding.risk_0_100);
    json.key("properties").begin_object().member("class", to_string(finding.klass)).member("severity", to_string(finding.severity));
    if (finding.klass == FindingClass::Vulnerability) json.member("state", to_string(finding.state));
    json.text_member("fixedVersion", finding.fixed_version).member("origin", to_string(finding.origin)).member("exploited", finding.kev.has_value());
    json.end_object().end_object();
  }

  const Report& report_;
  const PackageRefs refs_;
  const std::vector<const Finding*> findings_;
  std::vector<const Finding*> rules_;
  std::map<std::string_view, std::size_t> rule_index_;
  std::string out_;
  JsonWriter json_;
};

Result<std::string> write(const Report& report, const WriteOptions&) { return Writer(report).text(); }

}  // namespace

Format sarif() { return {.name = "sarif", .extension = "sarif", .description = "SARIF 2.1.0, for code hosts and editors", .write = write}; }

}  // namespace plimsoll::report
