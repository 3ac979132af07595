// db diff: what changed between two databases.
#include "cli/database_diff.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb db_diff() {
  struct Flags {
    std::string before, after, format = "table";
  };
  return {.name = "db diff",
          .summary = "New, gone and changed statements between two databases; exit 1 when they differ",
          .examples = {"plimsoll db diff old.db new.db", "plimsoll db diff old.db new.db --format json | jq .new"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("A", flags->before, "the earlier database");
            options.argument("B", flags->after, "the later one");
            options.choice("--format", flags->format, {"table", "json"}, "how to print it");
            return [flags](Context& context) { return diff_databases(context, flags->before, flags->after, flags->format == "json"); };
          }};
}

}  // namespace plimsoll::cli
