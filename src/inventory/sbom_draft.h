// What every SBOM format is brought to before packages are made of it; private to sbom*.cc.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/xml.h"
#include "inventory/sbom.h"

namespace plimsoll::inventory {

struct SbomEntry {
  enum class Kind { Package, OperatingSystem, Aggregate };  // Aggregate: a lock file or container that only groups others
  Kind kind = Kind::Package;
  bool subject = false;  // what the document describes
  std::string ref, group, name, version, purl, cpe, description, sha1;
  std::vector<std::string> licenses;
  std::vector<Location> locations;                              // paths verbatim
  std::vector<std::pair<std::string, std::string>> properties;  // names verbatim: "syft:location:0:path", "SrcName"
};

struct SbomDraft {
  std::string kind, created_by, created;
  std::vector<SbomEntry> entries;
  std::vector<std::pair<std::string, std::string>> depends;  // ref -> ref it needs
  Gaps gaps;
};

Result<SbomDraft> draft_cyclonedx(const JsonValue& root, const Limits& limits);
Result<SbomDraft> draft_cyclonedx(const XmlNode& root, const Limits& limits);
Result<SbomDraft> draft_spdx(const JsonValue& root, const Limits& limits);
Result<SbomDraft> draft_spdx_tag_value(std::string_view text, const Limits& limits);

}  // namespace plimsoll::inventory
