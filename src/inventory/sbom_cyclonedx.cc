// CycloneDX in JSON and XML -> draft. Source: the CycloneDX 1.2 to 1.7 JSON schemas and XSDs.
#include "base/text.h"
#include "inventory/sbom_draft.h"

namespace plimsoll::inventory {
namespace {

SbomEntry::Kind kind_of(std::string_view type, const SbomEntry& entry) {
  if (type == "operating-system") return SbomEntry::Kind::OperatingSystem;
  if (type == "file" || type == "data" || type == "cryptographic-asset" || type == "machine-learning-model") return SbomEntry::Kind::Aggregate;
  if (!entry.purl.empty()) return entry.purl.starts_with("pkg:oci/") || entry.purl.starts_with("pkg:docker/") ? SbomEntry::Kind::Aggregate : SbomEntry::Kind::Package;
  if (entry.subject || type == "container" || type == "device" || type == "platform") return SbomEntry::Kind::Aggregate;
  // Trivy groups the packages of a lock file under an application named after the file.
  for (const auto& [name, value] : entry.properties)
    if (name == "aquasecurity:trivy:Class") return SbomEntry::Kind::Aggregate;
  return SbomEntry::Kind::Package;
}

Result<std::string> version_named(std::string_view version, std::string_view form) {
  if (!version.starts_with("1.") || version == "1.0" || version == "1.1")
    return unsupported(cat("CycloneDX \"", to_utf8(version.substr(0, 20)), "\"; 1.2 and later 1.x are read"));
  return cat("CycloneDX ", version, " ", form);
}

Error too_many(const Limits& limits) { return limit_reached(cat("SBOM has more than ", limits.records, " components")); }

class JsonSide {
 public:
  explicit JsonSide(const Limits& limits) : limits_(limits) {}
  Result<SbomDraft> read(const JsonValue& root) {
    PLIM_TRY(draft_.kind, version_named(root["specVersion"].text(), "JSON"));
    const JsonValue metadata = root["metadata"];
    draft_.created = metadata["timestamp"].text();
    JsonValue tool = metadata["tools"].at(0);
    if (metadata["tools"].is_object()) tool = metadata["tools"]["components"].at(0);
    draft_.created_by = trim(cat(tool["name"].text(), " ", tool["version"].text()));
    if (metadata["component"].is_object()) PLIM_CHECK(component(metadata["component"], true, 0));
    for (const std::string_view list : {"components", "services"})
      if (root[list].exists() && !root[list].is_array()) return malformed(cat("CycloneDX ", list, " is not an array"));
    PLIM_CHECK(components(root["components"], 0));
    for (const JsonValue& dependency : root["dependencies"].items())
      for (const JsonValue& needed : dependency["dependsOn"].items()) draft_.depends.emplace_back(dependency["ref"].text(), needed.text());
    return std::move(draft_);
  }

 private:
  Status components(const JsonValue& array, unsigned depth) {
    for (const JsonValue& item : array.items()) PLIM_CHECK(component(item, false, depth));
    return {};
  }
  Status component(const JsonValue& value, bool subject, unsigned depth) {
    if (depth > limits_.nesting) return limit_reached("CycloneDX components are nested too deep");
    if (draft_.entries.size() >= limits_.records) return too_many(limits_);
    if (!value.is_object()) {
      draft_.gaps.push_back({"sbom", "components", "an element is not an object"});
      return {};
    }
    SbomEntry entry{.subject = subject, .ref = std::string(value["bom-ref"].text()), .group = std::string(value["group"].text())};
    entry.name = value["name"].text();
    entry.version = value["version"].text();
    entry.purl = value["purl"].text();
    entry.cpe = value["cpe"].text();
    entry.description = value["description"].text();
    for (const JsonValue& licence : value["licenses"].items()) {
      std::string_view text = licence["expression"].text();
      if (text.empty()) text = licence["license"]["id"].text();
      if (text.empty()) text = licence["license"]["name"].text();
      if (!text.empty()) entry.licenses.emplace_back(text);
    }
    for (const JsonValue& hash : value["hashes"].items())
      if (hash["alg"].text() == "SHA-1") entry.sha1 = lower(hash["content"].text());
    for (const JsonValue& property : value["properties"].items()) entry.properties.emplace_back(property["name"].text(), property["value"].text());
    for (const JsonValue& place : value["evidence"]["occurrences"].items()) {
      const std::int64_t line = place["line"].integer().value_or(0);
      entry.locations.push_back({.path = std::string(place["location"].text()), .line = line > 0 && line < INT32_MAX ? static_cast<std::uint32_t>(line) : 0});
    }
    entry.kind = kind_of(value["type"].text(), entry);
    draft_.entries.push_back(std::move(entry));
    return components(value["components"], depth + 1);
  }

