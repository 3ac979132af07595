// Composer's package entries, the same in composer.lock and vendor/composer/installed.json.
#pragma once
#include "inventory/harvest.h"

namespace plimsoll::inventory {

// Adds the package of one entry ({"name": "vendor/name", "version", "license", "require"}); a gap when it has no name.
void add_composer_package(Harvest& harvest, JsonValue entry, bool dev);
// "vendor/name" -> a composer package.
Package* add_composer(Harvest& harvest, std::string_view full_name, std::string_view version, bool dev);

}  // namespace plimsoll::inventory
