// standard simulate: a standard held against a folder of stored reports, before it is switched on.
#include "base/text.h"
#include "cli/fleet_options.h"
#include "plan/page.h"

namespace plimsoll::cli {
namespace {

struct SimulateOptions {
  std::string standard, format = "table", output, html;
  FleetOptions fleet;
  bool without_grace = false, images = false;
};

// The page compares with the shipped lines, and tells what the next steps above this standard cost.
Result<std::string> page(Context& context, const plan::Index& index, const standard::Resolved& resolved, const SimulateOptions& options, const plan::SimulationOptions& how, plan::Simulation simulation) {
  std::vector<plan::CandidateLine> lines;
  lines.push_back({resolved.name, std::move(simulation)});
  for (const std::string name : {"starter", "baseline", "strict"}) {
    if (name == resolved.name || !standard::shipped_standard(name)) continue;
    PLIM_TRY(const auto other, load_standard(context, name));
    lines.push_back({name, plan::simulate(index, other, how)});
  }
  plan::ProposalOptions next{.budget = index.size(), .stage = how.stage, .at = how.at, .inherits = options.standard, .threads = how.threads};
  PLIM_TRY(const auto proposal, plan::propose(index, &resolved, standard_loader(), next));
  return plan::ratchet_page(index, resolved, how, lines, proposal);
}

Exit run_simulate(Context& context, const SimulateOptions& options) {
  auto how = simulation_options(options.fleet);
  if (!how) return context.usage(how.error().message());
  how->without_grace = options.without_grace;
  const auto resolved = load_standard(context, options.standard);
  if (!resolved) return context.fail(resolved.error());
  const auto index = open_fleet(context, options.fleet);
  if (!index) return options.fleet.reports.empty() ? context.usage(index.error().message()) : context.fail(index.error());
  const plan::Simulation simulation = plan::simulate(*index, *resolved, *how);
  const std::string text = options.format == "json" ? plan::simulation_json(*index, *resolved, *how, simulation, options.images) : plan::simulation_text(*index, *resolved, *how, simulation);
  if (const Status written = context.write_result(options.output, text); !written) return context.fail(written.error());
  if (!options.html.empty()) {
    const auto html = page(context, *index, *resolved, options, *how, simulation);
    if (!html) return context.fail(html.error());
    if (const Status written = context.write_result(options.html, *html); !written) return context.fail(written.error());
  }
  return fleet_exit(context, *index, options.fleet);
}

}  // namespace

Verb standard_simulate() {
  return {.name = "standard simulate",
          .summary = "How many images of a fleet pass a standard, which rule stops how many, what it takes to reach it",
          .examples = {"plimsoll standard simulate baseline --reports ./reports --stage deploy", "plimsoll standard simulate ./next.yaml --reports ./reports --format json --images --html ratchet.html"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<SimulateOptions>();
            options.argument("STANDARD", o->standard, "a shipped name or a file");
            declare_fleet(options, o->fleet, "build");
            options.choice("-f,--format", o->format, {"table", "json"}, "how to print it")
                .value("-o,--output", o->output, "file to write instead of standard output")
                .value("--html", o->html, "also draw it: a page with the candidate lines and the next steps")
                .flag("--images", o->images, "JSON also names every blocked image and the rules that block it")
                .flag("--without-grace", o->without_grace, "as if every grace period had ended");
            return [o](Context& context) { return run_simulate(context, *o); };
          }};
}

}  // namespace plimsoll::cli
