#include "inventory/pom.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "base/xml.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

std::string bounded(std::string_view text) { return to_utf8(trim(text).substr(0, kMaxVersionBytes)); }

std::vector<PomDependency> read_dependencies(const XmlNode* list) {
  std::vector<PomDependency> out;
  if (!list) return out;
  for (const XmlNode& node : list->children) {
    if (node.name != "dependency" || out.size() >= kMaxListItems) continue;
    out.push_back({.group = bounded(node.child_text("groupId")),
                   .artifact = bounded(node.child_text("artifactId")),
                   .version = bounded(node.child_text("version")),
                   .scope = bounded(node.child_text("scope")),
                   .type = bounded(node.child_text("type")),
                   .classifier = bounded(node.child_text("classifier")),
                   .optional = node.child_text("optional") == "true"});
  }
  return out;
}

void write_dependencies(JsonWriter& json, std::string_view key, const std::vector<PomDependency>& list) {
  json.key(key).begin_array();
  for (const PomDependency& d : list) {
    json.begin_array()
        .value(d.group)
        .value(d.artifact)
        .value(d.version)
        .value(d.scope)
        .value(d.type)
        .value(d.classifier)
        .value(d.optional);
    json.end_array();
  }
  json.end_array();
}

std::vector<PomDependency> read_packed(JsonValue list) {
  std::vector<PomDependency> out;
  for (const JsonValue item : list.items()) {
    const auto parts = item.items();
    if (parts.size() != 7) continue;
    const auto text = [&](std::size_t i) { return std::string(parts[i].text()); };
    out.push_back({text(0), text(1), text(2), text(3), text(4), text(5), parts[6].boolean().value_or(false)});
  }
  return out;
}

}  // namespace

Result<Pom> parse_pom(Bytes document, const Limits& limits) {
  PLIM_TRY(const XmlNode root, parse_xml(document, limits));
  if (root.name != "project")
    return malformed(cat("a POM starts with <project>, this with <", to_utf8(root.name.substr(0, 40)), ">"));
  Pom out;
  out.group = bounded(root.child_text("groupId"));
  out.artifact = bounded(root.child_text("artifactId"));
  out.version = bounded(root.child_text("version"));
  if (const XmlNode* parent = root.child("parent")) {
    out.parent_group = bounded(parent->child_text("groupId"));
    out.parent_artifact = bounded(parent->child_text("artifactId"));
    out.parent_version = bounded(parent->child_text("version"));
    out.parent_path = parent->child("relativePath") ? bounded(parent->child_text("relativePath")) : "../pom.xml";
  }
  if (const XmlNode* properties = root.child("properties"))
    for (const XmlNode& node : properties->children)
      if (out.properties.size() < kMaxListItems)
        out.properties.emplace(node.name.substr(0, kMaxNameBytes), bounded(node.text));
  out.dependencies = read_dependencies(root.child("dependencies"));
  if (const XmlNode* management = root.child("dependencyManagement"))
    out.managed = read_dependencies(management->child("dependencies"));
  if (const XmlNode* licenses = root.child("licenses"))
    for (const XmlNode& license : licenses->children) {
      const std::string name = metadata_license(license.child_text("name")),
                        address = metadata_license(license.child_text("url"));
      // The address is the surer of the two where it is known: a name like "BSD" is not.
      const bool known_address = !address.empty() && address.find("://") == std::string::npos;
      add_unique(out.licenses, known_address && name.find("-") == std::string::npos ? address
                               : name.empty()                                       ? address
                                                                                    : name);
    }
  return out;
}

std::string Pom::packed() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.text_member("g", group).text_member("a", artifact).text_member("v", version);
  json.text_member("pg", parent_group)
      .text_member("pa", parent_artifact)
      .text_member("pv", parent_version)
      .text_member("pp", parent_path);
  json.key("properties").begin_object();
  for (const auto& [key, value] : properties) json.member(key, value);
  json.end_object();
  write_dependencies(json, "dependencies", dependencies);
  write_dependencies(json, "managed", managed);
  json.key("licenses").begin_array();
  for (const std::string& license : licenses) json.value(license);
  json.end_array().end_object();
  return out;
}

Pom Pom::unpacked(std::string_view text) {
  Pom out;
  const auto document = JsonDocument::parse(text);
  if (!document) return out;
  const JsonValue root = document->root();
  out.group = root["g"].text();
  out.artifact = root["a"].text();
  out.version = root["v"].text();
  out.parent_group = root["pg"].text();
  out.parent_artifact = root["pa"].text();
  out.parent_version = root["pv"].text();
  out.parent_path = root["pp"].text();
  for (const auto& [key, value] : root["properties"].members()) out.properties.emplace(key, value.text());
  out.dependencies = read_packed(root["dependencies"]);
  out.managed = read_packed(root["managed"]);
  for (const JsonValue license : root["licenses"].items()) out.licenses.emplace_back(license.text());
  return out;
}

void PomSet::add(std::string path, Pom pom) {
  const auto [at, fresh] = by_path_.try_emplace(path, Entry{path, std::move(pom)});
  if (!fresh) return;
  const Pom& added = at->second.pom;
  const std::string& own_group = added.group.empty() ? added.parent_group : added.group;
  const std::string& own_version = added.version.empty() ? added.parent_version : added.version;
  by_coordinates_.try_emplace(cat(own_group, ":", added.artifact, ":", own_version), path);
}

const PomSet::Entry* PomSet::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

const Pom* PomSet::by_path(std::string_view path) const {
  const Entry* entry = find(path);
  return entry ? &entry->pom : nullptr;
}

