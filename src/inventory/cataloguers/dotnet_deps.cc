// dotnet_deps: the NuGet packages a built .NET program carries.
//
// Input   *.deps.json beside a program; hostile.
// Output  one nuget Package for each library of type "package" or "runtimepack"; projects and loose references have
//         property "local". Dependencies from the runtime target.
// Errors  Malformed, Limit. A library that is not "name/version" is a gap.
// Cost    JSON of the whole file; O(entries).
// Source  github.com/dotnet/sdk documentation/specs/runtime-configuration-file.md (deps.json).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "dotnet_deps", limits);
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("a deps.json is a JSON object");
  const JsonValue targets = root["targets"], runtime = root["runtimeTarget"];
  const JsonValue target = targets[runtime.is_string() ? runtime.text() : runtime["name"].text()];
  for (const auto& [key, library] : harvest.members(root["libraries"], "libraries")) {
    const auto [name, version] = split_last(key, '/');
    if (name.empty() || version.empty()) {
      harvest.gap(cat("\"", to_utf8(key.substr(0, 100)), "\" is not name/version"));
      continue;
    }
    const std::string kind = lower(library["type"].text());
    std::string_view plain = name;
    if (kind == "runtimepack" && plain.starts_with("runtimepack.")) plain.remove_prefix(12);
    Package* package = harvest.add("nuget", {}, plain, version);
    if (!package) continue;
    if (kind != "package" && kind != "runtimepack") package->set_property("local", "true");
    for (const auto& [dependency, range] : target[key]["dependencies"].members()) add_unique(package->depends, dependency);
  }
  return harvest.take();
}

}  // namespace

Cataloguer dotnet_deps() {
  return {.name = "dotnet_deps", .version = 1, .paths = {"**/*.deps.json"}, .input = Posture::Hostile, .extract = extract, .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
