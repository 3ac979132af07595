#include "inventory/sbom.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/path.h"
#include "base/text.h"
#include "inventory/licenses.h"
#include "inventory/sbom_draft.h"
#include "model/sbom_terms.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kNamedGaps = 100;  // of one kind; beyond, they are counted

bool is_os(std::string_view type) { return type == "deb" || type == "rpm" || type == "apk" || type == "alpm" || type == "opkg"; }

// How other tools write the names that os-release(5) calls ID.
std::string os_id(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"redhat", "rhel"},        {"red hat enterprise linux", "rhel"}, {"alma", "almalinux"}, {"amazon", "amzn"},           {"oracle", "ol"},
      {"suse linux enterprise server", "sles"}, {"suse", "sles"},     {"opensuse.leap", "opensuse-leap"}, {"opensuse.tumbleweed", "opensuse-tumbleweed"},
      {"cbl-mariner", "mariner"}, {"azure", "azurelinux"}};
  const std::string known = lower(name);
  for (const auto& [theirs, ours] : kNames)
    if (known == theirs) return std::string(ours);
  return known;
}

// Code names that stand where a version should (Debian's releases page; Ubuntu's list of releases).
std::string release_of(std::string_view code_name) {
  static constexpr std::pair<std::string_view, std::string_view> kReleases[] = {
      {"jessie", "8"},    {"stretch", "9"},   {"buster", "10"},    {"bullseye", "11"}, {"bookworm", "12"}, {"trixie", "13"},   {"forky", "14"},
      {"trusty", "14.04"}, {"xenial", "16.04"}, {"bionic", "18.04"}, {"focal", "20.04"}, {"jammy", "22.04"}, {"noble", "24.04"}};
  for (const auto& [name, version] : kReleases)
    if (name == code_name) return std::string(version);
  return std::string(code_name);
}

// Debian's VERSION_ID is the major version alone; Trivy and Syft write the point release.
void set_version(Distribution& os, std::string_view version) {
  const bool number = !version.empty() && version[0] >= '0' && version[0] <= '9';
  if (!number) os.codename = version;
  os.version_id = number ? std::string(os.id == "debian" ? cut(version, '.').first : version) : release_of(version);
}

// A purl's distro qualifier: "debian-12", "opensuse-leap-15.5", "3.19.1" (then `ns` names the system), "bookworm".
Distribution from_qualifier(std::string_view distro, std::string_view ns) {
  Distribution os;
  std::size_t dash = distro.rfind('-');
  if (dash != std::string_view::npos && (dash + 1 == distro.size() || distro[dash + 1] < '0' || distro[dash + 1] > '9')) {
    // "debian-bookworm" names a release; "opensuse-tumbleweed" does not.
    if (release_of(distro.substr(dash + 1)) == distro.substr(dash + 1) && distro.substr(dash + 1) != "sid" && distro.substr(dash + 1) != "edge") dash = std::string_view::npos;
  }
  if (dash != std::string_view::npos) {
    os.id = os_id(distro.substr(0, dash));
    set_version(os, distro.substr(dash + 1));
  } else if (!distro.empty() && ((distro[0] >= '0' && distro[0] <= '9') || release_of(distro) != distro)) {
    os.id = os_id(ns);
    set_version(os, distro);
  } else {
    os.id = os_id(distro);
  }
  return os;
}

void set_upstream(Package& package, std::string_view upstream) { std::tie(package.source_name, package.source_version) = source_of_upstream(upstream); }

void set_epoch(std::string& version, std::string_view epoch) {
  if (epoch.empty() || epoch == "0" || version.empty() || version.find(':') != std::string::npos || !parse_u64(epoch)) return;
  version = cat(epoch, ":", version);
}

// A package as others of its ecosystem name it: "@babel/core", "org.slf4j:slf4j-api".
std::string full_name(const Package& package) {
  if (package.ns.empty() || is_os(package.type)) return package.name;
  return cat(package.ns, package.type == "maven" ? ":" : "/", package.name);
}

std::string clean_path(std::string_view path) { return normalise_path(path); }

