// spdx-tv: SPDX 2.3 tag-value: the same document as spdx, one "Tag: value" a line.
//
// Source  SPDX 2.3 specification, chapters 6 to 12. Every value is printable text of one line; annotations stand in <text>.
#include "base/text.h"
#include "report/format.h"
#include "report/plain.h"
#include "report/spdx_document.h"

namespace plimsoll::report {
namespace {

// A value that cannot end its own <text>.
std::string text_block(std::string_view value) {
  std::string out(value);
  for (std::size_t at = 0; (at = out.find("</text>", at)) != std::string::npos; at += 9) out.replace(at, 7, "</ text >");
  return cat("<text>", out, "</text>");
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  const SpdxDocument document = spdx_document(report);
  std::string out;
  const auto tag = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += cat(name, ": ", value, "\n");
  };
  tag("SPDXVersion", "SPDX-2.3");
  tag("DataLicense", "CC0-1.0");
  tag("SPDXID", "SPDXRef-DOCUMENT");
  tag("DocumentName", document.name);
  tag("DocumentNamespace", document.space);
  tag("Creator", cat("Tool: ", document.tool));
  tag("Created", document.created);
  if (!document.comment.empty()) tag("DocumentComment", text_block(document.comment));
  for (const SpdxPackage& package : document.packages) {
    out += '\n';
    tag("PackageName", package.name);
    tag("SPDXID", package.id);
    tag("PackageVersion", package.version);
    tag("PackageDownloadLocation", "NOASSERTION");
    tag("PrimaryPackagePurpose", package.purpose);
    tag("FilesAnalyzed", "false");
    if (!package.sha1.empty()) tag("PackageChecksum", cat("SHA1: ", package.sha1));
    if (!package.source_info.empty()) tag("PackageSourceInfo", text_block(package.source_info));
    tag("PackageLicenseConcluded", "NOASSERTION");
    tag("PackageLicenseDeclared", package.licence.empty() ? "NOASSERTION" : package.licence);
    tag("PackageCopyrightText", "NOASSERTION");
    if (!package.summary.empty()) tag("PackageSummary", text_block(package.summary));
    if (!package.purl.empty()) tag("ExternalRef", cat("PACKAGE-MANAGER purl ", package.purl));
    if (!package.cpe.empty()) tag("ExternalRef", cat("SECURITY cpe23Type ", package.cpe));
    for (const std::string& url : package.advisories) tag("ExternalRef", cat("SECURITY advisory ", url));
  }
  out += '\n';
  for (const SpdxLicence& licence : document.licences) {
    tag("LicenseID", licence.id);
    tag("ExtractedText", text_block(licence.text));
    tag("LicenseName", licence.text);
    out += '\n';
  }
  for (const SpdxRelation& relation : document.relations) tag("Relationship", cat(relation.from, " ", relation.kind, " ", relation.to));
  for (const SpdxPackage& package : document.packages) {
    if (package.annotation.empty()) continue;
    out += '\n';
    tag("Annotator", cat("Tool: ", document.tool));
    tag("AnnotationDate", document.created);
    tag("AnnotationType", "OTHER");
    tag("SPDXREF", package.id);
    tag("AnnotationComment", text_block(package.annotation));
  }
  return out;
}

}  // namespace

Format spdx_tv() { return {.name = "spdx-tv", .extension = "spdx", .description = "SPDX 2.3 tag-value: the same as spdx", .write = write}; }

}  // namespace plimsoll::report
