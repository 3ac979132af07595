// Help, shell completion and the manual page, all written from the table of verbs.
#pragma once
#include <string>
#include <vector>

#include "cli/verb.h"

namespace plimsoll::cli {

struct OptionRow {
  std::string names, value, help;
  bool positional = false, takes_value = false;
};
std::vector<OptionRow> option_rows(const Verb& verb);  // options.cc

const Verb* find_verb(const std::vector<std::string>& words);  // by the longest name that begins the words; null when none
std::string unknown_verb(const std::vector<std::string>& words);  // one sentence with the nearest name
std::string help_overview();
std::string help_group(const std::string& first_word);  // empty when no verb begins with it
std::string help_verb(const Verb& verb, const std::string& option_text);
std::string completion(const std::string& shell);  // bash, zsh, fish; empty for others
std::string manual_page();                          // roff, plimsoll(1)

}  // namespace plimsoll::cli
