// Ed25519 signatures of a database's header digest (RFC 8032; OpenSSL underneath, opened when first needed: all of these
// fail as Unsupported on a machine without it).
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll::advisory {

// `public_key` raw 32 bytes, `signature` raw 64 bytes. False for anything malformed too: verification fails closed.
Result<bool> signature_holds(std::string_view public_key, std::string_view message, std::string_view signature);

struct Signed {
  std::string public_key, signature;  // raw
};
// `private_key_pem`: an unencrypted PKCS#8 Ed25519 key. Errors: Malformed, Unsupported (another kind of key).
Result<Signed> sign(std::string_view private_key_pem, std::string_view message);
// The raw key of a PEM "PUBLIC KEY" (Ed25519). Errors: as sign.
Result<std::string> read_public_key(std::string_view pem);

}  // namespace plimsoll::advisory