// Package URLs lower the case of some names, which then stand verbatim beside them; Go's stand there whole.
void restore_case(Package& package, std::string_view ns, std::string_view name) {
  if (name == package.name && (ns == package.ns || ns.empty())) return;
  const auto canonical = [&](std::string_view n, std::string_view m) { return PurlText(package.type, n, m, {}).take(); };
  const std::string own = canonical(package.ns, package.name);
  const std::size_t slash = name.rfind('/');
  if (package.type == "golang" && ns.empty() && slash != std::string_view::npos) {
    ns = name.substr(0, slash);
    name = name.substr(slash + 1);
  }
  if (!name.empty() && canonical(package.ns, name) == own) package.name = name;
  if (!ns.empty() && canonical(ns, package.name) == own) package.ns = ns;
}

class Maker {
 public:
  Maker(SbomDraft draft, std::string_view path) : draft_(std::move(draft)), path_(path) {}
  SbomContent make() {
    out_.kind = std::move(draft_.kind);
    out_.created_by = std::move(draft_.created_by);
    out_.created = std::move(draft_.created);
    out_.gaps = std::move(draft_.gaps);
    out_.packages.reserve(draft_.entries.size());
    for (SbomEntry& entry : draft_.entries) {
      if (entry.subject && out_.subject.empty()) subject(entry);
      if (entry.kind == SbomEntry::Kind::OperatingSystem) system(entry);
      else if (entry.kind == SbomEntry::Kind::Package) package(entry);
    }
    dependencies();
    distribution();
    lists();
    return std::move(out_);
  }

 private:
  void gap(std::string_view where, std::string_view why) { out_.gaps.push_back({"sbom", to_utf8(where.substr(0, 300)), std::string(why)}); }
  void subject(const SbomEntry& entry) {
    out_.subject = entry.name;
    if (entry.version.starts_with("sha256:")) out_.subject_digest = entry.version;
    for (const auto& [name, value] : entry.properties)
      if (const std::size_t at = value.find("@sha256:"); name == "aquasecurity:trivy:RepoDigest" && at != std::string::npos) out_.subject_digest = value.substr(at + 1);
  }
  void system(const SbomEntry& entry);
  void package(SbomEntry& entry);
  void properties(Package& package, const SbomEntry& entry);
  void dependencies();
  void distribution();
  void lists();
  // Few licences stand in many packages.
  const std::string& known_licence(const std::string& text) {
    const auto [at, fresh] = licences_.try_emplace(text);
    if (fresh) at->second = license_or_text(text);
    return at->second;
  }

  std::unordered_map<std::string, std::string> licences_;
  SbomDraft draft_;
  const std::string_view path_;
  SbomContent out_;
  std::vector<std::string> without_purl_, without_version_, bad_purls_;
};

void Maker::system(const SbomEntry& entry) {
  Distribution os{.id = os_id(entry.name)};
  std::string version = entry.version;
  for (const auto& [name, value] : entry.properties) {
    if (name == "syft:distro:id") os.id = os_id(value);
    else if (name == "syft:distro:versionID") version = value;
  }
  set_version(os, version);
  for (const auto& [name, value] : entry.properties) {
    std::string_view key = name;
    if (key == "syft:distro:prettyName") os.name = value;
    else if (key == "syft:distro:versionCodename") os.codename = value;
    else if (key.starts_with("syft:distro:idLike")) os.id_like.push_back(value);
    else if (key == "syft:distro:variantID") os.variant = value;
    if (!key.starts_with(sbom::kPrefix)) continue;
    key.remove_prefix(sbom::kPrefix.size());
    if (!key.starts_with(sbom::kOs)) continue;
    key.remove_prefix(sbom::kOs.size());
    if (key == "codename") os.codename = value;
    else if (key == "name") os.name = value;
    else if (key == "variant") os.variant = value;
    else if (key == "cpe") os.cpe = value;
    else if (key == "idLike") os.id_like.push_back(value);
    else if (key == "endOfLife") os.end_of_life = value;
  }
  if (os.cpe.empty()) os.cpe = entry.cpe;
  if (os.name.empty() && entry.description.size() < 200) os.name = entry.description;
  if (os.id.empty()) {
    gap(entry.ref, "an operating system without a name");
  } else if (out_.distribution.id.empty()) {
    out_.distribution = std::move(os);
  } else if (os.id != out_.distribution.id || os.version_id != out_.distribution.version_id) {
    gap(cat(os.id, " ", os.version_id), cat("a second operating system; packages are matched as those of ", out_.distribution.id, " ", out_.distribution.version_id));
  }
}

