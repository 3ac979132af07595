// Opens the image a TARGET names, wherever it lies; the one entrance of this folder for those who scan.
//
// Targets  oci:DIR[:tag] oci-archive:FILE[:tag] docker-archive:FILE[:name] containerd:REF podman:REF docker:REF
//          registry/repo:tag[@digest], and paths that exist and are plainly one of these. rootfs:DIR, dir:DIR and
//          sbom:FILE are recognised too but opened by others (image/, inventory/).
// Errors   each names the target; NotFound, Denied, Malformed, Unsupported, Limit, Io as everywhere.
// Example  PLIM_TRY(auto image, oci::open_image({.target = "oci:build/app:1.2"}));
//          for (std::size_t i = 0; i < image->config().layers.size(); ++i) image->open_layer(i);
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "oci/docker_engine.h"
#include "oci/image_source.h"
#include "oci/manifest.h"
#include "oci/registry.h"

namespace plimsoll::oci {

enum class TargetKind {
  Registry,
  OciLayout,
  OciArchive,
  DockerArchive,
  Containerd,
  Podman,
  Docker,
  RootFs,           // an unpacked root file system
  SourceDirectory,  // a source tree
  Sbom,
};
struct Target {
  TargetKind kind = TargetKind::Registry;
  std::string rest;  // the text behind the prefix: path, path:tag, or reference
};
// Looks at the file system for a text without prefix. Errors: Malformed (neither a path nor a reference), NotFound (it
// looks like a path and nothing is there), Unsupported (a path that is not plainly one kind: which prefixes would do).
Result<Target> parse_target(std::string_view text);

struct ImageRequest {
  std::string target;
  std::string platform;  // "linux/arm64"; empty: the host's
  RegistryOptions registry;
  std::string containerd_root = "/var/lib/containerd";
  std::string containerd_namespace;  // empty: all
  std::string podman_root;           // empty: default_podman_root()
  DockerEngine docker;
  // With credentials, proxies and engine addresses as Docker, podman and containerd find them in the environment.
  static ImageRequest from_environment(std::string target);
};

Result<std::unique_ptr<ImageSource>> open_image(const ImageRequest& request, const Limits& limits = {});

}  // namespace plimsoll::oci
