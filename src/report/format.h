// An output format: a Report -> text. One file under formats/ that defines `Format NAME()`.
//
// NAME is also the word after --format ('_' there reads as '-': spdx_tv is "spdx-tv"), the golden folder
// tests/data/report/NAME/ and the section of docs/reports.md.
// Laws      pure: the same Report and options give the same bytes. No clock, environment, disk or terminal is read; times
//           in documents are the report's own `tool.at`, and document ids are hashes of the content.
//           Text from the image is repaired to UTF-8 and escaped for the format; nothing in it can break out.
// Example   const Format* sarif = find_format("sarif");
//           PLIM_TRY(std::string text, sarif->write(report, {}));
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/report.h"

namespace plimsoll::report {

struct WriteOptions {
  bool color = false;   // ANSI colours; the caller knows whether it writes to a terminal
  unsigned width = 80;  // columns of a table
  bool all = false;     // table, markdown: also what nobody can act on today
  bool explain_score = false;  // table: every deduction of the score
  // JSON: only schemaVersion, tool, complete, findings and gaps (`plimsoll detect`).
  bool findings_only = false;
};

struct Format {
  std::string name;         // "json"
  std::string extension;    // "json", "sarif", "spdx.json"...
  std::string description;  // one line for --help
  std::function<Result<std::string>(const Report& report, const WriteOptions& options)> write;
};

// All of them, sorted by name (written by CMake).
const std::vector<Format>& formats();
// By name; null when there is none.
const Format* find_format(std::string_view name);

}  // namespace plimsoll::report
