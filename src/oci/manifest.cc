#include "oci/manifest.h"

#include <sys/utsname.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::size_t kMostManifests = 10'000;
constexpr std::size_t kMostAnnotations = 10'000;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs read_pairs(JsonValue object) {
  Pairs out;
  for (const auto& [name, value] : object.members()) {
    if (out.size() == kMostAnnotations) break;  // labels beyond this are noise, and nothing decides by them
    if (value.is_string()) out.emplace_back(name, value.text());
  }
  return out;
}

Result<Descriptor> read_descriptor(JsonValue value, std::string_view what) {
  Descriptor out;
  auto digest = Digest::parse(value["digest"].text());
  if (!digest) return std::move(digest).error().with_context("descriptor of", what);
  out.digest = std::move(*digest);
  const auto size = value["size"].integer();
  if (!size || *size < 0) return malformed(cat("descriptor of ", what, " has no valid size"));
  out.size_bytes = static_cast<std::uint64_t>(*size);
  out.media_type = value["mediaType"].text();
  out.artifact_type = value["artifactType"].text();
  for (const JsonValue url : value["urls"].items()) out.urls.emplace_back(url.text());
  out.annotations = read_pairs(value["annotations"]);
  if (const JsonValue platform = value["platform"]; platform.is_object()) {
    out.platform = Platform{std::string(platform["os"].text()), std::string(platform["architecture"].text()),
                            std::string(platform["variant"].text())};
  }
  return out;
}

bool is_image_config(std::string_view media_type) {
  return media_type.empty() || media_type == kOciConfig ||
         media_type == "application/vnd.docker.container.image.v1+json" || media_type == "application/octet-stream";
}

// 0 when `have` cannot run as `wanted`; else higher is nearer.
int platform_score(const Platform& wanted, const Platform& have) {
  if (wanted.os != have.os || wanted.architecture != have.architecture) return 0;
  if (wanted.variant == have.variant) return 100;
  const auto number = [](std::string_view variant, int other) {
    return variant.size() == 2 && variant[0] == 'v' && variant[1] >= '1' && variant[1] <= '9' ? variant[1] - '0'
                                                                                              : other;
  };
  const bool arm32 = wanted.architecture == "arm";
  const int base = arm32 ? 7 : wanted.architecture == "arm64" ? 8 : 1;  // what an absent variant means
  const int want = number(wanted.variant, base);
  const int got = number(have.variant, base);
  if (want == got) return 99;
  if (wanted.variant.empty())
    return got < base ? 50 + got : 40 - got;  // anything of this architecture, the plainest first
  return got < want ? 50 + got : 0;
}

}  // namespace

Result<Platform> Platform::parse(std::string_view text) {
  const auto parts = split(text, '/');
  const auto fine = [](std::string_view part) {
    return !part.empty() && part.size() <= 64 && std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    });
  };
  if (parts.size() > 3 || !std::all_of(parts.begin(), parts.end(), fine))
    return malformed(
        cat("not a platform: \"", to_utf8(text.substr(0, 100)), "\": use os/arch[/variant], as linux/arm64"));
  Platform out;
  out.os = parts.size() == 1 ? "linux" : std::string(parts[0]);
  std::string_view machine = parts.size() == 1 ? parts[0] : parts[1];
  if (machine == "x86_64") machine = "amd64";
  if (machine == "aarch64") machine = "arm64";
  out.architecture = machine;
  if (parts.size() == 3) out.variant = parts[2];
  return out;
}

Platform Platform::host() {
  utsname info{};
  ::uname(&info);
  const std::string_view machine = info.machine;
  Platform out{"linux", std::string(machine), ""};
  if (machine == "x86_64") out.architecture = "amd64";
  if (machine == "aarch64") out.architecture = "arm64";
  if (machine == "i386" || machine == "i686") out.architecture = "386";
  if (machine == "loongarch64") out.architecture = "loong64";
  if (machine.starts_with("armv") && machine.size() > 4) {
    out.architecture = "arm";
    out.variant = cat("v", std::string_view(machine).substr(4, 1));
  }
  return out;
}

