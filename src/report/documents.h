// What the standard documents (CycloneDX, SPDX, OpenVEX, SARIF, GitLab) need alike.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

// A UUID (RFC 9562 version 8) made of a document's own text, so that equal reports give equal documents.
std::string uuid_of(std::string_view text);
// RFC 3339 in UTC with seconds, of a report's `at` ("2026-11-21", "2026-11-21T00:00:00Z"); empty when it is neither.
std::string date_time(std::string_view at);
// "https://www.cve.org/CVERecord?id=CVE-..."; empty when the kind of id is not known.
std::string advisory_url(std::string_view id);
// "NVD", "GitHub"...: who names vulnerabilities so; empty when not known.
std::string_view authority_of(std::string_view id);
// True for http and https addresses without white space or control characters: fit to be a link.
bool is_link(std::string_view url);
// A package as others of its ecosystem write it in a dependency: "@babel/core", "org.slf4j:slf4j-api", "libc6".
std::string dependency_name(const Package& package);
// The image as a purl, "pkg:oci/shop@sha256:...?repository_url=registry.example/shop&tag=1.2"; empty without a digest.
std::string image_purl(const ImageInfo& image);
// "registry.example/shop:1.2", else the digest, else "image".
std::string image_name(const ImageInfo& image);

// The packages of a report in order, with a reference for each that is unique even where ids are not.
class PackageRefs {
 public:
  explicit PackageRefs(const Report& report);
  const std::vector<const Package*>& packages() const { return packages_; }
  const std::string& ref(std::size_t index) const { return refs_[index]; }
  // Index of the package with that id; -1 when there is none.
  std::ptrdiff_t by_id(std::string_view id) const;
  // Indices of the packages this one needs, where its name says exactly one; the other names in `unresolved`.
  std::vector<std::size_t> needs(std::size_t index, std::vector<std::string>& unresolved) const;

 private:
  std::vector<const Package*> packages_;
  std::vector<std::string> refs_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> by_name_;  // (type, dependency name)
};

}  // namespace plimsoll::report
