// python_installed: Python distributions that are installed (dist-info, egg-info), in eggs, wheels and zipapps, and
// those that pip carries inside itself.
//
// Input   **/*.dist-info/METADATA, **/*.egg-info (file), **/*.egg-info/PKG-INFO, **/EGG-INFO/PKG-INFO and, beside them,
//         top_level.txt, RECORD, direct_url.json, requires.txt; **/_vendor/vendor.txt; hostile.
// Output  one pypi Package for each distribution, name verbatim; properties "modules" (what `import` sees), "url" and
//         "vcs-commit" (PEP 610).
// Errors  Limit. A metadata file without a name or version is a gap (the folder's name is used where it has them).
// Cost    one pass per file; of RECORD only the first part of each path is kept.
// Source  Core metadata 2.4 (packaging.python.org), PEP 376, 610, 639; setuptools "egg formats".
#include <map>

#include "base/json.h"
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/headers.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kMaxModules = 200;  // real distributions have one to some tens

// The folder that holds one distribution's metadata: key of what several files say of it.
std::string_view metadata_folder(std::string_view path) { return parent_path(path); }

// "requests[socks] (>=2.0) ; python_version<'3'" -> "requests"
std::string_view requirement_name(std::string_view requirement) {
  requirement = trim(requirement);
  return requirement.substr(
      0, std::min(requirement.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"),
                  requirement.size()));
}

// "foo_bar-1.2-py3.11" -> foo_bar, 1.2
std::pair<std::string_view, std::string_view> of_folder(std::string_view folder) {
  for (const std::string_view end : {".dist-info", ".egg-info", ".egg"})
    if (folder.ends_with(end)) folder.remove_suffix(end.size());
  const auto [name, rest] = cut(folder, '-');
  return {name, cut(rest, '-').first};
}

void read_metadata(const FileView& file, std::string_view text, Harvest& harvest) {
  const Headers headers = read_headers(text);
  std::string_view name = headers.get("Name"), version = headers.get("Version");
  if (name.empty() || version.empty()) {
    const std::string_view at = base_name(file.path);
    std::string_view folder = at == "METADATA" || at == "PKG-INFO" ? base_name(parent_path(file.path)) : at;
    if (folder == "EGG-INFO") folder = base_name(parent_path(parent_path(file.path)));
    const auto [folder_name, folder_version] = of_folder(folder);
    if (name.empty()) name = folder_name;
    if (version.empty()) version = folder_version;
    if (name.empty() || version.empty() || headers.fields.empty()) {
      harvest.gap(cat("no ", name.empty() ? "name" : "version", " in the metadata"));
      if (name.empty() || version.empty()) return;
    }
  }
  Package* package = harvest.add("pypi", "", name, version);
  if (!package) return;
  add_license(package->licenses, headers.get("License-Expression"));
  if (package->licenses.empty())
    for (const auto& [field, value] : headers.fields)
      if (equals_ignore_case(field, "Classifier") && value.starts_with("License :: "))
        add_license(package->licenses, value);
  if (package->licenses.empty()) add_license(package->licenses, headers.get("License"));
  for (const auto& [field, value] : headers.fields) {
    if (!equals_ignore_case(field, "Requires-Dist")) continue;
    if (value.find("extra ==") != std::string::npos || value.find("extra==") != std::string::npos) continue;
    add_unique(package->depends, requirement_name(value));
  }
}

