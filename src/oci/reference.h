// Names of images in registries: `[host[:port]/]repository[:tag][@digest]`.
//
// Source  distribution-spec (names, tags), and docker's habits: no host means docker.io, and a docker.io name of one
//         part lies under library/. A first part is a host when it holds '.' or ':' or is "localhost".
// Example Reference::parse("debian:12") -> docker.io, library/debian, tag 12
#pragma once
#include <string>
#include <string_view>

#include "model/digest.h"

namespace plimsoll::oci {

struct Reference {
  std::string registry;    // "docker.io", "ghcr.io", "127.0.0.1:5000", "[::1]:5000"
  std::string repository;  // "library/debian"
  std::string tag;         // empty only when there is a digest
  Digest digest;           // decides when both are given

  // Neither tag nor digest gives tag "latest". Errors: Malformed.
  static Result<Reference> parse(std::string_view text);
  std::string name() const;  // "docker.io/library/debian"
  std::string text() const;  // with :tag and @digest
  // What stands in a registry's /manifests/ address: the digest when known, else the tag.
  std::string manifest_name() const { return digest.empty() ? tag : digest.text(); }
  friend bool operator==(const Reference&, const Reference&) = default;
};

bool is_repository_name(std::string_view name);
bool is_tag(std::string_view tag);

}  // namespace plimsoll::oci
