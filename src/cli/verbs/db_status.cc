// db status: what the database holds, and how old it is.
#include "base/json.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

std::string as_json(const advisory::Stack& stack, const std::string& path) {
  std::string out;
  JsonWriter w(out, true);
  const DatabaseInfo info = stack.info();
  w.begin_object().member("path", path).member("digest", info.digest).member("builtAt", info.built_at).member("sizeBytes", stack.base().size_bytes());
  w.member("overlays", static_cast<std::int64_t>(stack.databases().size() - 1)).key("feeds").begin_array();
  for (const advisory::FeedSummary& feed : stack.base().feeds())
    w.begin_object().member("name", feed.name).member("date", feed.date).member("records", feed.records).member("statements", feed.affected).member("cves", feed.cves).end_object();
  w.end_array().key("ecosystems").begin_array();
  for (const std::string& key : stack.base().ecosystems()) {
    const EcosystemInfo& ecosystem = *stack.base().ecosystem(key);
    w.begin_object().member("key", key).member("packages", ecosystem.packages).member("statements", ecosystem.entries).key("feeds").begin_array();
    for (const std::string& feed : ecosystem.feeds) w.value(feed);
    w.end_array().end_object();
  }
  w.end_array().key("shortfalls").begin_array();
  for (const Shortfall& each : stack.shortfalls()) w.begin_object().member("ecosystem", each.ecosystem).member("where", each.where).member("why", each.why).end_object();
  w.end_array().key("notes").begin_array();
  for (const std::string& note : stack.base().notes()) w.value(note);
  w.end_array().end_object();
  return out + "\n";
}

std::string as_table(const advisory::Stack& stack, const std::string& path) {
  const DatabaseInfo info = stack.info();
  std::string out = cat(path, "\n  digest   ", info.digest, "\n  built    ", info.built_at, "\n  size     ", stack.base().size_bytes(), " bytes\n");
  if (stack.databases().size() > 1) out += cat("  overlays ", stack.databases().size() - 1, "\n");
  for (const advisory::FeedSummary& feed : stack.base().feeds()) {
    std::string name = feed.name;
    name.resize(std::max<std::size_t>(name.size(), 18), ' ');
    out += cat("  ", name, " ", feed.date.empty() ? "date unknown" : feed.date.substr(0, 10), "  ", feed.records, " records, ", feed.affected, " statements, ", feed.cves, " CVEs\n");
  }
  out += "  covers  ";
  std::size_t column = 10;
  for (const std::string& key : stack.base().ecosystems()) {
    if (column + key.size() + 1 > 78) out += "\n          ", column = 10;
    out += cat(" ", key);
    column += key.size() + 1;
  }
  out += "\n";
  for (const Shortfall& each : stack.shortfalls())
    out += cat("  incomplete: ", each.ecosystem == "*" ? "everything" : each.ecosystem.ends_with(':') ? each.ecosystem.substr(0, each.ecosystem.size() - 1) : each.ecosystem, " without ", each.where, " (", each.why, ")\n");
  return out;
}

}  // namespace

Verb db_status() {
  struct Flags {
    std::string database, format = "table";
  };
  return {.name = "db status",
          .summary = "Digest, age, feeds and coverage of the advisory database",
          .examples = {"plimsoll db status", "plimsoll db status --format json | jq .feeds"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.value("--db", flags->database, "the database");
            options.choice("--format", flags->format, {"table", "json"}, "how to print it");
            return [flags](Context& context) {
              const auto stack = open_database(flags->database);
              if (!stack.has_value()) return context.fail(stack.error());
              const std::string path = database_path(flags->database);
              context.out(flags->format == "json" ? as_json(*stack, path) : as_table(*stack, path));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
