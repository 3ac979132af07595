// Match: packages x advisories -> findings.
//
// Which advisories  a package asks under its ecosystem (model/ecosystem.h): by its source's name and version for feeds
//   keyed so (Debian, Ubuntu, Alpine), by its own for the others. RHEL modules only match their stream, an update stream
//   (EUS, ESM, FIPS) only packages built for it, and what such a stream fixed is not reported from the main one.
// One finding a vulnerability and package: records that share a name are merged; `id` is the CVE where there is one, the
//   others are aliases. Withdrawn records match nothing. Notices (DSA, RHSA) give one finding for each CVE they fix.
// States  those of the distribution, its own word in the evidence. Header-only kernel packages: not-affected, with their
//   own reason; a version that says it is a patched fork: under-investigation.
// Left out, counted in `suppressed`: upstream advisories on language packages that an OS package of a covered
//   distribution owns; records an overlay corrects; CVEs that were rejected.
// Not clean, but unknown: a distribution without feed, or beyond its end of life, is a gap; a language without feed
//   stands in `coverage` with an empty feed.
// Severity (first that speaks)  the feed's for this package, the record's, CVSS of the record, CVSS of the CVE's other
//   sources (v4.0, v3.1, v3.0, v2.0 in this order), else unknown. `severity_source` names it.
// Errors  Malformed when the database is damaged: no answer then. Threads: pure.
// Cost    about a microsecond for a package without finding.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "model/advisory.h"
#include "model/finding.h"
#include "model/gap.h"
#include "model/package.h"
#include "model/report.h"

namespace plimsoll::match {

struct MatchOptions {
  std::string at;  // ISO date or time the answer is for: decides what has ended; empty: end-of-life dates are not judged
};

struct MatchResult {
  std::vector<Finding> findings;  // in the order of packages, then id
  Gaps gaps;
  std::vector<Coverage> coverage;     // sorted by ecosystem
  std::vector<Suppressed> suppressed;
  std::optional<std::string> end_of_life;  // of the distribution, when known: ISO date
};

Result<MatchResult> match_packages(std::span<const Package> packages, const Distribution& distribution, const AdvisoryIndex& index, const MatchOptions& options);

}  // namespace plimsoll::match
