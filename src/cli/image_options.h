// The options that say how an image is reached: shared by every verb that takes a TARGET.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/verb.h"
#include "oci/open.h"

namespace plimsoll::cli {

struct ImageOptions {
  std::string platform, client_cert, client_key, registries, containerd_root, containerd_namespace, podman_root,
      docker_host;
  std::vector<std::string> ca_files;
  bool plain_http = false;
};
// --platform, --plain-http, --ca-file, --client-cert, --client-key, --registries, --containerd-root, --namespace,
// --podman-root, --docker-host.
void declare_image_options(Options& options, ImageOptions& into);
// The request for `target`: what the options say, over what Docker, podman and containerd find in the environment.
// PLIMSOLL_REGISTRY_USER and PLIMSOLL_REGISTRY_PASSWORD are the credential for this run: never flags, which others see.
Result<oci::ImageRequest> image_request(const ImageOptions& options, const std::string& target);

}  // namespace plimsoll::cli
