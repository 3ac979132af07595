// standard trend: how a fleet stood against a standard, period by period.
#include "cli/fleet_options.h"
#include "plan/trend.h"

namespace plimsoll::cli {
namespace {

struct TrendOptions {
  std::string standard, format = "table", output, every = "month";
  FleetOptions fleet;
};

Exit run_trend(Context& context, const TrendOptions& options) {
  const auto how = simulation_options(options.fleet);
  if (!how) return context.usage(how.error().message());
  const auto resolved = load_standard(context, options.standard);
  if (!resolved) return context.fail(resolved.error());
  const auto index = open_fleet(context, options.fleet);
  if (!index) return options.fleet.reports.empty() ? context.usage(index.error().message()) : context.fail(index.error());
  const plan::Period period = options.every == "day" ? plan::Period::Day : options.every == "week" ? plan::Period::Week : plan::Period::Month;
  const plan::Trend trend = plan::trend(*index, *resolved, *how, period);
  if (const Status written = context.write_result(options.output, options.format == "json" ? plan::trend_json(*index, *resolved, trend) : plan::trend_text(*resolved, trend)); !written) return context.fail(written.error());
  return fleet_exit(context, *index, options.fleet);
}

}  // namespace

Verb standard_trend() {
  return {.name = "standard trend",
          .summary = "How a fleet stood against a standard over time, from the days its reports speak of",
          .examples = {"plimsoll standard trend baseline --reports ./reports", "plimsoll standard trend baseline --reports ./reports --every week --format json"},
          .declare = [](Options& options) -> Action {
            const auto o = std::make_shared<TrendOptions>();
            options.argument("STANDARD", o->standard, "a shipped name or a file");
            declare_fleet(options, o->fleet, "build");
            options.choice("--every", o->every, {"day", "week", "month"}, "length of a period")
                .choice("-f,--format", o->format, {"table", "json"}, "how to print it")
                .value("-o,--output", o->output, "file to write instead of standard output");
            return [o](Context& context) { return run_trend(context, *o); };
          }};
}

}  // namespace plimsoll::cli
