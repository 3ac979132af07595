// OpenVEX, CSAF and CycloneDX VEX -> statements.
// Source  OpenVEX specification 0.2.0; CSAF 2.0 (OASIS), sections 3.2.2 product tree and 3.2.3 vulnerabilities;
//         CycloneDX 1.4 to 1.7 JSON schemas, vulnerabilities[].analysis.
#include <map>
#include <optional>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "report/vex.h"

namespace plimsoll::report {
namespace {

void add_text(std::vector<std::string>& out, std::string_view text) {
  if (!text.empty()) out.emplace_back(text);
}

std::optional<VexStatus> status_from(std::string_view word) {
  if (word == "not_affected" || word == "false_positive") return VexStatus::NotAffected;
  if (word == "fixed" || word == "resolved" || word == "resolved_with_pedigree") return VexStatus::Fixed;
  if (word == "under_investigation" || word == "in_triage") return VexStatus::UnderInvestigation;
  if (word == "affected" || word == "exploitable") return VexStatus::Affected;
  return std::nullopt;
}

// --- OpenVEX ---------------------------------------------------------------------------------------------------------

// "@id" and identifiers of a product or subcomponent; either may also be a bare text (0.0.x).
std::vector<std::string> openvex_ids(const JsonValue& value) {
  std::vector<std::string> ids;
  if (value.is_string()) {
    add_text(ids, value.text());
    return ids;
  }
  add_text(ids, value["@id"].text());
  add_text(ids, value["identifiers"]["purl"].text());
  for (const auto& [algorithm, digest] : value["hashes"].members())
    if (algorithm == "sha-256") ids.push_back(cat("sha256:", digest.text()));
  return ids;
}

VexProduct openvex_product(const JsonValue& value) {
  VexProduct product{.ids = openvex_ids(value)};
  for (const JsonValue& part : value["subcomponents"].items())
    for (std::string& id : openvex_ids(part)) product.subcomponents.push_back(std::move(id));
  return product;
}

VexDocument read_openvex(const JsonValue& root, std::string_view source) {
  VexDocument out{.source = std::string(source), .format = "OpenVEX"};
  std::size_t number = 0;
  for (const JsonValue& item : root["statements"].items()) {
    ++number;
    VexStatement statement;
    const JsonValue vulnerability = item["vulnerability"];
    add_text(statement.vulnerabilities, vulnerability.is_string() ? vulnerability.text() : vulnerability["name"].text());
    for (const JsonValue& alias : vulnerability["aliases"].items()) add_text(statement.vulnerabilities, alias.text());
    for (const JsonValue& product : item["products"].items()) statement.products.push_back(openvex_product(product));
    const auto status = status_from(item["status"].text());
    if (!status || statement.vulnerabilities.empty() || statement.products.empty()) {
      out.unread.push_back(cat("statement ", number, !status ? " has no known status" : statement.vulnerabilities.empty() ? " names no vulnerability" : " names no product"));
      continue;
    }
    statement.status = *status;
    statement.justification = item["justification"].text();
    statement.detail = item[*status == VexStatus::Affected ? "action_statement" : "impact_statement"].text();
    statement.timestamp = item["last_updated"].text(item["timestamp"].text(root["last_updated"].text(root["timestamp"].text())));
    out.statements.push_back(std::move(statement));
  }
  return out;
}

// --- CSAF ------------------------------------------------------------------------------------------------------------

class Csaf {
 public:
  Csaf(std::string_view source, const Limits& limits) : limits_(limits) { out_.source = source, out_.format = "CSAF 2.0"; }
  Result<VexDocument> read(const JsonValue& root) {
    const JsonValue tree = root["product_tree"];
    PLIM_CHECK(branches(tree["branches"], 0));
    for (const JsonValue& product : tree["full_product_names"].items()) add_product(product);
    for (const JsonValue& relation : tree["relationships"].items()) {
      // "component of product on platform": the component is matched, on that platform.
      VexProduct product = products_[std::string(relation["product_reference"].text())];
      const auto whole = products_.find(relation["relates_to_product_reference"].text());
      if (whole != products_.end()) {
        if (!whole->second.ids.empty()) product = {.ids = whole->second.ids, .subcomponents = product.ids, .platform_cpe = product.platform_cpe};
        else product.platform_cpe = whole->second.platform_cpe;
      }
      products_[std::string(relation["full_product_name"]["product_id"].text())] = std::move(product);
    }
    const std::string_view updated = root["document"]["tracking"]["current_release_date"].text();
    for (const JsonValue& vulnerability : root["vulnerabilities"].items()) statements(vulnerability, updated);
    return std::move(out_);
  }