  const Limits& limits_;
  SbomDraft draft_;
};

class XmlSide {
 public:
  explicit XmlSide(const Limits& limits) : limits_(limits) {}
  Result<SbomDraft> read(const XmlNode& root) {
    // The version stands only in the namespace, which the reader drops from names but keeps as an attribute.
    std::string_view version = "1.x";
    for (const auto& [name, value] : root.attributes)
      if (const std::size_t at = value.find("cyclonedx.org/schema/bom/"); at != std::string::npos) version = std::string_view(value).substr(at + 25);
    PLIM_TRY(draft_.kind, version_named(version, "XML"));
    if (const XmlNode* metadata = root.child("metadata")) {
      draft_.created = metadata->child_text("timestamp");
      if (const XmlNode* tools = metadata->child("tools")) {
        const XmlNode* tool = tools->child("tool");
        if (const XmlNode* list = tools->child("components")) tool = list->child("component");
        if (tool != nullptr) draft_.created_by = trim(cat(tool->child_text("name"), " ", tool->child_text("version")));
      }
      if (const XmlNode* subject = metadata->child("component")) PLIM_CHECK(component(*subject, true, 0));
    }
    if (const XmlNode* list = root.child("components")) PLIM_CHECK(components(*list, 0));
    if (const XmlNode* list = root.child("dependencies"))
      for (const XmlNode& dependency : list->children)
        for (const XmlNode& needed : dependency.children) draft_.depends.emplace_back(attribute(dependency, "ref"), attribute(needed, "ref"));
    return std::move(draft_);
  }

 private:
  static std::string attribute(const XmlNode& node, std::string_view name) {
    const auto found = node.attributes.find(name);
    return found == node.attributes.end() ? std::string() : found->second;
  }
  Status components(const XmlNode& list, unsigned depth) {
    for (const XmlNode& item : list.children)
      if (item.name == "component") PLIM_CHECK(component(item, false, depth));
    return {};
  }
  Status component(const XmlNode& node, bool subject, unsigned depth) {
    if (depth > limits_.nesting) return limit_reached("CycloneDX components are nested too deep");
    if (draft_.entries.size() >= limits_.records) return too_many(limits_);
    SbomEntry entry{.subject = subject, .ref = attribute(node, "bom-ref"), .group = std::string(node.child_text("group"))};
    entry.name = node.child_text("name");
    entry.version = node.child_text("version");
    entry.purl = node.child_text("purl");
    entry.cpe = node.child_text("cpe");
    entry.description = node.child_text("description");
    if (const XmlNode* list = node.child("licenses"))
      for (const XmlNode& licence : list->children) {
        std::string_view text = licence.name == "expression" ? trim(licence.text) : licence.child_text("id");
        if (text.empty()) text = licence.child_text("name");
        if (!text.empty()) entry.licenses.emplace_back(text);
      }
    if (const XmlNode* list = node.child("hashes"))
      for (const XmlNode& hash : list->children)
        if (attribute(hash, "alg") == "SHA-1") entry.sha1 = lower(trim(hash.text));
    if (const XmlNode* list = node.child("properties"))
      for (const XmlNode& property : list->children) entry.properties.emplace_back(attribute(property, "name"), trim(property.text));
    if (const XmlNode* evidence = node.child("evidence"))
      if (const XmlNode* list = evidence->child("occurrences"))
        for (const XmlNode& place : list->children)
          entry.locations.push_back({.path = std::string(place.child_text("location")), .line = static_cast<std::uint32_t>(parse_u64(place.child_text("line")).value_or(0) & 0x7fffffff)});
    entry.kind = kind_of(attribute(node, "type"), entry);
    draft_.entries.push_back(std::move(entry));
    if (const XmlNode* nested = node.child("components")) return components(*nested, depth + 1);
    return {};
  }

  const Limits& limits_;
  SbomDraft draft_;
};

}  // namespace

Result<SbomDraft> draft_cyclonedx(const JsonValue& root, const Limits& limits) { return JsonSide(limits).read(root); }
Result<SbomDraft> draft_cyclonedx(const XmlNode& root, const Limits& limits) { return XmlSide(limits).read(root); }

}  // namespace plimsoll::inventory
