// standard propose: the next line that a fleet can reach with a given amount of work, or the answer to one advisory.
#include "base/json.h"
#include "base/text.h"
#include "cli/fleet_options.h"
#include "plan/propose.h"

namespace plimsoll::cli {
namespace {

struct ProposeOptions {
  std::string standard, advisory, format = "table", output, name;
  std::uint64_t budget = 0, grace = 30;
  FleetOptions fleet;
};

Exit for_advisory(Context& context, const ProposeOptions& options, const plan::Index& index, const plan::ProposalOptions& how) {
  const auto proposal = plan::propose_for_advisory(index, options.advisory, how);
  if (!proposal) return context.usage(proposal.error().message());
  standard::Problems problems;
  const auto resolved = standard::resolve({proposal->standard, "the proposal"}, standard_loader(), problems);
  if (!resolved) return context.fail(malformed(cat("the proposal does not read back:\n", problems.text("proposal"))));
  standard::Resolved own = *resolved;
  std::erase_if(own.rules, [&](const standard::Rule& rule) { return rule.from != how.name; });
  std::array<plan::Simulation, standard::kStages> today;
  for (std::size_t s = 0; s < standard::kStages; ++s) today[s] = plan::simulate(index, own, {.stage = static_cast<standard::Stage>(s), .at = how.at, .without_grace = true, .threads = how.threads});
  std::string out;
  if (options.format == "json") {
    JsonWriter json(out, true);
    json.begin_object().member("advisory", options.advisory).member("at", format_time(how.at)).member("images", proposal->images).member("affected", static_cast<std::uint64_t>(proposal->affected.size())).member("withFix", proposal->with_fix);
    json.key("blocksToday").begin_object();
    for (std::size_t s = 0; s < standard::kStages; ++s) json.member(standard::to_string(static_cast<standard::Stage>(s)), today[s].block);
    json.end_object().key("warnsToday").begin_object();
    for (std::size_t s = 0; s < standard::kStages; ++s) json.member(standard::to_string(static_cast<standard::Stage>(s)), today[s].warn);
    json.end_object().key("packages").begin_array();
    for (const std::string& each : proposal->packages) json.value(each);
    json.end_array().key("affectedImages").begin_array();
    for (std::size_t i = 0; i < proposal->affected.size(); ++i) json.begin_object().member("reference", index.reference(proposal->affected[i])).member("report", index.path(proposal->affected[i])).member("fix", proposal->fixable[i] != 0).end_object();
    json.end_array().member("standard", proposal->standard).end_object();
    out += "\n";
  } else {
    out = cat(proposal->affected.size(), " of ", proposal->images, " images have ", options.advisory, "; ", proposal->with_fix, " of them can be fixed by a change that exists\n");
    for (const std::string& each : proposal->packages) out += cat("  ", each, "\n");
    out += "If the rule were enforced today:\n";
    for (std::size_t s = 0; s < standard::kStages; ++s) out += cat("  ", standard::to_string(static_cast<standard::Stage>(s)), ": ", today[s].block, " blocked, ", today[s].warn, " warned\n");
    for (std::size_t i = 0; i < std::min<std::size_t>(20, proposal->affected.size()); ++i) out += cat(i == 0 ? "Images: " : "        ", to_utf8(index.reference(proposal->affected[i])), proposal->fixable[i] != 0 ? "" : " (no fix)", "\n");
    if (proposal->affected.size() > 20) out += cat("        and ", proposal->affected.size() - 20, " more (--format json names them)\n");
  }
  if (!options.output.empty()) {
    if (const Status written = context.write_result(options.output, proposal->standard); !written) return context.fail(written.error());
  } else if (options.format != "json") {
    out += "\n" + proposal->standard;
  }
  context.out(out);
  return fleet_exit(context, index, options.fleet);
}

Exit run_propose(Context& context, const ProposeOptions& options) {
  const auto how = simulation_options(options.fleet);
  if (!how) return context.usage(how.error().message());
  if (options.advisory.empty() && options.budget == 0) return context.usage("propose needs --budget N: how many images can be rebuilt; or --advisory ID");
  std::optional<standard::Resolved> in_force;
  if (!options.standard.empty()) {
    auto loaded = load_standard(context, options.standard);
    if (!loaded) return context.fail(loaded.error());
    in_force = std::move(*loaded);
  }
  const auto index = open_fleet(context, options.fleet);
  if (!index) return options.fleet.reports.empty() ? context.usage(index.error().message()) : context.fail(index.error());
  plan::ProposalOptions proposal{.budget = options.budget, .grace_days = static_cast<std::uint32_t>(std::min<std::uint64_t>(options.grace, 3650)), .stage = how->stage, .at = how->at};
  proposal.name = !options.name.empty() ? options.name : options.advisory.empty() ? "next-line" : "advisory-answer";
  proposal.inherits = options.standard;
  proposal.threads = how->threads;
  if (!options.advisory.empty()) return for_advisory(context, options, *index, proposal);
  const auto made = plan::propose(*index, in_force ? &*in_force : nullptr, standard_loader(), proposal);
  if (!made) return context.fail(made.error());
  if (!options.output.empty() && !made->standard.empty())
    if (const Status written = context.write_result(options.output, made->standard); !written) return context.fail(written.error());
  std::string out = options.format == "json" ? plan::proposal_json(*index, *made, proposal) : plan::proposal_text(*index, *made, proposal);
  if (options.format != "json" && options.output.empty() && !made->standard.empty()) out += "\n" + made->standard;
  context.out(out);
  return fleet_exit(context, *index, options.fleet);
}

}  // namespace

Verb standard_propose() {
  return {.name = "standard propose",
          .summary = "The next line a fleet can reach with a given amount of work, or the rule that answers an advisory, written as a standard",
          .examples = {"plimsoll standard propose --reports ./reports --standard baseline --budget 200 --output next.yaml", "plimsoll standard propose --reports ./reports --advisory CVE-2021-44228"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<ProposeOptions>();
            declare_fleet(options, o->fleet, "deploy");
            options.number("--budget", o->budget, "images that can be rebuilt")
                .value("--advisory", o->advisory, "answer this advisory instead")
                .value("--standard", o->standard, "the standard in force: the proposal inherits it and counts what it adds")
                .number("--grace", o->grace, "days in which the new rules only warn (30)")
                .value("--name", o->name, "name of the proposal")
                .choice("-f,--format", o->format, {"table", "json"}, "how to print the reckoning")
                .value("-o,--output", o->output, "file for the proposed standard (else it follows the table, and is in the JSON)");
            return [o](Context& context) { return run_propose(context, *o); };
          }};
}

}  // namespace plimsoll::cli