void Maker::properties(Package& package, const SbomEntry& entry) {
  std::map<std::string, Location, std::less<>> places;  // Syft's numbered locations
  std::string_view layer, src_version, src_release, src_epoch, virtual_path;
  for (const auto& [name, value] : entry.properties) {
    std::string_view key = name;
    if (key.starts_with(sbom::kPrefix)) {
      key.remove_prefix(sbom::kPrefix.size());
      if (key == sbom::kOrigin) package.origin = value == "base" ? Origin::Base : value == "own" ? Origin::Own : Origin::Unknown;
      else if (key == sbom::kOwnedBy) package.owned_by = value;
      else if (key == sbom::kSourceName) package.source_name = value;
      else if (key == sbom::kSourceVersion) package.source_version = value;
      else if (key == sbom::kFoundBy) package.found_by.push_back(value);
      else if (key == sbom::kDepends) package.depends.push_back(value);
      else if (key == sbom::kLayer) {
        const std::size_t tab = value.rfind('\t');
        if (tab == std::string::npos) continue;
        for (Location& place : package.locations)
          if (place.path == std::string_view(value).substr(0, tab)) place.layer = value.substr(tab + 1);
      } else if (key.starts_with(sbom::kProperty)) package.set_property(key.substr(sbom::kProperty.size()), value);
    } else if (key.starts_with("syft:location:")) {
      const auto [number, what] = cut(key.substr(14), ':');
      Location& place = places[cat(std::string(number.size() < 10 ? 10 - number.size() : 0, '0'), number)];
      if (what == "path") place.path = clean_path(value);
      else if (what == "layerID") place.layer = value;
    } else if (key == "syft:package:foundBy") package.found_by.push_back(value);
    else if (key == "syft:metadata:source" || key == "syft:metadata:originPackage" || key == "source:name") {
      if (package.source_name.empty()) package.source_name = value;
    } else if (key == "syft:metadata:sourceVersion" || key == "source:version") {
      if (package.source_version.empty()) package.source_version = value;
    } else if (key == "syft:metadata:sourceRpm") {
      if (package.source_name.empty()) set_upstream(package, value);
    } else if (key == "syft:metadata:modularityLabel" || key == "aquasecurity:trivy:Modularitylabel") {
      if (package.property("modularity").empty()) package.set_property("modularity", value);
    } else if (key == "syft:metadata:virtualPath") virtual_path = value;
    else if (key == "aquasecurity:trivy:SrcName") package.source_name = value;
    else if (key == "aquasecurity:trivy:SrcVersion") src_version = value;
    else if (key == "aquasecurity:trivy:SrcRelease") src_release = value;
    else if (key == "aquasecurity:trivy:SrcEpoch") src_epoch = value;
    else if (key == "aquasecurity:trivy:LayerDiffID") layer = value;
    else if (key == "aquasecurity:trivy:FilePath") package.locations.push_back({.path = clean_path(value)});
  }
  if (!src_version.empty()) {
    package.source_version = src_release.empty() ? std::string(src_version) : cat(src_version, "-", src_release);
    set_epoch(package.source_version, src_epoch);
  }
  if (package.source_version == package.version) package.source_version.clear();
  for (auto& [number, place] : places)
    if (!place.path.empty()) package.locations.push_back(std::move(place));
  if (!virtual_path.empty() && package.type == "maven" && virtual_path.find(':') != std::string_view::npos) {
    // Syft joins nested archives by ':' and repeats "group:artifact" at the end; only what ends as an archive is a path.
    std::string joined;
    for (const std::string_view part : split(virtual_path, ':')) {
      if (!part.ends_with("ar") && !part.ends_with("zip")) break;
      joined += cat(joined.empty() ? "" : "!/", clean_path(part));
    }
    if (!joined.empty()) package.locations.assign(1, {.path = joined, .layer = package.locations.empty() ? std::string() : package.locations.front().layer});
  }
  for (Location& place : package.locations)
    if (place.layer.empty()) place.layer = layer;
  if (package.locations.empty() && !layer.empty()) package.locations.push_back({.path = std::string(path_), .layer = std::string(layer)});
}

