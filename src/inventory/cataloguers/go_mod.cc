// go_mod: the modules a Go project requires.
//
// Input   go.mod, and go.sum beside it for modules written before Go 1.17, whose go.mod lists only direct ones;
// hostile. Output  one golang Package for each required module, replacements applied, exclusions left out; "stdlib"
// with the
//         version of the toolchain line. Property "indirect"; "replaced-by" for a module replaced by a folder, which
//         has no version of its own.
// Errors  Limit. A require line without a version is a gap.
// Cost    one pass by lines.
// Source  go.dev/ref/mod: go.mod grammar, replace and exclude, go.sum.
#include <algorithm>
#include <map>
#include <set>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

// "v1.22.1" style numbers for the version that has graph pruning: all indirect modules are in go.mod from 1.17 on.
bool lists_all(std::string_view go_version) {
  const auto [major, rest] = cut(go_version, '.');
  return parse_u64(major).value_or(0) > 1 || parse_u64(cut(rest, '.').first).value_or(0) >= 17;
}

struct Replacement {
  std::string module, version;  // version empty: a folder
};

struct GoMod {
  std::vector<std::tuple<std::string, std::string, bool>> required;  // module, version, indirect
  std::map<std::string, Replacement> replaced;                       // "module" or "module version"
  std::set<std::string> excluded;                                    // "module version"
  std::string go, toolchain;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (!(line = trim(line)).empty()) {
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    out.push_back(unquote(line.substr(0, end)));
    line.remove_prefix(end);
  }
  return out;
}

void read_directive(std::string_view directive, std::string_view line, bool indirect, GoMod& mod, Harvest& harvest) {
  const auto words = words_of(line);
  if (words.empty()) return;
  if (directive == "require") {
    if (words.size() < 2) {
      harvest.gap(cat("\"", to_utf8(words[0].substr(0, 100)), "\" is required without a version"));
      return;
    }
    mod.required.emplace_back(words[0], words[1], indirect);
  } else if (directive == "exclude" && words.size() >= 2) {
    mod.excluded.insert(cat(words[0], " ", words[1]));
  } else if (directive == "replace") {
    const auto arrow = std::find(words.begin(), words.end(), "=>");
    const std::size_t at = static_cast<std::size_t>(arrow - words.begin());
    if (at + 1 >= words.size()) return;
    mod.replaced[at >= 2 ? cat(words[0], " ", words[1]) : std::string(words[0])] = {
        std::string(words[at + 1]), at + 2 < words.size() ? std::string(words[at + 2]) : ""};
  } else if (directive == "go") {
    mod.go = words[0];
  } else if (directive == "toolchain") {
    mod.toolchain = words[0];
  }
}

void add_module(std::string_view path, std::string_view version, bool indirect, std::string_view replaced_by,
                Harvest& harvest) {
  const auto [ns, name] = split_last(path, '/');
  if (Package* package = harvest.add("golang", ns, name, version)) {
    if (indirect) package->set_property("indirect", "true");
    if (!replaced_by.empty()) package->set_property("replaced-by", replaced_by);
  }
}

Result<Facts> read_sum(const FileView& file, std::string_view text, const Limits& limits) {
  Harvest harvest(file, "go_mod", limits);
  std::string_view line;
  for (std::size_t number = 1; next_line(text, line); ++number) {
    const auto words = words_of(line);
    if (words.empty()) continue;
    if (words.size() != 3 || !words[1].starts_with('v')) {
      harvest.gap(cat("line ", number, " is not \"module version hash\""));
      continue;
    }
    harvest.recognised();
    // "module version/go.mod hash" only says that the module's go.mod was read, not that its code is used
    if (!words[1].ends_with("/go.mod")) add_module(words[0], words[1], true, {}, harvest);
  }
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  if (base_name(file.path) == "go.sum") return read_sum(file, text, limits);
  Harvest harvest(file, "go_mod", limits);
  GoMod mod;
  std::string_view line, block;
  while (next_line(text, line)) {
    const std::size_t comment = line.find("//");
    const bool indirect =
        comment != std::string_view::npos && line.substr(comment).find("indirect") != std::string_view::npos;
    line = trim(line.substr(0, comment));
    if (line.empty()) continue;
    if (line == ")") {
      block = {};
    } else if (!block.empty()) {
      read_directive(block, line, indirect, mod, harvest);
    } else {
      const std::size_t end = std::min(line.find_first_of(" \t("), line.size());
      const std::string_view directive = line.substr(0, end), rest = trim(line.substr(end));
      if (directive == "module" || directive == "go" || directive == "require") harvest.recognised();
      if (rest == "(")
        block = directive;
      else
        read_directive(directive, rest, indirect, mod, harvest);
    }
  }
  for (const auto& [module, version, indirect] : mod.required) {
    const std::string exact = cat(module, " ", version);
    if (mod.excluded.contains(exact)) continue;
    auto replaced = mod.replaced.find(exact);
    if (replaced == mod.replaced.end()) replaced = mod.replaced.find(module);
    if (replaced == mod.replaced.end())
      add_module(module, version, indirect, {}, harvest);
    else if (replaced->second.version.empty())
      add_module(module, {}, indirect, replaced->second.module, harvest);
    else
      add_module(replaced->second.module, replaced->second.version, indirect, {}, harvest);
  }
  if (mod.toolchain.starts_with("go1"))
    add_module("stdlib", cat("v", std::string_view(mod.toolchain).substr(2)), false, {}, harvest);
  harvest.facts().notes.emplace_back("needs-sum", lists_all(mod.go) ? "" : "true");
  return harvest.take_lock();
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  std::map<std::string_view, const FileFacts*> mods;  // folder -> its go.mod
  for (const FileFacts& file : facts.files)
    if (base_name(file.path) == "go.mod") mods[parent_path(file.path)] = &file;
  Catalogue out;
  for (const FileFacts& file : facts.files) {
    const bool sum = base_name(file.path) == "go.sum";
    std::set<std::pair<std::string, std::string>> listed;
    if (sum) {
      const auto mod = mods.find(parent_path(file.path));
      if (mod != mods.end()) {
        if (mod->second->facts->note("needs-sum").empty()) continue;
        for (const Package& package : mod->second->facts->packages) listed.emplace(package.ns, package.name);
      }
    }
    for (const Package& stated : file.facts->packages) {
      if (sum && listed.contains({stated.ns, stated.name})) continue;  // go.mod's version is the one that is built
      Package package = stated;
      package.locations = {facts.location(file)};
      out.packages.push_back(std::move(package));
    }
  }
  return out;
}

}  // namespace

Cataloguer go_mod() {
  return {.name = "go_mod",
          .version = 2,
          .paths = {"**/go.mod", "**/go.sum"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
