// OpenSSL, opened when TLS or a signature first needs it: loading libssl and libcrypto costs a start of the program 1.5 ms,
// and most runs meet neither. Digests do not come from here (base/hash.h). For http_connection.cc and signature.cc only:
// this header shows OpenSSL's types.
#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>

namespace plimsoll {

#define PLIM_OPENSSL_FUNCTIONS(F)                                                                                               \
  F(BIO_clear_flags) F(BIO_free) F(BIO_get_data) F(BIO_get_new_index) F(BIO_meth_free) F(BIO_meth_new) F(BIO_meth_set_create)   \
  F(BIO_meth_set_ctrl) F(BIO_meth_set_read) F(BIO_meth_set_write) F(BIO_new) F(BIO_new_mem_buf) F(BIO_set_data) F(BIO_set_flags) \
  F(BIO_set_init) F(ERR_clear_error) F(ERR_peek_last_error) F(ERR_reason_error_string) F(EVP_DigestSign) F(EVP_DigestSignInit)  \
  F(EVP_DigestVerify) F(EVP_DigestVerifyInit) F(EVP_MD_CTX_free) F(EVP_MD_CTX_new) F(EVP_PKEY_free) F(EVP_PKEY_get_id)          \
  F(EVP_PKEY_get_raw_public_key) F(EVP_PKEY_new_raw_public_key) F(PEM_read_bio_PUBKEY) F(PEM_read_bio_PrivateKey)               \
  F(SSL_CTX_check_private_key) F(SSL_CTX_ctrl) F(SSL_CTX_free) F(SSL_CTX_load_verify_file) F(SSL_CTX_new)                       \
  F(SSL_CTX_set_client_cert_cb) F(SSL_CTX_set_default_verify_paths) F(SSL_CTX_set_verify) F(SSL_CTX_use_PrivateKey_file)        \
  F(SSL_CTX_use_certificate_chain_file) F(SSL_connect) F(SSL_ctrl) F(SSL_free) F(SSL_get0_param) F(SSL_get_error)               \
  F(SSL_get_ex_data) F(SSL_get_verify_result) F(SSL_new) F(SSL_pending) F(SSL_read) F(SSL_set1_host) F(SSL_set_bio)             \
  F(SSL_set_ex_data) F(SSL_set_hostflags) F(SSL_shutdown) F(SSL_write) F(TLS_client_method)                                     \
  F(X509_VERIFY_PARAM_set1_ip_asc) F(X509_verify_cert_error_string)

struct OpenSsl {
#define PLIM_OPENSSL_MEMBER(name) decltype(&::name) name = nullptr;
  PLIM_OPENSSL_FUNCTIONS(PLIM_OPENSSL_MEMBER)
#undef PLIM_OPENSSL_MEMBER
  std::string missing;  // why none of the above may be called; empty when all are there

  // Opened at the first call, kept until the process ends; any thread.
  static const OpenSsl& get();
};

inline const OpenSsl& ossl() { return OpenSsl::get(); }

}  // namespace plimsoll
