#include "oci/registry.h"

#include <algorithm>
#include <mutex>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "oci/registry_session.h"

namespace plimsoll::oci {
namespace {

constexpr std::size_t kMostPages = 1000;
constexpr std::size_t kMostTags = 100'000;
constexpr std::size_t kMostReferrers = 10'000;

const HttpHeaders& manifest_accept() {
  static const HttpHeaders headers{
      {"Accept", cat(kOciIndex, ", ", kOciManifest, ", ", kDockerIndex, ", ", kDockerManifest)}};
  return headers;
}

// The address of the next page out of a Link header: </v2/...>; rel="next". Empty at the end.
std::string next_page(const HttpResponse& response) {
  const std::string_view link = response.header("Link");
  const std::size_t open = link.find('<'), close = link.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      link.find("next", close) == std::string_view::npos)
    return {};
  const auto here = Url::parse(response.url);
  if (!here) return {};
  const auto next = here->resolve(link.substr(open + 1, close - open - 1));
  return next ? next->text() : std::string();
}

void add_certificate_folder(const std::string& folder, RegistrySettings& into) {
  const auto names = list_directory(folder);
  if (!names) return;
  for (const std::string& name : *names) {
    if (name.ends_with(".crt")) into.ca_files.push_back(cat(folder, "/", name));
    if (!name.ends_with(".cert") || !into.client_certificate.empty()) continue;
    const std::string key = cat(folder, "/", name.substr(0, name.size() - 5), ".key");
    if (!exists(key)) continue;
    into.client_certificate = cat(folder, "/", name);
    into.client_key = key;
  }
}

}  // namespace

struct Registry::State {
  explicit State(RegistryOptions given) : options(std::move(given)), client(options.http) {}

  const RegistryOptions options;
  HttpClient client;
  std::mutex mutex;
  std::map<std::string, std::vector<std::shared_ptr<RegistrySession>>>
      sessions;  // by registry; the registry itself last

  Result<std::vector<std::shared_ptr<RegistrySession>>> sessions_of(const std::string& registry);
  // With an empty mirror: the registry itself.
  Result<std::shared_ptr<RegistrySession>> make_session(const std::string& registry, const std::string& mirror);

  // Asks each place in order; the first that has it wins. What went wrong at mirrors is left out of the error.
  template <class T>
  Result<T> anywhere(const Reference& reference,
                     const std::function<Result<T>(const std::shared_ptr<RegistrySession>&)>& ask) {
    PLIM_TRY(const auto places, sessions_of(reference.registry));
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
      if (places[i]->is_down()) continue;
      auto answer = ask(places[i]);
      if (answer) return answer;
      if (answer.error().kind() == ErrorKind::Io) places[i]->mark_down();
    }
    return ask(places.back());
  }
  Result<std::shared_ptr<RegistrySession>> home(const Reference& reference) {
    PLIM_TRY(const auto places, sessions_of(reference.registry));
    return places.back();
  }
};

Result<std::shared_ptr<RegistrySession>> Registry::State::make_session(const std::string& registry,
                                                                       const std::string& mirror) {
  Endpoint endpoint;
  endpoint.is_mirror = !mirror.empty();
  endpoint.registry = registry;
  std::string address = mirror;
  if (endpoint.is_mirror) {
    PLIM_TRY(const Url url, Url::parse(mirror).context("mirror of", registry));
    endpoint.registry = url.authority();
  }
  if (const auto settings = options.registries.find(endpoint.registry); settings != options.registries.end())
    endpoint.tls = settings->second;
  const bool plain = options.plain_http || endpoint.tls.plain_http;
  if (!endpoint.is_mirror)
    address = cat(plain ? "http://" : "https://", registry == "docker.io" ? "registry-1.docker.io" : registry);
  PLIM_TRY(const Url url, Url::parse(address).context("registry", registry));
  endpoint.plain_http = plain || url.scheme == "http";
  endpoint.may_fall_to_http = !endpoint.is_mirror && !plain && url.is_loopback();
  endpoint.base = cat(url.origin(), url.target, url.target.ends_with('/') ? "" : "/", "v2/");
  for (const std::string& folder : options.certificate_folders)
    add_certificate_folder(cat(folder, "/", endpoint.registry), endpoint.tls);
  return std::make_shared<RegistrySession>(std::move(endpoint), options, client);
}

