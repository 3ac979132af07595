// completion: the shell's word list, written from the table of verbs.
#include "cli/help.h"

namespace plimsoll::cli {

Verb completion() {
  return {.name = "completion",
          .summary = "Shell completion for bash, zsh or fish",
          .examples = {"source <(plimsoll completion bash)", "plimsoll completion fish | source"},
          .declare = [](Options& options) -> Action {
            const auto shell = std::make_shared<std::string>();
            options.argument("SHELL", *shell, "bash, zsh or fish");
            return [shell](Context& context) {
              const std::string text = completion(*shell);
              if (text.empty()) return context.usage("completion: the shell is one of bash, zsh, fish");
              context.out(text);
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
