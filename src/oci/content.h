// Content addressed by digest, wherever it lies, and the image made of it.
//
// A layout, a registry and containerd differ only in how a blob is fetched: each is a ContentStore of a few lines, and
// load_image() does the rest once (index -> platform -> manifest -> config, every digest verified).
#pragma once
#include <memory>
#include <string>

#include "oci/image_source.h"
#include "oci/manifest.h"

namespace plimsoll::oci {

class ContentStore {
 public:
  virtual ~ContentStore() = default;
  // The bytes of a blob from the start, not verified; thread-safe. Errors: NotFound, Denied, Io.
  virtual Result<std::unique_ptr<ByteSource>> open_blob(const Descriptor& blob) = 0;
  // A manifest or index, whole; registries keep these apart from blobs.
  virtual Result<std::string> read_manifest(const Descriptor& manifest);
  // Artefacts that may have the image as their subject; empty where the store keeps none. Their subject is looked at by the caller.
  virtual Result<std::vector<Descriptor>> referrers(const Digest& image);
};

struct Choice {
  Platform platform = Platform::host();
  bool by_default = true;  // nobody asked for it: an image of another platform that stands alone is taken
};

// Whole blob, verified against its digest and size.
Result<std::string> read_verified(ContentStore& store, const Descriptor& blob, std::uint64_t max_bytes);

// Follows `root` (index or manifest) to the image for this platform; `reference` is kept for the report.
Result<std::unique_ptr<ImageSource>> load_image(std::unique_ptr<ContentStore> store, const Descriptor& root,
                                                const Choice& choice, std::string reference, const Limits& limits);

// A source that fails when it holds more or fewer bytes than `size`: a layer that never ends is cut at once.
std::unique_ptr<ByteSource> exact_size(std::unique_ptr<ByteSource> source, std::uint64_t size);

}  // namespace plimsoll::oci
