// csaf: CSAF 2.0 advisories and VEX documents (Red Hat, SUSE and others with rpm packages).
//
// Input   JSON documents: product_tree (branches with CPE and purl, relationships "component of platform") and
//         vulnerabilities with product_status, remediations, threats, scores.
// Output  per vulnerability: fixed products are "fixed below that version" on the platform's ecosystem (its update stream
//         as the channel); known_affected ones without a version are open, their state told by the remediation
//         (no_fix_planned: will-not-fix or out of support; none_available: not-fixed or deferred);
//         under_investigation as it is; known_not_affected silences what other feeds say of that package.
// Source  https://docs.oasis-open.org/csaf/csaf/v2.0/; https://security.access.redhat.com/data/csaf/v2/vex/
#include <map>
#include <set>

#include "advisory/feed.h"
#include "base/text.h"
#include "model/purl.h"

namespace plimsoll::advisory {
namespace {

constexpr int kMaxBranchDepth = 30;

int claims(const FeedFile& file) { return !file.json.empty() && file.has("\"csaf_version\"") ? 9 : 0; }

struct Component {
  std::string name, version, module;
  bool source = false;
};
Component component_of(std::string_view purl_text) {
  const auto purl = Purl::parse(purl_text);
  if (!purl.has_value() || purl->type != "rpm") return {};
  Component out{.name = purl->name, .version = purl->version, .module = {}, .source = false};
  const auto get = [&](std::string_view key) -> std::string {
    const auto at = purl->qualifiers.find(key);
    return at == purl->qualifiers.end() ? std::string{} : at->second;
  };
  if (const std::string epoch = get("epoch"); !epoch.empty() && epoch != "0" && !out.version.empty()) out.version = cat(epoch, ":", out.version);
  out.source = get("arch") == "src";
  if (const std::string module = get("rpmmod"); !module.empty()) {
    const std::vector<std::string_view> parts = split(module, ':');
    out.module = parts.size() >= 2 ? cat(parts[0], ":", parts[1]) : module;
  }
  return out;
}

// "pkg:rpmmod/redhat/nodejs@18:8080020230718135411:63b34585" -> "nodejs:18".
std::string module_of(std::string_view purl_text) {
  const auto purl = Purl::parse(purl_text);
  if (!purl.has_value() || purl->name.empty()) return {};
  return cat(purl->name, ":", cut(purl->version, ':').first);
}

// "libfoo-1:1.2-3.x86_64" or "libfoo-1.2-3.el9": name, version-release.
Component component_of_nevra(std::string_view text) {
  for (const std::string_view arch : {".x86_64", ".aarch64", ".noarch", ".s390x", ".ppc64le", ".i686", ".src"})
    if (text.ends_with(arch)) text.remove_suffix(arch.size());
  const std::size_t release = text.rfind('-');
  if (release == std::string_view::npos || release == 0) return {};
  const std::size_t version = text.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0) return {};
  std::string_view evr = text.substr(version + 1);
  if (evr.starts_with("0:")) evr.remove_prefix(2);
  if (evr.empty() || evr[0] < '0' || evr[0] > '9') return {};
  return {.name = std::string(text.substr(0, version)), .version = std::string(evr), .module = {}, .source = false};
}

class Document {
 public:
  Document(JsonValue document, std::string_view where, FeedSink& sink) : document_(document), where_(where), sink_(sink) {}

  void read() {
    JsonValue tracking = document_["document"]["tracking"];
    const std::string_view date = tracking["current_release_date"].text();
    sink_.date(iso_date(date));
    for (const JsonValue& branch : document_["product_tree"]["branches"].items()) read_branch(branch, 0);
    for (const JsonValue& product : document_["product_tree"]["full_product_names"].items()) read_product(product);
    for (const JsonValue& relation : document_["product_tree"]["relationships"].items())
      related_[std::string(relation["full_product_name"]["product_id"].text())] = {std::string(relation["product_reference"].text()), std::string(relation["relates_to_product_reference"].text())};
    std::string notice(tracking["id"].text());
    document_id_ = cat(document_["document"]["publisher"]["name"].text().substr(0, 200), "|", notice.substr(0, 200));
    document_time_ = date.substr(0, 40);
    if (is_cve(notice)) notice.clear();
    if (!document_["vulnerabilities"].is_array()) return sink_.note(where_, "a document without vulnerabilities");
    for (const JsonValue& vulnerability : document_["vulnerabilities"].items()) read_vulnerability(vulnerability, notice, date);
  }

