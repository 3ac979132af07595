// A standard held against a whole fleet of stored reports, before it is switched on.
//
// Output  how many images pass, warn, are blocked; which rule stops how many, and how many it alone stops; how many of the
//         blocked ones a rebuild would let pass. The verdicts are those of the gate: the same code.
// Cost    15,000 images of 300 findings with 15 rules: about 2 s on 2 cores once indexed.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "plan/index.h"
#include "standard/evaluate.h"

namespace plimsoll::plan {

struct RuleCount {
  std::string id, title;
  std::uint64_t block = 0, warn = 0;
  std::uint64_t only = 0;         // images that nothing but this rule blocks
  std::uint64_t without_fix = 0;  // images of `block` where no change answers it
  std::uint64_t not_searched = 0; // images whose report was not searched for what it is about
  std::uint64_t findings = 0;     // findings that count against it, in the images it blocks
};
struct ImageResult {
  standard::Effect worst = standard::Effect::Off;
  bool incomplete = false;           // has gaps, which the standard does not allow: no pass
  bool fixable = true;
  std::vector<std::uint16_t> blocked_by;  // numbers of rules
};
struct Simulation {
  std::uint64_t images = 0, pass = 0, warn = 0, block = 0, incomplete = 0;
  std::uint64_t fixable = 0;       // blocked images that changes let pass
  std::uint64_t not_selected = 0;  // images the standard's selector does not take: in none of the counts
  std::uint64_t rules_passed_over = 0;  // rules over the workload, which reports do not tell
  std::vector<RuleCount> rules;    // in the standard's order
  std::vector<ImageResult> results;  // by index
};

struct SimulationOptions {
  standard::Stage stage = standard::Stage::Build;
  Time at{};
  std::string environment, ns;
  bool without_grace = false;  // as if every grace period had ended
  unsigned threads = 0;
};
Simulation simulate(const Index& index, const standard::Resolved& standard, const SimulationOptions& options);

// CLI.md: {"images","pass","warn","block","rules":[{"id","block","warn"}],"unreadable":[...]}, and more.
std::string simulation_json(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const Simulation& simulation, bool with_images);
std::string simulation_text(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const Simulation& simulation);

// Runs `each(i)` for 0..count on several threads.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& each);

}  // namespace plimsoll::plan
