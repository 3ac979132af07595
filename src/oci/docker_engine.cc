#include "oci/docker_engine.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "oci/archive.h"

namespace plimsoll::oci {
namespace {

// An engine packs before it answers: a big image takes its time until the first byte.
constexpr std::chrono::milliseconds kPackingTime{180'000};

class Engine {
 public:
  static Result<std::shared_ptr<Engine>> connect(const DockerEngine& engine, const HttpOptions& http) {
    auto out = std::make_shared<Engine>(http);
    const std::string& host = engine.host;
    if (host.starts_with("unix://")) {
      out->request_.unix_socket = host.substr(7);
      out->base_ = "http://docker";
      return out;
    }
    std::string address = host;
    const std::string& folder = engine.certificate_folder;
    if (host.starts_with("tcp://")) address = cat(folder.empty() ? "http" : "https", host.substr(3));
    PLIM_TRY(const Url url, Url::parse(address).context("Docker host", host));
    out->base_ = url.origin();
    if (!folder.empty()) {
      out->request_.ca_files = {folder + "/ca.pem"};
      out->request_.client_certificate = folder + "/cert.pem";
      out->request_.client_key = folder + "/key.pem";
    }
    return out;
  }
  explicit Engine(const HttpOptions& http) : client_(http) {}

  Result<HttpResponse> get(std::string_view path) {
    HttpRequest request = request_;
    request.url = cat(base_, path);
    request.stall_timeout = kPackingTime;
    PLIM_TRY(HttpResponse response, client_.send(request));
    if (response.status == 200) return response;
    const auto body = read_all(*response.body, 64 << 10);
    const auto document = body ? JsonDocument::parse(*body) : Result<JsonDocument>(body.error());
    const std::string words = document ? to_utf8(document->root()["message"].text().substr(0, 200)) : "";
    const std::string text = cat("the engine answered with status ", response.status, words.empty() ? "" : ": ", words);
    return response.status == 404 ? not_found(text) : io_error(text);
  }

 private:
  HttpClient client_;
  HttpRequest request_;
  std::string base_;
};

}  // namespace

DockerEngine DockerEngine::from_environment() {
  DockerEngine out;
  if (const auto host = environment("DOCKER_HOST")) out.host = *host;
  if (environment("DOCKER_TLS_VERIFY"))
    out.certificate_folder = environment("DOCKER_CERT_PATH").value_or(environment("HOME").value_or("") + "/.docker");
  return out;
}

Result<std::unique_ptr<ImageSource>> open_docker_engine(const DockerEngine& engine, const HttpOptions& http,
                                                        const std::string& name, const Choice& choice,
                                                        std::string reference, const Limits& limits) {
  PLIM_TRY(const auto connection, Engine::connect(engine, http));
  PLIM_TRY(const HttpResponse inspected,
           connection->get(cat("/images/", percent_encode(name), "/json")).context("Docker engine", engine.host));
  PLIM_TRY(const std::string json,
           read_all(*inspected.body, limits.metadata_bytes).context("Docker engine", engine.host));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits).context("Docker engine", engine.host));
  const std::string id(document.root()["Id"].text());
  const std::string_view bare = std::string_view(id).substr(id.starts_with("sha256:") ? 7 : 0);
  PLIM_TRY(const Digest image_id, Digest::parse(cat("sha256:", bare)).context("the engine's image id"));
  const ArchiveOpener opener = [connection, image_id]() -> Result<std::unique_ptr<ByteSource>> {
    PLIM_TRY(HttpResponse response, connection->get(cat("/images/", percent_encode(image_id.text()), "/get")));
    return std::move(response.body);
  };
  PLIM_TRY(auto members, index_archive_stream(opener, limits).context("Docker engine", engine.host));
  return open_archive(std::move(members), ArchiveForm::Docker, "", choice, std::move(reference), limits)
      .context("Docker engine", engine.host);
}

}  // namespace plimsoll::oci
