// standard list: the standards that come with the program.
#include "base/text.h"
#include "cli/standards.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

Exit list(Context& context, bool json_wanted) {
  std::string out;
  JsonWriter json(out, true);
  if (json_wanted) json.begin_array();
  for (const auto& [name, text] : standard::shipped_standards()) {
    const auto resolved = load_standard(context, name);
    if (!resolved) return context.fail(resolved.error());
    if (!json_wanted) {
      out += cat(name, std::string(name.size() < 22 ? 22 - name.size() : 1, ' '), resolved->rules.size(), resolved->rules.size() == 1 ? " rule   " : " rules  ", resolved->title, "\n");
      continue;
    }
    json.begin_object().member("name", name).member("title", resolved->title).member("description", resolved->description).member("version", resolved->version);
    json.member("digest", resolved->digest).member("rules", static_cast<std::uint64_t>(resolved->rules.size())).key("lineage").begin_array();
    for (const std::string& each : resolved->lineage) json.value(each);
    json.end_array().end_object();
  }
  if (json_wanted) json.end_array(), out += '\n';
  context.out(out);
  return Exit::Pass;
}

}  // namespace

Verb standard_list() {
  return {.name = "standard list",
          .summary = "The security standards that come with the program",
          .examples = {"plimsoll standard list", "plimsoll standard list --format json"},
          .declare = [](Options& options) -> Action {
            const auto format = std::make_shared<std::string>("table");
            options.choice("-f,--format", *format, {"table", "json"}, "how to print it");
            return [format](Context& context) { return list(context, *format == "json"); };
          }};
}

}  // namespace plimsoll::cli
