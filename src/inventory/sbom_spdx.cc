// SPDX in JSON and tag-value -> draft. Source: SPDX 2.2 and 2.3, chapters 6 to 11 and their JSON schema.
#include <map>

#include "base/text.h"
#include "inventory/sbom_draft.h"
#include "model/sbom_terms.h"

namespace plimsoll::inventory {
namespace {

Result<std::string> version_named(std::string_view version, std::string_view form) {
  if (version != "SPDX-2.2" && version != "SPDX-2.3") return unsupported(cat("SPDX version \"", to_utf8(version.substr(0, 20)), "\"; SPDX-2.2 and SPDX-2.3 are read"));
  return cat("SPDX ", version.substr(5), " ", form);
}

bool says_nothing(std::string_view value) { return value.empty() || value == "NOASSERTION" || value == "NONE"; }

// One document, filled by either form's reader.
class Builder {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}
  SbomDraft draft;

  Result<SbomEntry*> add() {
    if (draft.entries.size() >= limits_.records) return limit_reached(cat("SBOM has more than ", limits_.records, " packages"));
    return &draft.entries.emplace_back();
  }
  static void external_reference(SbomEntry& entry, std::string_view type, std::string_view locator) {
    if (type == "purl" && entry.purl.empty()) entry.purl = locator;
    if (type == "cpe23Type" && entry.cpe.empty()) entry.cpe = locator;
  }
  static void purpose(SbomEntry& entry, std::string_view value) {
    if (value == "OPERATING-SYSTEM" || value == "OPERATING_SYSTEM") entry.kind = SbomEntry::Kind::OperatingSystem;
    if (value == "CONTAINER" || value == "FILE" || value == "ARCHIVE" || value == "SOURCE") purposes_of_groups(entry);
  }
  static void purposes_of_groups(SbomEntry& entry) { entry.kind = SbomEntry::Kind::Aggregate; }
  // The licence that the package's own metadata declares, else the one its author concluded.
  static void licence(SbomEntry& entry, std::string_view declared, std::string_view concluded) {
    const std::string_view text = says_nothing(declared) ? concluded : declared;
    if (!says_nothing(text)) entry.licenses.emplace_back(text);
  }
  // Syft: "acquired package info from DPKG DB: /var/lib/dpkg/status, ..."; Trivy: "built package from: zlib 1:1.2-1".
  static void source_info(SbomEntry& entry, std::string_view text) {
    if (text.starts_with("built package from: ")) {
      const auto [name, version] = cut(text.substr(20), ' ');
      entry.properties.emplace_back("source:name", name);
      entry.properties.emplace_back("source:version", version);
      return;
    }
    if (!text.starts_with("acquired package info from ")) return;
    const std::size_t at = text.find(": ");
    if (at == std::string_view::npos) return;
    std::string_view list = text.substr(at + 2);
    while (!list.empty()) {
      const std::size_t comma = list.find(", ");
      entry.locations.push_back({.path = std::string(list.substr(0, comma))});
      list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 2);
    }
  }
  // Ours: "plimsoll {...}"; Trivy: "LayerDiffID: sha256:...".
  void comment(SbomEntry& entry, std::string_view text) {
    if (text.starts_with(sbom::kSpdxComment)) {
      ours(entry, text.substr(sbom::kSpdxComment.size()));
    } else if (const std::size_t colon = text.find(": "); colon != std::string_view::npos && colon < 40 && text.find('\n') == std::string_view::npos) {
      entry.properties.emplace_back(cat("aquasecurity:trivy:", text.substr(0, colon)), text.substr(colon + 2));
    }
  }
  void relationship(std::string_view from, std::string_view kind, std::string_view to) {
    if (kind == "DEPENDS_ON") draft.depends.emplace_back(from, to);
    else if (kind == "DEPENDENCY_OF") draft.depends.emplace_back(to, from);
    else if (kind == "DESCRIBES") subjects_.emplace(to, true);
    else if (kind == "DESCRIBED_BY") subjects_.emplace(from, true);
  }
  void describes(std::string_view ref) { subjects_.emplace(ref, true); }
  void extracted(std::string_view id, std::string_view name, std::string_view text) {
    extracted_[std::string(id)] = std::string(says_nothing(name) ? trim(text).substr(0, 200) : name);
  }
  SbomDraft finish() {
    for (SbomEntry& entry : draft.entries) {
      entry.subject = subjects_.contains(entry.ref);
      if (entry.kind == SbomEntry::Kind::Package && (entry.purl.starts_with("pkg:oci/") || entry.purl.starts_with("pkg:docker/"))) entry.kind = SbomEntry::Kind::Aggregate;
      if (entry.kind == SbomEntry::Kind::Package && entry.purl.empty() && entry.subject) entry.kind = SbomEntry::Kind::Aggregate;
      // A reference to a licence of the document alone reads as that licence's name.
      for (std::string& licence : entry.licenses)
        if (const auto found = extracted_.find(licence); found != extracted_.end() && !found->second.empty()) licence = found->second;
    }
    return std::move(draft);
  }

