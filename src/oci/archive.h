// Images in a tar file: docker-archive (`docker save`, skopeo, bazel, kaniko) and OCI layouts packed as tar.
//
// Source  docker-archive: the image-spec v1.2 of moby (manifest.json); old saves with "repositories" alone are refused.
//         OCI: image-spec image-layout.md.
// Layers of a docker-archive have no digest of their own unless they lie under blobs/; their diff_id is what is
// verified.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "oci/archive_members.h"
#include "oci/content.h"

namespace plimsoll::oci {

enum class ArchiveForm { Docker, Oci };

// `name` picks one of several images: a RepoTag or a tag of the layout; empty takes the only one. An archive that has
// only the other form is read as that one. Errors: NotFound (naming what there is), Malformed, Unsupported.
Result<std::unique_ptr<ImageSource>> open_archive(std::shared_ptr<ArchiveMembers> members, ArchiveForm form,
                                                  std::string_view name, const Choice& choice, std::string reference,
                                                  const Limits& limits);

}  // namespace plimsoll::oci
