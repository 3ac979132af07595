// Stored JSON reports as arguments of verbs.
#pragma once
#include <string>

#include "base/result.h"
#include "model/report.h"

namespace plimsoll::cli {

// A report from a file, or from standard input for "-". Errors name the file and say what is wrong with it.
Result<Report> load_report(const std::string& path);

}  // namespace plimsoll::cli
