// rules check: what of a rule file loads, and why the rest does not.
#include "base/text.h"
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

// One row a file: it loads with so many rules, or the file, line and reason that its engine gives.
bool check(Context& context, const detect::RuleFile& file) {
  const auto refuse = [&](std::string_view why) {
    context.out(cat("refused  ", to_utf8(file.path), "  ", why.starts_with(file.path) ? why.substr(std::min(why.size(), file.path.size() + 2)) : why, "\n"));
    return false;
  };
  const auto engine_name = detect::engine_of(file);
  if (!engine_name) return refuse(engine_name.error().message());
  for (const detect::Engine& engine : detect::engines()) {
    if (engine.name != *engine_name) continue;
    const auto loaded = engine.load({.rules = {file}, .only_user_rules = true, .fingerprint_key = "check"});
    if (!loaded) return refuse(loaded.error().message());
    context.out(cat("loads    ", to_utf8(file.path), "  ", engine.name, ", ", loaded->rules, loaded->rules == 1 ? " rule\n" : " rules\n"));
    return true;
  }
  return refuse(cat("this build has no engine \"", *engine_name, "\""));
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
