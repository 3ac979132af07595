// Manifests, indexes and image configs: JSON in, plain data out; choice of a platform out of an index.
//
// Source  OCI image-spec 1.1 (descriptor.md, manifest.md, image-index.md, config.md); Docker image manifest v2
// schema 2. Errors  Malformed (wrong shape, a digest that is none), Unsupported (schema 1, an artefact that is no
// image), Limit. Input   hostile: every function takes Limits and never trusts a size, a count or a media type.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "model/image_config.h"

namespace plimsoll::oci {

inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kDockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::uint64_t kManifestBytes = 8ull << 20;  // registries refuse more than 4 MiB
inline constexpr std::uint64_t kConfigBytes = 8ull << 20;    // a real one has some KiB; as JSON in memory it takes a multiple
inline constexpr std::size_t kMostLayers = 4096;             // engines stop at 127; squashed layouts have more

struct Platform {
  std::string os, architecture, variant;
  // "os/arch[/variant]", "arch" alone means linux. Errors: Malformed.
  static Result<Platform> parse(std::string_view text);
  static Platform host();  // linux and this machine's architecture, in Go's words (amd64, arm64, arm/v7)
  std::string text() const;
  friend bool operator==(const Platform&, const Platform&) = default;
};

struct Descriptor {
  std::string media_type, artifact_type;
  Digest digest;
  std::uint64_t size_bytes = 0;
  std::vector<std::string> urls;  // where a foreign layer lies instead; never followed
  std::vector<std::pair<std::string, std::string>> annotations;
  std::optional<Platform> platform;
  std::string annotation(std::string_view name) const;  // empty when absent
};

// An index or a manifest, told apart by their members, not by what a server calls them.
struct Manifest {
  bool is_index = false;
  std::string media_type;  // as it says itself; empty when it does not
  std::string artifact_type;
  std::vector<Descriptor> manifests;  // of an index
  Descriptor config;                  // of a manifest
  std::vector<Descriptor> layers;     // of a manifest, lowest first
  std::optional<Descriptor> subject;
  std::vector<std::pair<std::string, std::string>> annotations;
};
Result<Manifest> parse_manifest(std::string_view json, const Limits& limits);

// The entry of an index for `wanted`; the nearest arm variant at or below the one wanted. Attestations (platform
// unknown/unknown) are never chosen. With `only_default` (nobody asked for a platform) an index that has but one image
// gives that one. Errors: NotFound, naming what there is.
Result<Descriptor> choose_platform(const std::vector<Descriptor>& manifests, const Platform& wanted, bool only_default);

// The ImageConfig of a manifest and its config blob, whose digests the caller has verified. `reference` and
// `manifest_digest` are left to the caller. Errors also: Malformed when layers and diff_ids do not pair up.
Result<ImageConfig> make_image_config(const Manifest& manifest, std::string config_json, const Limits& limits);

// What a config blob says without a manifest (docker-archive): as above with layers that have only diff_id and history.
Result<ImageConfig> parse_config(std::string config_json, const Limits& limits);

// Malformed with both digests in the message unless `bytes` have this digest and, when it is not 0, this size.
Status verify_content(const Digest& digest, std::uint64_t size_bytes, std::string_view bytes);
bool is_foreign_layer(const Descriptor& layer);  // not distributable: bytes lie at its urls

}  // namespace plimsoll::oci