 private:
  Status branches(const JsonValue& array, unsigned depth) {
    if (depth > limits_.nesting) return limit_reached("CSAF branches are nested too deep");
    for (const JsonValue& branch : array.items()) {
      if (branch["product"].is_object()) add_product(branch["product"]);
      PLIM_CHECK(branches(branch["branches"], depth + 1));
    }
    return {};
  }
  void add_product(const JsonValue& value) {
    VexProduct product;
    const JsonValue helper = value["product_identification_helper"];
    add_text(product.ids, helper["purl"].text());
    for (const JsonValue& purl : helper["purls"].items()) add_text(product.ids, purl.text());
    // A CPE names a platform or a product; only purls are matched with packages.
    if (product.ids.empty()) product.platform_cpe = helper["cpe"].text();
    products_[std::string(value["product_id"].text())] = std::move(product);
  }
  void statements(const JsonValue& vulnerability, std::string_view updated) {
    std::vector<std::string> ids;
    add_text(ids, vulnerability["cve"].text());
    for (const JsonValue& id : vulnerability["ids"].items()) add_text(ids, id["text"].text());
    static constexpr std::pair<std::string_view, VexStatus> kLists[] = {{"known_not_affected", VexStatus::NotAffected}, {"fixed", VexStatus::Fixed}, {"first_fixed", VexStatus::Fixed},
                                                                        {"known_affected", VexStatus::Affected}, {"last_affected", VexStatus::Affected},
                                                                        {"under_investigation", VexStatus::UnderInvestigation}};
    for (const auto& [list, status] : kLists) {
      std::map<std::string, VexStatement> by_reason;  // products of one justification share a statement
      std::size_t nameless = 0;
      for (const JsonValue& id : vulnerability["product_status"][list].items()) {
        const auto product = products_.find(id.text());
        if (product == products_.end() || product->second.ids.empty()) {
          ++nameless;
          continue;
        }
        const std::string justification = reason(vulnerability, id.text());
        VexStatement& statement = by_reason[justification];
        statement.justification = justification;
        statement.products.push_back(product->second);
      }
      if (nameless != 0) out_.unread.push_back(cat(ids.empty() ? "a vulnerability without id" : ids.front(), ": ", nameless, " products of ", list, " have no package URL"));
      for (auto& [justification, statement] : by_reason) {
        statement.vulnerabilities = ids;
        statement.status = status;
        statement.timestamp = updated;
        out_.statements.push_back(std::move(statement));
      }
    }
  }
  // The flag that names this product: "component_not_present"...
  static std::string reason(const JsonValue& vulnerability, std::string_view product) {
    for (const JsonValue& flag : vulnerability["flags"].items())
      for (const JsonValue& id : flag["product_ids"].items())
        if (id.text() == product) return std::string(flag["label"].text());
    return {};
  }

