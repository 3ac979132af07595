#include "oci/content.h"

#include <algorithm>

#include "base/text.h"
#include "oci/attestation.h"

namespace plimsoll::oci {
namespace {

constexpr int kMostIndexes = 4;  // an index inside an index is allowed; nobody nests deeper than two

class ContentImage : public ImageSource {
 public:
  ContentImage(std::unique_ptr<ContentStore> store, ImageConfig config, std::vector<Descriptor> layers)
      : store_(std::move(store)), config_(std::move(config)), layers_(std::move(layers)) {}

  const ImageConfig& config() const override { return config_; }

  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override {
    PLIM_ASSERT(index < layers_.size());
    const Descriptor& layer = layers_[index];
    auto source = store_->open_blob(layer);
    if (source) return exact_size(std::move(*source), layer.size_bytes);
    if (source.error().kind() == ErrorKind::NotFound && is_foreign_layer(layer))
      return unsupported(cat("layer ", layer.digest.text(),
                             " is not kept with the image: it is marked as not to be "
                             "distributed, and addresses in a manifest are not followed"));
    return std::move(source).error().with_context("layer", layer.digest.text());
  }

 private:
  std::unique_ptr<ContentStore> store_;
  ImageConfig config_;
  std::vector<Descriptor> layers_;
};

class ExactSize : public ByteSource {
 public:
  ExactSize(std::unique_ptr<ByteSource> source, std::uint64_t size)
      : source_(std::move(source)), left_(size), size_(size) {}

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (size == 0) return std::size_t{0};
    if (left_ == 0) {
      std::uint8_t extra = 0;
      PLIM_TRY(const std::size_t more, source_->read(&extra, 1));
      if (more > 0) return malformed(cat("longer than the ", size_, " bytes it should have"));
      return std::size_t{0};
    }
    PLIM_TRY(const std::size_t count,
             source_->read(into, static_cast<std::size_t>(std::min<std::uint64_t>(size, left_))));
    if (count == 0) return malformed(cat("ends after ", size_ - left_, " of ", size_, " bytes"));
    left_ -= count;
    return count;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::uint64_t left_, size_;
};

}  // namespace

Result<std::string> ContentStore::read_manifest(const Descriptor& manifest) {
  PLIM_TRY(auto source, open_blob(manifest));
  return read_all(*source, kManifestBytes);
}

Result<std::vector<Descriptor>> ContentStore::referrers(const Digest&) { return std::vector<Descriptor>(); }

std::unique_ptr<ByteSource> exact_size(std::unique_ptr<ByteSource> source, std::uint64_t size) {
  return std::make_unique<ExactSize>(std::move(source), size);
}

Result<std::string> read_verified(ContentStore& store, const Descriptor& blob, std::uint64_t max_bytes) {
  if (blob.size_bytes > max_bytes) return limit_reached(cat(blob.digest.text(), " has ", blob.size_bytes, " bytes"));
  PLIM_TRY(auto source, store.open_blob(blob));
  PLIM_TRY(std::string bytes, read_all(*source, max_bytes));
  PLIM_CHECK(verify_content(blob.digest, blob.size_bytes, bytes));
  return bytes;
}

Result<std::unique_ptr<ImageSource>> load_image(std::unique_ptr<ContentStore> store, const Descriptor& root,
                                                const Choice& choice, std::string reference, const Limits& limits) {
  Descriptor current = root;
  std::vector<Descriptor> siblings;
  for (int depth = 0; depth < kMostIndexes; ++depth) {
    const std::string name = current.digest.text();
    PLIM_TRY(const std::string json, store->read_manifest(current).context("manifest", name));
    PLIM_CHECK(verify_content(current.digest, current.size_bytes, json).context("manifest", name));
    PLIM_TRY(const Manifest manifest, parse_manifest(json, limits).context("manifest", name));
    if (manifest.is_index) {
      siblings = manifest.manifests;
      PLIM_TRY(current, choose_platform(manifest.manifests, choice.platform, choice.by_default).context("index", name));
      continue;
    }
    PLIM_TRY(
        std::string config_json,
        read_verified(*store, manifest.config, std::min(limits.metadata_bytes, kConfigBytes)).context("config", manifest.config.digest.text()));
    PLIM_TRY(ImageConfig config, make_image_config(manifest, std::move(config_json), limits).context("image", name));
    const Platform found{config.os, config.architecture, config.variant};
    if (!choice.by_default && (found.os != choice.platform.os || found.architecture != choice.platform.architecture))
      return not_found(cat("no image for ", choice.platform.text(), "; there is ", to_utf8(found.text())));
    config.manifest_digest = current.digest;
    config.reference = std::move(reference);
    find_provenance(*store, siblings, config, limits);
    return std::unique_ptr<ImageSource>(
        std::make_unique<ContentImage>(std::move(store), std::move(config), manifest.layers));
  }
  return limit_reached(cat("index inside index, more than ", kMostIndexes, " deep"));
}

}  // namespace plimsoll::oci
