// What may be said of a secret: enough to find it, never enough to use it.
#pragma once
#include <string>
#include <string_view>

namespace plimsoll::detect {

// "ghp_… (40 characters)": at most four leading characters, and none of a secret shorter than 16.
std::string redacted(std::string_view secret);

// The keyed fingerprint: HMAC-SHA-256 of the secret under `key`, 32 hex digits. The same secret has the same fingerprint
// wherever the same key is used, and says nothing to who lacks the key.
std::string fingerprint(std::string_view secret, std::string_view key);

}  // namespace plimsoll::detect