Result<std::vector<std::shared_ptr<RegistrySession>>> Registry::State::sessions_of(const std::string& registry) {
  const std::lock_guard lock(mutex);
  auto& slot = sessions[registry];
  if (!slot.empty()) return slot;
  std::vector<std::shared_ptr<RegistrySession>> made;
  if (const auto settings = options.registries.find(registry); settings != options.registries.end()) {
    for (const std::string& mirror : settings->second.mirrors) {
      PLIM_TRY(auto session, make_session(registry, mirror));
      made.push_back(std::move(session));
    }
  }
  PLIM_TRY(auto session, make_session(registry, ""));
  made.push_back(std::move(session));
  slot = std::move(made);
  return slot;
}

RegistryOptions RegistryOptions::from_environment() {
  RegistryOptions out;
  out.http.proxy = environment_proxy();
  out.credentials = CredentialFiles::from_environment();
  out.certificate_folders = {"/etc/containers/certs.d", "/etc/docker/certs.d"};
  if (const auto home = environment("HOME"))
    out.certificate_folders.insert(out.certificate_folders.begin(), *home + "/.config/containers/certs.d");
  return out;
}

Status read_registry_settings(JsonValue registries, RegistryOptions& into) {
  const auto texts = [](JsonValue list, std::vector<std::string>& out) {
    for (const JsonValue item : list.items()) {
      if (!item.is_string()) return false;
      out.emplace_back(item.text());
    }
    return list.is_array() || !list.exists();
  };
  for (const auto& [host, value] : registries.members()) {
    RegistrySettings& settings = into.registries[std::string(host)];
    const auto bad = [&](std::string_view member, std::string_view why) {
      return malformed(cat("registries: ", to_utf8(host), ": ", member, " ", why));
    };
    for (const auto& [name, member] : value.members()) {
      if (name == "mirrors") {
        if (!texts(member, settings.mirrors)) return bad(name, "must be a list of addresses");
        for (const std::string& mirror : settings.mirrors)
          if (!Url::parse(mirror)) return bad(name, cat("holds what is no address: ", to_utf8(mirror)));
      } else if (name == "caFiles") {
        if (!texts(member, settings.ca_files)) return bad(name, "must be a list of files");
      } else if (name == "plainHttp") {
        const auto flag = member.boolean();
        if (!flag) return bad(name, "must be true or false");
        settings.plain_http = *flag;
      } else if (name == "clientCertificate" && member.is_string()) {
        settings.client_certificate = member.text();
      } else if (name == "clientKey" && member.is_string()) {
        settings.client_key = member.text();
      } else {
        return bad(name, "is not known here: use mirrors, plainHttp, caFiles, clientCertificate, clientKey");
      }
    }
    if (!value.is_object()) return bad("", "must be an object");
  }
  return Ok{};
}

Registry::Registry(RegistryOptions options) : state_(std::make_shared<State>(std::move(options))) {}
Registry::~Registry() = default;

Result<FetchedManifest> Registry::get_manifest(const Reference& reference) {
  return state_->anywhere<FetchedManifest>(
      reference, [&](const std::shared_ptr<RegistrySession>& session) -> Result<FetchedManifest> {
        PLIM_TRY(HttpResponse response,
                 session->send({.headers = manifest_accept()},
                               cat(reference.repository, "/manifests/", reference.manifest_name()),
                               reference.repository, "pull"));
        if (response.status != 200) return registry_error(response).with_context("manifest", reference.text());
        FetchedManifest out;
        out.media_type = response.header("Content-Type");
        const Digest claimed = Digest::parse(response.header("Docker-Content-Digest")).value_or(Digest());
        PLIM_TRY(out.bytes, read_all(*response.body, kManifestBytes).context("manifest", reference.text()));
        // Asked for by digest, only that digest will do; by tag, what the registry itself says it is.
        if (!reference.digest.empty()) {
          PLIM_CHECK(verify_content(reference.digest, 0, out.bytes).context("manifest", reference.text()));
          out.digest = reference.digest;
        } else {
          if (!claimed.empty()) PLIM_CHECK(verify_content(claimed, 0, out.bytes).context("manifest", reference.text()));
          out.digest = claimed.empty() ? Digest::of(as_bytes(out.bytes)) : claimed;
        }
        return out;
      });
}

