// standard show: a standard with all it inherits, each rule in words, with what overrides changed.
#include "base/text.h"
#include "cli/standards.h"
#include "cli/verb.h"
#include "report/plain.h"

namespace plimsoll::cli {
namespace {

std::string effects_of(const standard::Rule& rule) {
  std::string out;
  for (std::size_t i = 0; i < standard::kStages; ++i)
    if (rule.effects[i] != standard::Effect::Off) out += cat(out.empty() ? "" : ", ", standard::to_string(rule.effects[i]), " at ", standard::to_string(static_cast<standard::Stage>(i)));
  return out.empty() ? "no effect" : out;
}

std::string in_text(const standard::Resolved& standard, unsigned width) {
  std::string out = cat(standard.name, standard.version.empty() ? "" : cat(" ", standard.version), standard.title.empty() ? "" : ": ", standard.title, "\n", standard.digest, "\n");
  const auto add = [&](std::string_view text, std::size_t indent) {
    for (const std::string& row : report::wrap_words(text, width - indent)) out += std::string(indent, ' ') + row + "\n";
  };
  if (!standard.description.empty()) add(standard.description, 0);
  if (standard.lineage.size() > 1) {
    std::string parents;
    for (std::size_t i = 1; i < standard.lineage.size(); ++i) parents += cat(i == 1 ? "" : ", ", standard.lineage[i]);
    add(cat("inherits ", parents), 0);
  }
  add(standard.allow_incomplete ? "A report with gaps may pass." : "A report with gaps does not pass.", 0);
  if (!standard.granted_by.empty()) add(cat("Exceptions are granted by ", standard.granted_by), 0);
  if (standard.maximum_days) add(cat("An exception lasts at most ", *standard.maximum_days, " days."), 0);
  for (const standard::Rule& rule : standard.rules) {
    out += cat("\n", rule.id, rule.from == standard.name ? "" : cat("  (from ", rule.from, ")"), "\n");
    if (!rule.title.empty()) add(rule.title, 2);
    add(effects_of(rule), 2);
    const std::string quantity = rule.more_than != 0 ? cat(" more than ", rule.more_than) : rule.at_least ? cat(" at least ", *rule.at_least) : "";
    add(cat(rule.forbid ? "forbid" : "require", quantity, is_single(rule.check) ? "" : cat(" ", standard::to_string(rule.check), " where"), ": ", standard::in_words(rule.when)), 2);
    if (rule.grace) add(rule.grace->days > 0 ? cat("grace of ", rule.grace->days, " days since ", rule.grace->since->name) : cat("only warns until ", standard::day_text(rule.grace->until)), 2);
    add(cat("why: ", rule.why), 2);
    add(cat("fix: ", rule.fix), 2);
    for (const std::string& change : rule.changed) add(cat("overridden: ", change), 2);
  }
  return out;
}

}  // namespace

Verb standard_show() {
  struct Flags {
    std::string standard, format = "table";
  };
  return {.name = "standard show",
          .summary = "A standard with all it inherits, in words or flattened as JSON (what its digest is of)",
          .examples = {"plimsoll standard show baseline", "plimsoll standard show ./shop.yaml --format json"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("STANDARD", flags->standard, "a shipped name or a file").choice("-f,--format", flags->format, {"table", "json"}, "how to print it");
            return [flags](Context& context) {
              const auto resolved = load_standard(context, flags->standard);
              if (!resolved) return context.fail(resolved.error());
              context.out(flags->format == "json" ? resolved->json : in_text(*resolved, context.width()));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