 private:
  void read_branch(JsonValue branch, int depth) {
    if (depth > kMaxBranchDepth) return sink_.note(where_, "branches nest too deep");
    if (branch["product"].is_object()) read_product(branch["product"]);
    for (const JsonValue& inner : branch["branches"].items()) read_branch(inner, depth + 1);
  }

  void read_product(JsonValue product) {
    const std::string id(product["product_id"].text());
    JsonValue helper = product["product_identification_helper"];
    if (const std::string_view cpe = helper["cpe"].text(); !cpe.empty())
      if (EcosystemRef platform = ecosystem_of_cpe(cpe); !platform.key.empty()) platforms_[id] = std::move(platform);
    if (const std::string_view purl = helper["purl"].text(); purl.starts_with("pkg:rpmmod/")) modules_[id] = module_of(purl);
    else if (!purl.empty()) components_[id] = component_of(purl);
    else if (!helper["cpe"].exists()) components_[id] = component_of_nevra(product["name"].text(id));
  }

  // A product of a status list -> what and where; false when it is none of our concern.
  bool resolve(const std::string& id, Component& component, EcosystemRef& platform) const {
    const auto relation = related_.find(id);
    std::string part, place;
    if (relation != related_.end()) part = relation->second.first, place = relation->second.second;
    else if (const std::size_t colon = id.find(':'); colon != std::string::npos) place = id.substr(0, colon), part = id.substr(colon + 1);
    // A module's component is itself related: "AppStream:nodejs:18:... of platform".
    for (int hops = 0; hops < 3 && !platforms_.count(place); ++hops) {
      const auto outer = related_.find(place);
      if (outer == related_.end()) break;
      place = outer->second.second;
    }
    const auto where = platforms_.find(place);
    if (where == platforms_.end()) return false;
    platform = where->second;
    const auto what = components_.find(part);
    component = what != components_.end() ? what->second : component_of_nevra(part);
    if (component.name.empty() && part.find_first_of(" /:") == std::string::npos) component.name = part;
    if (component.name.ends_with(".src")) component.name.resize(component.name.size() - 4), component.source = true;
    // The module: "AppStream:nodejs:18:...:rpmmod" stands between the component and its platform.
    if (component.module.empty() && component.version.find(".module") != std::string::npos) component.module = module_around(id);
    return !component.name.empty();
  }

  // The module that the component `id` is part of, from the products on its way to the platform; "?" when none tells.
  std::string module_around(const std::string& id) const {
    std::string at = id;
    for (int hops = 0; hops < 4; ++hops) {
      const auto relation = related_.find(at);
      if (relation == related_.end()) break;
      for (const std::string& product : {relation->second.first, relation->second.second})
        if (const auto known = modules_.find(product); known != modules_.end()) return known->second;
      at = relation->second.second;
    }
    return "?";
  }

  std::pair<FixState, std::string> state_of(JsonValue vulnerability, const std::string& product) const {
    for (const JsonValue& remediation : vulnerability["remediations"].items()) {
      const std::string_view category = remediation["category"].text();
      if (category != "no_fix_planned" && category != "none_available") continue;
      bool mine = false;
      for (const JsonValue& id : remediation["product_ids"].items()) mine = mine || id.text() == product;
      if (!mine) continue;
      const std::string details = lower(remediation["details"].text());
      if (details.find("out of support") != std::string::npos) return {FixState::EndOfLife, "out-of-support-scope"};
      if (category == "no_fix_planned") return {FixState::WillNotFix, "will-not-fix"};
      if (details.find("deferred") != std::string::npos) return {FixState::Postponed, "fix-deferred"};
      return {FixState::NotFixed, "affected"};
    }
    return {FixState::NotFixed, "affected"};
  }

  void rate(JsonValue vulnerability, AdvisoryRecord& record) const {
    const std::string publisher = lower(document_["document"]["publisher"]["name"].text());
    const std::string vendor = publisher.find("red hat") != std::string::npos ? "redhat" : publisher.find("suse") != std::string::npos ? "suse" : "csaf";
    for (const JsonValue& threat : vulnerability["threats"].items())
      if (threat["category"].text() == "impact")
        if (const auto severity = severity_from(lower(threat["details"].text())); severity && *severity > record.severity) record.severity = *severity, record.severity_source = vendor;
    if (record.severity == Severity::Unknown)
      if (const auto severity = severity_from(lower(document_["document"]["aggregate_severity"]["text"].text()))) record.severity = *severity, record.severity_source = vendor;
    for (const JsonValue& score : vulnerability["scores"].items())
      for (const char* key : {"cvss_v4", "cvss_v3", "cvss_v2"})
        if (auto cvss = cvss_of(score[key]["vectorString"].text(), vendor); cvss && record.cvss.empty()) record.cvss.push_back(std::move(*cvss));
    if (const std::string_view cwe = vulnerability["cwe"]["id"].text(); cwe.starts_with("CWE-")) record.cwes.emplace_back(cwe);
  }