const PomSet::Entry* PomSet::parent_of(const Entry& entry) const {
  const Pom& pom = entry.pom;
  if (!pom.has_parent()) return nullptr;
  if (!pom.parent_path.empty()) {
    const std::string beside = normalise_path(cat(parent_path(entry.path), "/", pom.parent_path));
    for (const std::string& path : {beside, cat(beside, "/pom.xml")}) {
      const Entry* found = find(path);
      if (found && found != &entry && found->pom.artifact == pom.parent_artifact) return found;
    }
  }
  const auto found = by_coordinates_.find(cat(pom.parent_group, ":", pom.parent_artifact, ":", pom.parent_version));
  return found == by_coordinates_.end() ? nullptr : find(found->second);
}

std::vector<const PomSet::Entry*> PomSet::line_of(const Entry& entry) const {
  std::vector<const Entry*> line = {&entry};
  while (line.size() < kMaxParents) {
    const Entry* parent = parent_of(*line.back());
    if (!parent || std::find(line.begin(), line.end(), parent) != line.end()) break;
    line.push_back(parent);
  }
  return line;
}

std::string PomSet::fill(std::string_view text, const std::vector<const Entry*>& line) const {
  std::string out(text);
  const auto value_of = [&](std::string_view name) -> std::string {
    for (const Entry* entry : line)
      if (const auto found = entry->pom.properties.find(name); found != entry->pom.properties.end())
        return found->second;
    if (name.starts_with("pom."))
      name.remove_prefix(4);
    else if (name.starts_with("project."))
      name.remove_prefix(8);
    else if (name != "version" && name != "groupId" && name != "artifactId")
      return {};
    const Pom& own = line.front()->pom;
    if (name == "artifactId") return own.artifact;
    if (name == "parent.version") return own.parent_version;
    if (name == "parent.groupId") return own.parent_group;
    if (name == "parent.artifactId") return own.parent_artifact;
    for (const Entry* entry : line) {
      if (name == "version" && !entry->pom.version.empty()) return entry->pom.version;
      if (name == "groupId" && !entry->pom.group.empty()) return entry->pom.group;
    }
    if (name == "version") return line.back()->pom.parent_version;
    if (name == "groupId") return line.back()->pom.parent_group;
    return {};
  };
  std::size_t from = 0;
  for (int i = 0; i < kMaxSubstitutions && out.size() <= kMaxVersionBytes; ++i) {
    const std::size_t open = out.find("${", from);
    if (open == std::string::npos) break;
    const std::size_t close = out.find('}', open);
    if (close == std::string::npos) break;
    const std::string name = out.substr(open + 2, close - open - 2);
    const std::string value = value_of(name);
    if (value.empty() || value.find(cat("${", name, "}")) != std::string::npos)
      from = close + 1;
    else
      out.replace(open, close - open + 1, value);
  }
  return out;
}

std::string PomSet::group(const std::string& path) const {
  const Entry* entry = find(path);
  if (!entry) return {};
  const auto line = line_of(*entry);
  for (const Entry* one : line)
    if (!one->pom.group.empty()) return fill(one->pom.group, line);
  return fill(line.back()->pom.parent_group, line);
}

std::string PomSet::version(const std::string& path) const {
  const Entry* entry = find(path);
  if (!entry) return {};
  const auto line = line_of(*entry);
  for (const Entry* one : line)
    if (!one->pom.version.empty()) return fill(one->pom.version, line);
  return fill(line.back()->pom.parent_version, line);
}

std::string PomSet::artifact(const std::string& path) const {
  const Entry* entry = find(path);
  return entry ? fill(entry->pom.artifact, line_of(*entry)) : std::string();
}

void PomSet::collect_managed(const Entry& entry, std::map<std::string, PomDependency>& managed, int depth) const {
  if (depth > kMaxParents || managed.size() > 10 * kMaxListItems) return;
  const auto line = line_of(entry);
  std::vector<const Entry*> imports;
  for (const Entry* one : line)
    for (const PomDependency& raw : one->pom.managed) {
      PomDependency item = raw;
      item.group = fill(raw.group, line);
      item.artifact = fill(raw.artifact, line);
      item.version = fill(raw.version, line);
      if (raw.scope == "import" && raw.type == "pom") {
        const auto found = by_coordinates_.find(cat(item.group, ":", item.artifact, ":", item.version));
        if (found != by_coordinates_.end()) imports.push_back(find(found->second));
      } else {
        managed.try_emplace(cat(item.group, ":", item.artifact), item);
      }
    }
  for (const Entry* bom : imports) collect_managed(*bom, managed, depth + 8);  // BOMs of BOMs: four deep at most
}

std::vector<PomDependency> PomSet::dependencies(const std::string& path) const {
  std::vector<PomDependency> out;
  const Entry* entry = find(path);
  if (!entry) return out;
  const auto line = line_of(*entry);
  std::map<std::string, PomDependency> managed;
  collect_managed(*entry, managed, 0);
  std::set<std::string> seen;
  for (const Entry* one : line)
    for (const PomDependency& raw : one->pom.dependencies) {
      PomDependency item = raw;
      item.group = fill(raw.group, line);
      item.artifact = fill(raw.artifact, line);
      item.version = fill(raw.version, line);
      if (!seen.insert(cat(item.group, ":", item.artifact, ":", item.classifier, ":", item.type)).second) continue;
      if (const auto found = managed.find(cat(item.group, ":", item.artifact)); found != managed.end()) {
        if (item.version.empty()) item.version = found->second.version;
        if (item.scope.empty()) item.scope = found->second.scope;
      }
      if (item.scope.empty()) item.scope = "compile";
      out.push_back(std::move(item));
    }
  return out;
}

}  // namespace plimsoll::inventory
