// rules check: what of a rule file loads, and why the rest does not.
#include "base/text.h"
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

// "FILE:LINE: rule ID: why"; what the reason says of file and rule already is not said twice.
void tell(Context& context, std::string_view what, const std::string& path, std::uint32_t line, std::string_view rule, std::string_view why) {
  if (why.starts_with(path)) {
    why.remove_prefix(path.size());
    while (why.starts_with(':') || why.starts_with(' ')) why.remove_prefix(1);
  }
  const bool told = rule.empty() || why.find(rule) != std::string_view::npos;
  context.out(cat(what, "  ", to_utf8(path), line != 0 ? cat(":", line) : std::string(), "  ", told ? std::string() : cat("rule ", to_utf8(rule), ": "), to_utf8(why), "\n"));
}

void refuse(Context& context, const std::string& path, std::uint32_t line, std::string_view rule, std::string_view why) { tell(context, "refused", path, line, rule, why); }

// Whether all of the file loads.
bool check(Context& context, const detect::RuleFile& file) {
  const auto engine_name = detect::engine_of(file);
  if (!engine_name) {
    refuse(context, file.path, 0, {}, engine_name.error().message());
    return false;
  }
  for (const detect::Engine& engine : detect::engines()) {
    if (engine.name != *engine_name) continue;
    detect::RuleCheck result;
    if (engine.check) {
      result = engine.check(file, {});
    } else {
      const auto loaded = engine.load({.rules = {file}, .only_user_rules = true, .fingerprint_key = "check"});
      if (loaded) result.loads = loaded->rules;
      else result.refused.push_back({.line = 0, .rule = {}, .why = loaded.error().message()});
    }
    if (result.loads > 0 || result.refused.empty())
      context.out(cat("loads    ", to_utf8(file.path), "  ", engine.name, ", ", result.loads, result.loads == 1 ? " rule\n" : " rules\n"));
    for (const detect::RuleProblem& notice : result.notices) tell(context, "notice ", file.path, notice.line, notice.rule, notice.why);
    for (const detect::RuleProblem& problem : result.refused) refuse(context, file.path, problem.line, problem.rule, problem.why);
    return result.refused.empty();
  }
  refuse(context, file.path, 0, {}, cat("this build has no engine \"", *engine_name, "\""));
  return false;
}

}  // namespace

Verb rules_check() {
  return {.name = "rules check",
          .summary = "Load rule files and say what is refused, and why",
          .examples = {"plimsoll rules check own.yaml gitleaks.toml", "plimsoll rules check rules/"},
          .declare = [](Options& options) -> Action {
            const auto paths = std::make_shared<std::vector<std::string>>();
            options.arguments("FILE", *paths, "rule files, or folders of them");
            return [paths](Context& context) {
              bool all = true;
              for (const std::string& path : *paths) {
                std::vector<detect::RuleFile> files;
                if (const Status status = read_rule_files(path, files); !status) return context.fail(status.error());
                for (const detect::RuleFile& file : files) all = check(context, file) && all;
              }
              return all ? Exit::Pass : Exit::No;
            };
          }};
}

}  // namespace plimsoll::cli
