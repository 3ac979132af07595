#include "report/spdx_document.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "model/sbom_terms.h"
#include "report/documents.h"
#include "report/order.h"
#include "report/plain.h"
#include "report/spdx_ids.h"

namespace plimsoll::report {
namespace {

std::string short_hash(std::string_view text) { return hash_hex(HashKind::Sha256, as_bytes(text)).substr(0, 16); }

// "LicenseRef-plimsoll-Public-domain-<hash>": letters, digits, '.' and '-' only.
std::string licence_ref(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, 40)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    if (kept) name += c;
    else if (!name.empty() && name.back() != '-') name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return cat("LicenseRef-plimsoll-", name.empty() ? "" : cat(name, "-"), short_hash(text).substr(0, 8));
}

class Builder {
 public:
  explicit Builder(const Report& report) : report_(report), refs_(report) {}
  SpdxDocument build() {
    const std::string at = date_time(report_.tool.at);
    document_.name = image_name(report_.image);
    document_.created = at.empty() ? "1970-01-01T00:00:00Z" : at;  // the field must be there
    document_.tool = cat("plimsoll-", report_.tool.version);
    image();
    advisories();
    for (std::size_t i = 0; i < refs_.packages().size(); ++i) package(i);
    relations();
    for (auto& [id, text] : licences_) document_.licences.push_back({id, text});
    if (!report_.complete()) {
      document_.comment = "Incomplete; not read:";
      for (const Gap* gap : ordered(report_.gaps, std::less<Gap>())) document_.comment += cat("\n", printable(gap->part), ": ", printable(gap->where), ": ", printable(gap->why));
    }
    std::string content = cat(document_.name, document_.created, document_.comment);
    for (const SpdxPackage& each : document_.packages) content += cat(each.id, each.purl, each.licence, each.annotation);
    document_.space = cat("https://plimsoll.dev/spdx/", uuid_of(content));
    return std::move(document_);
  }

 private:
  void image();
  void advisories();
  void package(std::size_t index);
  std::string annotation(const Package& package, const Purl& purl, std::size_t index) const;
  std::string licence(const Package& package);
  void relations();
  std::string id_of(std::size_t index) const { return cat("SPDXRef-Package-", short_hash(refs_.ref(index))); }

