#include "oci/archive.h"

#include <algorithm>

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "oci/layout.h"
#include "oci/reference.h"

namespace plimsoll::oci {
namespace {

class ArchiveStore : public ContentStore {
 public:
  ArchiveStore(std::shared_ptr<ArchiveMembers> members, std::vector<Descriptor> referrers) : members_(std::move(members)), referrers_(std::move(referrers)) {}
  Result<std::unique_ptr<ByteSource>> open_blob(const Descriptor& blob) override {
    const std::string_view algorithm = blob.digest.kind() == HashKind::Sha512 ? "sha512" : "sha256";
    return members_->open(cat("blobs/", algorithm, "/", blob.digest.hex()));
  }
  Result<std::vector<Descriptor>> referrers(const Digest&) override { return referrers_; }

 private:
  std::shared_ptr<ArchiveMembers> members_;  // shared with layers still being read
  std::vector<Descriptor> referrers_;
};

class DockerArchive : public ImageSource {
 public:
  DockerArchive(std::shared_ptr<ArchiveMembers> members, ImageConfig config, std::vector<std::string> layers)
      : members_(std::move(members)), config_(std::move(config)), layers_(std::move(layers)) {}
  const ImageConfig& config() const override { return config_; }
  Result<std::unique_ptr<ByteSource>> open_layer(std::size_t index) override {
    PLIM_ASSERT(index < layers_.size());
    return members_->open(layers_[index]).context("layer", to_utf8(layers_[index]));
  }

 private:
  std::shared_ptr<ArchiveMembers> members_;
  ImageConfig config_;
  std::vector<std::string> layers_;  // members
};

// The digest a member's name claims: "blobs/sha256/HEX", "HEX.json"; empty when it claims none.
Digest digest_of_name(std::string_view name) {
  std::string_view hex = base_name(name);
  if (hex.ends_with(".json")) hex.remove_suffix(5);
  auto digest = Digest::parse(cat("sha256:", hex));
  return digest ? std::move(*digest) : Digest();
}

bool is_tagged(JsonValue image, std::string_view wanted) {
  const auto reference = Reference::parse(wanted);
  for (const JsonValue tag : image["RepoTags"].items()) {
    if (tag.text() == wanted) return true;
    const auto other = Reference::parse(tag.text());
    if (reference && other && *reference == *other) return true;
  }
  return digest_of_name(image["Config"].text()).text() == wanted;
}

Result<JsonValue> choose_image(JsonValue root, std::string_view name) {
  if (!root.is_array()) return malformed("manifest.json is not a list");
  const auto images = root.items();
  std::string known;
  std::vector<JsonValue> fitting;
  for (const JsonValue image : images) {
    if (name.empty() || is_tagged(image, name)) fitting.push_back(image);
    const auto tags = image["RepoTags"].items();
    const std::string_view label = tags.empty() ? image["Config"].text() : tags[0].text();
    if (known.size() < 400) known += cat(known.empty() ? "" : ", ", to_utf8(label));
  }
  if (fitting.size() == 1) return fitting[0];
  if (images.empty()) return not_found("the archive holds no image");
  if (name.empty()) return not_found(cat("the archive holds several images, name one of them: ", known));
  return not_found(cat(fitting.empty() ? "no image named " : "more than one image named ", to_utf8(name),
                       " in the archive; there is ", known));
}

Result<std::unique_ptr<ImageSource>> open_docker(std::shared_ptr<ArchiveMembers> members, std::string_view name,
                                                 const Choice& choice, std::string reference, const Limits& limits) {
  PLIM_TRY(const std::string json, members->read("manifest.json", limits.metadata_bytes));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits).context("manifest.json"));
  PLIM_TRY(const JsonValue image, choose_image(document.root(), name));
  const std::string config_name(image["Config"].text());
  if (config_name.empty()) return malformed("manifest.json names no config");
  PLIM_TRY(std::string config_json, members->read(config_name, std::min(limits.metadata_bytes, kConfigBytes)));
  const Digest digest = Digest::of(as_bytes(config_json));
  if (const Digest claimed = digest_of_name(config_name); !claimed.empty())
    PLIM_CHECK(verify_content(claimed, 0, config_json).context("config", to_utf8(config_name)));
  PLIM_TRY(ImageConfig config, parse_config(std::move(config_json), limits));
  config.config_digest = digest;
  config.reference = std::move(reference);
  std::vector<std::string> layers;
  for (const JsonValue layer : image["Layers"].items()) layers.emplace_back(layer.text());
  if (layers.size() != config.layers.size())
    return malformed(cat("manifest.json has ", layers.size(), " layers, the config ", config.layers.size()));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    // Every layer must be there before any is walked: half an image is no image.
    if (!members->has(layers[i])) return malformed(cat("the archive lacks layer ", to_utf8(layers[i])));
    config.layers[i].size_bytes = members->size_bytes(layers[i]);
    if (layers[i].starts_with("blobs/")) config.layers[i].digest = digest_of_name(layers[i]);
  }
  const Platform found{config.os, config.architecture, config.variant};
  if (!choice.by_default && (found.os != choice.platform.os || found.architecture != choice.platform.architecture))
    return not_found(cat("no image for ", choice.platform.text(), "; there is ", to_utf8(found.text())));
  return std::unique_ptr<ImageSource>(
      std::make_unique<DockerArchive>(std::move(members), std::move(config), std::move(layers)));
}

}  // namespace

Result<std::unique_ptr<ImageSource>> open_archive(std::shared_ptr<ArchiveMembers> members, ArchiveForm form,
                                                  std::string_view name, const Choice& choice, std::string reference,
                                                  const Limits& limits) {
  const bool docker = members->has("manifest.json");
  const bool layout = members->has("index.json");
  if (!docker && !layout) {
    if (members->has("repositories"))
      return unsupported("an image saved by Docker before 1.10: load and save it again with a current one");
    return unsupported(
        "not an image archive: neither manifest.json (docker-archive) nor index.json (oci-archive) in it");
  }
  if (docker && (form == ArchiveForm::Docker || !layout))
    return open_docker(std::move(members), name, choice, std::move(reference), limits);
  PLIM_TRY(const std::string index_json, members->read("index.json", limits.metadata_bytes));
  PLIM_TRY(const Descriptor root, choose_entry(index_json, name, choice, limits));
  return load_image(std::make_unique<ArchiveStore>(std::move(members), layout_artefacts(index_json, limits)), root, choice, std::move(reference), limits);
}

}  // namespace plimsoll::oci
