// The next line a fleet can reach: which rules, added to a standard, remove most risk for a given number of images to
// rebuild; written as a standard with its reasons.
//
// Candidates   a family of rules over findings that have a fix (see candidates()): exploited, by severity, by EPSS, by risk,
//              and malicious files and secrets. What has no fix is in none, so a proposal blocks no image that cannot pass.
// Arithmetic   of a candidate: images to rebuild = images with at least one finding it counts; findings closed = those
//              findings; risk removed = the sum of their risks. Findings that an earlier step or the standard in force
//              counts already, and images that are rebuilt for it already, are not counted twice.
// Choice       greedily by risk removed for each image more to rebuild (a submodular cover), as long as the budget holds;
//              what no longer fits is passed over for what does. The curve tells every step, also those beyond the budget.
// Law          simulated today with its grace periods ended, the proposal blocks no more images than asked for that are not
//              blocked already, and only those it names: it is reckoned with the same evaluate() before it is given.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "plan/simulate.h"

namespace plimsoll::plan {

struct ProposalOptions {
  std::uint64_t budget = 0;       // images to rebuild beyond what the standard in force asks
  std::uint32_t grace_days = 30;  // rules only warn until then
  standard::Stage stage = standard::Stage::Deploy;  // where they block; the stages before warn
  Time at{};
  std::string name = "next-line";
  std::string inherits;           // name or file of the standard in force, for the document; empty: none
  unsigned threads = 0;
};

struct Step {
  std::string rule, title;
  std::uint64_t images = 0, findings = 0;  // more than the steps before
  double risk = 0;
  std::uint64_t images_so_far = 0, findings_so_far = 0;
  double risk_so_far = 0;
  bool chosen = false;   // within the budget
};
struct Proposal {
  std::uint64_t images = 0;              // in the fleet
  double risk = 0;                       // of all findings of the fleet
  double risk_with_fix = 0;              // of those that have a fix and the standard in force does not count yet
  std::vector<Step> curve;               // in the order of choice
  std::vector<std::uint32_t> to_rebuild; // index numbers of images
  std::string standard;                  // the document, YAML; empty when no candidate fits
  std::array<std::uint64_t, standard::kStages> blocks_today{};  // images it would block now, grace ended, that the standard in force does not
  std::string enforced_from;             // day
};
// `in_force` may be null. Errors: Malformed when the document made does not read back (a bug worth an error).
Result<Proposal> propose(const Index& index, const standard::Resolved* in_force, const standard::Loader& load, const ProposalOptions& options);

// The rule that answers one advisory, and whom it would block.
struct AdvisoryProposal {
  std::string standard;
  std::uint64_t images = 0, with_fix = 0;  // that have it
  std::vector<std::uint32_t> affected;     // index numbers
  std::vector<std::uint8_t> fixable;       // of each: a fix exists
  std::vector<std::string> packages;       // name and installed -> fixed versions, sorted
};
Result<AdvisoryProposal> propose_for_advisory(const Index& index, const std::string& id, const ProposalOptions& options);

std::string proposal_json(const Index& index, const Proposal& proposal, const ProposalOptions& options);
std::string proposal_text(const Index& index, const Proposal& proposal, const ProposalOptions& options);

}  // namespace plimsoll::plan