std::string Platform::text() const {
  return variant.empty() ? cat(os, "/", architecture) : cat(os, "/", architecture, "/", variant);
}

std::string Descriptor::annotation(std::string_view name) const {
  for (const auto& [key, value] : annotations)
    if (key == name) return value;
  return {};
}

Result<Manifest> parse_manifest(std::string_view json, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits).context("manifest"));
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("a manifest must be a JSON object");
  Manifest out;
  out.media_type = root["mediaType"].text();
  out.artifact_type = root["artifactType"].text();
  const auto version = root["schemaVersion"].integer();
  if (version == 1 || root["fsLayers"].is_array())
    return unsupported("Docker manifest schema 1: push the image again with a current tool");
  if (version && version != 2) return unsupported(cat("manifest of schema version ", *version));
  const bool has_manifests = root["manifests"].is_array();
  const bool has_layers = root["config"].exists() || root["layers"].exists();
  // A document that can be read both ways is how one digest is made to mean two images (CVE-2021-41190).
  if (has_manifests && has_layers) return malformed("a manifest with both \"manifests\" and \"layers\" is ambiguous");
  if (!has_manifests && !has_layers)
    return malformed("neither an index nor a manifest: no \"manifests\", no \"layers\"");
  const std::string_view said = out.media_type;
  if (has_manifests ? said == kOciManifest || said == kDockerManifest : said == kOciIndex || said == kDockerIndex)
    return malformed(cat("mediaType ", said, " does not fit the members of the document"));
  out.is_index = has_manifests;
  out.annotations = read_pairs(root["annotations"]);
  if (const JsonValue subject = root["subject"]; subject.is_object()) {
    PLIM_TRY(out.subject, read_descriptor(subject, "subject"));
  }
  if (out.is_index) {
    const auto items = root["manifests"].items();
    if (items.size() > kMostManifests) return limit_reached(cat("index with ", items.size(), " entries"));
    for (const JsonValue item : items) {
      PLIM_TRY(Descriptor entry, read_descriptor(item, "a manifest"));
      out.manifests.push_back(std::move(entry));
    }
    return out;
  }
  PLIM_TRY(out.config, read_descriptor(root["config"], "the config"));
  const auto items = root["layers"].items();
  if (items.size() > kMostLayers) return limit_reached(cat("manifest with ", items.size(), " layers"));
  for (const JsonValue item : items) {
    PLIM_TRY(Descriptor entry, read_descriptor(item, "a layer"));
    out.layers.push_back(std::move(entry));
  }
  return out;
}

Result<Descriptor> choose_platform(const std::vector<Descriptor>& manifests, const Platform& wanted,
                                   bool only_default) {
  const Descriptor* best = nullptr;
  int best_score = 0;
  std::vector<const Descriptor*> images;
  for (const Descriptor& entry : manifests) {
    const std::string attested = entry.annotation("vnd.docker.reference.type");
    if (!attested.empty() || !entry.artifact_type.empty()) continue;
    if (entry.platform && entry.platform->os == "unknown") continue;
    images.push_back(&entry);
    const int score = entry.platform ? platform_score(wanted, *entry.platform) : 0;
    if (score > best_score) best = &entry, best_score = score;
  }
  // An entry that names no platform can only be told by opening it; where it is alone there is nothing to tell.
  if (!best && images.size() == 1 && (only_default || !images[0]->platform)) best = images[0];
  if (best) return *best;
  if (images.empty()) return not_found("the index has no image");
  std::string have;
  for (const Descriptor* entry : images) {
    const std::string text = entry->platform ? entry->platform->text() : std::string("unnamed");
    if (have.size() < 400) have += cat(have.empty() ? "" : ", ", to_utf8(text));
  }
  return not_found(cat("no image for ", wanted.text(), "; there is ", have));
}