void Maker::package(SbomEntry& entry) {
  Package package{.id = entry.ref};
  package.locations = std::move(entry.locations);
  for (Location& place : package.locations) place.path = clean_path(place.path);
  const std::string name = entry.group.empty() ? entry.name : cat(entry.group, "/", entry.name);
  bool read = false;
  if (!entry.purl.empty()) {
    auto purl = Purl::parse(entry.purl);
    if (!purl) {
      bad_purls_.push_back(cat(name, "\n", purl.error().message()));
    } else {
      read = true;
      package.type = purl->type;
      package.ns = purl->ns;
      package.name = purl->name;
      package.version = purl->version;
      std::string epoch;
      for (const auto& [key, value] : purl->qualifiers) {
        if (key == "arch") package.arch = value;
        else if (key == "epoch") epoch = value;
        else if (key == "upstream") set_upstream(package, value);
        else if (key == "rpmmod") package.set_property("modularity", value);
        else if (key == "distro") package.set_property("distro", value);
        else package.set_property(cat("purl:", key), value);
      }
      if (!purl->subpath.empty()) package.set_property("purl:#", purl->subpath);
      restore_case(package, entry.group, entry.name);
      if (package.type == "deb" || package.type == "rpm") {
        set_epoch(package.version, epoch);
        // Some tools drop the epoch from the purl but not from the version beside it.
        const auto [stated_epoch, stated_rest] = cut(entry.version, ':');
        if (stated_rest == package.version) set_epoch(package.version, stated_epoch);
      }
    }
  }
  if (!read) {
    if (entry.name.empty()) {
      gap(entry.ref, "a component without a name and without a package URL");
      return;
    }
    package.type = "generic";
    package.ns = entry.group;
    package.name = entry.name;
    if (entry.purl.empty()) without_purl_.push_back(name);
  }
  if (package.version.empty()) package.version = entry.version;
  // SOURCERPM names no epoch; a source and its packages nearly always share it.
  if (const auto [epoch, rest] = cut(package.version, ':'); package.type == "rpm" && !rest.empty()) {
    set_epoch(package.source_version, epoch);
    if (package.source_version == package.version) package.source_version.clear();
  }
  if (package.version.empty()) without_version_.push_back(name);
  for (const std::string& licence : entry.licenses)
    if (!licence.starts_with("sha256:")) package.licenses.push_back(known_licence(licence));  // Syft: digest of an unknown text
  if (!entry.cpe.empty()) package.set_property("cpe", entry.cpe);
  if (!entry.sha1.empty() && package.type == "maven") package.set_property("sha1", entry.sha1);
  properties(package, entry);
  if (package.locations.empty() && !path_.empty()) package.locations.push_back({.path = std::string(path_)});
  std::sort(package.locations.begin(), package.locations.end());
  package.locations.erase(std::unique(package.locations.begin(), package.locations.end()), package.locations.end());
  std::sort(package.found_by.begin(), package.found_by.end());
  out_.packages.push_back(std::move(package));
}

void Maker::dependencies() {
  std::unordered_map<std::string_view, Package*> by_ref;
  for (Package& package : out_.packages)
    if (!package.id.empty()) by_ref.emplace(package.id, &package);
  for (const auto& [from, to] : draft_.depends) {
    const auto who = by_ref.find(from), what = by_ref.find(to);
    if (who == by_ref.end() || what == by_ref.end() || who == what) continue;
    who->second->depends.push_back(full_name(*what->second));
  }
  for (Package& package : out_.packages) {
    std::sort(package.depends.begin(), package.depends.end());
    package.depends.erase(std::unique(package.depends.begin(), package.depends.end()), package.depends.end());
  }
}

void Maker::distribution() {
  std::map<std::pair<std::string, std::string>, std::size_t> named;  // (id, version) -> packages
  std::size_t os_packages = 0, unnamed = 0;
  for (const Package& package : out_.packages) {
    if (!is_os(package.type)) continue;
    ++os_packages;
    const std::string_view distro = package.property("distro");
    if (distro.empty()) {
      ++unnamed;
      continue;
    }
    const Distribution os = from_qualifier(distro, package.ns);
    ++named[{os.id, os.version_id}];
  }
  if (out_.distribution.id.empty() && !named.empty()) {
    const auto most = std::max_element(named.begin(), named.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const Package& package : out_.packages) {
      const Distribution os = from_qualifier(package.property("distro"), package.ns);
      if (is_os(package.type) && os.id == most->first.first && os.version_id == most->first.second) {
        out_.distribution = os;
        break;
      }
    }
  }
  if (os_packages != 0 && out_.distribution.id.empty()) {
    gap("distribution", cat("the list names no distribution for its ", os_packages, " operating system packages: only language packages are matched"));
    return;
  }
  for (const auto& [os, count] : named)
    if (os.first != out_.distribution.id || os.second != out_.distribution.version_id)
      gap(cat(os.first, " ", os.second), cat(count, " packages name this distribution, the list is of ", out_.distribution.id, " ", out_.distribution.version_id));
  for (Package& package : out_.packages)
    if (is_os(package.type) && package.ns.empty()) package.ns = out_.distribution.id;
}

