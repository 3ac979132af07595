// db lookup: what the database says of one package.
#include "base/json.h"
#include "base/text.h"
#include "cli/advisory_text.h"
#include "cli/database.h"
#include "cli/verb.h"
#include "model/ecosystem.h"
#include "model/purl.h"

namespace plimsoll::cli {
namespace {

Exit look_up(Context& context, const std::string& text, const std::string& given, bool json) {
  const auto purl = Purl::parse(text);
  if (!purl.has_value()) return context.fail(purl.error(), "a package URL looks like pkg:npm/lodash or pkg:deb/debian/openssl?distro=debian-12");
  Package package;
  package.type = purl->type, package.ns = purl->ns, package.name = purl->name, package.version = purl->version;
  for (const auto& [key, value] : purl->qualifiers) package.set_property(key, value);
  if (const std::string_view upstream = package.property("upstream"); !upstream.empty()) package.source_name = source_of_upstream(upstream).first;
  const auto stack = open_database(given);
  if (!stack.has_value()) return context.fail(stack.error());
  const std::string key = ecosystem_of(package, {});
  if (key.empty()) return context.usage(cat(text, " says no distribution: add ?distro=debian-12, alpine-3.18, rhel-9..."));
  if (!stack->ecosystem(key)) return context.fail(not_found(cat("no feed of the database covers ", ecosystem_title(key))));
  CandidateList list;
  std::vector<std::string> names = {ecosystem_name(package)};
  if (!package.source_name.empty() && package.source_name != names[0]) names.push_back(package.source_name);
  for (const std::string& name : names)
    if (const Status status = stack->candidates(key, name, list); !status.has_value()) return context.fail(status.error());
  std::string out;
  JsonWriter w(out, true);
  if (json) w.begin_object().member("purl", purl->text()).member("ecosystem", key).key("statements").begin_array();
  for (const Candidate& candidate : list.candidates) {
    const auto record = stack->record(candidate);
    if (!record.has_value()) return context.fail(record.error());
    if (json) {
      w.begin_object();
      write_candidate(w, candidate, list);
      w.key("record").begin_object();
      write_record(w, *record);
      w.end_object().end_object();
    } else {
      out += cat(record->id, "  ", describe(candidate, list), "  (", record->feed, ")\n");
    }
  }
  if (json) w.end_array().end_object(), out += "\n";
  else if (list.candidates.empty()) out = cat("nothing is known against ", purl->text(), "\n");
  context.out(out);
  return Exit::Pass;
}

}  // namespace

Verb db_lookup() {
  struct Flags {
    std::string purl, database, format = "table";
  };
  return {.name = "db lookup",
          .summary = "What the advisory database says of a package, whatever its version",
          .examples = {"plimsoll db lookup pkg:npm/lodash", "plimsoll db lookup 'pkg:deb/debian/openssl?distro=debian-12' --format json"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("PURL", flags->purl, "a package URL");
            options.value("--db", flags->database, "the database");
            options.choice("--format", flags->format, {"table", "json"}, "how to print it");
            return [flags](Context& context) { return look_up(context, flags->purl, flags->database, flags->format == "json"); };
          }};
}

}  // namespace plimsoll::cli
