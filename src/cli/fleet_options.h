// `--reports DIR` and what goes with it: shared by standard simulate, propose and trend.
#pragma once
#include <string>

#include "cli/standards.h"
#include "cli/verb.h"
#include "plan/simulate.h"

namespace plimsoll::cli {

struct FleetOptions {
  std::string reports, stage, at, environment, ns;
  std::uint64_t threads = 0;
  bool no_index = false, allow_incomplete = false;
};
void declare_fleet(Options& options, FleetOptions& into, const std::string& default_stage);
// The index of the folder, kept in the user's cache, brought up to date.
Result<plan::Index> open_fleet(Context& context, const FleetOptions& options);
Result<plan::SimulationOptions> simulation_options(const FleetOptions& options);
// Exit 4 when reports could not be read, unless that was allowed.
Exit fleet_exit(Context& context, const plan::Index& index, const FleetOptions& options);

}  // namespace plimsoll::cli
