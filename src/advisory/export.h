// Export: a database as JSON lines, which `db import` reads back to the same answers (feed plugin "facts").
//
// Facts only: ids, aliases, packages, ranges, states, dates, scores, vectors. Titles, the only words a database holds,
// are left out.
// Form    one line a record:  {"f": feed, "id", "al": aliases, "fx": CVEs fixed, "wd": withdrawn, "sv": severity, "ss": its
//         source, "cv": [[version, vector, score, source]], "cw": CWEs, "pu": published, "mo": modified,
//         "af": [[ecosystem, name, kind, ranges, {what is not usual}]]}; a range is [introduced, end], where introduced
//         starts with ">" when exclusive, and end with "<" (fixed) or "=" (last affected), or is "" (open).
//         one line a CVE:     {"cve", "e": [EPSS, percentile], "k": [added, due, ransomware], "s": SSVC, "cv", "cw", "pu"}
//         one line a repository of Red Hat's: {"repository", "cpes"}
//         first line:         {"plimsollFacts": 1, "feeds": [{"name", "date", "ecosystems"}], "endOfLife": [...],
//         "shortfalls": [[ecosystem, where, why]]}
#pragma once
#include <string>
#include <vector>

#include "advisory/database.h"

namespace plimsoll::advisory {

struct ExportOptions {
  bool all_cves = false;  // false: only CVEs that a record names or that are known to be exploited
  std::vector<std::string> without;  // ecosystems left out; "debian:" leaves out all that start so
  int level = 19;         // of zstd
};
struct ExportSummary {
  std::uint64_t records = 0, statements = 0, cves = 0, bytes = 0, packed_bytes = 0;
};
// Writes `file` (zstd), atomically. Errors: Malformed (a damaged database), Io.
Result<ExportSummary> export_facts(const Database& database, const std::string& file, const ExportOptions& options);

}  // namespace plimsoll::advisory
