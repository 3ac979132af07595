// An OCI content digest, "sha256:<64 lower-case hex>" (OCI image-spec, descriptor.md); sha512 is read too.
#pragma once
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"

namespace plimsoll {

class Digest {
 public:
  Digest() = default;  // the empty digest: none known
  static Result<Digest> parse(std::string_view text);
  static Digest of(Bytes content) { return from_raw(hash(HashKind::Sha256, content)); }
  static Digest from_raw(std::string_view raw_sha256);  // 32 bytes

  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }  // "sha256:..."
  std::string_view hex() const { return std::string_view(text_).substr(text_.find(':') + 1); }
  HashKind kind() const { return text_.starts_with("sha512:") ? HashKind::Sha512 : HashKind::Sha256; }
  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::string text_;
};

}  // namespace plimsoll
