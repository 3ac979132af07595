// Who we are to a registry: challenges, and credentials out of Docker's and containers' config files and helpers.
//
// Source  RFC 9110 §11 (challenges); docker config.json (auths, credHelpers, credsStore); containers-auth.json(5),
// whose
//         keys may carry a path; the docker-credential-* protocol.
// Secrets never stand in an error's message.
#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace plimsoll::oci {

struct Challenge {
  std::string scheme;                                           // lower case: "bearer", "basic"
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case
  std::string parameter(std::string_view name) const;
};
// The challenges of one WWW-Authenticate header; what cannot be read is left out.
std::vector<Challenge> parse_challenges(std::string_view header);

struct Credential {
  std::string username, password;
  std::string identity_token;  // an OAuth2 refresh token; used instead of a password
  bool empty() const { return username.empty() && identity_token.empty(); }
};

struct CredentialFiles {
  std::vector<std::string> files;  // config.json and auth.json, asked in order
  std::chrono::milliseconds helper_time{10'000};
  // $DOCKER_CONFIG or ~/.docker; $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers and ~/.config/containers.
  static CredentialFiles from_environment();
};
// The credential for a registry ("docker.io", "127.0.0.1:5000") and repository; empty when there is none. Errors: a
// config file that cannot be read, a helper that is missing, fails or takes too long; each names the file or helper.
Result<Credential> find_credential(const CredentialFiles& files, std::string_view registry,
                                   std::string_view repository);

}  // namespace plimsoll::oci
