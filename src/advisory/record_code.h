// The variable-length items of the database file: packages with their statements, records, CVE rows. See FORMAT.md.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "advisory/encoding.h"
#include "base/result.h"
#include "model/advisory.h"

namespace plimsoll::advisory {

// An interval with the sort keys of its bounds, ready to be written.
struct KeyedInterval {
  Interval interval;
  std::string introduced_key, end_key;
};

// One statement of a package item. `affected.intervals`, `ranges` and `versions` are replaced by `intervals`.
void write_statement(Encoder& out, std::uint32_t record, const Affected& affected, const std::vector<KeyedInterval>& intervals, bool withdrawn);
// Reads the statements of a package item (after its name), appending to `out`. Errors: Malformed.
Status read_candidates(Cursor& cursor, CandidateList& out);

void write_record(std::string& out, const AdvisoryRecord& record, std::uint64_t feed);
Status read_record(Bytes item, AdvisoryRecord& out, std::uint64_t& feed);

// A row is 16 bytes; what does not fit goes to `details`. Rows are written in the order of their packed CVE.
void write_cve(std::string& rows, std::string& details, std::uint32_t packed, const CveFacts& facts);
Result<std::optional<CveFacts>> read_cve(Bytes row, const std::function<Result<Bytes>(std::uint32_t offset)>& details);

}  // namespace plimsoll::advisory