void Maker::lists() {
  for (std::size_t i = 0; i < bad_purls_.size() && i < kNamedGaps; ++i) {
    const auto [where, why] = cut(bad_purls_[i], '\n');
    gap(where, why);
  }
  if (bad_purls_.size() > kNamedGaps) gap("components", cat(bad_purls_.size() - kNamedGaps, " more package URLs cannot be read"));
  const auto some = [&](const std::vector<std::string>& names, std::string_view why) {
    if (names.empty()) return;
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < 5; ++i) list += cat(i == 0 ? "" : ", ", to_utf8(std::string_view(names[i]).substr(0, 80)));
    if (names.size() > 5) list += cat(" and ", names.size() - 5, " more");
    gap(list, why);
  };
  some(without_purl_, "no package URL: not matched with any advisory");
  some(without_version_, "no version: not matched with any advisory");
  std::sort(out_.gaps.begin(), out_.gaps.end());
}

std::string_view head_of(Bytes document) {
  std::string_view text = as_text(document.first(std::min<std::size_t>(document.size(), 4096)));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return trim(text);
}

}  // namespace

bool looks_like_sbom(Bytes document) {
  const std::string_view head = head_of(document);
  if (head.starts_with('{')) return head.find("\"bomFormat\"") != std::string_view::npos || head.find("\"spdxVersion\"") != std::string_view::npos || head.find("spdx.org/rdf") != std::string_view::npos;
  if (head.starts_with('<')) return head.find("cyclonedx.org/schema/bom") != std::string_view::npos;
  return head.find("SPDXVersion:") != std::string_view::npos;
}

Result<SbomContent> read_sbom(Bytes document, const Limits& limits, std::string_view path) {
  if (document.size() > limits.metadata_bytes) return limit_reached(cat("SBOM is larger than ", limits.metadata_bytes, " bytes"));
  const std::string_view head = head_of(document);
  if (head.starts_with('{')) {
    PLIM_TRY(const JsonDocument json, JsonDocument::parse(document, limits).context("SBOM is cut short or not JSON"));
    JsonValue root = json.root();
    if (root["predicateType"].is_string() && root["predicate"].is_object()) root = root["predicate"];
    if (root["bomFormat"].text() == "CycloneDX") {
      PLIM_TRY(SbomDraft draft, draft_cyclonedx(root, limits));
      return Maker(std::move(draft), path).make();
    }
    if (root["spdxVersion"].is_string()) {
      PLIM_TRY(SbomDraft draft, draft_spdx(root, limits));
      return Maker(std::move(draft), path).make();
    }
    if (root["@context"].text().find("spdx.org/rdf/3") != std::string_view::npos) return unsupported("SPDX 3; SPDX-2.2 and SPDX-2.3 are read");
    return malformed("not an SBOM: JSON with neither bomFormat nor spdxVersion");
  }
  if (head.starts_with('<')) {
    PLIM_TRY(const XmlNode root, parse_xml(document, limits).context("SBOM is cut short or not XML"));
    if (root.name != "bom") return malformed(cat("not an SBOM: XML of <", to_utf8(std::string_view(root.name).substr(0, 40)), ">"));
    PLIM_TRY(SbomDraft draft, draft_cyclonedx(root, limits));
    return Maker(std::move(draft), path).make();
  }
  if (as_text(document).find("SPDXVersion:") == std::string_view::npos) return malformed("not an SBOM: neither CycloneDX (JSON, XML) nor SPDX (JSON, tag-value)");
  PLIM_TRY(SbomDraft draft, draft_spdx_tag_value(as_text(document), limits));
  return Maker(std::move(draft), path).make();
}

}  // namespace plimsoll::inventory
