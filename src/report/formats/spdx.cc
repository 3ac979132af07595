// spdx: SPDX 2.3 JSON: the packages of an image (spdx_document.h says what stands where).
//
// Source  SPDX 2.3 specification and its JSON schema.
#include "base/json.h"
#include "base/text.h"
#include "report/format.h"
#include "report/spdx_document.h"

namespace plimsoll::report {
namespace {

void write_package(JsonWriter& json, const SpdxPackage& package, const SpdxDocument& document) {
  json.begin_object().member("name", package.name).member("SPDXID", package.id).text_member("versionInfo", package.version);
  json.member("downloadLocation", "NOASSERTION").member("filesAnalyzed", false).member("licenseConcluded", "NOASSERTION");
  json.member("licenseDeclared", package.licence.empty() ? "NOASSERTION" : package.licence).member("copyrightText", "NOASSERTION");
  json.text_member("summary", package.summary).text_member("sourceInfo", package.source_info);
  if (!package.sha1.empty())
    json.key("checksums").begin_array().begin_object().member("algorithm", "SHA1").member("checksumValue", package.sha1).end_object().end_array();
  json.key("externalRefs").begin_array();
  const auto reference = [&](std::string_view category, std::string_view type, std::string_view locator) {
    if (!locator.empty()) json.begin_object().member("referenceCategory", category).member("referenceType", type).member("referenceLocator", locator).end_object();
  };
  reference("PACKAGE-MANAGER", "purl", package.purl);
  reference("SECURITY", "cpe23Type", package.cpe);
  for (const std::string& url : package.advisories) reference("SECURITY", "advisory", url);
  json.end_array().member("primaryPackagePurpose", package.purpose);
  if (!package.annotation.empty()) {
    json.key("annotations").begin_array().begin_object().member("annotationDate", document.created).member("annotationType", "OTHER");
    json.member("annotator", cat("Tool: ", document.tool)).member("comment", package.annotation).end_object().end_array();
  }
  json.end_object();
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  const SpdxDocument document = spdx_document(report);
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("spdxVersion", "SPDX-2.3").member("dataLicense", "CC0-1.0").member("SPDXID", "SPDXRef-DOCUMENT").member("name", document.name);
  json.member("documentNamespace", document.space).text_member("comment", document.comment);
  json.key("creationInfo").begin_object().member("created", document.created).key("creators").begin_array().value(cat("Tool: ", document.tool)).end_array().end_object();
  const auto line = [&](auto write_record) {
    std::string text;
    JsonWriter record(text);
    write_record(record);
    json.raw(text);
  };
  json.key("packages").begin_array();
  for (const SpdxPackage& package : document.packages) line([&](JsonWriter& record) { write_package(record, package, document); });
  json.end_array();
  if (!document.licences.empty()) {
    json.key("hasExtractedLicensingInfos").begin_array();
    for (const SpdxLicence& licence : document.licences)
      line([&](JsonWriter& record) { record.begin_object().member("licenseId", licence.id).member("name", licence.text).member("extractedText", licence.text).end_object(); });
    json.end_array();
  }
  json.key("relationships").begin_array();
  for (const SpdxRelation& relation : document.relations)
    line([&](JsonWriter& record) { record.begin_object().member("spdxElementId", relation.from).member("relationshipType", relation.kind).member("relatedSpdxElement", relation.to).end_object(); });
  json.end_array().end_object();
  return out + "\n";
}

}  // namespace

Format spdx() { return {.name = "spdx", .extension = "spdx.json", .description = "SPDX 2.3 JSON: packages, licences, dependencies", .write = write}; }

}  // namespace plimsoll::report
