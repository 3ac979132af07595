#include "match/risk.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::match {
namespace {

double impact_of(Severity severity) {
  switch (severity) {
    case Severity::Critical: return 0.95;
    case Severity::High: return 0.8;
    case Severity::Medium: return 0.55;
    case Severity::Low: return 0.3;
    case Severity::Negligible: return 0.1;
    case Severity::Unknown: return 0.5;
  }
  return 0.5;
}

std::optional<double> class_likelihood(FindingClass klass) {
  switch (klass) {
    case FindingClass::Vulnerability: return std::nullopt;
    case FindingClass::Malware: case FindingClass::Webshell: return 1;
    case FindingClass::Secret: case FindingClass::Integrity: return 0.8;
    case FindingClass::Behaviour: return 0.6;
    case FindingClass::SensitiveFile: return 0.5;
    case FindingClass::Configuration: return 0.3;
  }
  return std::nullopt;
}

// NaN and nonsense count as the cautious end.
double fraction(double value) { return value >= 0 && value <= 1 ? value : value < 0 ? 0.0 : 1.0; }

}  // namespace

double risk_0_100(const RiskInput& input) {
  if (input.state == FixState::NotAffected) return 0;
  const double impact = input.cvss_0_10 ? fraction(*input.cvss_0_10 / 10) : impact_of(input.severity);
  const auto by_class = class_likelihood(input.klass);
  const double likelihood = by_class ? *by_class : input.exploited ? 1 : input.epss_0_1 ? std::pow(fraction(*input.epss_0_1), 0.3) : 0.3;
  const double place = (input.never_loaded ? 0.5 : 1) * (0.5 + 0.5 * fraction(input.exposure_0_1)) * (0.5 + 0.5 * fraction(input.importance_0_1));
  double risk = 100 * impact * (0.3 + 0.7 * likelihood) * (input.fix_available || by_class ? 1 : 0.9) * place;
  if (input.exploited) risk = std::max(risk, 70 * place);
  if (input.state == FixState::UnderInvestigation) risk /= 2;
  return std::round(std::clamp(risk, 0.0, 100.0) * 10) / 10;
}

RiskInput risk_input(const Finding& finding) {
  RiskInput input{.klass = finding.klass, .severity = finding.severity};
  // Best version first, as in Finding::cvss; a distribution's own severity counts before a general score.
  if (!finding.cvss.empty() && finding.severity_source.starts_with("cvss")) input.cvss_0_10 = finding.cvss.front().score_0_10;
  if (finding.epss) input.epss_0_1 = finding.epss->score;
  input.exploited = finding.kev.has_value();
  input.fix_available = !finding.fixed_version.empty();
  input.state = finding.state;
  return input;
}

}  // namespace plimsoll::match
