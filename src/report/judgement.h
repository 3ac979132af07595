// Score and verdict in the JSON report, both ways (api/report.schema.json, "score" and "verdict").
#pragma once
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "model/verdict.h"

namespace plimsoll::report {

void write_score(JsonWriter& json, const Score& score);
void write_verdict(JsonWriter& json, const Verdict& verdict);
// Errors: Malformed, naming the member.
Result<Score> read_score(const JsonValue& value);
Result<Verdict> read_verdict(const JsonValue& value);

}  // namespace plimsoll::report