 private:
  void ours(SbomEntry& entry, std::string_view json) {
    const auto document = JsonDocument::parse(json, limits_);
    if (!document) {
      draft.gaps.push_back({"sbom", entry.ref, cat("plimsoll's own annotation cannot be read: ", document.error().message())});
      return;
    }
    entry.locations.clear();
    entry.licenses.clear();
    for (const auto& [name, value] : document->root().members()) {
      if (name == "locations") {
        for (const JsonValue& place : value.items()) {
          const std::int64_t line = place["line"].integer().value_or(0);
          entry.locations.push_back({.path = std::string(place["path"].text()), .layer = std::string(place["layer"].text()),
                                     .line = line > 0 && line < INT32_MAX ? static_cast<std::uint32_t>(line) : 0});
        }
      } else if (name == "licenses") {
        for (const JsonValue& item : value.items()) entry.licenses.emplace_back(item.text());
      } else if (name == sbom::kNamespace) {
        entry.group = value.text();
      } else if (name == "properties") {
        for (const auto& [key, text] : value.members()) entry.properties.emplace_back(cat(sbom::kPrefix, sbom::kProperty, key), text.text());
      } else if (value.is_array()) {
        for (const JsonValue& item : value.items()) entry.properties.emplace_back(cat(sbom::kPrefix, name), item.text());
      } else {
        entry.properties.emplace_back(cat(sbom::kPrefix, name), value.text());
      }
    }
  }

  const Limits& limits_;
  std::map<std::string, bool, std::less<>> subjects_;
  std::map<std::string, std::string, std::less<>> extracted_;
};

// Tag-value: "Tag: value" a line; a value may be <text>several lines</text>.
class TagReader {
 public:
  explicit TagReader(std::string_view text) : rest_(text) {}
  bool next(std::string_view& tag, std::string_view& value) {
    std::string_view row;
    while (next_line(rest_, row)) {
      const char* const after = rest_.data();
      const std::string_view line = trim(row);
      if (line.empty() || line.starts_with('#')) continue;
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos) continue;
      tag = line.substr(0, colon);
      value = trim(line.substr(colon + 1));
      if (!value.starts_with("<text>")) return true;
      const char* const begin = value.data() + 6;
      const std::string_view whole(begin, static_cast<std::size_t>(after - begin) + rest_.size());
      const std::size_t end = whole.find("</text>");
      if (end == std::string_view::npos) {
        cut_short_ = true;
        return false;
      }
      value = whole.substr(0, end);
      if (begin + end > after) {
        rest_ = whole.substr(end + 7);
        next_line(rest_, row);
      }
      return true;
    }
    return false;
  }
  bool cut_short() const { return cut_short_; }

 private:
  std::string_view rest_;
  bool cut_short_ = false;
};

std::string tool_of(std::string_view creator) { return creator.starts_with("Tool: ") ? std::string(creator.substr(6)) : std::string(); }

}  // namespace

