// standard test (a file called standard_test.cc would be a unit test): a standard's own examples, run.
#include "base/text.h"
#include "cli/standards.h"
#include "cli/verb.h"
#include "standard/example.h"

namespace plimsoll::cli {
namespace {

Exit test_all(Context& context, const std::vector<std::string>& names, bool quiet) {
  std::size_t failed = 0, ran = 0;
  std::string out;
  for (const std::string& name : names) {
    const auto resolved = load_standard(context, name);
    if (!resolved) return context.fail(resolved.error());
    for (const standard::ExampleResult& result : standard::run_examples(*resolved)) {
      ++ran;
      failed += result.passed ? 0 : 1;
      if (!result.passed || !quiet) out += cat(result.passed ? "ok    " : "FAIL  ", resolved->name, ": ", result.name, result.passed ? "" : cat("\n      ", result.why), "\n");
    }
    if (resolved->examples.empty()) context.warn(cat(resolved->name, " has no examples: nothing shows that its rules say what they mean"));
    for (const std::string& rule : standard::rules_without_example(*resolved)) context.warn(cat(resolved->name, ": no example makes rule ", rule, " speak"));
  }
  out += cat(ran - failed, " of ", ran, " examples hold\n");
  context.out(out);
  return failed > 0 ? Exit::No : Exit::Pass;
}

}  // namespace

Verb standard_examples() {
  struct Flags {
    std::vector<std::string> standards;
    bool brief = false;
  };
  return {.name = "standard test",
          .summary = "Runs the examples of a standard: reports in small, and what must be said of them; exit 1 when one fails",
          .examples = {"plimsoll standard test shop.yaml", "plimsoll standard test baseline strict --brief"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.arguments("STANDARD", flags->standards, "files or shipped names").flag("--brief", flags->brief, "only what fails");
            return [flags](Context& context) { return test_all(context, flags->standards, flags->brief); };
          }};
}

}  // namespace plimsoll::cli
