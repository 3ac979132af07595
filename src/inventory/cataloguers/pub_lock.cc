// pub_lock: the Dart and Flutter packages a project locked.
//
// Input   pubspec.lock; hostile.
// Output  one pub Package for each hosted or git package; packages of the SDK and of the project's own folders are left
//         out (they have no version of their own). Property "dev" for direct development dependencies.
// Errors  Malformed, Limit. An entry of the wrong shape is a gap.
// Cost    YAML of the whole file; O(entries).
// Source  dart.dev/tools/pub/glossary#lockfile, pub's own lock_file form.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_yaml_file(file, limits));
  Harvest harvest(file, "pub_lock", limits);
  if (!document.root().is_object()) return malformed("pubspec.lock is a YAML mapping");
  for (const auto& [name, entry] : harvest.members(document.root()["packages"], "packages")) {
    if (!entry.is_object()) {
      harvest.gap(cat("\"", to_utf8(name.substr(0, 100)), "\" is not a mapping"));
      continue;
    }
    const std::string_view source = entry["source"].text();
    if (source == "sdk" || source == "path") continue;
    Package* package =
        harvest.add_dev("pub", {}, name, entry["version"].text(), entry["dependency"].text() == "direct dev");
    if (package && source == "git")
      package->set_property("resolved", entry["description"]["url"].text().substr(0, kMaxNameBytes));
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer pub_lock() {
  return {.name = "pub_lock",
          .version = 2,
          .paths = {"**/pubspec.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
