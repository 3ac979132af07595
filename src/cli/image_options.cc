#include "cli/image_options.h"

#include "base/file.h"
#include "base/json.h"

namespace plimsoll::cli {

void declare_image_options(Options& options, ImageOptions& into) {
  options.value("--platform", into.platform, "os/arch[/variant] of a multi-platform image (default: this machine's)")
      .flag("--plain-http", into.plain_http, "speak plain HTTP to a registry off loopback")
      .values("--ca-file", into.ca_files, "trust this CA too (PEM), beside the system's")
      .value("--client-cert", into.client_cert, "certificate to show to the registry (PEM)")
      .value("--client-key", into.client_key, "its key, when not in the same file")
      .value("--registries", into.registries, "YAML file of mirrors and certificates by registry (docs/images.md)")
      .value("--containerd-root", into.containerd_root, "containerd's folder (default /var/lib/containerd)")
      .value("--namespace", into.containerd_namespace, "containerd's namespace (default: all)")
      .value("--podman-root", into.podman_root, "podman's storage folder (default: root's, else the user's)")
      .value("--docker-host", into.docker_host, "address of the Docker engine (default: DOCKER_HOST, else its socket)");
}

Result<oci::ImageRequest> image_request(const ImageOptions& options, const std::string& target) {
  oci::ImageRequest out = oci::ImageRequest::from_environment(target);
  out.platform = options.platform;
  out.registry.plain_http = options.plain_http;
  out.registry.http.ca_files = options.ca_files;
  if (!options.registries.empty()) {
    PLIM_TRY(const std::string text, read_file(options.registries));
    PLIM_TRY(const JsonDocument document, JsonDocument::parse_yaml(text).context("file", options.registries));
    PLIM_CHECK(oci::read_registry_settings(document.root(), out.registry).context("file", options.registries));
  }
  if (!options.client_cert.empty()) {
    const auto parsed = oci::parse_target(target);
    const auto reference = parsed && parsed->kind == oci::TargetKind::Registry ? oci::Reference::parse(parsed->rest)
                                                                               : malformed("no registry");
    if (!reference) return malformed("--client-cert is for images in a registry");
    oci::RegistrySettings& settings = out.registry.registries[reference->registry];
    settings.client_certificate = options.client_cert;
    settings.client_key = options.client_key;
  }
  if (const auto user = environment("PLIMSOLL_REGISTRY_USER"))
    out.registry.credential = {*user, environment("PLIMSOLL_REGISTRY_PASSWORD").value_or(""), ""};
  if (!options.containerd_root.empty()) out.containerd_root = options.containerd_root;
  if (!options.containerd_namespace.empty()) out.containerd_namespace = options.containerd_namespace;
  out.podman_root = options.podman_root;
  if (!options.docker_host.empty()) out.docker.host = options.docker_host;
  return out;
}

}  // namespace plimsoll::cli
