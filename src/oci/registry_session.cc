#include "oci/registry_session.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::oci {
namespace {

constexpr std::uint64_t kErrorBytes = 64 << 10;
constexpr std::uint64_t kTokenBytes = 1 << 20;

std::string scope_of(const std::string& repository, std::string_view actions) {
  return repository.empty() ? std::string() : cat("repository:", repository, ":", actions);
}

// What a registry says about itself ends in our messages: cut, and without control characters.
std::string clean(std::string_view text) {
  std::string out = to_utf8(text.substr(0, 200));
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return out;
}

}  // namespace

Error registry_error(HttpResponse& response) {
  std::string words;
  if (const auto body = read_all(*response.body, kErrorBytes)) {
    if (const auto document = JsonDocument::parse(*body)) {
      const JsonValue first = document->root()["errors"].at(0);
      const std::string_view code = first["code"].text(), message = first["message"].text();
      if (!code.empty() || !message.empty())
        words = cat(" (", clean(code), code.empty() || message.empty() ? "" : ": ", clean(message), ")");
    }
  }
  const std::string text = cat("the registry answered with status ", response.status, words, ": ", response.url);
  switch (response.status) {
    case 404:
      return not_found(text);
    case 401:
    case 403:
      return denied(text);
    case 429:
      return limit_reached(text);
    default:
      return io_error(text);
  }
}

// What a registry says when what it asked for is not enough; with why there was no credential to show.
Error RegistrySession::still_refused(HttpResponse& response) {
  const Error error = registry_error(response);
  const std::lock_guard lock(mutex_);
  if (!no_credential_.empty()) return denied(cat(error.message(), ": ", no_credential_));
  return denied(cat(error.message(), ": if it exists, it wants another user: docker login or podman login"));
}

Status RegistrySession::find_scheme() {
  {
    const std::lock_guard lock(mutex_);
    if (!base_.empty()) return Ok{};
  }
  std::string base = endpoint_.base;
  if (endpoint_.may_fall_to_http) {
    HttpOptions once = options_.http;
    once.retries = 0;
    HttpClient probe(once);
    HttpRequest request{.url = base, .ca_files = endpoint_.tls.ca_files};
    request.client_certificate = endpoint_.tls.client_certificate;
    request.client_key = endpoint_.tls.client_key;
    const auto secure = probe.send(request);
    const bool maybe_plain =
        !secure && (secure.error().kind() == ErrorKind::Unsupported || secure.error().kind() == ErrorKind::Io);
    // A certificate that is not trusted is no reason to speak without one; nor is a server that takes plain HTTP only
    // to say that it wants TLS (400).
    const std::string plain = cat("http", base.substr(5));
    if (maybe_plain) {
      const auto answer = probe.send({.url = plain});
      if (answer && answer->status != 400) base = plain;
    }
  }
  const std::lock_guard lock(mutex_);
  base_ = base;
  return Ok{};
}

void RegistrySession::prepare(HttpRequest& request, std::string_view path) {
  const std::lock_guard lock(mutex_);
  // An upload's address comes from the registry; anything but its own origin gets no credentials.
  request.url = path.find("://") != std::string_view::npos ? std::string(path) : cat(base_, path);
  request.plain_http = endpoint_.plain_http;
  const auto at = Url::parse(request.url), home = Url::parse(base_);
  if (!at || !home || at->origin() != home->origin()) {
    request.credentials.clear();
    return;
  }
  request.ca_files = endpoint_.tls.ca_files;
  request.client_certificate = endpoint_.tls.client_certificate;
  request.client_key = endpoint_.tls.client_key;
}

HttpHeaders RegistrySession::known_credentials(const std::string& repository, std::string_view actions) {
  const std::lock_guard lock(mutex_);
  for (const std::string& scope : {scope_of(repository, actions), std::string("basic")}) {
    const auto token = tokens_.find(scope);
    if (token != tokens_.end() && token->second.expires > std::chrono::steady_clock::now())
      return {{"Authorization", token->second.header}};
  }
  return {};
}

Result<Credential> RegistrySession::credential(const std::string& repository) {
  if (!endpoint_.is_mirror && !options_.credential.empty()) return options_.credential;
  return find_credential(options_.credentials, endpoint_.registry, repository);
}

