// detect binary: one detector alone on files and folders.
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb detect_binary() {
  return {.name = "detect binary",
          .summary = "What an executable file itself gives away: packers, miners, odd interpreters, writable code",
          .examples = {"plimsoll detect binary ./tool", "plimsoll detect binary /usr/local/bin --format json"},
          .declare = [](Options& options) -> Action { return declare_detect(options, scan::Part::Malware, "binary"); }};
}

}  // namespace plimsoll::cli
