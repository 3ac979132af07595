// Risk: one figure 0..100 for a finding, so that the first of a list is the one to fix first.
//
//   impact      CVSS base score / 10 (v4, else v3.1, v3.0, v2), else by severity: critical 0.95, high 0.8, medium 0.55,
//               low 0.3, negligible 0.1, unknown 0.5
//   likelihood  (vulnerabilities) 1 when known to be exploited (KEV), else EPSS^0.3, else 0.3 when there is no EPSS
//               other classes: how sure it is that it is used once it is there: malware and web shells 1 (they are the
//               attack), secrets 0.8 (found by machines within minutes of a leak), integrity 0.8, behaviour 0.6,
//               sensitive files 0.5, configuration 0.3 (a weakness others must be added to)
//   actionable  1 with a fix, 0.9 without; other classes than vulnerability can always be acted on: 1
//   reach       1; 0.5 when it is known that the code is never loaded
//   exposure    0..1, importance 0..1: 1 each unless the caller knows better
//   risk = 100 * impact * (0.3 + 0.7 * likelihood) * actionable * reach * (0.5 + 0.5 * exposure) * (0.5 + 0.5 * importance)
//   but not below 70 * reach * (0.5 + 0.5 * exposure) * (0.5 + 0.5 * importance) when known to be exploited;
//   0 when the state says that the package is not affected; half of it while under investigation.
//
// Monotone: more impact, a higher EPSS, KEV, a fix, more reach, exposure or importance never lower it (property tests).
#pragma once
#include <optional>

#include "model/finding.h"

namespace plimsoll::match {

struct RiskInput {
  FindingClass klass = FindingClass::Vulnerability;
  Severity severity = Severity::Unknown;
  std::optional<double> cvss_0_10;
  std::optional<double> epss_0_1;
  bool exploited = false;  // in CISA's KEV catalogue
  bool fix_available = false;
  FixState state = FixState::NotFixed;
  bool never_loaded = false;
  double exposure_0_1 = 1, importance_0_1 = 1;
};

double risk_0_100(const RiskInput& input);
// What a finding itself tells of these.
RiskInput risk_input(const Finding& finding);

}  // namespace plimsoll::match
