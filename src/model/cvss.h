// CVSS: the base score of a vector, by the public specifications (FIRST: CVSS v2 guide §3.2.1, v3.0 and v3.1 §7,
// v4.0 §8 with its MacroVector table).
#pragma once
#include <optional>
#include <string_view>

#include "model/finding.h"

namespace plimsoll {

struct CvssScore {
  std::string_view version;  // "2.0", "3.0", "3.1", "4.0"
  double score_0_10 = 0;
};
// "CVSS:3.1/AV:N/AC:L/...", "CVSS:4.0/...", or v2's "AV:N/AC:L/Au:N/C:P/I:P/A:P" (also in brackets, or with a "CVSS:2.0/"
// prefix). Temporal and environmental metrics of v2 and v3 are allowed and leave the base score as it is; threat and
// environmental metrics of v4 count, as its specification has one score. nullopt: not a valid vector.
std::optional<CvssScore> score_cvss(std::string_view vector);

// None is negligible. v2 has no critical.
Severity severity_of_score(std::string_view version, double score_0_10);

}  // namespace plimsoll
