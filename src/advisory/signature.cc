#include "advisory/signature.h"

#include <memory>

#include "base/openssl.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { ossl().EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { ossl().EVP_MD_CTX_free(p); }
  void operator()(BIO* p) const { ossl().BIO_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

Status usable() {
  if (!ossl().missing.empty()) return unsupported(cat("no signatures: ", ossl().missing));
  return {};
}

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Bio bio(std::string_view text) { return Bio(ossl().BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Result<std::string> raw_public(EVP_PKEY* key) {
  if (ossl().EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) return unsupported("a database is signed with Ed25519; this key is of another kind");
  std::string out(32, '\0');
  std::size_t size = out.size();
  if (ossl().EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size) != 1 || size != 32)
    return malformed("the key cannot be read");
  return out;
}

}  // namespace

Result<bool> signature_holds(std::string_view public_key, std::string_view message, std::string_view signature) {
  PLIM_CHECK(usable());
  if (public_key.size() != 32 || signature.size() != 64) return false;
  const Key key(ossl().EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), 32));
  const Context context(ossl().EVP_MD_CTX_new());
  return key && context && ossl().EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         ossl().EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
}

Result<Signed> sign(std::string_view private_key_pem, std::string_view message) {
  PLIM_CHECK(usable());
  const Bio in = bio(private_key_pem);
  const Key key(ossl().PEM_read_bio_PrivateKey(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (!key) return malformed("not an unencrypted private key in PEM form");
  Signed out;
  PLIM_TRY(out.public_key, raw_public(key.get()));
  const Context context(ossl().EVP_MD_CTX_new());
  out.signature.resize(64);
  std::size_t size = 64;
  if (!context || ossl().EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      ossl().EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.signature.data()), &size, raw(message), message.size()) != 1 || size != 64)
    return malformed("the key does not sign");
  return out;
}

Result<std::string> read_public_key(std::string_view pem) {
  PLIM_CHECK(usable());
  const Bio in = bio(pem);
  const Key key(ossl().PEM_read_bio_PUBKEY(in.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr));
  if (!key) return malformed("not a public key in PEM form");
  return raw_public(key.get());
}

}  // namespace plimsoll::advisory
