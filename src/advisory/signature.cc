#include "advisory/signature.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace plimsoll::advisory {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Bio bio(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free); }

Result<std::string> raw_public(EVP_PKEY* key) {
  if (EVP_PKEY_id(key) != EVP_PKEY_ED25519) return unsupported("a database is signed with Ed25519; this key is of another kind");
  std::string out(32, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size) != 1 || size != 32) return malformed("the key cannot be read");
  return out;
}

}  // namespace

bool signature_holds(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), 32), &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

Result<Signed> sign(std::string_view private_key_pem, std::string_view message) {
  const Bio in = bio(private_key_pem);
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr), &EVP_PKEY_free);
  if (!key) return malformed("not an unencrypted private key in PEM form");
  Signed out;
  PLIM_TRY(out.public_key, raw_public(key.get()));
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  out.signature.resize(64);
  std::size_t size = 64;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.signature.data()), &size, raw(message), message.size()) != 1 || size != 64)
    return malformed("the key does not sign");
  return out;
}

Result<std::string> read_public_key(std::string_view pem) {
  const Bio in = bio(pem);
  const Key key(PEM_read_bio_PUBKEY(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr), &EVP_PKEY_free);
  if (!key) return malformed("not a public key in PEM form");
  return raw_public(key.get());
}

}  // namespace plimsoll::advisory