Result<Descriptor> Registry::head_manifest(const Reference& reference) {
  return state_->anywhere<Descriptor>(
      reference, [&](const std::shared_ptr<RegistrySession>& session) -> Result<Descriptor> {
        PLIM_TRY(HttpResponse response,
                 session->send({.method = "HEAD", .headers = manifest_accept()},
                               cat(reference.repository, "/manifests/", reference.manifest_name()),
                               reference.repository, "pull"));
        if (response.status != 200) return registry_error(response).with_context("manifest", reference.text());
        Descriptor out;
        out.media_type = response.header("Content-Type");
        out.size_bytes = parse_u64(response.header("Content-Length")).value_or(0);
        PLIM_TRY(out.digest,
                 Digest::parse(response.header("Docker-Content-Digest")).context("manifest", reference.text()));
        if (!reference.digest.empty() && out.digest != reference.digest)
          return malformed(cat("the registry answers for ", reference.text(), " with ", out.digest.text()));
        return out;
      });
}

Result<std::unique_ptr<ByteSource>> Registry::open_blob(const Reference& reference, const Descriptor& blob) {
  using Opened = std::unique_ptr<ByteSource>;
  return state_->anywhere<Opened>(reference, [&](const std::shared_ptr<RegistrySession>& session) -> Result<Opened> {
    PLIM_TRY(HttpResponse response,
             RegistrySession::download(session, state_, cat(reference.repository, "/blobs/", blob.digest.text()),
                                       reference.repository));
    if (response.status != 200) return registry_error(response).with_context("blob", blob.digest.text());
    const auto length = parse_u64(response.header("Content-Length"));
    if (length && *length != blob.size_bytes)
      return malformed(cat("the registry gives ", *length, " bytes for blob ", blob.digest.text(),
                           ", the manifest says ", blob.size_bytes));
    return std::move(response.body);
  });
}

Result<std::vector<Descriptor>> Registry::referrers(const Reference& reference, const Digest& digest,
                                                    std::string_view artifact_type) {
  PLIM_TRY(const auto session, state_->home(reference));
  std::vector<Descriptor> out;
  const auto add = [&](std::string_view json) -> Status {
    PLIM_TRY(const Manifest index, parse_manifest(json, Limits{}).context("referrers of", digest.text()));
    for (const Descriptor& entry : index.manifests)
      if (artifact_type.empty() || entry.artifact_type == artifact_type) out.push_back(entry);
    if (out.size() > kMostReferrers)
      return limit_reached(cat("more than ", kMostReferrers, " referrers of ", digest.text()));
    return Ok{};
  };
  std::string path = cat(reference.repository, "/referrers/", digest.text());
  if (!artifact_type.empty()) path += cat("?artifactType=", percent_encode(artifact_type));
  for (std::size_t page = 0; page < kMostPages && !path.empty(); ++page) {
    PLIM_TRY(HttpResponse response,
             session->send({.headers = {{"Accept", std::string(kOciIndex)}}}, path, reference.repository, "pull"));
    if (response.status == 404 && page == 0) {  // a registry without this API keeps an index under a tag
      Reference fallback = reference;
      fallback.tag = cat(digest.kind() == HashKind::Sha512 ? "sha512-" : "sha256-", digest.hex());
      fallback.tag.resize(std::min<std::size_t>(fallback.tag.size(), 128));
      fallback.digest = {};
      auto tagged = get_manifest(fallback);
      if (!tagged && tagged.error().kind() == ErrorKind::NotFound) return out;
      PLIM_TRY(const FetchedManifest index, std::move(tagged));
      PLIM_CHECK(add(index.bytes));
      return out;
    }
    if (response.status != 200) return registry_error(response).with_context("referrers of", digest.text());
    PLIM_TRY(const std::string json, read_all(*response.body, kManifestBytes).context("referrers of", digest.text()));
    PLIM_CHECK(add(json));
    path = next_page(response);
  }
  return out;
}

bool Registry::has_mirrors(const Reference& reference) const {
  const auto settings = state_->options.registries.find(reference.registry);
  return settings != state_->options.registries.end() && !settings->second.mirrors.empty();
}

Result<std::vector<std::string>> Registry::tags(const Reference& reference) {
  PLIM_TRY(const auto session, state_->home(reference));
  std::vector<std::string> out;
  std::string path = cat(reference.repository, "/tags/list");
  for (std::size_t page = 0; page < kMostPages && !path.empty(); ++page) {
    PLIM_TRY(HttpResponse response, session->send({}, path, reference.repository, "pull"));
    if (response.status != 200) return registry_error(response).with_context("tags of", reference.name());
    PLIM_TRY(const std::string json, read_all(*response.body, kManifestBytes).context("tags of", reference.name()));
    PLIM_TRY(const JsonDocument document, JsonDocument::parse(json).context("tags of", reference.name()));
    for (const JsonValue tag : document.root()["tags"].items())
      if (is_tag(tag.text())) out.emplace_back(tag.text());
    if (out.size() > kMostTags) return limit_reached(cat("more than ", kMostTags, " tags of ", reference.name()));
    path = next_page(response);
  }
  return out;
}

