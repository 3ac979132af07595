#include "oci/open.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/text.h"
#include "format/inflate.h"
#include "oci/archive.h"
#include "oci/containerd.h"
#include "oci/layout.h"
#include "oci/podman.h"
#include "oci/reference.h"

namespace plimsoll::oci {
namespace {

struct Prefix {
  std::string_view text;
  TargetKind kind;
};
constexpr std::array kPrefixes = {
    Prefix{"oci:", TargetKind::OciLayout},
    Prefix{"oci-archive:", TargetKind::OciArchive},
    Prefix{"docker-archive:", TargetKind::DockerArchive},
    Prefix{"containerd:", TargetKind::Containerd},
    Prefix{"podman:", TargetKind::Podman},
    Prefix{"docker:", TargetKind::Docker},
    Prefix{"rootfs:", TargetKind::RootFs},
    Prefix{"dir:", TargetKind::SourceDirectory},
    Prefix{"sbom:", TargetKind::Sbom},
};

bool looks_like_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text == "." || text == ".." ||
         text.starts_with("~/");
}

// The first bytes of a file; fewer when it is shorter.
Result<std::string> head_of(const std::string& path) {
  PLIM_TRY(const Fd fd, open_file(path));
  std::string head(4096, '\0');
  PLIM_TRY(const std::size_t count, read_at(fd, 0, reinterpret_cast<std::uint8_t*>(head.data()), head.size()));
  head.resize(count);
  return head;
}

bool is_sbom(std::string_view head) {
  const std::string_view text = trim(head.starts_with("\xEF\xBB\xBF") ? head.substr(3) : head);
  if (text.starts_with('{')) {
    return text.find("\"bomFormat\"") != std::string_view::npos ||
           text.find("\"spdxVersion\"") != std::string_view::npos || text.find("\"SPDXID\"") != std::string_view::npos;
  }
  if (text.starts_with('<')) return text.find("cyclonedx.org/schema/bom") != std::string_view::npos;
  return text.starts_with("SPDXVersion:") || text.find("\nSPDXVersion:") != std::string_view::npos;
}

Result<Target> kind_of_path(const std::string& path, bool explicit_path) {
  if (is_directory(path)) {
    if (exists(path + "/oci-layout") && exists(path + "/index.json")) return Target{TargetKind::OciLayout, path};
    const bool release = exists(path + "/etc/os-release") || exists(path + "/usr/lib/os-release");
    if (release && (exists(path + "/usr") || exists(path + "/bin"))) return Target{TargetKind::RootFs, path};
    if (explicit_path || exists(path + "/.git")) return Target{TargetKind::SourceDirectory, path};
    return unsupported(cat("\"", path, "\" is a directory here and may also be an image in a registry: write dir:",
                           path, ", rootfs:", path, " or the registry's full name"));
  }
  PLIM_TRY(const std::string head, head_of(path));
  if (is_sbom(head)) return Target{TargetKind::Sbom, path};
  const bool compressed = format::detect_compression(as_bytes(head)) != format::Compression::None;
  const bool tar = head.size() > 262 && std::string_view(head).substr(257, 5) == "ustar";
  // A compressed archive is not inflated just to tell its form: open_archive() takes either.
  if (compressed) return Target{TargetKind::DockerArchive, path};
  if (tar) {
    PLIM_TRY(const auto members, index_archive_file(path, Limits{}));
    if (members->has("manifest.json")) return Target{TargetKind::DockerArchive, path};
    if (members->has("index.json")) return Target{TargetKind::OciArchive, path};
  }
  return unsupported(cat("\"", path, "\" is neither an image archive nor an SBOM"));
}

// "DIR[:tag]": a directory whose own name holds a colon is tried first.
std::pair<std::string, std::string> split_tag(const std::string& rest) {
  if (exists(rest)) return {rest, ""};
  // "@sha256:..." names an image by its digest, as in a reference.
  if (const std::size_t at = rest.rfind("@sha"); at != std::string::npos)
    return {rest.substr(0, at), rest.substr(at + 1)};
  // A tag may itself hold colons (a full name with a port), so the shortest path that exists decides.
  for (std::size_t colon = rest.find(':'); colon != std::string::npos; colon = rest.find(':', colon + 1))
    if (exists(rest.substr(0, colon))) return {rest.substr(0, colon), rest.substr(colon + 1)};
  return {rest, ""};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  if (text.empty()) return malformed("no target: name an image, a path or an SBOM");
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.text)) continue;
    std::string_view rest = text.substr(prefix.text.size());
    if (prefix.kind == TargetKind::Docker && rest.starts_with("//"))
      return Target{TargetKind::Registry, std::string(rest.substr(2))};
    // "docker:24" can also be the image named docker; the prefix wins, docker.io/docker:24 names the image.
    if (rest.empty()) return malformed(cat(prefix.text, " names nothing: write what follows the colon"));
    return Target{prefix.kind, std::string(rest)};
  }
  const std::string path(text);
  if (exists(path)) return kind_of_path(path, looks_like_path(text));
  if (looks_like_path(text)) return not_found(cat("no such file or directory: ", text));
  PLIM_TRY(const Reference reference, Reference::parse(text));
  return Target{TargetKind::Registry, path};
}

ImageRequest ImageRequest::from_environment(std::string target) {
  ImageRequest out{.target = std::move(target)};
  out.registry = RegistryOptions::from_environment();
  out.docker = DockerEngine::from_environment();
  out.containerd_namespace = environment("CONTAINERD_NAMESPACE").value_or("");
  return out;
}

Result<std::unique_ptr<ImageSource>> open_image(const ImageRequest& request, const Limits& limits) {
  PLIM_TRY(const Target target, parse_target(request.target));
  Choice choice;
  if (!request.platform.empty()) {
    PLIM_TRY(choice.platform, Platform::parse(request.platform));
    choice.by_default = false;
  }
  switch (target.kind) {
    case TargetKind::Registry: {
      PLIM_TRY(const Reference reference, Reference::parse(target.rest));
      return open_registry_image(std::make_shared<Registry>(request.registry), reference, choice, limits);
    }
    case TargetKind::OciLayout: {
      const auto [directory, tag] = split_tag(target.rest);
      return open_layout(directory, tag, choice, request.target, limits);
    }
    case TargetKind::OciArchive:
    case TargetKind::DockerArchive: {
      const auto [file, name] = split_tag(target.rest);
      const auto form = target.kind == TargetKind::DockerArchive ? ArchiveForm::Docker : ArchiveForm::Oci;
      PLIM_TRY(auto members, index_archive_file(file, limits));
      return open_archive(std::move(members), form, name, choice, request.target, limits).context("archive", file);
    }
    case TargetKind::Containerd:
      return open_containerd(request.containerd_root, request.containerd_namespace, target.rest, choice, request.target,
                             limits);
    case TargetKind::Podman:
      return open_podman(request.podman_root.empty() ? default_podman_root() : request.podman_root, target.rest, choice,
                         request.target, limits);
    case TargetKind::Docker:
      return open_docker_engine(request.docker, request.registry.http, target.rest, choice, request.target, limits);
    case TargetKind::RootFs:
    case TargetKind::SourceDirectory:
    case TargetKind::Sbom:
      break;
  }
  return unsupported(cat("not an image with a manifest: ", request.target));
}

}  // namespace plimsoll::oci
