// cocoapods_lock: the pods a project locked.
//
// Input   Podfile.lock; hostile.
// Output  one cocoapods Package for each pod; subspecs ("Firebase/Core") count as their pod, named in property
// "subspecs". Errors  Malformed, Limit. A pod line of another form is a gap. Cost    YAML of the whole file; O(pods).
// Source  guides.cocoapods.org (Podfile.lock).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_yaml_file(file, limits));
  Harvest harvest(file, "cocoapods_lock", limits);
  if (document.root()["COCOAPODS"].exists()) harvest.recognised();
  for (const JsonValue item : harvest.items(document.root()["PODS"], "PODS")) {
    // "Alamofire (5.4.3)" or {"Firebase/Core (8.0)": ["FirebaseCore (= 8.0)"]}
    const auto members = item.members();
    const std::string_view text = item.is_string()  ? item.text()
                                  : members.empty() ? std::string_view()
                                                    : members.front().name;
    const std::size_t open = text.rfind(" (");
    if (open == std::string_view::npos || !text.ends_with(')')) {
      harvest.gap(cat("\"", to_utf8(text.substr(0, 100)), "\" is not \"name (version)\""));
      continue;
    }
    const auto [pod, subspec] = cut(text.substr(0, open), '/');
    Package* package = harvest.add("cocoapods", {}, pod, text.substr(open + 2, text.size() - open - 3));
    if (!package) continue;
    if (!subspec.empty()) {
      const std::string_view known = package->property("subspecs");
      if (known.size() < kMaxNameBytes)
        package->set_property("subspecs", known.empty() ? std::string(subspec) : cat(known, ",", subspec));
    }
    if (!members.empty())
      for (const JsonValue dependency : members.front().value.items())
        if (const auto name = cut(cut(dependency.text(), ' ').first, '/').first; name != pod)
          add_unique(package->depends, name);
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer cocoapods_lock() {
  return {.name = "cocoapods_lock",
          .version = 2,
          .paths = {"**/Podfile.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