  const Report& report_;
  const PackageRefs refs_;
  SpdxDocument document_;
  std::map<std::string, std::string> licences_;
  std::map<std::size_t, std::set<std::string>> advisories_;
};

void Builder::image() {
  const ImageInfo& info = report_.image;
  document_.packages.push_back({.id = "SPDXRef-Image", .name = document_.name, .version = info.digest, .purl = image_purl(info), .purpose = "CONTAINER"});
  if (info.kind != "image" && info.kind != "rootfs") document_.packages.back().purpose = "APPLICATION";
  if (info.os.id.empty()) return;
  std::string extra;
  JsonWriter json(extra);
  json.begin_object();
  const auto own = [&](std::string_view name, std::string_view value) { json.text_member(cat(sbom::kOs, name), value); };
  own("codename", info.os.codename);
  own("name", info.os.name);
  own("variant", info.os.variant);
  own("cpe", info.os.cpe);
  if (!info.os.id_like.empty()) {
    json.key(cat(sbom::kOs, "idLike")).begin_array();
    for (const std::string& like : info.os.id_like) json.value(like);
    json.end_array();
  }
  if (info.os.end_of_life) own("endOfLife", *info.os.end_of_life);
  json.end_object();
  document_.packages.push_back({.id = "SPDXRef-OperatingSystem", .name = printable(info.os.id), .version = printable(info.os.version_id), .summary = printable(info.os.name),
                                .purpose = "OPERATING-SYSTEM", .annotation = cat(sbom::kSpdxComment, extra)});
}

void Builder::advisories() {
  for (const Finding& finding : report_.findings) {
    if (finding.klass != FindingClass::Vulnerability) continue;
    const std::ptrdiff_t index = refs_.by_id(finding.package);
    if (const std::string url = advisory_url(finding.id); index >= 0 && !url.empty()) advisories_[static_cast<std::size_t>(index)].insert(url);
  }
}

std::string Builder::licence(const Package& package) {
  std::string out;
  for (const std::string& each : package.licenses) {
    std::string term = each;
    if (!is_spdx_expression(each)) {
      term = licence_ref(each);
      licences_.emplace(term, printable(each));
    } else if (package.licenses.size() > 1 && each.find(' ') != std::string::npos) {
      term = cat("(", each, ")");
    }
    out += cat(out.empty() ? "" : " AND ", term);
  }
  return out.empty() ? "NOASSERTION" : out;
}

std::string Builder::annotation(const Package& package, const Purl& purl, std::size_t index) const {
  std::string extra;
  JsonWriter json(extra);
  json.begin_object();
  const auto texts = [&](std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(name).begin_array();
    for (const std::string& value : values) json.value(value);
    json.end_array();
  };
  if (package.origin != Origin::Unknown) json.member(sbom::kOrigin, to_string(package.origin));
  json.text_member(sbom::kOwnedBy, package.owned_by);
  texts(sbom::kFoundBy, package.found_by);
  std::vector<std::string> unresolved;
  refs_.needs(index, unresolved);
  texts(sbom::kDepends, unresolved);
  if (!purl.qualifiers.contains("upstream")) json.text_member(sbom::kSourceName, package.source_name).text_member(sbom::kSourceVersion, package.source_version);
  if (const auto canonical = Purl::parse(purl.text()); canonical && canonical->ns != package.ns) json.text_member(sbom::kNamespace, package.ns);
  texts("licenses", package.licenses);
  if (!package.locations.empty()) {
    json.key("locations").begin_array();
    for (const Location& location : package.locations) {
      json.begin_object().member("path", location.path).text_member("layer", location.layer);
      if (location.line != 0) json.member("line", location.line);
      json.end_object();
    }
    json.end_array();
  }
  if (!package.properties.empty()) {
    json.key("properties").begin_object();
    for (const auto& [key, value] : package.properties) json.member(key, value);
    json.end_object();
  }
  json.end_object();
  // Tag-value ends a text at "</text>".
  for (std::size_t at = 0; (at = extra.find('<', at)) != std::string::npos; at += 6) extra.replace(at, 1, "\\u003c");
  return cat(sbom::kSpdxComment, extra);
}

void Builder::package(std::size_t index) {
  const Package& package = *refs_.packages()[index];
  const Purl purl = package.purl();
  SpdxPackage out{.id = id_of(index), .name = printable(package.name), .version = printable(package.version), .purl = purl.text(), .purpose = "LIBRARY"};
  const std::string_view cpe = package.property("cpe"), sha1 = package.property("sha1");
  if (cpe.starts_with("cpe:2.3:") && cpe.find_first_of(" \n\t") == std::string_view::npos) out.cpe = cpe;
  if (package.type == "maven" && sha1.size() == 40 && from_hex(sha1).size() == 20) out.sha1 = sha1;
  out.licence = licence(package);
  if (!package.source_name.empty())
    out.source_info = cat("built package from: ", printable(package.source_name), " ", printable(package.source_version.empty() ? package.version : package.source_version));
  out.annotation = annotation(package, purl, index);
  if (const auto found = advisories_.find(index); found != advisories_.end()) out.advisories.assign(found->second.begin(), found->second.end());
  document_.packages.push_back(std::move(out));
}

void Builder::relations() {
  const auto relate = [&](std::string from, std::string_view kind, std::string to) { document_.relations.push_back({std::move(from), std::string(kind), std::move(to)}); };
  relate("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image");
  if (!report_.image.os.id.empty()) relate("SPDXRef-Image", "CONTAINS", "SPDXRef-OperatingSystem");
  std::vector<std::string> unresolved;
  for (std::size_t i = 0; i < refs_.packages().size(); ++i) relate("SPDXRef-Image", "CONTAINS", id_of(i));
  for (std::size_t i = 0; i < refs_.packages().size(); ++i)
    for (const std::size_t need : refs_.needs(i, unresolved)) relate(id_of(i), "DEPENDS_ON", id_of(need));
}

}  // namespace

SpdxDocument spdx_document(const Report& report) { return Builder(report).build(); }

}  // namespace plimsoll::report
