// Content sets: the package repositories that the layers of a Red Hat image were built from.
//
// A build leaves a manifest in the layer it makes: root/buildinfo/content_manifests/NAME.json, in newer ones
// usr/share/buildinfo/. Which products' advisories concern a package depends on the content sets of the layer that brought it
// (update streams, products beside RHEL); match/content_sets.h does that part.
// Source  atomic-reactor's schema of the image content manifest; Konflux's content-sets.json.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/facts.h"

namespace plimsoll::inventory {

inline constexpr std::string_view kContentManifests[] = {"{root,usr/share}/buildinfo/*.json", "{root,usr/share}/buildinfo/content_manifests/*.json"};
// The package property that names them, joined by blanks.
inline constexpr std::string_view kContentSetsProperty = "content-sets";

bool is_content_manifest(std::string_view path);
// One note "content-set" for each name; those of sources and debugging symbols are left out. Other JSON beside the
// manifests (labels.json) gives nothing. A manifest that cannot be read is a gap.
Facts read_content_manifest(const FileView& file, const Limits& limits);

// Of each layer: its own, or where it has none those of the nearest layer below, else of the nearest above: what is built
// upon an image has its repositories, and an image's lowest layers are described by those above.
class ContentSets {
 public:
  explicit ContentSets(const SquashedFacts& facts);
  std::string_view of(std::uint32_t layer) const;  // sorted, joined by blanks; empty when no layer has any

 private:
  std::vector<std::string> layers_;
};

}  // namespace plimsoll::inventory