// The top folders and modules that a RECORD lists ("flask/app.py,sha256=...": flask).
void read_record(std::string_view text, Harvest& harvest) {
  std::vector<std::string> modules;
  std::string_view line;
  while (next_line(text, line) && modules.size() < kMaxModules) {
    if (line.starts_with('"')) line.remove_prefix(1);
    std::string_view path = line.substr(0, line.find_first_of(",\""));
    if (path.starts_with("../") || path.starts_with('/')) continue;
    const std::size_t slash = path.find('/');
    std::string_view top = path.substr(0, slash);
    if (top.ends_with(".dist-info") || top.ends_with(".data") || top == "__pycache__") continue;
    if (slash == std::string_view::npos) {
      if (!top.ends_with(".py") && !top.ends_with(".so") && !top.ends_with(".pyd")) continue;
      top = top.substr(0, top.find('.'));
    }
    if (modules.empty() || modules.back() != top) add_unique(modules, top);
  }
  std::string joined;
  for (const std::string& module : modules) joined += (joined.empty() ? "" : ",") + module;
  if (!joined.empty()) harvest.facts().notes.emplace_back("modules", joined);
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "python_installed", limits);
  const std::string_view name = base_name(file.path);
  if (name == "RECORD") {
    read_record(text, harvest);
  } else if (name == "top_level.txt") {
    std::string joined;
    std::string_view line;
    for (std::size_t count = 0; next_line(text, line) && count < kMaxModules; ++count)
      if (line = trim(line); !line.empty() && line.size() < kMaxNameBytes)
        joined += (joined.empty() ? "" : ",") + std::string(line);
    if (!joined.empty()) harvest.facts().notes.emplace_back("modules", joined);
  } else if (name == "direct_url.json") {
    PLIM_TRY(const auto document, parse_json_file(file, limits));
    const std::string_view url = document.root()["url"].text(),
                           commit = document.root()["vcs_info"]["commit_id"].text();
    if (!url.empty()) harvest.facts().notes.emplace_back("url", url.substr(0, kMaxNameBytes));
    if (!commit.empty()) harvest.facts().notes.emplace_back("vcs-commit", commit.substr(0, kMaxNameBytes));
  } else if (name == "requires.txt") {
    std::string_view line;
    while (next_line(text, line) && !line.starts_with('['))  // [extra] sections follow
      if (const auto required = requirement_name(line); !required.empty())
        harvest.facts().notes.emplace_back("requires", required);
  } else if (name == "vendor.txt") {
    std::string_view line;
    while (next_line(text, line)) {
      line = trim(line.substr(0, line.find('#')));
      const std::size_t equal = line.find("==");
      if (equal == std::string_view::npos || equal == 0) continue;
      const std::string_view version = trim(line.substr(equal + 2));
      if (Package* package =
              harvest.add("pypi", "", trim(line.substr(0, equal)), version.substr(0, version.find_first_of(" ;"))))
        package->set_property("vendored", "true");
    }
  } else {
    read_metadata(file, text, harvest);
  }
  return harvest.take();
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::map<std::string_view, std::vector<const FileFacts*>> folders;  // what stands beside the metadata
  for (const FileFacts& file : facts.files)
    if (!file.facts->notes.empty()) folders[metadata_folder(file.path)].push_back(&file);
  for (const FileFacts& file : facts.files) {
    for (const Package& stated : file.facts->packages) {
      Package package = stated;
      package.locations = {facts.location(file)};
      if (const auto found = folders.find(metadata_folder(file.path));
          found != folders.end() && base_name(file.path) != "vendor.txt") {
        for (const FileFacts* beside : found->second)
          for (const auto& [key, value] : beside->facts->notes) {
            if (key == "requires") add_unique(package.depends, value);
            // top_level.txt sorts after RECORD and says it better
            else
              package.set_property(key, value);
          }
      }
      out.packages.push_back(std::move(package));
    }
  }
  return out;
}

}  // namespace

Cataloguer python_installed() {
  return {.name = "python_installed",
          .version = 1,
          .paths = {"**/*.dist-info/METADATA", "**/*.egg-info",
                    "**/*.{dist-info,egg-info}/{PKG-INFO,top_level.txt,RECORD,direct_url.json,requires.txt}",
                    "**/EGG-INFO/{PKG-INFO,top_level.txt,requires.txt}", "**/_vendor/vendor.txt"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
