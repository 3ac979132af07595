// haskell_packages: Haskell packages, locked by a project or registered with an installed compiler.
//
// Input   stack.yaml.lock, cabal.project.freeze; package databases package.conf.d/*.conf and package.db/*.conf;
// hostile. Output  one hackage Package for each; of a database with its licence and what it depends on. Errors
// Malformed (YAML), Limit. A registration without a name or version is a gap. Cost    one pass per file. Source
// docs.haskellstack.org (lock files), cabal.readthedocs.io (cabal.project), GHC user guide: InstalledPackageInfo.
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/headers.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

// "text-1.2.4.1@sha256:...,123" -> {"text", "1.2.4.1"}
std::pair<std::string_view, std::string_view> name_version(std::string_view id) {
  return split_last(cut(id, '@').first, '-');
}

Result<Facts> read_stack(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_yaml_file(file, limits));
  Harvest harvest(file, "haskell_packages", limits);
  for (const JsonValue entry : harvest.items(document.root()["packages"], "packages")) {
    const JsonValue completed = entry["completed"];
    if (completed["hackage"].is_string()) {
      const auto [name, version] = name_version(completed["hackage"].text());
      harvest.add("hackage", {}, name, version);
    } else if (Package* package = harvest.add("hackage", {}, completed["name"].text(), completed["version"].text())) {
      package->set_property("resolved", completed["git"].text(completed["url"].text()).substr(0, kMaxNameBytes));
    }
  }
  return harvest.take_lock();
}

// constraints: any.aeson ==2.0.3.0, aeson +ordered-keymap, any.base ==4.16
Facts read_freeze(std::string_view text, const FileView& file, const Limits& limits) {
  Harvest harvest(file, "haskell_packages", limits);
  std::string_view line;
  while (next_line(text, line)) {
    if (line.starts_with("constraints:") || line.starts_with("index-state:") || line.starts_with("active-repositories:"))
      harvest.recognised();
    if (line.starts_with("constraints:")) line.remove_prefix(12);
    for (std::string_view one : split(line, ',')) {
      one = trim(one);
      const std::size_t equal = one.find("==");
      if (!one.starts_with("any.") || equal == std::string_view::npos) continue;
      harvest.add("hackage", {}, trim(one.substr(4, equal - 4)), trim(one.substr(equal + 2)));
    }
  }
  return harvest.take_lock();
}

Facts read_registration(std::string_view text, const FileView& file, const Limits& limits) {
  Harvest harvest(file, "haskell_packages", limits);
  std::string fields;  // blank lines stand between the fields of a registration
  std::string_view line;
  while (next_line(text, line))
    if (!trim(line).empty()) fields.append(line).push_back('\n');
  const Headers headers = read_headers(fields);
  const std::string_view name = headers.get("name"), version = headers.get("version");
  if (name.empty() || version.empty()) {
    harvest.gap("a registration without a name or version");
    return harvest.take();
  }
  if (Package* package = harvest.add("hackage", {}, name, version)) {
    add_license(package->licenses, headers.get("license"));
    std::string depends(headers.get("depends"));
    std::replace(depends.begin(), depends.end(), '\n', ' ');
    for (const std::string_view id : split(depends, ' ')) {  // "base-4.15.1.0", "text-1.2.5.0-hash"
      for (std::size_t i = 1; i + 1 < id.size(); ++i)
        if (id[i] == '-' && id[i + 1] >= '0' && id[i + 1] <= '9') {
          add_unique(package->depends, id.substr(0, i));
          break;
        }
    }
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (file.path.ends_with(".lock")) return read_stack(file, limits);
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  return file.path.ends_with(".freeze") ? read_freeze(text, file, limits) : read_registration(text, file, limits);
}

}  // namespace

Cataloguer haskell_packages() {
  return {
      .name = "haskell_packages",
      .version = 2,
      .paths = {"**/stack.yaml.lock", "**/cabal.project.freeze", "**/package.conf.d/*.conf", "**/package.db/*.conf"},
      .input = Posture::Hostile,
      .extract = extract,
      .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
