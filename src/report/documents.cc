#include "report/documents.h"

#include <unordered_set>

#include "base/hash.h"
#include "base/text.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {

std::string uuid_of(std::string_view text) {
  std::string hex = hash_hex(HashKind::Sha256, as_bytes(text)).substr(0, 32);
  hex[12] = '8';
  hex[16] = "89ab"[static_cast<unsigned char>(hex[16]) & 3];
  return cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-", hex.substr(20));
}

std::string date_time(std::string_view at) {
  const auto shaped = [&](std::string_view pattern) {
    if (at.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i)
      if (pattern[i] == '0' ? at[i] < '0' || at[i] > '9' : at[i] != pattern[i]) return false;
    return true;
  };
  if (shaped("0000-00-00T00:00:00")) return cat(at.substr(0, 19), "Z");
  return shaped("0000-00-00") ? cat(at.substr(0, 10), "T00:00:00Z") : std::string();
}

std::string_view authority_of(std::string_view id) {
  static constexpr std::pair<std::string_view, std::string_view> kAuthorities[] = {
      {"CVE-", "CVE"}, {"GHSA-", "GitHub"}, {"DSA-", "Debian"}, {"DLA-", "Debian"}, {"RHSA-", "Red Hat"}, {"USN-", "Ubuntu"}, {"ALAS", "Amazon"},
      {"PYSEC-", "PyPI"}, {"RUSTSEC-", "RustSec"}, {"GO-", "Go"}, {"ELSA-", "Oracle"}, {"SUSE-", "SUSE"}, {"ALSA-", "AlmaLinux"}, {"RLSA-", "Rocky"}, {"MAL-", "OSV"}};
  for (const auto& [prefix, name] : kAuthorities)
    if (id.starts_with(prefix)) return name;
  return {};
}

std::string advisory_url(std::string_view id) {
  for (const char c : id)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':' || c == '.')) return {};
  if (id.starts_with("CVE-")) return cat("https://www.cve.org/CVERecord?id=", id);
  if (id.starts_with("GHSA-")) return cat("https://github.com/advisories/", id);
  if (id.starts_with("RHSA-")) return cat("https://access.redhat.com/errata/", id);
  if (id.starts_with("USN-")) return cat("https://ubuntu.com/security/notices/", id);
  return authority_of(id).empty() ? std::string() : cat("https://osv.dev/vulnerability/", id);
}

bool is_link(std::string_view url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return false;
  for (const char c : url)
    if (c <= ' ' || static_cast<unsigned char>(c) >= 0x7F || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos) return false;
  return true;
}

std::string dependency_name(const Package& package) {
  static constexpr std::string_view kSystem[] = {"deb", "rpm", "apk", "alpm", "opkg"};
  for (const std::string_view type : kSystem)
    if (package.type == type) return package.name;
  return package.ns.empty() ? package.name : cat(package.ns, package.type == "maven" ? ":" : "/", package.name);
}

std::string image_name(const ImageInfo& image) { return !image.reference.empty() ? printable(image.reference) : !image.digest.empty() ? image.digest : "image"; }

std::string image_purl(const ImageInfo& image) {
  if (image.digest.empty()) return {};
  std::string_view repository = std::string_view(image.reference).substr(0, image.reference.find('@'));
  Purl purl{.type = "oci", .version = image.digest};
  if (const std::size_t colon = repository.rfind(':'); colon != std::string_view::npos && repository.find('/', colon) == std::string_view::npos) {
    if (colon + 1 < repository.size()) purl.qualifiers["tag"] = to_utf8(repository.substr(colon + 1));
    repository = repository.substr(0, colon);
  }
  purl.name = lower(to_utf8(repository.substr(repository.rfind('/') + 1)));
  if (purl.name.empty()) return {};
  purl.qualifiers["repository_url"] = to_utf8(repository);
  if (const auto [os, arch] = cut(image.platform, '/'); !arch.empty()) purl.qualifiers["arch"] = cut(arch, '/').first;
  return purl.text();
}

PackageRefs::PackageRefs(const Report& report) : packages_(ordered(report.packages, PackageOrder())) {
  std::unordered_set<std::string> taken;
  refs_.reserve(packages_.size());
  for (std::size_t i = 0; i < packages_.size(); ++i) {
    const Package& package = *packages_[i];
    by_id_.emplace(package.id, i);
    by_name_[{package.type, dependency_name(package)}].push_back(i);
    std::string ref = to_utf8(package.id.empty() ? package.purl_text() : package.id);
    for (std::size_t n = 2; !taken.insert(ref).second; ++n) ref = cat(to_utf8(package.id), "#", n);
    refs_.push_back(std::move(ref));
  }
}

std::ptrdiff_t PackageRefs::by_id(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? -1 : static_cast<std::ptrdiff_t>(found->second);
}

std::vector<std::size_t> PackageRefs::needs(std::size_t index, std::vector<std::string>& unresolved) const {
  std::vector<std::size_t> out;
  for (const std::string& name : packages_[index]->depends) {
    const auto found = by_name_.find({packages_[index]->type, name});
    if (found != by_name_.end() && found->second.size() == 1 && found->second.front() != index) {
      if (std::find(out.begin(), out.end(), found->second.front()) == out.end()) out.push_back(found->second.front());
    } else {
      unresolved.push_back(name);
    }
  }
  return out;
}

}  // namespace plimsoll::report