Result<SbomDraft> draft_spdx(const JsonValue& root, const Limits& limits) {
  Builder builder(limits);
  PLIM_TRY(builder.draft.kind, version_named(root["spdxVersion"].text(), "JSON"));
  builder.draft.created = root["creationInfo"]["created"].text();
  for (const JsonValue& creator : root["creationInfo"]["creators"].items())
    if (const std::string tool = tool_of(creator.text()); !tool.empty()) builder.draft.created_by = tool;
  if (root["packages"].exists() && !root["packages"].is_array()) return malformed("SPDX packages is not an array");
  for (const JsonValue& ref : root["documentDescribes"].items()) builder.describes(ref.text());
  for (const JsonValue& licence : root["hasExtractedLicensingInfos"].items())
    builder.extracted(licence["licenseId"].text(), licence["name"].text(), licence["extractedText"].text());
  for (const JsonValue& item : root["packages"].items()) {
    if (!item.is_object()) {
      builder.draft.gaps.push_back({"sbom", "packages", "an element is not an object"});
      continue;
    }
    PLIM_TRY(SbomEntry * entry, builder.add());
    entry->ref = item["SPDXID"].text();
    entry->name = item["name"].text();
    entry->version = item["versionInfo"].text();
    for (const JsonValue& reference : item["externalRefs"].items()) Builder::external_reference(*entry, reference["referenceType"].text(), reference["referenceLocator"].text());
    for (const JsonValue& checksum : item["checksums"].items())
      if (checksum["algorithm"].text() == "SHA1") entry->sha1 = lower(checksum["checksumValue"].text());
    Builder::purpose(*entry, item["primaryPackagePurpose"].text());
    Builder::licence(*entry, item["licenseDeclared"].text(), item["licenseConcluded"].text());
    Builder::source_info(*entry, item["sourceInfo"].text());
    entry->description = item["summary"].text();
    for (const JsonValue& text : item["attributionTexts"].items()) builder.comment(*entry, text.text());
    for (const JsonValue& annotation : item["annotations"].items()) builder.comment(*entry, annotation["comment"].text());
  }
  for (const JsonValue& item : root["relationships"].items())
    builder.relationship(item["spdxElementId"].text(), item["relationshipType"].text(), item["relatedSpdxElement"].text());
  return builder.finish();
}

Result<SbomDraft> draft_spdx_tag_value(std::string_view text, const Limits& limits) {
  Builder builder(limits);
  TagReader reader(text);
  std::string_view tag, value;
  std::string version, declared, concluded, licence_id, licence_name, licence_text, annotated;
  SbomEntry* entry = nullptr;  // null outside a package
  std::vector<std::pair<std::string, std::string>> annotations;  // SPDXID -> comment; they may stand anywhere
  const auto end_section = [&] {
    if (entry != nullptr) Builder::licence(*entry, declared, concluded);
    if (!licence_id.empty()) builder.extracted(licence_id, licence_name, licence_text);
    entry = nullptr;
    declared.clear(), concluded.clear(), licence_id.clear(), licence_name.clear(), licence_text.clear();
  };
  while (reader.next(tag, value)) {
    if (tag == "SPDXVersion") version = value;
    else if (tag == "Created") builder.draft.created = value;
    else if (tag == "Creator" && !tool_of(value).empty()) builder.draft.created_by = tool_of(value);
    else if (tag == "PackageName") {
      end_section();
      PLIM_TRY(entry, builder.add());
      entry->name = value;
    } else if (tag == "FileName" || tag == "SnippetSPDXID") {
      end_section();
    } else if (tag == "LicenseID") {
      end_section();
      licence_id = value;
    } else if (tag == "LicenseName") licence_name = value;
    else if (tag == "ExtractedText") licence_text = value;
    else if (tag == "SPDXREF") annotated = value;
    else if (tag == "AnnotationComment") annotations.emplace_back(annotated, value);
    else if (tag == "Relationship") {
      const auto [from, rest] = cut(value, ' ');
      const auto [kind, to] = cut(trim(rest), ' ');
      builder.relationship(from, kind, trim(to));
    } else if (entry == nullptr) continue;
    else if (tag == "SPDXID") entry->ref = value;
    else if (tag == "PackageVersion") entry->version = value;
    else if (tag == "PrimaryPackagePurpose") Builder::purpose(*entry, value);
    else if (tag == "PackageSourceInfo") Builder::source_info(*entry, value);
    else if (tag == "PackageSummary") entry->description = value;
    else if (tag == "PackageLicenseDeclared") declared = value;
    else if (tag == "PackageLicenseConcluded") concluded = value;
    else if (tag == "PackageAttributionText") builder.comment(*entry, value);
    else if (tag == "PackageChecksum" && value.starts_with("SHA1: ")) entry->sha1 = lower(value.substr(6));
    else if (tag == "ExternalRef") {
      const auto [category, rest] = cut(value, ' ');
      const auto [type, locator] = cut(trim(rest), ' ');
      Builder::external_reference(*entry, type, trim(locator));
    }
  }
  if (reader.cut_short()) return malformed(cat("SPDX tag-value is cut short inside the value of ", to_utf8(tag.substr(0, 40))));
  end_section();
  PLIM_TRY(builder.draft.kind, version_named(version, "tag-value"));
  std::map<std::string_view, SbomEntry*> by_ref;
  for (SbomEntry& each : builder.draft.entries) by_ref.emplace(each.ref, &each);
  for (const auto& [ref, comment] : annotations)
    if (const auto found = by_ref.find(ref); found != by_ref.end()) builder.comment(*found->second, comment);
  return builder.finish();
}

}  // namespace plimsoll::inventory
