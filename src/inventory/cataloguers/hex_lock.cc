// hex_lock: the Elixir and Erlang packages a project locked.
//
// Input   mix.lock (an Elixir map of tuples) and rebar.lock (Erlang terms); hostile; neither is run.
// Output  one hex Package for each package from hex; those from git have property "resolved" and no version.
// Errors  Limit. An entry that is neither form is a gap.
// Cost    one pass by lines.
// Source  hexdocs.pm/mix (Mix.Dep.Lock), rebar3.org/docs/workflow (rebar.lock), hex.pm specifications.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

// The text literals of a line: "a" and <<"a">>, in order.
std::vector<std::string_view> literals(std::string_view line) {
  std::vector<std::string_view> out;
  while (out.size() < 8) {
    const std::size_t open = line.find('"');
    const std::size_t close = open == std::string_view::npos ? open : line.find('"', open + 1);
    if (close == std::string_view::npos) break;
    out.push_back(line.substr(open + 1, close - open - 1));
    line.remove_prefix(close + 1);
  }
  return out;
}

// "name": {:hex, :package, "1.2.3", "hash", [:mix], [...]},   or   "name": {:git, "url", "ref", []},
void read_mix(std::string_view line, std::size_t number, Harvest& harvest) {
  if (line.starts_with("%{")) harvest.recognised();
  if (!line.starts_with('"')) return;
  const auto texts = literals(line);
  const std::size_t open = line.find('{');
  if (open == std::string_view::npos || texts.size() < 2) {
    harvest.gap(cat("line ", number, " is no entry"));
    return;
  }
  const std::string_view tuple = line.substr(open + 1);
  if (tuple.starts_with(":hex")) {
    std::string_view package = trim(cut(tuple.substr(4 + (tuple.size() > 4 ? 1 : 0)), ',').first);
    if (package.starts_with(':')) package.remove_prefix(1);
    harvest.add("hex", {}, unquote(package), texts[1]);
  } else if (tuple.starts_with(":git")) {
    if (Package* added = harvest.add("hex", {}, texts[0], {}))
      added->set_property(
          "resolved", cat(texts[1], "#", texts.size() > 2 ? texts[2] : std::string_view()).substr(0, kMaxNameBytes));
  } else if (!tuple.starts_with(":path")) {
    harvest.gap(cat("line ", number, " is of a kind that is not known"));
  }
}

// {<<"name">>,{pkg,<<"package">>,<<"1.2.3">>},0},   or   {<<"name">>,{git,"url",{ref,"abc"}},0}
void read_rebar(std::string_view line, Harvest& harvest) {
  const auto texts = literals(line);
  if (line.starts_with("[]") || line.starts_with("{\"1.")) harvest.recognised();  // "[]." locks nothing
  if (line.find("{pkg,") != std::string_view::npos && texts.size() >= 3)
    harvest.add("hex", {}, texts[1], texts[2]);
  else if (line.find("{git,") != std::string_view::npos && texts.size() >= 2)
    if (Package* added = harvest.add("hex", {}, texts[0], {}))
      added->set_property(
          "resolved", cat(texts[1], "#", texts.size() > 2 ? texts[2] : std::string_view()).substr(0, kMaxNameBytes));
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "hex_lock", limits);
  const bool mix = base_name(file.path) == "mix.lock";
  std::string_view line;
  for (std::size_t number = 1; next_line(text, line); ++number) {
    if (mix) {
      read_mix(trim(line), number, harvest);
    } else {
      if (line.find("pkg_hash") != std::string_view::npos) break;  // hashes of the same packages follow
      read_rebar(line, harvest);
    }
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer hex_lock() {
  return {.name = "hex_lock",
          .version = 2,
          .paths = {"**/mix.lock", "**/rebar.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
