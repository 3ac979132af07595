// swift_resolved: the Swift packages a project resolved.
//
// Input   Package.resolved, versions 1, 2 and 3, also inside Xcode projects; hostile.
// Output  one swift Package for each pin, namespace and name from its address ("github.com/apple", "swift-nio"); pins
// on
//         a branch or revision have no version and property "vcs-commit".
// Errors  Malformed, Limit. A pin without an address is a gap.
// Cost    JSON of the whole file; O(pins).
// Source  swift-package-manager, PinsStore's published form; purl-spec, type swift.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "swift_resolved", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("Package.resolved is a JSON object");
  const JsonValue pins = root["pins"].exists() ? root["pins"] : root["object"]["pins"];
  for (const JsonValue pin : harvest.items(pins, "pins")) {
    std::string_view address = pin["location"].text(pin["repositoryURL"].text());
    const std::string_view kind = pin["kind"].text();
    if (kind == "localSourceControl" || kind == "fileSystem") continue;
    if (kind == "registry") address = pin["identity"].text();
    const std::size_t scheme = address.find("://");
    if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
    if (address.ends_with(".git")) address.remove_suffix(4);
    std::string place(address);
    if (place.starts_with("git@")) {  // "git@host:owner/name"
      place.erase(0, 4);
      if (const std::size_t colon = place.find(':'); colon != std::string::npos) place[colon] = '/';
    }
    const auto [ns, name] = split_last(place, '/');
    if (name.empty()) {
      harvest.gap("a pin has no address");
      continue;
    }
    const JsonValue state = pin["state"];
    Package* package = harvest.add("swift", ns, name, state["version"].text());
    if (package && package->version.empty())
      package->set_property("vcs-commit", state["revision"].text().substr(0, 100));
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer swift_resolved() {
  return {.name = "swift_resolved",
          .version = 2,
          .paths = {"**/Package.resolved", "**/.package.resolved"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
