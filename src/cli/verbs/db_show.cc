// db show: everything the database holds under one id.
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "cli/advisory_text.h"
#include "cli/database.h"
#include "cli/verb.h"
#include "model/ecosystem.h"

namespace plimsoll::cli {
namespace {

struct Statement {
  std::string ecosystem, name, text, json;
};

// The statements of some records: a walk over all packages, since the file is laid out for the other question.
Result<std::map<std::uint32_t, std::vector<Statement>>> statements_of(const advisory::Database& database, const std::set<std::uint32_t>& records) {
  std::map<std::uint32_t, std::vector<Statement>> out;
  for (const std::string& ecosystem : database.ecosystems())
    PLIM_CHECK(database.each_package(ecosystem, [&](std::string_view name, const CandidateList& list) {
      for (const Candidate& candidate : list.candidates) {
        if (records.count(candidate.record) == 0) continue;
        Statement one{ecosystem, std::string(name), describe(candidate, list), {}};
        JsonWriter w(one.json);
        w.begin_object().member("ecosystem", ecosystem).member("name", name);
        write_candidate(w, candidate, list);
        w.end_object();
        out[candidate.record].push_back(std::move(one));
      }
      return Status();
    }));
  return out;
}

Exit show(Context& context, const std::string& id, const std::string& given, bool json) {
  const auto stack = open_database(given);
  if (!stack.has_value()) return context.fail(stack.error());
  std::string out;
  JsonWriter w(out, true);
  if (json) w.begin_object().member("id", id).key("records").begin_array();
  bool any = false;
  for (const advisory::Database& database : stack->databases()) {
    const auto found = database.find(id);
    if (!found.has_value()) return context.fail(found.error());
    auto statements = statements_of(database, {found->begin(), found->end()});
    if (!statements.has_value()) return context.fail(statements.error());
    for (const std::uint32_t at : *found) {
      const auto record = database.record_at(at);
      if (!record.has_value()) return context.fail(record.error());
      any = true;
      if (json) {
        w.begin_object();
        write_record(w, *record);
        w.key("affected").begin_array();
        for (const Statement& one : (*statements)[at]) w.raw(one.json);
        w.end_array().end_object();
        continue;
      }
      out += cat(record->id, "  (", record->feed, ")", record->withdrawn ? "  withdrawn" : "", record->severity == Severity::Unknown ? std::string{} : cat("  ", to_string(record->severity)), "\n");
      if (!record->title.empty()) out += cat("  ", record->title, "\n");
      for (const auto& [label, list] : {std::pair{"aliases", &record->aliases}, std::pair{"fixes", &record->fixes}}) {
        if (list->empty()) continue;
        out += cat("  ", label);
        for (const std::string& each : *list) out += cat(" ", each);
        out += "\n";
      }
      for (const Statement& one : (*statements)[at]) out += cat("  ", one.ecosystem, " ", one.name, "  ", one.text, "\n");
    }
  }
  const auto facts = stack->cve(id);
  if (!facts.has_value()) return context.fail(facts.error());
  if (json) {
    w.end_array();
    if (*facts) w.key("cve").begin_object(), write_cve(w, **facts), w.end_object();
    w.end_object();
    out += "\n";
  } else if (*facts) {
    if (!any) out += cat((*facts)->cve, "  (no record of a package)\n");
    for (const Cvss& cvss : (*facts)->cvss) out += cat("  CVSS ", cvss.version, " ", static_cast<int>(cvss.score_0_10), ".", static_cast<int>(cvss.score_0_10 * 10 + 0.5) % 10, "  ", cvss.vector, "\n");
    if ((*facts)->kev) out += cat("  known to be exploited since ", (*facts)->kev->date_added, "\n");
    if ((*facts)->epss) out += cat("  EPSS ", std::to_string((*facts)->epss->score), ", percentile ", std::to_string((*facts)->epss->percentile), "\n");
  }
  if (!any && !*facts) return context.fail(not_found(cat("the database knows no ", to_utf8(id))));
  context.out(out);
  return Exit::Pass;
}

}  // namespace

Verb db_show() {
  struct Flags {
    std::string id, database, format = "table";
  };
  return {.name = "db show",
          .summary = "Records, packages and scores under an advisory's id or alias",
          .examples = {"plimsoll db show CVE-2021-44228", "plimsoll db show GHSA-jfh8-c2jp-5v3q --format json"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("ID", flags->id, "CVE-..., GHSA-..., DSA-... or any other");
            options.value("--db", flags->database, "the database");
            options.choice("--format", flags->format, {"table", "json"}, "how to print it");
            return [flags](Context& context) { return show(context, flags->id, flags->database, flags->format == "json"); };
          }};
}

}  // namespace plimsoll::cli
