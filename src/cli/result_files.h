// `--format FMT[=FILE]... --output FILE`: which formats go where. Shared by scan, convert, diff and gate.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "model/report.h"
#include "report/format.h"

namespace plimsoll::cli {

struct ResultFile {
  const report::Format* format = nullptr;
  std::string path;  // empty: stdout
};

// Errors: Malformed for a format that does not exist (lists those that do), or two formats on stdout.
Result<std::vector<ResultFile>> result_files(const std::vector<std::string>& formats, const std::string& output, std::string_view default_format);
// `options`: colour and width are set by where each goes.
Status write_results(Context& context, const std::vector<ResultFile>& files, const Report& report, report::WriteOptions options);

}  // namespace plimsoll::cli
