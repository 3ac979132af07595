// dotnet_installed: the NuGet packages that a built .NET program carries.
//
// Input   *.deps.json beside a program; *.dll and *.exe that are .NET assemblies, for those that no deps.json in their
//         folder accounts for; hostile.
// Output  one nuget Package for each library of type "package" or "runtimepack"; projects and loose references have
//         property "local". For an assembly its file's name and the version of its version resource ("assembly"
//         property).
// Errors  Malformed, Limit. A library that is not "name/version" is a gap, a broken PE file an error.
// Cost    JSON of each deps.json; of an assembly its headers and resource section.
// Source  github.com/dotnet/sdk documentation/specs/runtime-configuration-file.md (deps.json); format/pe_version.h.
#include <set>

#include "format/pe_version.h"
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> read_deps(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "dotnet_installed", limits);
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
    const JsonValue built = target[key];
    for (const auto& [dependency, range] : built["dependencies"].members()) add_unique(package->depends, dependency);
    for (const std::string_view part : {"runtime", "resources", "runtimeTargets", "native"})
      for (const auto& [assembly, details] : built[part].members())
        if (harvest.facts().notes.size() < kMaxListItems)
          harvest.facts().notes.emplace_back("file", lower(base_name(assembly)));
  }
  return harvest.take();
}

// "12.0.3+7c3d7f8" -> 12.0.3; empty when it does not begin like a version ("Built by: x")
std::string_view version_number(std::string_view text) {
  text = trim(text.substr(0, text.find_first_of("+ ,@")));
  return !text.empty() && text[0] >= '0' && text[0] <= '9' ? text : std::string_view();
}

Result<Facts> read_assembly(const FileView& file, const Limits& limits) {
  if (!as_text(file.content).starts_with("MZ")) return Facts{};  // Windows writes other things under these names too
  const auto read = format::read_pe_version(file.content);
  if (!read && read.error().kind() == ErrorKind::Unsupported) return Facts{};  // a DOS program: no assembly
  if (!read) return read.error();
  const format::PeVersion& info = *read;
  Harvest harvest(file, "dotnet_installed", limits);
  if (!info.managed) return harvest.take();
  if (info.damaged) harvest.gap("its version resource is damaged");
  std::string_view name = base_name(file.path);
  if (name.ends_with(".resources.dll")) return harvest.take();  // translations of the assembly beside
  name.remove_suffix(4);
  std::string_view version = version_number(info.text("ProductVersion"));
  if (version.empty()) version = version_number(info.text("FileVersion"));
  if (version.empty() || version == "0.0.0.0") return harvest.take();  // a program without a version of its own
  if (Package* package = harvest.add("nuget", {}, name, version)) {
    package->set_property("assembly", "true");
    if (const auto maker = info.text("CompanyName"); !maker.empty())
      package->set_property("vendor", maker.substr(0, 200));
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  return file.path.ends_with(".deps.json") ? read_deps(file, limits) : read_assembly(file, limits);
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  std::set<std::pair<std::string_view, std::string_view>> accounted;  // folder, file in lower case
  for (const FileFacts& file : facts.files)
    for (const auto& [key, name] : file.facts->notes) accounted.emplace(parent_path(file.path), name);
  std::erase_if(out.packages, [&](const Package& package) {
    const std::string& path = package.locations.front().path;
    return !package.property("assembly").empty() && accounted.contains({parent_path(path), lower(base_name(path))});
  });
  return out;
}

}  // namespace

Cataloguer dotnet_installed() {
  return {.name = "dotnet_installed",
          .version = 1,
          .paths = {"**/*.deps.json", "**/*.{dll,exe}"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
