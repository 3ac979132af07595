// Findings grouped by the change that removes them: what table, Markdown and HTML show.
//
// A vulnerability with a fixed version belongs to the raise of its package: of the source package for an operating
// system's (one raise of openssl covers libssl3), per installed version, to the highest fixed version that any of its
// findings needs, so that the one change removes them all. A fix that only subscribers get (Ubuntu Pro) is a change of its
// own. Where an advisory names only the last affected version, the raise goes above it. Any other class belongs to its rule and its fix.
// What nobody can act on today (no fixed version, not affected, negligible notices) is grouped apart, by state.
// Groups borrow from the report: valid while it lives unchanged.
#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

struct FixGroup {
  std::string change;   // one sentence without a full stop: "raise openssl 3.0.11-1 to 3.0.15-1"
  std::string subject;  // package or rule: "openssl"
  std::string from, to;
  std::string above;    // "4.17.20": a version above it is needed, where only the last affected one is known
  std::vector<const Finding*> findings;  // what weighs most first
  std::vector<const Package*> packages;  // the packages concerned; sorted by id
  Severity worst = Severity::Unknown;
  double risk_0_100 = 0;      // of the finding that weighs most
  double risk_sum = 0;
  bool exploited = false;     // a finding is in CISA's catalogue of exploited vulnerabilities
  Origin origin = Origin::Unknown;  // Unknown also when its findings differ
  bool actionable = false;
  FixState state = FixState::Fixed;  // of a group that is not actionable

  // Distinct ids in the order of findings.
  std::vector<const Finding*> distinct() const;
  // Distinct places of its findings, sorted: "path" or "path:line".
  std::vector<std::string> places() const;
};

struct Overview {
  std::vector<FixGroup> now;    // what weighs most first
  std::vector<FixGroup> later;  // likewise; grouped by package and state
  std::size_t findings_now = 0, findings_later = 0;
  std::size_t affecting = 0;                       // findings that are not "not affected"
  std::array<std::size_t, 6> by_severity{};        // those, by Severity
  std::map<std::string, std::size_t> later_by_state;  // "not fixed yet" -> 12, "not affected (header-only)" -> 1900
  std::map<std::string, std::size_t> suppressed_by;   // Suppressed::by -> count
  std::vector<const Coverage*> without_feed;          // language ecosystems that no feed covers
};
Overview overview(const Report& report);

// "not fixed yet", "will not be fixed", ...
std::string_view in_words(FixState state);
// "Debian GNU/Linux 12 (bookworm)", "debian 12", or empty.
std::string os_in_words(const Distribution& os);

}  // namespace plimsoll::report
