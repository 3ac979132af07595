// One place a registry's content can be had from (itself, or a mirror): its address, and who we are to it.
#pragma once
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "oci/registry.h"

namespace plimsoll::oci {

struct Endpoint {
  std::string registry;           // whose credentials: host as in references
  std::string base;               // "https://host:port/v2/"
  bool plain_http = false;        // http is allowed although the host is not loopback
  bool may_fall_to_http = false;  // loopback: HTTPS is tried, plain HTTP taken when there is no TLS
  bool is_mirror = false;
  RegistrySettings tls;
};

class RegistrySession {
 public:
  RegistrySession(Endpoint endpoint, const RegistryOptions& options, HttpClient& client)
      : endpoint_(std::move(endpoint)), options_(options), client_(client) {}

  // `path` stands behind /v2/; `actions` is "pull" or "pull,push" on `repository`. Authenticates as it is asked to.
  // Responses of any status come back, save 401, which is Denied.
  Result<HttpResponse> send(HttpRequest request, std::string_view path, const std::string& repository,
                            std::string_view actions);
  // The same for a blob, whose body resumes and renews its token by itself; it holds on to `self` and to `owner`, to
  // whom options and client belong.
  static Result<HttpResponse> download(const std::shared_ptr<RegistrySession>& self, std::shared_ptr<void> owner,
                                       std::string_view path, const std::string& repository);
  // A place that could not be reached is not tried again for each layer.
  bool is_down() const { return down_; }
  void mark_down() { down_ = true; }
  const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Token {
    std::string header;
    std::chrono::steady_clock::time_point expires;
  };
  Status find_scheme();
  HttpHeaders known_credentials(const std::string& repository, std::string_view actions);
  // Answers a 401: the header to come back with.
  Result<HttpHeaders> authenticate(const HttpResponse& refused, const std::string& repository,
                                   std::string_view actions);
  Result<Token> fetch_token(const Challenge& challenge, const Credential& credential, const std::string& scope);
  Result<Credential> credential(const std::string& repository);
  Error still_refused(HttpResponse& response);
  void prepare(HttpRequest& request, std::string_view path);

  const Endpoint endpoint_;
  const RegistryOptions& options_;
  HttpClient& client_;
  std::atomic<bool> down_{false};
  std::mutex mutex_;
  std::string base_;                     // settled; empty before
  std::string no_credential_;            // why none could be looked up
  std::map<std::string, Token> tokens_;  // by scope
};

// "status 404 (MANIFEST_UNKNOWN: manifest unknown)" with the right kind; reads the error's body.
Error registry_error(HttpResponse& response);

}  // namespace plimsoll::oci
