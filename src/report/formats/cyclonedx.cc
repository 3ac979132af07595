// cyclonedx: CycloneDX 1.6 JSON: what is in the image, and what is known of it (VEX).
//
// Output  metadata.component is the image; components are its operating system and packages with licences, places,
//         digests and the rest as properties (model/sbom_terms.h); dependencies; compositions say "incomplete" when there
//         are gaps. Vulnerabilities stand with ratings, the packages affected and an analysis: "exploitable" with response
//         "update" (fixed), "will_not_fix" or "can_not_fix" (end of life); "in_triage"; "not_affected", also for what a VEX
//         statement left out. Other classes of findings have no place in the format.
// Source  CycloneDX 1.6 JSON schema (ECMA-424).
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "model/sbom_terms.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/order.h"
#include "report/plain.h"
#include "report/spdx_ids.h"

namespace plimsoll::report {
namespace {

constexpr std::string_view kNoUuid = "00000000-0000-8000-8000-000000000000";

void property(JsonWriter& json, std::string_view name, std::string_view value) {
  if (!value.empty()) json.begin_object().member("name", cat(sbom::kPrefix, name)).member("value", value).end_object();
}

bool is_sha1(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_cpe(std::string_view text) { return text.starts_with("cpe:2.3:") || text.starts_with("cpe:/"); }

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), refs_(report), json_(out_, true) {}
  std::string text() {
    json_.begin_object().member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json").member("bomFormat", "CycloneDX").member("specVersion", "1.6");
    json_.member("serialNumber", cat("urn:uuid:", kNoUuid)).member("version", 1);
    metadata();
    json_.key("components").begin_array();
    system();
    for (std::size_t i = 0; i < refs_.packages().size(); ++i) line([&](JsonWriter& json) { component(json, i); });
    json_.end_array();
    dependencies();
    if (!report_.complete()) json_.key("compositions").begin_array().begin_object().member("aggregate", "incomplete").end_object().end_array();
    vulnerabilities();
    json_.end_object();
    out_ += '\n';
    const std::string uuid = uuid_of(out_);
    out_.replace(out_.find(kNoUuid), kNoUuid.size(), uuid);
    return std::move(out_);
  }

 private:
  template <class Write>
  void line(Write write) {
    std::string text;
    JsonWriter record(text);
    write(record);
    json_.raw(text);
  }
  void metadata();
  void system();
  void component(JsonWriter& json, std::size_t index);
  void licences(JsonWriter& json, const Package& package);
  void dependencies();
  void vulnerabilities();
  void vulnerability(JsonWriter& json, const std::vector<const Finding*>& findings);

