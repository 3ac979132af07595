// What a finding tells people: why it matched, what to do, where to read on, and the states of special packages.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/advisory.h"
#include "model/finding.h"
#include "model/package.h"

namespace plimsoll::match {

// {"feed", ...}, {"record", ...}, {"range", ">= 1.0, < 1.2"}, {"source", "openssl 3.0.11-1"}, {"state", "no-dsa"},
// {"channel", "esm"}, {"module", ...}, {"records", "3"} when several agree.
std::vector<std::pair<std::string, std::string>> evidence_of(const AdvisoryRecord& record, const Candidate& candidate, const std::optional<IntervalView>& interval,
                                                             const std::string& source, std::size_t records);
std::string range_text(const IntervalView& interval);
std::string fix_sentence(const Package& package, const Finding& finding, const Candidate& candidate, const std::optional<IntervalView>& interval, const Distribution& distribution);
std::vector<std::string> references_of(const Finding& finding, const Distribution& distribution);
// Header-only kernel packages, patched forks: their own state, with {"stateReason", ...} in the evidence.
void judge_special(const Package& package, Finding& finding);
bool is_header_only_kernel(const Package& package);

}  // namespace plimsoll::match
