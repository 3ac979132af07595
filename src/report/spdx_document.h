// A report as an SPDX 2.3 document, before it is written as JSON (formats/spdx.cc) or tag-value (formats/spdx_tv.cc).
//
// Package URLs carry type, namespace, version, architecture, epoch and source package; what SPDX has no field for (places,
// layers, origin, other properties) stands in one annotation a package (model/sbom_terms.h). Licences that SPDX does not
// know become LicenseRef-... with the text found. Findings are named by `advisory` references of their packages.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

struct SpdxPackage {
  std::string id, name, version, purl, cpe, licence, summary, sha1, source_info;
  std::string purpose;     // "LIBRARY", "CONTAINER", "OPERATING-SYSTEM"
  std::string annotation;  // comment; empty: none
  std::vector<std::string> advisories;  // addresses
};
struct SpdxLicence {
  std::string id, text;
};
struct SpdxRelation {
  std::string from, kind, to;
};
struct SpdxDocument {
  std::string name, space, created, tool;
  std::vector<SpdxPackage> packages;  // the image first
  std::vector<SpdxLicence> licences;  // those SPDX does not know; sorted by id
  std::vector<SpdxRelation> relations;
  std::string comment;  // gaps, where there are any
};

SpdxDocument spdx_document(const Report& report);

}  // namespace plimsoll::report
