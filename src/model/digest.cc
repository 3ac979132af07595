#include "model/digest.h"

#include "base/text.h"

namespace plimsoll {

Result<Digest> Digest::parse(std::string_view text) {
  const auto [algorithm, hex] = cut(text, ':');
  const std::size_t length = algorithm == "sha256" ? 64 : algorithm == "sha512" ? 128 : 0;
  if (length == 0 || hex.size() != length || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return malformed(cat("not a digest: \"", to_utf8(text.substr(0, 80)), "\""));
  Digest digest;
  digest.text_ = text;
  return digest;
}

Digest Digest::from_raw(std::string_view raw_sha256) {
  PLIM_ASSERT(raw_sha256.size() == 32);
  Digest digest;
  digest.text_ = cat("sha256:", to_hex(raw_sha256));
  return digest;
}

}  // namespace plimsoll
