// Images of a running Docker engine (or podman's service, which speaks the same API), over its socket.
//
// The engine gives an image only as one tar stream, as `docker save` does, and neither says where in it a layer lies
// nor lets one be asked for by itself. So the stream is asked for once to learn its members, its layers being passed
// over, and again for the layers (archive_members.h): nothing is written to disk, and the engine packs the image some
// three times. Where its stores can be read, `containerd:` or `podman:` is faster. Each asking is by the image's id, so
// a tag that moves in between cannot mix two images; every layer is verified by its diff_id.
//
// Source  Docker Engine API v1.24 and later: GET /images/NAME/json, GET /images/NAME/get.
#pragma once
#include <memory>
#include <string>

#include "base/http.h"
#include "oci/content.h"

namespace plimsoll::oci {

struct DockerEngine {
  std::string host = "unix:///var/run/docker.sock";  // unix://PATH, tcp://HOST:PORT, http(s)://HOST:PORT
  std::string certificate_folder;                    // ca.pem, cert.pem, key.pem: TLS for tcp://
  // DOCKER_HOST; DOCKER_CERT_PATH when DOCKER_TLS_VERIFY is set.
  static DockerEngine from_environment();
};
// Errors: NotFound (socket, image), Denied (socket), Io, and those of open_archive.
Result<std::unique_ptr<ImageSource>> open_docker_engine(const DockerEngine& engine, const HttpOptions& http,
                                                        const std::string& name, const Choice& choice,
                                                        std::string reference, const Limits& limits);

}  // namespace plimsoll::oci
