#include "cli/fleet_options.h"

#include <filesystem>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::cli {

void declare_fleet(Options& options, FleetOptions& o, const std::string& default_stage) {
  o.stage = default_stage;
  options.value("--reports", o.reports, "folder of JSON reports, at any depth (needed)")
      .choice("--stage", o.stage, {"build", "push", "deploy", "run"}, "the stage to judge for")
      .value("--at", o.at, "the time the verdicts speak of")
      .value("--environment", o.environment, "environment, for rules that are for one")
      .value("--workload-namespace", o.ns, "namespace, for rules that are for one")
      .flag("--no-index", o.no_index, "keep no index of the folder between runs")
      .flag("--allow-incomplete", o.allow_incomplete, "reports that cannot be read are named, but the exit code is 0")
      .number("--threads", o.threads, "threads, 0 for one per processor");
}

Result<plan::Index> open_fleet(Context& context, const FleetOptions& options) {
  if (options.reports.empty()) return malformed("--reports is missing: a folder of JSON reports");
  std::string file;
  if (!options.no_index) {
    std::error_code failed;
    const std::string whole = std::filesystem::weakly_canonical(options.reports, failed).string();
    file = cat(Context::cache_directory(), "/report-indexes/", hash_hex(HashKind::Sha256, as_bytes(failed ? options.reports : whole)).substr(0, 24), ".idx");
  }
  plan::IndexOptions how{.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 256))};
  if (context.stderr_is_terminal() && !context.quiet())
    how.progress = [&](std::size_t done, std::size_t all) {
      if (done % 1024 == 0 || done == all) context.hint(cat("read ", done, " of ", all, " reports"));
    };
  return plan::update_index(options.reports, file, how);
}

Result<plan::SimulationOptions> simulation_options(const FleetOptions& options) {
  plan::SimulationOptions out{.stage = standard::stage_from(options.stage).value_or(standard::Stage::Build), .at = system_now(), .environment = options.environment, .ns = options.ns};
  out.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 256));
  if (!options.at.empty()) {
    const auto at = parse_time(options.at);
    if (!at) return malformed(cat("--at \"", to_utf8(options.at), "\" is not a time like 2026-11-24T03:00:00Z"));
    out.at = *at;
  }
  return out;
}

Exit fleet_exit(Context& context, const plan::Index& index, const FleetOptions& options) {
  if (index.unreadable().empty()) return Exit::Pass;
  context.warn(cat(index.unreadable().size(), " reports could not be read, the first: ", to_utf8(index.unreadable().front().path), ": ", to_utf8(index.unreadable().front().why)));
  return options.allow_incomplete ? Exit::Pass : Exit::Incomplete;
}

}  // namespace plimsoll::cli
