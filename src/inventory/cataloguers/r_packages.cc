// r_packages: R packages, installed in a library or locked by renv.
//
// Input   */DESCRIPTION of a library (recognised by its Package, Version and Built fields), renv.lock; hostile.
// Output  one cran Package for each (type "bioconductor" where the fields say so), with licences and dependencies; R's
//         own base packages have property "base".
// Errors  Malformed (renv.lock), Limit. A field block without a version is a gap.
// Cost    one pass per file.
// Source  "Writing R Extensions" (DESCRIPTION), rstudio.github.io/renv (lock file).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/headers.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

// "methods, rlang (>= 1.0), R (>= 3.5)" -> methods, rlang
void add_depends(Package& package, std::string_view list) {
  for (std::string_view one : split(list, ',')) {
    one = trim(one);
    one = one.substr(0, one.find_first_of(" (\n"));
    if (one != "R") add_unique(package.depends, one);
  }
}

// "GPL-2 | GPL-3", "MIT + file LICENSE"
void add_r_license(Package& package, std::string_view text) {
  if (const std::size_t file = text.find(" + file "); file != std::string_view::npos) text = text.substr(0, file);
  std::string spelled;
  for (const char c : text) spelled += c == '|' ? std::string(" OR ") : std::string(1, c);
  add_license(package.licenses, spelled);
}

Result<Facts> read_renv(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "r_packages", limits);
  for (const auto& [key, entry] : harvest.members(document.root()["Packages"], "Packages")) {
    const bool bioconductor = entry["Source"].text() == "Bioconductor";
    Package* package =
        harvest.add(bioconductor ? "bioconductor" : "cran", {}, entry["Package"].text(key), entry["Version"].text());
    if (!package) continue;
    for (const JsonValue required : entry["Requirements"].items())
      if (required.text() != "R") add_unique(package->depends, required.text());
    if (const auto host = entry["RemoteHost"].text(); !host.empty())
      package->set_property(
          "resolved",
          cat(host, "/", entry["RemoteUsername"].text(), "/", entry["RemoteRepo"].text()).substr(0, kMaxNameBytes));
  }
  return harvest.take_lock();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (base_name(file.path) == "renv.lock") return read_renv(file, limits);
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  Harvest harvest(file, "r_packages", limits);
  // Other things are called DESCRIPTION too; only an installed R package says what it was built with.
  if (text.find("Package:") == std::string_view::npos || text.find("\nBuilt:") == std::string_view::npos)
    return harvest.take();
  const Headers headers = read_headers(text);
  const std::string_view name = headers.get("Package"), version = headers.get("Version");
  if (name.empty()) return harvest.take();
  if (version.empty()) harvest.gap("no Version field");
  if (Package* package = harvest.add(headers.get("biocViews").empty() ? "cran" : "bioconductor", {}, name, version)) {
    add_r_license(*package, headers.get("License"));
    for (const std::string_view field : {"Depends", "Imports", "LinkingTo"}) add_depends(*package, headers.get(field));
    if (headers.get("Priority") == "base") package->set_property("base", "true");
  }
  return harvest.take();
}

}  // namespace

Cataloguer r_packages() {
  return {.name = "r_packages",
          .version = 2,
          .paths = {"**/DESCRIPTION", "**/renv.lock"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
