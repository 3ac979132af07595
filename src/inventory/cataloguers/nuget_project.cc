// nuget_project: the NuGet packages a .NET project locks or declares.
//
// Input   packages.lock.json, project.assets.json (obj/), packages.config, *.csproj/.fsproj/.vbproj with
// PackageReference,
//         Directory.Packages.props and Directory.Build.props above them; hostile.
// Output  one nuget Package for each; a project file counts only where no packages.lock.json stands beside it. Versions
//         of PackageReference are the lowest allowed, which is what NuGet takes; property "declared". "dev" for
//         developmentDependency and PrivateAssets="all".
// Errors  Malformed, Limit. A version that is a range, floats, or names an unknown property is a gap.
// Cost    one document per file; O(entries).
// Source  learn.microsoft.com/nuget: PackageReference, packages.config, Central Package Management, lock file.
#include <map>
#include <set>

#include "base/xml.h"
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> read_lock(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "nuget_project", limits);
  if (!document.root().is_object()) return malformed("packages.lock.json is a JSON object");
  for (const auto& [framework, entries] : harvest.members(document.root()["dependencies"], "dependencies"))
    for (const auto& [name, entry] : harvest.members(entries, framework)) {
      if (entry["type"].text() == "Project") continue;
      const std::string_view version = entry["resolved"].text();
      if (version.empty()) {
        harvest.gap(cat(to_utf8(name.substr(0, 100)), " has no resolved version"));
        continue;
      }
      if (Package* package = harvest.add("nuget", {}, name, version))
        for (const auto& [dependency, range] : entry["dependencies"].members())
          add_unique(package->depends, dependency);
    }
  return harvest.take_lock();
}

Result<Facts> read_assets(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_json_file(file, limits));
  Harvest harvest(file, "nuget_project", limits);
  for (const auto& [key, library] : harvest.members(document.root()["libraries"], "libraries")) {
    const auto [name, version] = split_last(key, '/');
    if (library["type"].text() == "package") harvest.add("nuget", {}, name, version);
  }
  return harvest.take_lock();
}

Result<Facts> read_config(const FileView& file, const Limits& limits) {
  PLIM_TRY(const XmlNode root, parse_xml(file.content, limits));
  Harvest harvest(file, "nuget_project", limits);
  for (const XmlNode& node : root.children) {
    if (node.name != "package") continue;
    const auto id = node.attributes.find("id"), version = node.attributes.find("version"),
               dev = node.attributes.find("developmentDependency");
    if (id == node.attributes.end()) continue;
    harvest.add_dev("nuget", {}, id->second, version == node.attributes.end() ? std::string_view() : version->second,
                    dev != node.attributes.end() && dev->second == "true");
  }
  return harvest.take();
}

std::string attribute_or_child(const XmlNode& node, std::string_view name) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? std::string(node.child_text(name)) : found->second;
}

// Properties and package lines of an MSBuild file; versions are settled in resolve, where the files above are known.
Result<Facts> read_project(const FileView& file, const Limits& limits) {
  PLIM_TRY(const XmlNode root, parse_xml(file.content, limits));
  if (root.name != "Project") return malformed("an MSBuild file starts with <Project>");
  Harvest harvest(file, "nuget_project", limits);
  auto& notes = harvest.facts().notes;
  for (const XmlNode& group : root.children) {
    if (group.name == "PropertyGroup")
      for (const XmlNode& property : group.children)
        if (notes.size() < kMaxListItems)
          notes.emplace_back("property",
                             cat(property.name.substr(0, 200), "\n", trim(property.text).substr(0, kMaxVersionBytes)));
    if (group.name != "ItemGroup") continue;
    for (const XmlNode& item : group.children) {
      if (item.name != "PackageReference" && item.name != "PackageVersion" && item.name != "GlobalPackageReference")
        continue;
      std::string name = attribute_or_child(item, "Include");
      if (name.empty()) name = attribute_or_child(item, "Update");
      std::string version = attribute_or_child(item, "VersionOverride");
      if (version.empty()) version = attribute_or_child(item, "Version");
      if (name.empty() || name.size() > kMaxNameBytes || version.size() > kMaxVersionBytes ||
          notes.size() >= kMaxListItems) {
        harvest.gap("a package line has no usable name or version");
        continue;
      }
      const bool dev = equals_ignore_case(attribute_or_child(item, "PrivateAssets"), "all");
      notes.emplace_back(item.name == "PackageVersion" ? "central" : "reference",
                         cat(name, "\n", version, "\n", dev ? "dev" : ""));
    }
  }
  return harvest.take();
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  const std::string_view name = base_name(file.path);
  if (name == "packages.lock.json") return read_lock(file, limits);
  if (name == "project.assets.json") return read_assets(file, limits);
  if (name == "packages.config") return read_config(file, limits);
  return read_project(file, limits);
}

