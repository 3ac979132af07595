// composer_lock: the PHP packages a project locked.
//
// Input   composer.lock; hostile.
// Output  one composer Package for each of "packages" and, with property "dev", "packages-dev".
// Errors  Malformed, Limit. An entry without a name is a gap.
// Cost    JSON of the whole file; O(entries).
// Source  getcomposer.org/doc/04-schema.md and 01-basic-usage.md (the lock file).
#include "inventory/cataloguer.h"
#include "inventory/composer.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "composer_lock", limits);
  if (!document.root().is_object()) return malformed("composer.lock is a JSON object");
  for (const JsonValue entry : harvest.items(document.root()["packages"], "packages"))
    add_composer_package(harvest, entry, false);
  for (const JsonValue entry : harvest.items(document.root()["packages-dev"], "packages-dev"))
    add_composer_package(harvest, entry, true);
  return harvest.take_lock();
}

}  // namespace

Cataloguer composer_lock() {
  return {.name = "composer_lock",
          .version = 2,
          .paths = {"**/composer.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
