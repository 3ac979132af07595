#include "base/openssl.h"

#include <dlfcn.h>

namespace plimsoll {

const OpenSsl& OpenSsl::get() {
  static const OpenSsl library = [] {
    OpenSsl o;
    void* ssl = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);  // brings libcrypto, in which dlsym() looks too
    if (!ssl) {
      o.missing = "OpenSSL's libssl.so.3 is not installed (Debian: libssl3)";
      return o;
    }
#define PLIM_OPENSSL_LOAD(name)                                       \
  o.name = reinterpret_cast<decltype(o.name)>(::dlsym(ssl, #name));   \
  if (!o.name && o.missing.empty()) o.missing = "OpenSSL's libssl.so.3 lacks " #name;
    PLIM_OPENSSL_FUNCTIONS(PLIM_OPENSSL_LOAD)
#undef PLIM_OPENSSL_LOAD
    return o;
  }();
  return library;
}

}  // namespace plimsoll
