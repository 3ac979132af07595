// Client of OCI registries: manifests, blobs, referrers, tags, and pushing small artefacts.
//
// Source  OCI distribution-spec 1.1; the token protocol of Docker's registry (RFC 6750 bearer, refresh tokens).
// Where   A registry's mirrors are asked first, in order; the registry itself last. Pushes go to the registry alone.
//         docker.io is spoken to at registry-1.docker.io. HTTPS always, except: `plain_http`; a mirror given as
//         http://; a registry on a loopback address that has no TLS.
// Trust   A manifest asked for by digest has that digest or is an error. One asked for by tag must have the digest the
//         registry names beside it. Blobs are not verified here: their readers do.
//         A password goes to the registry it is for and to the token server that registry names over the same kind of
//         connection, and nowhere else: not to mirrors of another name, not along redirects.
// Threads Registry may be used by many at once; connections and tokens are shared between them.
// Errors  NotFound (404), Denied (401, 403, certificates), Limit (429), Malformed, Io. Messages carry the registry's
// own
//         words, cut and cleaned, never a secret.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.h"
#include "oci/auth.h"
#include "oci/content.h"
#include "oci/reference.h"

namespace plimsoll {
class JsonValue;
}

namespace plimsoll::oci {

// What is known of one registry, by host as in references.
struct RegistrySettings {
  std::vector<std::string> mirrors;  // "https://mirror.example[/path]", asked before the registry itself
  bool plain_http = false;
  std::vector<std::string> ca_files;
  std::string client_certificate, client_key;
};

struct RegistryOptions {
  HttpOptions http;
  bool plain_http = false;  // for every registry
  Credential credential;    // given for this run; comes before the files, never sent to a mirror
  CredentialFiles credentials;
  std::map<std::string, RegistrySettings> registries;
  // Folders HOST[:PORT]/ with *.crt (CA) and NAME.cert + NAME.key (client), as Docker and podman keep them.
  std::vector<std::string> certificate_folders;
  // Proxies, credential files and certificate folders as Docker and podman find them.
  static RegistryOptions from_environment();
};
// Adds what a config file says: {"docker.io": {"mirrors": ["https://..."], "plainHttp": true, "caFiles": ["..."],
// "clientCertificate": "...", "clientKey": "..."}}. Errors: Malformed, naming the registry and member.
Status read_registry_settings(JsonValue registries, RegistryOptions& into);

struct FetchedManifest {
  std::string bytes;
  Digest digest;
  std::string media_type;  // of the Content-Type header
};

class Registry {
 public:
  explicit Registry(RegistryOptions options);
  ~Registry();

  Result<FetchedManifest> get_manifest(const Reference& reference);
  Result<Descriptor> head_manifest(const Reference& reference);
  // Broken downloads go on where they stopped. Errors also: Malformed when the length differs from blob.size_bytes.
  Result<std::unique_ptr<ByteSource>> open_blob(const Reference& reference, const Descriptor& blob);
  // Descriptors of what refers to `digest`: the referrers API, else the fallback tag. With a type, only those of it.
  Result<std::vector<Descriptor>> referrers(const Reference& reference, const Digest& digest,
                                            std::string_view artifact_type);
  bool has_mirrors(const Reference& reference) const;
  Result<std::vector<std::string>> tags(const Reference& reference);  // at most 100,000

  Result<bool> has_blob(const Reference& reference, const Digest& digest);
  Status push_blob(const Reference& reference, const Digest& digest, const std::string& bytes);
  // Under the tag, else under its digest. Gives the digest it was stored as, which is that of the bytes.
  Result<Digest> push_manifest(const Reference& reference, const std::string& bytes, std::string_view media_type);

  struct State;  // of the implementation

 private:
  std::shared_ptr<State> state_;  // shared with downloads that may need a new token
};

// The image a reference names.
Result<std::unique_ptr<ImageSource>> open_registry_image(std::shared_ptr<Registry> registry, const Reference& reference,
                                                         const Choice& choice, const Limits& limits);

}  // namespace plimsoll::oci
