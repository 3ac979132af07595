// detect webshell: one detector alone on files and folders.
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb detect_webshell() {
  return {.name = "detect webshell",
          .summary = "Web shells: scripts that run what a request brings",
          .examples = {"plimsoll detect webshell /var/www --format json", "plimsoll detect webshell upload.php"},
          .declare = [](Options& options) -> Action { return declare_detect(options, scan::Part::Webshell, ""); }};
}

}  // namespace plimsoll::cli
