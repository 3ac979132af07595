// detect secrets: one detector alone on files and folders.
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb detect_secrets() {
  return {.name = "detect secrets",
          .summary = "Keys, tokens and passwords in files, folders or standard input",
          .examples = {"plimsoll detect secrets src/ --format json", "git diff --cached | plimsoll detect secrets -", "plimsoll detect secrets git:. --since v1.2"},
          .declare = [](Options& options) -> Action { return declare_detect(options, scan::Part::Secrets, ""); }};
}

}  // namespace plimsoll::cli
