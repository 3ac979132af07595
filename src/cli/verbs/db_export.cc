// db export: a database as JSON lines of facts, fit for keeping in a repository and for importing again.
#include "advisory/export.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb db_export() {
  struct Flags {
    std::string database, output = "facts.jsonl.zst";
    std::vector<std::string> without;
    bool facts = false, all_cves = false;
  };
  return {.name = "db export",
          .summary = "Write a database's facts (ids, ranges, states, scores; no prose) as JSON lines",
          .examples = {"plimsoll db export --facts --output facts.jsonl.zst", "plimsoll db export --facts --without bitnami --all-cves"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.flag("--facts", flags->facts, "facts alone, no words of the records (the only form there is)");
            options.value("-o,--output", flags->output, "the file to write (zstd)");
            options.value("--db", flags->database, "the database");
            options.values("--without", flags->without, "leave these ecosystems out; \"debian:\" is every release");
            options.flag("--all-cves", flags->all_cves, "scores of CVEs too that no record names");
            return [flags](Context& context) {
              const auto database = advisory::Database::open(database_path(flags->database));
              if (!database.has_value()) return context.fail(database.error());
              const auto summary = advisory::export_facts(*database, flags->output, {.all_cves = flags->all_cves, .without = flags->without});
              if (!summary.has_value()) return context.fail(summary.error());
              context.out(cat(flags->output, ": ", summary->records, " records, ", summary->statements, " statements, ", summary->cves, " CVEs, ", summary->packed_bytes, " bytes packed\n"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