Result<bool> Registry::has_blob(const Reference& reference, const Digest& digest) {
  PLIM_TRY(const auto session, state_->home(reference));
  PLIM_TRY(HttpResponse response, session->send({.method = "HEAD"}, cat(reference.repository, "/blobs/", digest.text()),
                                                reference.repository, "pull,push"));
  if (response.status == 200) return true;
  if (response.status == 404) return false;
  return registry_error(response).with_context("blob", digest.text());
}

Status Registry::push_blob(const Reference& reference, const Digest& digest, const std::string& bytes) {
  PLIM_TRY(const bool there, has_blob(reference, digest));
  if (there) return Ok{};
  PLIM_TRY(const auto session, state_->home(reference));
  PLIM_TRY(HttpResponse started, session->send({.method = "POST"}, cat(reference.repository, "/blobs/uploads/"),
                                               reference.repository, "pull,push"));
  if (started.status != 202) return registry_error(started).with_context("upload to", reference.name());
  PLIM_TRY(const Url here, Url::parse(started.url));
  PLIM_TRY(const Url upload, here.resolve(started.header("Location")).context("upload to", reference.name()));
  if (here.scheme == "https" && upload.scheme == "http")
    return denied(cat("upload from https to http refused: ", upload.shown()));
  const std::string address = cat(upload.text(), upload.target.find('?') == std::string::npos ? "?" : "&",
                                  "digest=", percent_encode(digest.text()));
  HttpRequest put{.method = "PUT", .headers = {{"Content-Type", "application/octet-stream"}}};
  put.body = bytes;
  PLIM_TRY(HttpResponse done, session->send(std::move(put), address, reference.repository, "pull,push"));
  if (done.status != 201) return registry_error(done).with_context("upload to", reference.name());
  return Ok{};
}

Result<Digest> Registry::push_manifest(const Reference& reference, const std::string& bytes,
                                       std::string_view media_type) {
  PLIM_TRY(const auto session, state_->home(reference));
  const Digest digest = Digest::of(as_bytes(bytes));
  HttpRequest put{.method = "PUT", .headers = {{"Content-Type", std::string(media_type)}}};
  put.body = bytes;
  PLIM_TRY(HttpResponse done, session->send(std::move(put),
                                            cat(reference.repository, "/manifests/",
                                                reference.tag.empty() ? digest.text() : reference.tag),
                                            reference.repository, "pull,push"));
  if (done.status != 201) return registry_error(done).with_context("push of", reference.text());
  const Digest stored = Digest::parse(done.header("Docker-Content-Digest")).value_or(Digest(digest));
  if (stored != digest) return malformed(cat("the registry stored ", stored.text(), " for what is ", digest.text()));
  return digest;
}

namespace {

class RegistryStore : public ContentStore {
 public:
  RegistryStore(std::shared_ptr<Registry> registry, Reference reference, FetchedManifest first)
      : registry_(std::move(registry)), reference_(std::move(reference)), first_(std::move(first)) {}

  Result<std::unique_ptr<ByteSource>> open_blob(const Descriptor& blob) override {
    return registry_->open_blob(reference_, blob);
  }
  Result<std::string> read_manifest(const Descriptor& manifest) override {
    if (manifest.digest == first_.digest) return first_.bytes;
    Reference by_digest = reference_;
    by_digest.digest = manifest.digest;
    PLIM_TRY(FetchedManifest fetched, registry_->get_manifest(by_digest));
    return std::move(fetched.bytes);
  }
  // Not where a mirror stands in for the registry, which then may not be reached at all.
  Result<std::vector<Descriptor>> referrers(const Digest& image) override {
    if (registry_->has_mirrors(reference_)) return std::vector<Descriptor>();
    return registry_->referrers(reference_, image, "");
  }

 private:
  std::shared_ptr<Registry> registry_;  // shared by the images opened with it
  Reference reference_;
  FetchedManifest first_;
};

}  // namespace

Result<std::unique_ptr<ImageSource>> open_registry_image(std::shared_ptr<Registry> registry, const Reference& reference,
                                                         const Choice& choice, const Limits& limits) {
  PLIM_TRY(FetchedManifest first, registry->get_manifest(reference));
  Descriptor root;
  root.digest = first.digest;
  return load_image(std::make_unique<RegistryStore>(std::move(registry), reference, std::move(first)), root, choice,
                    reference.text(), limits)
      .context("image", reference.text());
}

}  // namespace plimsoll::oci
