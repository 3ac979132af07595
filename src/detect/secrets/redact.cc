#include "detect/secrets/redact.h"

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::detect {

std::string redacted(std::string_view secret) {
  constexpr std::size_t kShown = 4, kLongEnough = 16;
  std::string shown;
  if (secret.size() >= kLongEnough)
    for (const char c : secret.substr(0, kShown)) shown += c > ' ' && c < 0x7f ? c : '.';
  return cat(shown, "… (", secret.size(), " characters)");
}

// RFC 2104 over the hash of base.
std::string fingerprint(std::string_view secret, std::string_view key) {
  constexpr std::size_t kBlock = 64;
  std::string block(key.size() > kBlock ? hash(HashKind::Sha256, as_bytes(key)) : std::string(key));
  block.resize(kBlock, '\0');
  std::string inner = block, outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  Hasher hasher(HashKind::Sha256);
  hasher.update(as_bytes(inner));
  hasher.update(as_bytes(secret));
  const std::string digest = hasher.finish();
  hasher.update(as_bytes(outer));
  hasher.update(as_bytes(digest));
  return to_hex(hasher.finish()).substr(0, 32);
}

}  // namespace plimsoll::detect