using Values = std::map<std::string, std::string>;

std::string fill(std::string text, const Values& properties) {
  for (int i = 0; i < 16; ++i) {
    const std::size_t open = text.find("$("), close = text.find(')', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) break;
    const auto found = properties.find(text.substr(open + 2, close - open - 2));
    if (found == properties.end() || found->second.size() > 200) break;
    text.replace(open, close - open + 1, found->second);
  }
  return text;
}

// "1.2.3" and "[1.2.3]" name one version; ranges and "1.*" do not.
std::string_view exact(std::string_view version) {
  version = trim(version);
  if (version.starts_with('[') && version.ends_with(']') && version.find(',') == std::string_view::npos)
    version = version.substr(1, version.size() - 2);
  return version.find_first_of("[](),*$") == std::string_view::npos ? version : std::string_view();
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::set<std::string_view> locked;
  std::map<std::string_view, std::vector<const FileFacts*>> props;  // folder -> Directory.*.props
  for (const FileFacts& file : facts.files) {
    const std::string_view name = base_name(file.path);
    if (name == "packages.lock.json") locked.insert(parent_path(file.path));
    if (name == "project.assets.json") locked.insert(parent_path(parent_path(file.path)));
    if (name.ends_with(".props")) props[parent_path(file.path)].push_back(&file);
  }
  for (const FileFacts& file : facts.files) {
    for (const Package& stated : file.facts->packages) {
      if (base_name(file.path) == "project.assets.json" && locked.contains(parent_path(file.path))) continue;
      Package package = stated;
      package.locations = {facts.location(file)};
      out.packages.push_back(std::move(package));
    }
    if (file.path.ends_with(".props") || locked.contains(parent_path(file.path))) continue;
    Values properties, central;
    const auto take = [&](const Facts& from) {
      for (const auto& [kind, text] : from.notes) {
        const auto parts = split(text, '\n');
        if (kind == "property") properties.emplace(parts[0], parts[1]);  // the nearest wins
        if (kind == "central") central.emplace(lower(parts[0]), parts[1]);
      }
    };
    take(*file.facts);
    for (std::string_view folder = parent_path(file.path);; folder = parent_path(folder)) {
      if (const auto found = props.find(folder); found != props.end())
        for (const FileFacts* above : found->second) take(*above->facts);
      if (folder.empty()) break;
    }
    for (const auto& [kind, text] : file.facts->notes) {
      if (kind != "reference") continue;
      const auto parts = split(text, '\n');
      std::string written(parts[1]);
      if (written.empty())
        if (const auto found = central.find(lower(parts[0])); found != central.end()) written = found->second;
      const std::string filled = fill(written, properties);
      const std::string_view version = exact(filled);
      if (version.empty())
        out.gaps.push_back({"nuget_project", to_utf8(file.path),
                            cat(to_utf8(parts[0]), written.empty() ? " has no version here or above"
                                                                   : cat(" has the version ", to_utf8(written),
                                                                         ", which is not one version"))});
      Package package;
      package.type = "nuget";
      package.name = parts[0];
      package.version = version;
      package.set_property("declared", "true");
      if (parts[2] == "dev") package.set_property("dev", "true");
      package.locations = {facts.location(file)};
      out.packages.push_back(std::move(package));
    }
  }
  return out;
}

}  // namespace

Cataloguer nuget_project() {
  return {.name = "nuget_project",
          .version = 2,
          .paths = {"**/packages.lock.json", "**/obj/project.assets.json", "**/packages.config",
                    "**/*.{csproj,fsproj,vbproj}", "**/Directory.{Packages,Build}.props"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
