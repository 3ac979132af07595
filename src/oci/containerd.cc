#include "oci/containerd.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "format/bolt.h"
#include "oci/reference.h"

namespace plimsoll::oci {
namespace {

using format::BoltEntry;
using format::BoltFile;

std::string blob_path(const std::string& root, const Digest& digest) {
  const std::string_view algorithm = digest.kind() == HashKind::Sha512 ? "sha512" : "sha256";
  return cat(root, "/io.containerd.content.v1.content/blobs/", algorithm, "/", digest.hex());
}

class ContainerdStore : public ContentStore {
 public:
  explicit ContainerdStore(std::string root) : root_(std::move(root)) {}
  Result<std::unique_ptr<ByteSource>> open_blob(const Descriptor& blob) override {
    return file_source(blob_path(root_, blob.digest));
  }

 private:
  std::string root_;
};

// An image some of whose layers are there only unpacked.
class ContainerdImage : public ImageSource {
 public:
  ContainerdImage(std::unique_ptr<ImageSource> image, std::vector<std::string> directories)
      : image_(std::move(image)), directories_(std::move(directories)) {}
  const ImageConfig& config() const override { return image_->config(); }
  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override { return image_->open_layer(index); }
  std::string layer_directory(std::size_t index) const override {
    return index < directories_.size() ? directories_[index] : std::string();
  }

 private:
  std::unique_ptr<ImageSource> image_;
  std::vector<std::string> directories_;
};

// Spellings under which an image may be stored.
std::vector<std::string> spellings(const std::string& name) {
  std::vector<std::string> out{name};
  if (const auto reference = Reference::parse(name)) {
    out.push_back(reference->text());
    if (!reference->tag.empty() && !reference->digest.empty())
      out.push_back(cat(reference->name(), "@", reference->digest.text()));
  }
  return out;
}

struct Named {
  std::string space;
  Descriptor target;
};

Result<std::vector<Named>> find_named(const BoltFile& meta, const std::vector<std::string>& spaces,
                                      const std::string& name) {
  std::vector<Named> out;
  for (const std::string& space : spaces) {
    for (const std::string& spelling : spellings(name)) {
      PLIM_TRY(const auto digest, meta.get({"v1", space, "images", spelling, "target", "digest"}));
      if (!digest) continue;
      Named found{.space = space};
      PLIM_TRY(found.target.digest, Digest::parse(*digest).context("image", to_utf8(spelling)));
      PLIM_TRY(const auto size, meta.get({"v1", space, "images", spelling, "target", "size"}));
      const auto bytes = size ? format::parse_go_varint(*size) : std::nullopt;
      if (!bytes || *bytes < 0)
        return malformed(cat("containerd's record of image ", to_utf8(spelling), " has no valid size"));
      found.target.size_bytes = static_cast<std::uint64_t>(*bytes);
      out.push_back(std::move(found));
      break;
    }
  }
  return out;
}

Result<std::vector<std::string>> all_spaces(const BoltFile& meta) {
  PLIM_TRY(const auto entries, meta.list({"v1"}));
  std::vector<std::string> out;
  for (const BoltEntry& entry : entries)
    if (entry.is_bucket) out.push_back(entry.key);
  return out;
}

std::string some_names(const BoltFile& meta, const std::vector<std::string>& spaces) {
  std::string out;
  for (const std::string& space : spaces) {
    const auto entries = meta.list({"v1", space, "images"});
    if (!entries) continue;
    for (const BoltEntry& entry : *entries)
      if (out.size() < 400) out += cat(out.empty() ? "" : ", ", to_utf8(entry.key));
  }
  return out.empty() ? "no image at all" : out;
}

// The folder of the overlayfs snapshot for a chain of layers; empty when there is none.
Result<std::string> snapshot_folder(const std::string& root, const BoltFile& meta, const std::string& space,
                                    const Digest& chain) {
  PLIM_TRY(const auto key, meta.get({"v1", space, "snapshots", "overlayfs", chain.text(), "name"}));
  const std::string base = cat(root, "/io.containerd.snapshotter.v1.overlayfs");
  if (!key || !exists(base + "/metadata.db")) return std::string();
  PLIM_TRY(const BoltFile snapshots, BoltFile::open(base + "/metadata.db"));
  PLIM_TRY(const auto id, snapshots.get({"v1", "snapshots", *key, "id"}));
  const auto number = id ? format::parse_go_uvarint(*id) : std::nullopt;
  if (!number) return std::string();
  const std::string folder = cat(base, "/snapshots/", *number, "/fs");
  return is_directory(folder) ? folder : std::string();
}

// Folders of the layers whose blobs are gone, by index.
Result<std::vector<std::string>> unpacked_layers(const std::string& root, const BoltFile& meta,
                                                 const std::string& space, const ImageConfig& config) {
  std::vector<std::string> out(config.layers.size());
  Digest chain;  // image-spec config.md, "Layer ChainID"
  for (std::size_t i = 0; i < config.layers.size(); ++i) {
    const LayerDescriptor& layer = config.layers[i];
    chain = i == 0 ? layer.diff_id : Digest::of(as_bytes(cat(chain.text(), " ", layer.diff_id.text())));
    if (exists(blob_path(root, layer.digest))) continue;
    PLIM_TRY(out[i], snapshot_folder(root, meta, space, chain));
    if (out[i].empty())
      return not_found(cat("layer ", layer.digest.text(),
                           " is neither in containerd's content store nor unpacked in its overlayfs snapshots"));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_containerd(const std::string& root, const std::string& space,
                                                     const std::string& name, const Choice& choice,
                                                     std::string reference, const Limits& limits) {
  const std::string file = cat(root, "/io.containerd.metadata.v1.bolt/meta.db");
  PLIM_TRY(const BoltFile meta, BoltFile::open(file, limits).context("containerd store", root));
  std::vector<std::string> spaces{space};
  if (space.empty()) {
    PLIM_TRY(spaces, all_spaces(meta).context("containerd store", root));
  }
  PLIM_TRY(const auto found, find_named(meta, spaces, name).context("containerd store", root));
  if (found.empty())
    return not_found(
        cat("no image ", to_utf8(name), " in containerd's store ", root, "; there is ", some_names(meta, spaces)));
  for (const Named& other : found)
    if (other.target.digest != found[0].target.digest)
      return not_found(cat(to_utf8(name), " means different images in the namespaces ", to_utf8(found[0].space),
                           " and ", to_utf8(other.space), ": name one of them"));
  PLIM_TRY(auto image,
           load_image(std::make_unique<ContainerdStore>(root), found[0].target, choice, std::move(reference), limits)
               .context("containerd store", root));
  PLIM_TRY(auto directories,
           unpacked_layers(root, meta, found[0].space, image->config()).context("containerd store", root));
  return std::unique_ptr<ImageSource>(std::make_unique<ContainerdImage>(std::move(image), std::move(directories)));
}

}  // namespace plimsoll::oci
