// standard lint: all that is wrong with standards, each with file, line and the nearest right name.
#include "base/text.h"
#include "cli/standards.h"
#include "cli/verb.h"
#include "standard/lint.h"

namespace plimsoll::cli {
namespace {

Exit lint_all(Context& context, const std::vector<std::string>& names, bool strict) {
  std::size_t errors = 0, warnings = 0;
  std::string out;
  for (const std::string& name : names) {
    const auto document = find_standard(name);
    if (!document) return context.fail(document.error());
    standard::Problems problems;
    if (const auto resolved = standard::resolve(*document, standard_loader(), problems)) standard::lint(*resolved, problems);
    problems.sort();
    for (const standard::Problem& problem : problems.list()) ++(problem.warning ? warnings : errors);
    out += problems.text(document->source);
  }
  if (errors + warnings == 0) out += names.size() == 1 ? "nothing is wrong\n" : cat("nothing is wrong with ", names.size(), " standards\n");
  context.out(out);
  return errors > 0 || (strict && warnings > 0) ? Exit::No : Exit::Pass;
}

}  // namespace

Verb standard_lint() {
  struct Flags {
    std::vector<std::string> standards;
    bool strict = false;
  };
  return {.name = "standard lint",
          .summary = "What is wrong with a standard: misspelt fields, rules that contradict each other or can never match; exit 1 on errors",
          .examples = {"plimsoll standard lint shop.yaml", "plimsoll standard lint standards/*.yaml --strict"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.arguments("STANDARD", flags->standards, "files or shipped names").flag("--strict", flags->strict, "warnings count as errors");
            return [flags](Context& context) { return lint_all(context, flags->standards, flags->strict); };
          }};
}

}  // namespace plimsoll::cli
