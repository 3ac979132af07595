// version: what this program is.
#include "build_info.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb version() {
  return {.name = "version",
          .summary = "Print the version",
          .examples = {"plimsoll version", "plimsoll version --quiet"},
          .declare = [](Options&) -> Action {
            return [](Context& context) {
              context.out("plimsoll " PLIMSOLL_VERSION "\n");
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
