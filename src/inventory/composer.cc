#include "inventory/composer.h"

#include "base/text.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {

Package* add_composer(Harvest& harvest, std::string_view full_name, std::string_view version, bool dev) {
  const auto [vendor, name] = split_last(full_name, '/');
  return harvest.add_dev("composer", vendor, name, version, dev);
}

void add_composer_package(Harvest& harvest, JsonValue entry, bool dev) {
  const std::string_view name = entry["name"].text();
  if (name.empty()) {
    harvest.gap("a package has no name");
    return;
  }
  Package* package = add_composer(harvest, name, entry["version"].text(), dev);
  if (!package) return;
  if (entry["license"].is_string()) add_license(package->licenses, entry["license"].text());
  std::string joined;  // several are a choice (composer schema: "disjunctive")
  std::vector<std::string> licenses;
  for (const JsonValue license : entry["license"].items()) add_license(licenses, license.text());
  for (const std::string& license : licenses) joined += (joined.empty() ? "" : " OR ") + license;
  if (!joined.empty()) add_unique(package->licenses, joined);
  for (const auto& [required, range] : entry["require"].members())
    if (required.find('/') != std::string_view::npos)
      add_unique(package->depends, required);  // "php", "ext-json" are platform
  if (const auto reference = entry["source"]["reference"].text();
      !reference.empty() && package->version.starts_with("dev-"))
    package->set_property("vcs-commit", reference.substr(0, 100));
}

}  // namespace plimsoll::inventory
