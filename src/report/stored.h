// A stored JSON report, read back into the Report it was written from: for convert, diff, gate and the fleet.
//
// Laws      write(read(text)) == text for every text that formats/json.cc wrote.
// Input     hostile: bounded, depth-checked; text that is no UTF-8 is Malformed.
// Errors    Unsupported: another schemaVersion (named, with what this version reads). Malformed: no JSON, cut short, no
//           report, a section missing or of the wrong type (named by its path: "findings[3].class"), or `complete` at odds
//           with `gaps`. Unknown members are passed over, so a newer minor version's additions do not stop an older tool.
#pragma once
#include <string_view>

#include "base/bytes.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/report.h"

namespace plimsoll::report {

inline constexpr std::string_view kSchemaVersion = "1";

Result<Report> read_report(Bytes text, const Limits& limits = {});

// One element of `packages` and of `findings` alone, for who has the rest of a report apart. Errors: Malformed.
Result<Package> read_package(const JsonValue& element);
Result<Finding> read_finding(const JsonValue& element);

// Orders every array of a report as the JSON form has it: packages by id, findings by falling risk, then id, package, key.
void sort_report(Report& report);

}  // namespace plimsoll::report
