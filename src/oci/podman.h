// Images in containers-storage (podman, buildah, CRI-O), read from disk without any of them running.
//
// Where   ROOT/DRIVER-images/images.json and the big data beside it (manifest, config), ROOT/DRIVER-layers/layers.json,
//         unpacked layers in ROOT/overlay/ID/diff or ROOT/vfs/dir/ID.
// Layers  open_layer() gives the layer's own tar stream, put together from its tar-split record (tar_split.h), so that
//         its diff_id is verified. A layer without that record, in overlay form, is given as layer_directory() instead.
// Names   As podman shows them; short names also under docker.io/library/ and localhost/; an id, or 8 hex digits of
// one. Rootless stores hold files of other user ids: run in `podman unshare`.
#pragma once
#include <memory>
#include <string>

#include "oci/content.h"

namespace plimsoll::oci {

// Errors: NotFound (store, image), Denied, Unsupported (a driver without files: btrfs, zfs), Malformed.
Result<std::unique_ptr<ImageSource>> open_podman(const std::string& root, const std::string& name, const Choice& choice,
                                                 std::string reference, const Limits& limits);
// /var/lib/containers/storage for root, else the user's.
std::string default_podman_root();

}  // namespace plimsoll::oci
