// conda: packages that conda, mamba and pixi installed in an environment.
//
// Input   conda-meta/*.json; hostile. (conda-meta/history is no package and is passed over.)
// Output  one conda Package for each; properties "build", "channel", "subdir"; licence and dependencies as stated.
// Errors  Malformed, Limit. A record without a name or version is a gap.
// Cost    JSON of each file. Records list all files of a package, so most of it is passed over.
// Source  docs.conda.io (conda-meta records); purl-spec, type conda.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "conda", limits);
  const JsonValue root = document.root();
  const std::string_view name = root["name"].text(), version = root["version"].text();
  if (name.empty() || version.empty()) {
    harvest.gap(root.is_object() ? cat("no ", name.empty() ? "name" : "version") : std::string("not a JSON object"));
    return harvest.take();
  }
  if (Package* package = harvest.add("conda", {}, name, version)) {
    add_license(package->licenses, root["license"].text());
    for (const JsonValue item : harvest.items(root["depends"], "depends"))
      add_unique(package->depends, cut(item.text(), ' ').first);
    for (const std::string_view key : {"build", "channel", "subdir"})
      if (const auto value = root[key].text(); !value.empty()) package->set_property(key, value.substr(0, 200));
  }
  return harvest.take();
}

}  // namespace

Cataloguer conda() {
  return {.name = "conda",
          .version = 1,
          .paths = {"**/conda-meta/*.json"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