  const Limits& limits_;
  VexDocument out_;
  std::map<std::string, VexProduct, std::less<>> products_;
};

// --- CycloneDX -------------------------------------------------------------------------------------------------------

Status component_purls(const JsonValue& component, std::map<std::string, std::string, std::less<>>& purls, unsigned depth, const Limits& limits) {
  if (depth > limits.nesting) return limit_reached("CycloneDX components are nested too deep");
  if (!component["bom-ref"].text().empty()) {
    std::string_view id = component["purl"].text();
    if (id.empty() && component["version"].text().starts_with("sha256:")) id = component["version"].text();
    if (id.empty() && component["type"].text() == "container") id = component["name"].text();
    purls[std::string(component["bom-ref"].text())] = id;
  }
  for (const JsonValue& nested : component["components"].items()) PLIM_CHECK(component_purls(nested, purls, depth + 1, limits));
  return {};
}

Result<VexDocument> read_cyclonedx_vex(const JsonValue& root, std::string_view source, const Limits& limits) {
  VexDocument out{.source = std::string(source), .format = cat("CycloneDX ", root["specVersion"].text())};
  std::map<std::string, std::string, std::less<>> purls;
  PLIM_CHECK(component_purls(root["metadata"]["component"], purls, 0, limits));
  for (const JsonValue& component : root["components"].items()) PLIM_CHECK(component_purls(component, purls, 0, limits));
  std::size_t without_analysis = 0;
  for (const JsonValue& item : root["vulnerabilities"].items()) {
    VexStatement statement;
    add_text(statement.vulnerabilities, item["id"].text());
    for (const JsonValue& other : item["references"].items()) add_text(statement.vulnerabilities, other["id"].text());
    const JsonValue analysis = item["analysis"];
    const auto status = status_from(analysis["state"].text());
    if (!status) {
      ++without_analysis;
      continue;
    }
    statement.status = *status;
    statement.justification = analysis["justification"].text();
    statement.detail = analysis["detail"].text();
    statement.timestamp = analysis["lastUpdated"].text(item["updated"].text(root["metadata"]["timestamp"].text()));
    for (const JsonValue& affected : item["affects"].items()) {
      std::string_view ref = affected["ref"].text();
      // A BOM-Link: urn:cdx:serial/version#bom-ref, the reference percent-encoded.
      std::string decoded;
      if (ref.starts_with("urn:cdx:") && ref.find('#') != std::string_view::npos) {
        const std::string_view coded = ref.substr(ref.find('#') + 1);
        for (std::size_t i = 0; i < coded.size(); ++i) {
          const std::string byte = coded[i] == '%' && i + 2 < coded.size() ? from_hex(coded.substr(i + 1, 2)) : std::string();
          decoded += byte.empty() ? std::string(1, coded[i]) : byte;
          if (!byte.empty()) i += 2;
        }
        ref = decoded;
      }
      const auto found = purls.find(ref);
      VexProduct product;
      add_text(product.ids, found != purls.end() && !found->second.empty() ? std::string_view(found->second) : ref);
      statement.products.push_back(std::move(product));
    }
    if (statement.vulnerabilities.empty() || statement.products.empty()) {
      out.unread.push_back(cat(statement.vulnerabilities.empty() ? "a vulnerability without id" : statement.vulnerabilities.front(), " affects nothing"));
      continue;
    }
    out.statements.push_back(std::move(statement));
  }
  if (without_analysis != 0 && out.statements.empty()) return unsupported(cat("VEX ", source, ": a CycloneDX document none of whose ", without_analysis, " vulnerabilities has an analysis"));
  return out;
}

}  // namespace

Result<VexDocument> read_vex(Bytes document, std::string_view source, const Limits& limits) {
  PLIM_TRY(const JsonDocument json, JsonDocument::parse(document, limits).context("VEX", source));
  JsonValue root = json.root();
  if (root["predicateType"].is_string() && root["predicate"].is_object()) root = root["predicate"];
  std::string_view context = root["@context"].text();
  if (root["@context"].is_array()) context = root["@context"].at(0).text();
  if (context.find("openvex") != std::string_view::npos) {
    if (!root["statements"].is_array()) return malformed(cat("VEX ", source, ": OpenVEX without statements"));
    return read_openvex(root, source);
  }
  if (root["document"]["csaf_version"].is_string()) {
    if (root["document"]["csaf_version"].text() != "2.0") return unsupported(cat("VEX ", source, ": CSAF ", to_utf8(root["document"]["csaf_version"].text().substr(0, 20)), "; 2.0 is read"));
    return Csaf(source, limits).read(root);
  }
  if (root["bomFormat"].text() == "CycloneDX") {
    if (!root["vulnerabilities"].is_array()) return unsupported(cat("VEX ", source, ": a CycloneDX document without vulnerabilities"));
    return read_cyclonedx_vex(root, source, limits);
  }
  return unsupported(cat("VEX ", source, ": neither OpenVEX nor CSAF nor CycloneDX"));
}

}  // namespace plimsoll::report