  void read_vulnerability(JsonValue vulnerability, const std::string& notice, std::string_view date) {
    AdvisoryRecord record;
    record.id = cve_id(vulnerability["cve"].text());
    if (record.id.empty())
      for (const JsonValue& id : vulnerability["ids"].items())
        if (record.id.empty()) record.id = id["text"].text().substr(0, 128);
    if (record.id.empty()) return sink_.note(where_, "a vulnerability without an id");
    record.title = to_utf8(vulnerability["title"].text().substr(0, 240));
    record.published = iso_date(vulnerability["release_date"].text());
    record.modified = iso_date(date);
    rate(vulnerability, record);
    JsonValue status = vulnerability["product_status"];
    std::set<std::string> seen;  // one statement for all architectures
    for (const char* list : {"fixed", "first_fixed", "recommended"})
      for (const JsonValue& product : status[list].items()) add(std::string(product.text()), vulnerability, notice, record, seen, true, FixState::Fixed);
    for (const char* list : {"known_affected", "first_affected", "last_affected"})
      for (const JsonValue& product : status[list].items()) add(std::string(product.text()), vulnerability, notice, record, seen, false, FixState::NotFixed);
    for (const JsonValue& product : status["under_investigation"].items()) add(std::string(product.text()), vulnerability, notice, record, seen, false, FixState::UnderInvestigation);
    for (const JsonValue& product : status["known_not_affected"].items()) add(std::string(product.text()), vulnerability, notice, record, seen, false, FixState::NotAffected);
    // A newer version that speaks of no package of ours any longer takes the older one's words back.
    record.document = document_id_, record.document_time = document_time_;
    sink_.record(std::move(record), Merge::Join);
  }

  void add(const std::string& product, JsonValue vulnerability, const std::string& notice, AdvisoryRecord& record, std::set<std::string>& seen, bool fixed, FixState state) {
    Component component;
    EcosystemRef platform;
    if (!resolve(product, component, platform)) return;
    if (fixed && (component.version.empty() || component.source)) return;  // the binaries of it are listed too
    Affected affected;
    affected.ecosystem = platform.key;
    affected.channel = platform.channel;
    affected.name = component.name;
    affected.name_kind = fixed ? NameKind::Binary : component.source ? NameKind::Source : NameKind::Either;
    affected.severity = record.severity;  // this vendor's alone
    affected.module = component.module;
    if (fixed) {
      affected.intervals.push_back(fixed_below(component.version));
      if (!notice.empty()) affected.aliases = {notice};
    } else {
      if (!component.version.empty()) return;  // an old version listed as affected: the fixed one says the same
      affected.intervals.push_back(all_versions());
      affected.state = state;
      if (state == FixState::NotFixed) std::tie(affected.state, affected.word) = state_of(vulnerability, product);
      else affected.word = state == FixState::NotAffected ? "known-not-affected" : "under-investigation";
    }
    sink_.covers(affected.ecosystem);
    if (affected.ecosystem.starts_with("rhel-product:")) sink_.covers("rhel-product");  // it speaks of products beside RHEL
    if (seen.insert(cat(affected.ecosystem, "|", affected.channel, "|", affected.name, "|", affected.module, "|", component.version)).second) record.affected.push_back(std::move(affected));
  }

  JsonValue document_;
  std::string_view where_;
  std::string document_id_, document_time_;
  FeedSink& sink_;
  std::map<std::string, EcosystemRef> platforms_;
  std::map<std::string, Component> components_;
  std::map<std::string, std::string> modules_;  // products that are modules: "nodejs:18"
  std::map<std::string, std::pair<std::string, std::string>> related_;
};

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue value, std::string_view where) { Document(value, where, sink).read(); });
}

}  // namespace

Feed csaf() { return {.name = "csaf", .source = "CSAF advisories and VEX", .licence = "that of each vendor (Red Hat: CC-BY-4.0)", .priority = 0, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
