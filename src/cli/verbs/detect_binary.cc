// detect binary: what an executable is (headers, hashes, owner), and what malware's detector finds in it.
#include "cli/detecting.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb detect_binary() {
  return {.name = "detect binary",
          .summary = "What an executable is, by its headers, hashes and owner, and what it gives away: packers, miners, odd interpreters",
          .examples = {"plimsoll detect binary ./tool", "plimsoll detect binary /usr/local/bin --format json | jq '.binaries[] | select(.owner == \"none\")'"},
          .declare = [](Options& options) -> Action { return declare_detect(options, scan::Part::Malware, "binary"); }};
}

}  // namespace plimsoll::cli
