// An OCI image layout in a directory (image-spec, image-layout.md).
#pragma once
#include <memory>
#include <string>

#include "oci/content.h"

namespace plimsoll::oci {

// `tag` is the annotation org.opencontainers.image.ref.name of an entry of index.json, or a digest "sha256:..."; empty
// takes the only image there is. Errors: NotFound with the tags there are, and those of load_image.
Result<std::unique_ptr<ImageSource>> open_layout(const std::string& directory, std::string_view tag,
                                                 const Choice& choice, std::string reference, const Limits& limits);

// The entry of an index.json for `tag`, shared with layouts in a tar file. Several entries for one tag are one image
// for several platforms.
Result<Descriptor> choose_entry(std::string_view index_json, std::string_view tag, const Choice& choice,
                                const Limits& limits);

// Its entries that are no images but stand beside them (artefacts, attestations); at most 64.
std::vector<Descriptor> layout_artefacts(std::string_view index_json, const Limits& limits);

}  // namespace plimsoll::oci