Result<ImageConfig> parse_config(std::string config_json, const Limits& limits) {
  if (config_json.size() > kConfigBytes) return limit_reached(cat("an image config of ", config_json.size(), " bytes is longer than ", kConfigBytes));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(config_json, limits).context("image config"));
  const JsonValue root = document.root();
  if (!root.is_object()) return malformed("an image config must be a JSON object");
  ImageConfig out;
  out.os = root["os"].text();
  out.architecture = root["architecture"].text();
  out.variant = root["variant"].text();
  out.created = root["created"].text();
  out.annotations = read_pairs(root["config"]["Labels"]);
  if (!root["rootfs"]["diff_ids"].is_array()) return malformed("image config has no rootfs.diff_ids");
  const auto diff_ids = root["rootfs"]["diff_ids"].items();
  if (diff_ids.size() > kMostLayers) return limit_reached(cat("image config with ", diff_ids.size(), " layers"));
  for (const JsonValue item : diff_ids) {
    LayerDescriptor layer;
    auto diff_id = Digest::parse(item.text());
    if (!diff_id) return std::move(diff_id).error().with_context("rootfs.diff_ids", "of the image config");
    layer.diff_id = std::move(*diff_id);
    out.layers.push_back(std::move(layer));
  }
  std::vector<std::string> created_by;
  for (const JsonValue entry : root["history"].items())
    if (!entry["empty_layer"].boolean().value_or(false)) created_by.emplace_back(entry["created_by"].text());
  // History that does not pair up with the layers says nothing certain about any of them.
  if (created_by.size() == out.layers.size())
    for (std::size_t i = 0; i < created_by.size(); ++i) out.layers[i].created_by = std::move(created_by[i]);
  out.config_json = std::move(config_json);
  return out;
}

Result<ImageConfig> make_image_config(const Manifest& manifest, std::string config_json, const Limits& limits) {
  if (!is_image_config(manifest.config.media_type))
    return unsupported(
        cat("an artefact of type ",
            to_utf8(manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type),
            ", not a container image"));
  PLIM_TRY(ImageConfig out, parse_config(std::move(config_json), limits));
  if (out.layers.size() != manifest.layers.size())
    return malformed(cat("the manifest has ", manifest.layers.size(), " layers, its config ", out.layers.size()));
  Pairs annotations = manifest.annotations;
  annotations.insert(annotations.end(), out.annotations.begin(), out.annotations.end());
  out.annotations = std::move(annotations);
  out.config_digest = manifest.config.digest;
  for (std::size_t i = 0; i < out.layers.size(); ++i) {
    const Descriptor& layer = manifest.layers[i];
    if (layer.media_type.ends_with("+encrypted"))
      return unsupported(cat("layer ", layer.digest.text(), " is encrypted: scan the image before it is encrypted"));
    out.layers[i].digest = layer.digest;
    out.layers[i].size_bytes = layer.size_bytes;
    out.layers[i].media_type = layer.media_type;
  }
  return out;
}

Status verify_content(const Digest& digest, std::uint64_t size_bytes, std::string_view bytes) {
  if (size_bytes != 0 && bytes.size() != size_bytes)
    return malformed(cat("content of ", digest.text(), " has ", bytes.size(), " bytes, not ", size_bytes));
  const std::string found = hash_hex(digest.kind(), as_bytes(bytes));
  if (found != digest.hex())
    return malformed(cat("content does not have its digest: expected ", digest.text(), ", found ", found));
  return Ok{};
}

bool is_foreign_layer(const Descriptor& layer) {
  return layer.media_type.find("nondistributable") != std::string::npos ||
         layer.media_type.find("rootfs.foreign") != std::string::npos || !layer.urls.empty();
}

}  // namespace plimsoll::oci
