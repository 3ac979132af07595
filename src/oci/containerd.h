// Images in containerd's stores, read from disk without the daemon.
//
// Where   ROOT/io.containerd.metadata.v1.bolt/meta.db names images and what they point to, per namespace; blobs lie in
//         ROOT/io.containerd.content.v1.content/blobs/. A blob whose download is not finished is not there yet.
// Layers  A node may drop a layer's blob once it is unpacked (discard_unpacked_layers). Then layer_directory() gives
// the
//         overlayfs snapshot's own folder, whose content no digest vouches for.
// Names   As containerd keeps them ("docker.io/library/debian:12"); short names are completed as everywhere.
// Source  containerd's core/metadata/buckets.go and snapshots/storage (bucket names), content/local (blobs).
#pragma once
#include <memory>
#include <string>

#include "oci/content.h"

namespace plimsoll::oci {

// `space` is the namespace ("k8s.io", "moby", "default"); empty looks into all and takes the image when they agree on
// what its name means. Errors: NotFound (store, image), Denied (root is needed), Malformed, and those of load_image.
Result<std::unique_ptr<ImageSource>> open_containerd(const std::string& root, const std::string& space,
                                                     const std::string& name, const Choice& choice,
                                                     std::string reference, const Limits& limits);

}  // namespace plimsoll::oci
