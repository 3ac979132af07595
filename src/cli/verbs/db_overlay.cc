// db overlay: an organisation's own OSV records as a small database stacked over the shipped one.
#include <ctime>

#include "advisory/import.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb db_overlay() {
  struct Flags {
    std::string directory, database, name = "own";
  };
  return {.name = "db overlay",
          .summary = "Stack your own OSV records (internal packages, corrected ranges) over the database",
          .examples = {"plimsoll db overlay our-advisories/", "plimsoll db overlay our-advisories/ --db advisories.db --name embargoed"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("DIR", flags->directory, "a folder of OSV records");
            options.value("--db", flags->database, "the database it is stacked over");
            options.value("--name", flags->name, "a later name has the last word");
            return [flags](Context& context) {
              if (flags->name.empty() || flags->name.find('/') != std::string::npos || flags->name.starts_with('.')) return context.usage("--name is a plain word");
              const std::string folder = overlay_directory(database_path(flags->database));
              if (const Status made = make_directories(folder); !made.has_value()) return context.fail(made.error());
              advisory::ImportOptions options_of_import;
              options_of_import.built_at = std::time(nullptr);
              options_of_import.only = {"osv"};
              const std::string out = cat(folder, "/", flags->name, ".db");
              const auto summary = advisory::import_feeds(flags->directory, out, options_of_import);
              if (!summary.has_value()) return context.fail(summary.error(), "an overlay that was there is unchanged");
              for (const std::string& file : summary->unknown) context.warn(cat(file, ": not OSV"));
              for (const Gap& gap : summary->gaps) context.warn(cat(gap.where, ": ", gap.why));
              std::uint64_t records = 0;
              for (const advisory::FeedSummary& feed : summary->feeds) records += feed.records;
              context.out(cat(out, ": ", records, " records, never part of what `db push` sends\n"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
