// The ratchet drawn, as one HTML page without scripts or outside parts: the share of the fleet above each candidate line,
// what each next step costs, and which few rules hold most images back.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "plan/propose.h"
#include "plan/simulate.h"

namespace plimsoll::plan {

struct CandidateLine {
  std::string name;
  Simulation simulation;
};
// `lines`: the standard that is simulated first, then others to compare it with.
std::string ratchet_page(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const std::vector<CandidateLine>& lines, const Proposal& proposal);

}  // namespace plimsoll::plan
