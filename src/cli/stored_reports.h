// Stored JSON reports as arguments of verbs.
#pragma once
#include <string>

#include "base/result.h"
#include "model/report.h"

namespace plimsoll::cli {

// A report from a file, or from standard input for "-". Errors name the file and say what is wrong with it.
Result<Report> load_report(const std::string& path);

// A stored report is JSON in a file (or on standard input, "-") with a schemaVersion; anything else is a TARGET.
bool is_stored_report(const std::string& argument);

}  // namespace plimsoll::cli
