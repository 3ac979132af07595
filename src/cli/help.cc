#include "cli/help.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "build_info.h"

namespace plimsoll::cli {
namespace {

bool begins(const std::vector<std::string>& words, const std::string& name) {
  const auto parts = split(name, ' ');
  return parts.size() <= words.size() && std::equal(parts.begin(), parts.end(), words.begin());
}

// Edit distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.append(out.size() < width ? width - out.size() : 1, ' ');
  return out;
}

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '-') out += '\\';
    out += c;
  }
  return out;
}

// Groups: "db" -> its second words; plain verbs -> nothing.
std::map<std::string, std::vector<std::string>> verb_tree() {
  std::map<std::string, std::vector<std::string>> tree;
  for (const Verb& verb : verbs()) {
    const auto [first, second] = cut(verb.name, ' ');
    auto& children = tree[std::string(first)];
    if (!second.empty()) children.emplace_back(second);
  }
  return tree;
}

std::vector<std::string> long_options(const Verb& verb) {
  std::vector<std::string> names;
  for (const OptionRow& row : option_rows(verb))
    for (const std::string_view name : split(row.names, ','))
      if (trim(name).starts_with("--")) names.emplace_back(trim(name));
  return names;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

std::string completion_bash() {
  std::string out = "# bash completion for plimsoll: source <(plimsoll completion bash)\n_plimsoll() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\"\"\n";
  out += "  case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
  std::string single;
  for (const Verb& verb : verbs()) {
    const bool nested = verb.name.find(' ') != std::string::npos;
    (nested ? out : single) += cat("    \"", verb.name, nested ? "\"" : " \"*", ") words=\"", join(long_options(verb)), "\";;\n");
  }
  out += single;
  out += "  esac\n  if [ \"$COMP_CWORD\" = 1 ]; then\n    words=\"";
  const auto tree = verb_tree();
  for (const auto& [name, children] : tree) out += name + " ";
  out += "\"\n  elif [ \"$COMP_CWORD\" = 2 ]; then\n    case \"${COMP_WORDS[1]}\" in\n";
  for (const auto& [name, children] : tree)
    if (!children.empty()) out += cat("      ", name, ") words=\"", join(children), "\";;\n");
  out += "    esac\n  fi\n  if [[ $cur == -* || $COMP_CWORD -le 2 ]]; then COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")); fi\n";
  out += "  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- \"$cur\")); fi\n}\ncomplete -o filenames -F _plimsoll plimsoll\n";
  return out;
}

std::string completion_fish() {
  std::string out = "# fish completion for plimsoll: plimsoll completion fish | source\n";
  for (const auto& [name, children] : verb_tree()) {
    std::string summary;
    for (const Verb& verb : verbs())
      if (verb.name == name) summary = verb.summary;
    out += cat("complete -c plimsoll -n __fish_use_subcommand -a ", name, " -d '", summary, "'\n");
    for (const std::string& child : children) out += cat("complete -c plimsoll -n '__fish_seen_subcommand_from ", name, "' -a ", child, "\n");
  }
  for (const Verb& verb : verbs())
    for (const std::string& option : long_options(verb))
      out += cat("complete -c plimsoll -n '__fish_seen_subcommand_from ", cut(verb.name, ' ').first, "' -l ", option.substr(2), "\n");
  return out;
}

}  // namespace

const Verb* find_verb(const std::vector<std::string>& words) {
  const Verb* best = nullptr;
  for (const Verb& verb : verbs())
    if (begins(words, verb.name) && (!best || verb.name.size() > best->name.size())) best = &verb;
  return best;
}

std::string unknown_verb(const std::vector<std::string>& words) {
  const std::string asked = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  const Verb* nearest = nullptr;
  std::size_t best = 4;
  for (const Verb& verb : verbs())
    for (const std::string& text : {words[0], asked})
      if (const std::size_t d = distance(text, verb.name); d < best) {
        best = d;
        nearest = &verb;
      }
  return cat("plimsoll has no verb \"", to_utf8(words[0].substr(0, 60)), "\"; ", nearest ? cat("did you mean \"", nearest->name, "\"?") : std::string("plimsoll --help lists them"));
}

std::string help_overview() {
  std::string out =
      "Examples:\n"
      "  plimsoll scan debian:12                          what is in an image and what is wrong with it\n"
      "  plimsoll scan oci:./image --format json          the same, for a program\n\n"
      "Usage: plimsoll VERB [NOUN] ARGS   (plimsoll VERB --help; plimsoll help TOPIC)\n\nVerbs:\n";
  for (const Verb& verb : verbs()) out += cat("  ", padded(verb.name, 18), verb.summary, "\n");
  out += "\nExit codes: 0 passes, 1 a standard, --fail-on or comparison says no, 2 usage, 3 could not do the work,\n4 done but parts were unreadable. Results go to stdout, everything else to stderr.\n";
  return out;
}

std::string help_group(const std::string& first_word) {
  std::string out;
  for (const Verb& verb : verbs())
    if (verb.name.starts_with(first_word + " ")) out += cat("  plimsoll ", padded(verb.name, 18), verb.summary, "\n");
  return out;
}

std::string help_verb(const Verb& verb, const std::string& option_text) {
  std::string out = "Examples:\n";
  for (const std::string& example : verb.examples) out += cat("  ", example, "\n");
  return cat(out, "\n", option_text, "\nEach option can also be set as PLIMSOLL_NAME in the environment, or in plimsoll.yaml.\n");
}

std::string completion(const std::string& shell) {
  if (shell == "bash") return completion_bash();
  if (shell == "fish") return completion_fish();
  // zsh runs bash's through its own emulation, so that one table of words serves both.
  if (shell == "zsh") return "#compdef plimsoll\nautoload -U +X bashcompinit && bashcompinit\n" + completion_bash();
  return {};
}

std::string manual_page() {
  std::string out = cat(".TH PLIMSOLL 1 \"\" \"plimsoll ", std::string_view(PLIMSOLL_VERSION), "\" \"User Commands\"\n.SH NAME\nplimsoll \\- continuous security for container images\n.SH SYNOPSIS\n.B plimsoll\nVERB [NOUN] ARGS\n.SH VERBS\n");
  for (const Verb& verb : verbs()) {
    out += cat(".SS plimsoll ", roff(verb.name), "\n", roff(verb.summary), ".\n");
    for (const std::string& example : verb.examples) out += cat(".PP\n.RS\n", roff(example), "\n.RE\n");
    for (const OptionRow& row : option_rows(verb)) out += cat(".TP\n.B ", roff(row.names), "\n", roff(row.help), "\n");
  }
  out += ".SH EXIT STATUS\n0 passes; 1 a standard, \\-\\-fail\\-on, verification or comparison says no; 2 usage; 3 could not do the work; 4 done, but parts were unreadable.\n";
  return out;
}

}  // namespace plimsoll::cli
