// One opened image: its manifest and config (verified by digest), and its layers, still to be read.
//
// Every place an image can lie in (registry, layout, archive, engine, store) gives this one shape. Layers come as the
// bytes that are stored: whoever reads them inflates and verifies both digests (image/).
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/stream.h"
#include "model/image_config.h"

namespace plimsoll::oci {

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  virtual const ImageConfig& config() const = 0;
  // The bytes of layer `index` (of config().layers) as stored, from the start. May be called from several threads at
  // once, for different layers; each returned source is used by one thread.
  virtual Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) = 0;
  // Stores that keep layers unpacked (podman's overlay, a containerd snapshot): the host directory of this layer's own
  // files, in overlayfs form (whiteout = character device 0/0, opaque = xattr trusted/user.overlay.opaque). Else empty.
  virtual std::string layer_directory(std::size_t index) const {
    (void)index;
    return {};
  }
};

}  // namespace plimsoll::oci
