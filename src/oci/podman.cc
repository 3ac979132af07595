#include "oci/podman.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "format/inflate.h"
#include "oci/reference.h"
#include "oci/tar_split.h"

namespace plimsoll::oci {
namespace {

struct StoredLayer {
  std::string id, parent;
  std::uint64_t size_bytes = 0;
};

// A store of one driver: where its files lie.
struct Store {
  std::string root, driver;

  std::string image_file(std::string_view id, std::string_view key) const {
    // Keys with anything but [a-z0-9.] in them are file names in base64 (containers/storage, makeBigDataBaseName).
    const bool plain = key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.") == std::string_view::npos;
    return cat(root, "/", driver, "-images/", id, "/", plain ? std::string(key) : "=" + to_base64(as_bytes(key)));
  }
  std::string layer_folder(std::string_view id) const {
    return driver == "vfs" ? cat(root, "/vfs/dir/", id) : cat(root, "/overlay/", id, "/diff");
  }
  std::string tar_split(std::string_view id) const { return cat(root, "/", driver, "-layers/", id, ".tar-split.gz"); }
};

bool is_id(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Store> find_store(const std::string& root) {
  for (const char* driver : {"overlay", "vfs"})
    if (exists(cat(root, "/", driver, "-images/images.json"))) return Store{root, driver};
  for (const char* driver : {"btrfs", "zfs", "aufs", "devmapper"})
    if (exists(cat(root, "/", driver, "-images")))
      return unsupported(cat("containers-storage with the driver ", driver, ": save the image to an archive"));
  if (!exists(root)) return not_found(cat("no containers-storage at ", root));
  return not_found(cat("no image in the containers-storage at ", root));
}

// Names under which podman may keep what was asked for.
std::vector<std::string> spellings(const std::string& name) {
  std::vector<std::string> out{name};
  if (const auto reference = Reference::parse(name)) {
    out.push_back(reference->text());
    if (const auto local = Reference::parse("localhost/" + name)) out.push_back(local->text());
  }
  return out;
}

bool is_named(JsonValue image, const std::string& name, const std::vector<std::string>& names) {
  const std::string_view id = image["id"].text();
  if (name.size() >= 8 &&
      id.starts_with(name.starts_with("sha256:") ? std::string_view(name).substr(7) : std::string_view(name)))
    return true;
  const auto digest = Reference::parse(name);
  for (const JsonValue stored : image["names"].items()) {
    if (std::find(names.begin(), names.end(), stored.text()) != names.end()) return true;
    // name@digest: the name is kept with its tag, the digest beside it
    if (!digest || digest->digest.empty() || image["digest"].text() != digest->digest.text()) continue;
    const auto other = Reference::parse(stored.text());
    if (other && other->name() == digest->name()) return true;
  }
  return false;
}

Result<JsonValue> find_image(JsonValue images, const std::string& name, const Store& store) {
  const auto names = spellings(name);
  std::vector<JsonValue> found;
  std::string known;
  for (const JsonValue image : images.items()) {
    if (is_named(image, name, names)) found.push_back(image);
    for (const JsonValue stored : image["names"].items())
      if (known.size() < 400) known += cat(known.empty() ? "" : ", ", to_utf8(stored.text()));
  }
  if (found.size() == 1) return found[0];
  return not_found(cat(found.empty() ? "no image " : "more than one image ", to_utf8(name), " in ", store.root,
                       "; there is ", known.empty() ? "none with a name" : known));
}

// The chain from the lowest layer to `top`.
Result<std::vector<StoredLayer>> layer_chain(const Store& store, std::string top, const Limits& limits) {
  std::map<std::string, StoredLayer, std::less<>> all;
  for (const char* name : {"layers.json", "volatile-layers.json"}) {
    const std::string file = cat(store.root, "/", store.driver, "-layers/", name);
    if (!exists(file)) continue;
    PLIM_TRY(const std::string json, read_file(file, limits.metadata_bytes));
    PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits).context("file", file));
    for (const JsonValue layer : document.root().items()) {
      StoredLayer stored{std::string(layer["id"].text()), std::string(layer["parent"].text()), 0};
      stored.size_bytes =
          static_cast<std::uint64_t>(std::max<std::int64_t>(0, layer["diff-size"].integer().value_or(0)));
      const std::string id = stored.id;
      if (is_id(id)) all[id] = std::move(stored);
    }
  }
  std::vector<StoredLayer> out;
  while (!top.empty()) {
    const auto layer = all.find(top);
    if (layer == all.end()) return malformed(cat("containers-storage has no layer ", to_utf8(top)));
    if (out.size() == kMostLayers) return malformed("containers-storage: a chain of layers without end");
    out.push_back(layer->second);
    top = layer->second.parent;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

class PodmanImage : public ImageSource {
 public:
  PodmanImage(Store store, ImageConfig config, std::vector<StoredLayer> layers, const Limits& limits)
      : store_(std::move(store)), config_(std::move(config)), layers_(std::move(layers)), limits_(limits) {}
  const ImageConfig& config() const override { return config_; }
  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override {
    PLIM_ASSERT(index < layers_.size());
    const std::string& id = layers_[index].id;
    PLIM_TRY(auto packed, file_source(store_.tar_split(id)));
    return assemble_tar(format::gunzip(std::move(packed), limits_), store_.layer_folder(id), limits_)
        .context("layer", id);
  }
  std::string layer_directory(std::size_t index) const override {
    const std::string& id = layers_[index].id;
    return store_.driver == "overlay" && !exists(store_.tar_split(id)) ? store_.layer_folder(id) : std::string();
  }

 private:
  Store store_;
  ImageConfig config_;
  std::vector<StoredLayer> layers_;
  Limits limits_;
};

// The manifest of this very image; where a list was pulled, the one of its platform lies beside it.
Result<std::pair<Manifest, Digest>> read_manifest(const Store& store, JsonValue image, const Choice& choice,
                                                  const Limits& limits) {
  const std::string_view id = image["id"].text();
  PLIM_TRY(std::string json, read_file(store.image_file(id, "manifest"), kManifestBytes));
  Digest digest = Digest::of(as_bytes(json));
  PLIM_TRY(Manifest manifest, parse_manifest(json, limits));
  if (manifest.is_index) {
    PLIM_TRY(const Descriptor chosen, choose_platform(manifest.manifests, choice.platform, choice.by_default));
    PLIM_TRY(json, read_file(store.image_file(id, "manifest-" + chosen.digest.text()), kManifestBytes));
    PLIM_CHECK(verify_content(chosen.digest, chosen.size_bytes, json));
    digest = chosen.digest;
    PLIM_TRY(manifest, parse_manifest(json, limits));
    if (manifest.is_index) return unsupported("an index inside an index in containers-storage");
  }
  return std::pair(std::move(manifest), std::move(digest));
}

}  // namespace

std::string default_podman_root() {
  if (::geteuid() == 0) return "/var/lib/containers/storage";
  if (const auto data = environment("XDG_DATA_HOME")) return *data + "/containers/storage";
  return environment("HOME").value_or("") + "/.local/share/containers/storage";
}

Result<std::unique_ptr<ImageSource>> open_podman(const std::string& root, const std::string& name, const Choice& choice,
                                                 std::string reference, const Limits& limits) {
  PLIM_TRY(const Store store, find_store(root));
  const std::string file = cat(root, "/", store.driver, "-images/images.json");
  PLIM_TRY(const std::string json, read_file(file, limits.metadata_bytes));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits).context("file", file));
  PLIM_TRY(const JsonValue image, find_image(document.root(), name, store));
  if (!is_id(image["id"].text())) return malformed(cat("an image without a valid id in ", file));
  PLIM_TRY(const auto manifest, read_manifest(store, image, choice, limits).context("containers-storage", root));
  PLIM_TRY(std::string config_json,
           read_file(store.image_file(image["id"].text(), manifest.first.config.digest.text()), std::min(limits.metadata_bytes, kConfigBytes)));
  PLIM_CHECK(verify_content(manifest.first.config.digest, manifest.first.config.size_bytes, config_json)
                 .context("config in", root));
  PLIM_TRY(ImageConfig config,
           make_image_config(manifest.first, std::move(config_json), limits).context("containers-storage", root));
  const Platform found{config.os, config.architecture, config.variant};
  if (!choice.by_default && (found.os != choice.platform.os || found.architecture != choice.platform.architecture))
    return not_found(cat("no image for ", choice.platform.text(), "; there is ", to_utf8(found.text())));
  PLIM_TRY(auto layers, layer_chain(store, std::string(image["layer"].text()), limits));
  if (layers.size() != config.layers.size())
    return malformed(cat("containers-storage has ", layers.size(), " layers, the config ", config.layers.size()));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    // What is given is the uncompressed stream; the manifest's digests are of blobs that are gone.
    config.layers[i].digest = Digest();
    config.layers[i].media_type = "application/vnd.oci.image.layer.v1.tar";
    config.layers[i].size_bytes = layers[i].size_bytes;
  }
  config.manifest_digest = manifest.second;
  config.reference = std::move(reference);
  return std::unique_ptr<ImageSource>(
      std::make_unique<PodmanImage>(store, std::move(config), std::move(layers), limits));
}

}  // namespace plimsoll::oci