  const Report& report_;
  const PackageRefs refs_;
  std::string out_;
  JsonWriter json_;
};

void Writer::metadata() {
  const ImageInfo& image = report_.image;
  json_.key("metadata").begin_object().text_member("timestamp", date_time(report_.tool.at));
  json_.key("tools").begin_object().key("components").begin_array().begin_object();
  json_.member("type", "application").member("name", "plimsoll").member("version", report_.tool.version).end_object().end_array().end_object();
  json_.key("component").begin_object().member("type", image.kind == "image" || image.kind == "rootfs" ? "container" : "application");
  json_.member("bom-ref", "plimsoll:image").member("name", image_name(image)).text_member("version", image.digest).text_member("purl", image_purl(image));
  json_.key("properties").begin_array();
  property(json_, "kind", image.kind);
  property(json_, "imageId", image.image_id);
  property(json_, "platform", image.platform);
  property(json_, "baseImage", image.base_name);
  for (const LayerInfo& layer : image.layers) property(json_, "diffId", layer.diff_id);
  for (const Gap* gap : ordered(report_.gaps, std::less<Gap>())) property(json_, "gap", cat(gap->part, ": ", gap->where, ": ", gap->why));
  json_.end_array().end_object();
  if (report_.tool.database) {
    json_.key("properties").begin_array();
    property(json_, "database", report_.tool.database->digest);
    json_.end_array();
  }
  json_.end_object();
}

void Writer::system() {
  const Distribution& os = report_.image.os;
  if (os.id.empty()) return;
  line([&](JsonWriter& json) {
    json.begin_object().member("type", "operating-system").member("bom-ref", cat("plimsoll:os:", os.id)).member("name", os.id).text_member("version", os.version_id);
    json.text_member("description", os.name).key("properties").begin_array();
    const auto own = [&](std::string_view name, std::string_view value) { property(json, cat(sbom::kOs, name), value); };
    own("codename", os.codename);
    own("name", os.name);
    own("variant", os.variant);
    own("cpe", os.cpe);
    for (const std::string& like : os.id_like) own("idLike", like);
    if (os.end_of_life) own("endOfLife", *os.end_of_life);
    json.end_array().end_object();
  });
}

void Writer::licences(JsonWriter& json, const Package& package) {
  if (package.licenses.empty()) return;
  json.key("licenses").begin_array();
  // One expression may stand alone; several entries must each be an id or a name.
  const std::string& first = package.licenses.front();
  if (package.licenses.size() == 1 && !is_spdx_id(first) && is_spdx_expression(first)) {
    json.begin_object().member("expression", first).end_object().end_array();
    return;
  }
  for (const std::string& licence : package.licenses)
    json.begin_object().key("license").begin_object().member(is_spdx_id(licence) ? "id" : "name", licence).end_object().end_object();
  json.end_array();
}

void Writer::component(JsonWriter& json, std::size_t index) {
  const Package& package = *refs_.packages()[index];
  const std::string purl = package.purl_text();
  json.begin_object().member("type", "library").member("bom-ref", refs_.ref(index)).text_member("group", package.ns).member("name", package.name);
  json.text_member("version", package.version);
  const std::string_view sha1 = package.property("sha1"), cpe = package.property("cpe");
  const bool hashed = package.type == "maven" && is_sha1(sha1);
  if (hashed) json.key("hashes").begin_array().begin_object().member("alg", "SHA-1").member("content", sha1).end_object().end_array();
  licences(json, package);
  if (is_cpe(cpe)) json.member("cpe", cpe);
  json.member("purl", purl);
  if (!package.locations.empty()) {
    json.key("evidence").begin_object().key("occurrences").begin_array();
    for (const Location& location : package.locations) {
      json.begin_object().member("location", location.path);
      if (location.line != 0) json.member("line", location.line);
      json.end_object();
    }
    json.end_array().end_object();
  }
  std::vector<std::string> unresolved;
  refs_.needs(index, unresolved);
  json.key("properties").begin_array();
  if (package.origin != Origin::Unknown) property(json, sbom::kOrigin, to_string(package.origin));
  property(json, sbom::kOwnedBy, package.owned_by);
  for (const std::string& name : package.found_by) property(json, sbom::kFoundBy, name);
  for (const std::string& name : unresolved) property(json, sbom::kDepends, name);
  if (purl.find("upstream=") == std::string::npos) {
    property(json, sbom::kSourceName, package.source_name);
    property(json, sbom::kSourceVersion, package.source_version);
  }
  for (const Location& location : package.locations)
    if (!location.layer.empty()) property(json, sbom::kLayer, cat(location.path, "\t", location.layer));
  for (const auto& [key, value] : package.properties)
    if (!(key == "sha1" && hashed) && !(key == "cpe" && is_cpe(cpe))) property(json, cat(sbom::kProperty, key), value);
  json.end_array().end_object();
}

void Writer::dependencies() {
  json_.key("dependencies").begin_array();
  std::vector<std::string> unresolved;
  for (std::size_t i = 0; i < refs_.packages().size(); ++i) {
    const std::vector<std::size_t> needs = refs_.needs(i, unresolved);
    if (needs.empty()) continue;
    line([&](JsonWriter& json) {
      json.begin_object().member("ref", refs_.ref(i)).key("dependsOn").begin_array();
      for (const std::size_t need : needs) json.value(refs_.ref(need));
      json.end_array().end_object();
    });
  }
  json_.end_array();
}

std::string_view severity_word(Severity severity) { return severity == Severity::Negligible ? "info" : to_string(severity); }

std::string_view method_of(std::string_view version) {
  return version == "2.0" ? "CVSSv2" : version == "3.0" ? "CVSSv3" : version == "3.1" ? "CVSSv31" : version == "4.0" ? "CVSSv4" : "other";
}

struct Analysis {
  std::string_view state, response, detail;
};
Analysis analysis_of(FixState state) {
  switch (state) {
    case FixState::Fixed: return {"exploitable", "update", "a fixed version is published"};
    case FixState::NotFixed: return {"exploitable", "", "no fixed version is published"};
    case FixState::WillNotFix: return {"exploitable", "will_not_fix", "its maintainers will not fix it"};
    case FixState::Postponed: return {"exploitable", "", "its maintainers postponed the fix"};
    case FixState::EndOfLife: return {"exploitable", "can_not_fix", "the release is at its end of life"};
    case FixState::NotAffected: return {"not_affected", "", ""};
    case FixState::UnderInvestigation: return {"in_triage", "", ""};
  }
  return {};
}

void Writer::vulnerability(JsonWriter& json, const std::vector<const Finding*>& findings) {
  const Finding& first = *findings.front();
  json.begin_object().member("bom-ref", cat("plimsoll:", to_string(first.state), ":", first.id)).member("id", first.id);
  if (const std::string_view authority = authority_of(first.id); !authority.empty()) {
    json.key("source").begin_object().member("name", authority).text_member("url", advisory_url(first.id)).end_object();
  }
  if (!first.aliases.empty()) {
    json.key("references").begin_array();
    for (const std::string& alias : first.aliases) {
      const std::string_view authority = authority_of(alias);
      json.begin_object().member("id", alias).key("source").begin_object().member("name", authority.empty() ? "unknown" : authority).end_object().end_object();
    }
    json.end_array();
  }
  json.key("ratings").begin_array();
  json.begin_object();
  if (!first.severity_source.empty()) json.key("source").begin_object().member("name", first.severity_source).end_object();
  json.member("severity", severity_word(first.severity)).end_object();
  for (const Cvss& cvss : first.cvss) {
    json.begin_object();
    if (!cvss.source.empty()) json.key("source").begin_object().member("name", cvss.source).end_object();
    json.member("score", cvss.score_0_10).member("method", method_of(cvss.version)).text_member("vector", cvss.vector).end_object();
  }
  json.end_array().text_member("description", first.title);
  std::map<std::string, bool> fixes;  // one for each package; distinct
  for (const Finding* finding : findings)
    if (!finding->fix.empty()) fixes[finding->fix] = true;
  std::string recommendation;
  for (const auto& [fix, yes] : fixes) recommendation += cat(recommendation.empty() ? "" : "; ", fix);
  json.text_member("recommendation", recommendation);
  const bool linked = std::any_of(first.references.begin(), first.references.end(), is_link);
  if (linked) {
    json.key("advisories").begin_array();
    for (const std::string& url : first.references)
      if (is_link(url)) json.begin_object().member("url", url).end_object();
    json.end_array();
  }
  const Analysis analysis = analysis_of(first.state);
  json.key("analysis").begin_object().member("state", analysis.state);
  if (!analysis.response.empty()) json.key("response").begin_array().value(analysis.response).end_array();
  json.text_member("detail", analysis.detail).end_object();
  json.key("affects").begin_array();
  std::vector<std::ptrdiff_t> named;
  for (const Finding* finding : findings) {
    const std::ptrdiff_t index = refs_.by_id(finding->package);
    if (index >= 0 && std::find(named.begin(), named.end(), index) != named.end()) continue;
    named.push_back(index);
    json.begin_object().member("ref", index < 0 ? "plimsoll:image" : refs_.ref(static_cast<std::size_t>(index)));
    if (!finding->installed_version.empty())
      json.key("versions").begin_array().begin_object().member("version", finding->installed_version).member("status", first.state == FixState::NotAffected ? "unaffected" : "affected").end_object().end_array();
    json.end_object();
  }
  json.end_array().key("properties").begin_array();
  property(json, "state", to_string(first.state));
  std::string risk;
  JsonWriter(risk).value(first.risk_0_100);
  property(json, "risk", risk);
  if (first.epss) {
    std::string score;
    JsonWriter(score).value(first.epss->score);
    property(json, "epss", score);
  }
  if (first.kev) property(json, "exploited", first.kev->date_added.empty() ? "yes" : first.kev->date_added);
  json.end_array().end_object();
}

void Writer::vulnerabilities() {
  std::map<std::pair<std::string, FixState>, std::vector<const Finding*>> groups;
  for (const Finding* finding : ordered(report_.findings, FindingOrder()))
    if (finding->klass == FindingClass::Vulnerability) groups[{finding->id, finding->state}].push_back(finding);
  // What a VEX statement left out is the very thing a VEX document should say.
  std::map<std::pair<std::string, std::string>, std::vector<const Suppressed*>> left_out;  // (id, reason)
  for (const Suppressed* item : ordered(report_.suppressed, SuppressedOrder()))
    if (item->reason.starts_with("not_affected") || item->reason.starts_with("fixed")) left_out[{item->id, item->reason}].push_back(item);
  if (groups.empty() && left_out.empty()) return;
  json_.key("vulnerabilities").begin_array();
  for (const auto& [key, findings] : groups) line([&](JsonWriter& json) { vulnerability(json, findings); });
  std::size_t number = 0;
  for (const auto& [key, items] : left_out) {
    line([&](JsonWriter& json) {
      json.begin_object().member("bom-ref", cat("plimsoll:left-out:", ++number)).member("id", key.first).key("analysis").begin_object();
      json.member("state", key.second.starts_with("fixed") ? "resolved" : "not_affected").member("detail", cat(key.second, " (", items.front()->by, ")")).end_object();
      json.key("affects").begin_array();
      std::vector<std::ptrdiff_t> named;
      for (const Suppressed* item : items) {
        const std::ptrdiff_t index = refs_.by_id(item->package);
        if (std::find(named.begin(), named.end(), index) != named.end()) continue;
        named.push_back(index);
        json.begin_object().member("ref", index < 0 ? "plimsoll:image" : refs_.ref(static_cast<std::size_t>(index))).end_object();
      }
      json.end_array().end_object();
    });
  }
  json_.end_array();
}

Result<std::string> write(const Report& report, const WriteOptions&) { return Writer(report).text(); }

}  // namespace

Format cyclonedx() { return {.name = "cyclonedx", .extension = "cdx.json", .description = "CycloneDX 1.6 JSON: packages, vulnerabilities and their state (VEX)", .write = write}; }

}  // namespace plimsoll::report
