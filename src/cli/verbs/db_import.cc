// db import: a folder of feeds in their published forms -> the advisory database.
#include <ctime>
#include <thread>

#include "advisory/import.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

struct Flags {
  std::string directory, database, format = "table", key, at;
  std::vector<std::string> only;
  bool strict = false;
};

std::string as_json(const advisory::ImportSummary& summary) {
  std::string out;
  JsonWriter w(out, true);
  w.begin_object().member("digest", summary.digest).member("sizeBytes", summary.size_bytes).member("files", summary.files);
  w.key("feeds").begin_array();
  for (const advisory::FeedSummary& feed : summary.feeds) {
    w.begin_object().member("name", feed.name).member("date", feed.date).member("files", feed.files).member("records", feed.records);
    w.member("affected", feed.affected).member("cves", feed.cves).key("ecosystems").begin_array();
    for (const std::string& ecosystem : feed.ecosystems) w.value(ecosystem);
    w.end_array().end_object();
  }
  w.end_array().key("unknownFiles").begin_array();
  for (const std::string& file : summary.unknown) w.value(file);
  w.end_array().member("unreadRecords", summary.unread_records).key("gaps").begin_array();
  for (const Gap& gap : summary.gaps) w.begin_object().member("part", gap.part).member("where", gap.where).member("why", gap.why).end_object();
  w.end_array().end_object();
  return out + "\n";
}

std::string as_table(const advisory::ImportSummary& summary) {
  std::string out;
  const auto cell = [&](std::string text, std::size_t width, bool right) {
    if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    out += text + "  ";
  };
  cell("FEED", 22, false), cell("DATE", 10, false), cell("FILES", 6, true), cell("RECORDS", 8, true), cell("STATEMENTS", 10, true), out += "CVES\n";
  for (const advisory::FeedSummary& feed : summary.feeds) {
    cell(feed.name, 22, false), cell(feed.date.substr(0, 10), 10, false), cell(std::to_string(feed.files), 6, true), cell(std::to_string(feed.records), 8, true);
    cell(std::to_string(feed.affected), 10, true), out += std::to_string(feed.cves) + "\n";
  }
  out += cat(summary.size_bytes, " bytes, ", summary.digest, "\n");
  return out;
}

Exit run_import(Context& context, const Flags& flags) {
  advisory::ImportOptions options;
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  options.only = flags.only;
  options.built_at = std::time(nullptr);
  if (!flags.key.empty()) {
    auto key = read_file(flags.key);
    if (!key.has_value()) return context.fail(key.error());
    options.private_key_pem = std::move(*key);
  }
  const std::string out = database_path(flags.database);
  if (const std::size_t slash = out.rfind('/'); slash != std::string::npos && slash > 0)
    if (const Status made = make_directories(out.substr(0, slash)); !made.has_value()) return context.fail(made.error());
  const auto summary = advisory::import_feeds(flags.directory, out, options);
  if (!summary.has_value()) return context.fail(summary.error(), "the database that was there is unchanged");
  context.out(flags.format == "json" ? as_json(*summary) : as_table(*summary));
  for (const std::string& file : summary->unknown) context.warn(cat(file, ": no feed claims this file"));
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < summary->gaps.size() && i < kShown; ++i) context.warn(cat(summary->gaps[i].where, ": ", summary->gaps[i].why));
  if (summary->unread_records > kShown) context.warn(cat("and ", summary->unread_records - kShown, " more files or records could not be read; --format json lists them"));
  return flags.strict && (summary->unread_records > 0 || !summary->unknown.empty()) ? Exit::Incomplete : Exit::Pass;
}

}  // namespace

Verb db_import() {
  return {.name = "db import",
          .summary = "Compile a folder of advisory feeds into a database",
          .examples = {"plimsoll db import feeds/", "plimsoll db import feeds/ --db advisories.db --format json"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("DIR", flags->directory, "a folder of feeds, at any depth, or one file");
            options.value("--db", flags->database, "the database file to write");
            options.values("--only", flags->only, "use these feeds alone (names as in docs/feeds)");
            options.value("--sign-key", flags->key, "sign with this Ed25519 private key (PEM)");
            options.choice("--format", flags->format, {"table", "json"}, "how to print the summary");
            options.flag("--strict", flags->strict, "exit 4 when a file or record could not be read");
            return [flags](Context& context) { return run_import(context, *flags); };
          }};
}

}  // namespace plimsoll::cli