Result<RegistrySession::Token> RegistrySession::fetch_token(const Challenge& challenge, const Credential& credential,
                                                            const std::string& scope) {
  const std::string realm = challenge.parameter("realm"), service = challenge.parameter("service");
  PLIM_TRY(const Url url, Url::parse(realm).context("token server of", endpoint_.registry));
  std::string home;
  {
    const std::lock_guard lock(mutex_);
    home = base_;
  }
  // A registry behind TLS may not send our password on in the clear.
  if (url.scheme == "http" && home.starts_with("https://") && !endpoint_.plain_http)
    return denied(cat("registry ", endpoint_.registry, " names a token server without TLS: ", url.shown()));
  HttpRequest request{.url = url.text()};
  request.plain_http = endpoint_.plain_http;
  request.ca_files = endpoint_.tls.ca_files;
  std::string form = cat("service=", percent_encode(service));
  if (!scope.empty()) form += cat("&scope=", percent_encode(scope));
  if (!credential.identity_token.empty()) {
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = cat("grant_type=refresh_token&client_id=plimsoll&", form,
                       "&refresh_token=", percent_encode(credential.identity_token));
  } else {
    if (!credential.empty()) {
      form += cat("&account=", percent_encode(credential.username));
      request.credentials.emplace_back(
          "Authorization", cat("Basic ", to_base64(as_bytes(cat(credential.username, ":", credential.password)))));
    }
    request.url += cat(request.url.find('?') == std::string::npos ? "?" : "&", form);
  }
  PLIM_TRY(HttpResponse response, client_.send(request).context("token server of", endpoint_.registry));
  if (response.status == 401 || response.status == 403)
    return denied(cat("the token server refused ",
                      credential.empty() ? "a pull without user and password" : "user or password", ": ",
                      response.url));
  if (!response.ok()) return registry_error(response).with_context("token server of", endpoint_.registry);
  PLIM_TRY(const std::string body, read_all(*response.body, kTokenBytes).context("token"));
  const auto document = JsonDocument::parse(body);
  if (!document) return malformed(cat("the token server did not answer with JSON: ", response.url));
  const JsonValue root = document->root();
  std::string_view text = root["token"].text();
  if (text.empty()) text = root["access_token"].text();
  if (text.empty()) return malformed(cat("the token server gave no token: ", response.url));
  // Used for a little less than its life; the protocol's default life is a minute.
  const std::int64_t life = std::clamp<std::int64_t>(root["expires_in"].integer().value_or(60), 30, 3600);
  return Token{cat("Bearer ", text), std::chrono::steady_clock::now() + std::chrono::seconds(life - 10)};
}

Result<HttpHeaders> RegistrySession::authenticate(const HttpResponse& refused, const std::string& repository,
                                                  std::string_view actions) {
  std::vector<Challenge> challenges;
  for (const auto& [name, value] : refused.headers) {
    if (!equals_ignore_case(name, "WWW-Authenticate")) continue;
    for (Challenge& challenge : parse_challenges(value)) challenges.push_back(std::move(challenge));
  }
  const auto find = [&](std::string_view scheme) {
    return std::find_if(challenges.begin(), challenges.end(), [&](const Challenge& c) { return c.scheme == scheme; });
  };
  // A helper that is missing must not keep a public image from being pulled: it is named when a user is wanted after
  // all.
  const auto found = this->credential(repository);
  const bool bearer_asked = find("bearer") != challenges.end();
  if (!found && !bearer_asked) return found.error();
  const Credential credential = found ? *found : Credential();
  std::string scope = scope_of(repository, actions);
  Token token;
  if (const auto bearer = find("bearer"); bearer != challenges.end()) {
    auto fetched = fetch_token(*bearer, credential, scope);
    if (!fetched && !found) return found.error();
    PLIM_TRY(token, std::move(fetched));
  } else if (find("basic") != challenges.end()) {
    if (credential.username.empty())
      return denied(
          cat("registry ", endpoint_.registry, " wants a user and password: log in with docker login or podman login"));
    scope = "basic";
    token = {cat("Basic ", to_base64(as_bytes(cat(credential.username, ":", credential.password)))),
             std::chrono::steady_clock::time_point::max()};
  } else {
    return denied(
        cat("registry ", endpoint_.registry, " asks for a kind of authentication that is neither bearer nor basic"));
  }
  const std::lock_guard lock(mutex_);
  tokens_[scope] = token;
  no_credential_ = found ? std::string() : found.error().message();
  return HttpHeaders{{"Authorization", token.header}};
}

Result<HttpResponse> RegistrySession::send(HttpRequest request, std::string_view path, const std::string& repository,
                                           std::string_view actions) {
  PLIM_CHECK(find_scheme());
  request.credentials = known_credentials(repository, actions);
  prepare(request, path);
  PLIM_TRY(HttpResponse response, client_.send(request));
  if (response.status != 401) return response;
  PLIM_TRY(request.credentials, authenticate(response, repository, actions));
  response.body.reset();
  prepare(request, path);
  PLIM_TRY(response, client_.send(request));
  if (response.status == 401) return still_refused(response);
  return response;
}

Result<HttpResponse> RegistrySession::download(const std::shared_ptr<RegistrySession>& self,
                                               std::shared_ptr<void> owner, std::string_view path,
                                               const std::string& repository) {
  PLIM_CHECK(self->find_scheme());
  HttpRequest request;
  request.credentials = self->known_credentials(repository, "pull");
  self->prepare(request, path);
  const auto renew = [self, owner, repository](const HttpResponse& refused) {
    return self->authenticate(refused, repository, "pull");
  };
  PLIM_TRY(HttpResponse response, self->client_.get_resumable(request, Resume::ByDigest, renew));
  if (response.status != 401) return response;
  PLIM_TRY(request.credentials, self->authenticate(response, repository, "pull"));
  response.body.reset();
  PLIM_TRY(response, self->client_.get_resumable(request, Resume::ByDigest, renew));
  if (response.status == 401) return self->still_refused(response);
  return response;
}

}  // namespace plimsoll::oci
