// VEX: what a supplier says of a vulnerability in a product: not affected, affected, fixed, under investigation.
//
// Reads    OpenVEX 0.2, CSAF 2.0 (category csaf_vex and the like), CycloneDX 1.4 and later (vulnerabilities[].analysis).
// Matching A statement concerns a finding when it names its id or an alias, and its product is
//          - the finding's package: a purl of the same type, namespace and name (or of its source package), whose version
//            and qualifiers, where it has them, are the package's; or
//          - the image scanned (pkg:oci purl, digest or reference), with the package among its subcomponents or with none.
//          A CSAF product on a platform with a CPE counts only on that system (image.os.cpe); one that no purl names is not
//          matched, and the document's notice says so.
//          Where several statements match, the latest timestamp wins, then the later in the document.
// Effect   not affected, fixed: the finding is left out (Report::suppressed, by "SOURCE", with the justification).
//          under investigation: it stays; evidence "vex" says so. affected: it stays, evidence "vex" holds the action.
//          A statement that matched no finding is named in Report::notices, counted when there are many.
// Input    hostile; bounded. Errors: Malformed, Unsupported (no VEX this reads), Limit. Pure and thread-safe.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/report.h"

namespace plimsoll::report {

enum class VexStatus : std::uint8_t { NotAffected, Affected, Fixed, UnderInvestigation };

struct VexProduct {
  std::vector<std::string> ids;            // any of these names it: purls, digests, references
  std::vector<std::string> subcomponents;  // purls within it; empty: the whole product
  std::string platform_cpe;                // CSAF: the system it runs on; empty: any
};
struct VexStatement {
  std::vector<std::string> vulnerabilities;  // id and aliases
  std::vector<VexProduct> products;          // empty: every product of the document's own image (OpenVEX inheritance is resolved)
  VexStatus status = VexStatus::Affected;
  std::string justification;  // the format's word: "vulnerable_code_not_in_execute_path"
  std::string detail;         // impact or action statement
  std::string timestamp;
};
struct VexDocument {
  std::string source;  // file name, for people
  std::string format;  // "OpenVEX", "CSAF 2.0", "CycloneDX 1.5"
  std::vector<VexStatement> statements;
  std::vector<std::string> unread;  // parts that could not be used, one sentence each
};

std::string_view to_string(VexStatus status);  // OpenVEX's words: "not_affected"...

Result<VexDocument> read_vex(Bytes document, std::string_view source, const Limits& limits = {});

Report with_vex(Report report, const VexDocument& document);

}  // namespace plimsoll::report
