// Advisory records and database facts as text and JSON, for the db verbs.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "advisory/database.h"
#include "base/json.h"

namespace plimsoll::cli {

// One statement on a package: ">= 1.0, < 1.2" with its state.
std::string describe(const Candidate& candidate, const CandidateList& list);
void write_candidate(JsonWriter& w, const Candidate& candidate, const CandidateList& list);
void write_record(JsonWriter& w, const AdvisoryRecord& record);
void write_cve(JsonWriter& w, const CveFacts& facts);

}  // namespace plimsoll::cli
