// A verb of the command line: one file under verbs/ that defines `Verb NAME()`; "db import" is db_import.
//
//   Verb version() {
//     return {.name = "version", .summary = "Print the version", .examples = {"plimsoll version"},
//             .declare = [](Options& options) -> Action { return [](Context& context) { ...; return Exit::Pass; }; }};
//   }
//
// `declare` names the options and gives the action that runs once they are filled in. Every option `--some-name VALUE`
// can also come from the environment (PLIMSOLL_SOME_NAME), then from plimsoll.yaml of the project, then of the user:
// under the verb's own key (`scan: {fail-on: high}`) or at the top (`db: FILE`). A flag on the line wins.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/context.h"

namespace plimsoll::cli {

class Options {
 public:
  struct State;
  explicit Options(State& state) : state_(state) {}
  // `names` is "--long" or "-s,--long". The variables must live until the action has run (capture them by shared_ptr).
  Options& flag(const std::string& names, bool& into, const std::string& help);
  Options& value(const std::string& names, std::string& into, const std::string& help);
  Options& values(const std::string& names, std::vector<std::string>& into, const std::string& help);  // repeatable, or "a,b"
  Options& number(const std::string& names, std::uint64_t& into, const std::string& help);
  // One of `choices`; anything else is a usage error that lists them.
  Options& choice(const std::string& names, std::string& into, const std::vector<std::string>& choices, const std::string& help);
  Options& argument(const std::string& name, std::string& into, const std::string& help, bool required = true);
  Options& arguments(const std::string& name, std::vector<std::string>& into, const std::string& help, bool required = true);

 private:
  State& state_;
};

using Action = std::function<Exit(Context&)>;

struct Verb {
  std::string name;                   // "scan", "db import"
  std::string summary;                // one line
  std::vector<std::string> examples;  // at least two; they open --help
  std::function<Action(Options&)> declare;
};

// All verbs, sorted by file name (written by CMake).
const std::vector<Verb>& verbs();

// Parses a command line and runs its verb. Never throws.
Exit run(int argc, const char* const* argv);

}  // namespace plimsoll::cli
