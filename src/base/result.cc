#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace plimsoll {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::NotFound: return "not found";
    case ErrorKind::Malformed: return "malformed";
    case ErrorKind::Unsupported: return "unsupported";
    case ErrorKind::Denied: return "denied";
    case ErrorKind::Limit: return "limit";
    case ErrorKind::Io: return "input/output";
  }
  return "error";
}

Error errno_error(std::string what) {
  const int code = errno;
  const ErrorKind kind = code == ENOENT                      ? ErrorKind::NotFound
                         : code == EACCES || code == EPERM ? ErrorKind::Denied
                                                             : ErrorKind::Io;
  return {kind, what.append(": ").append(std::strerror(code))};
}

}  // namespace plimsoll
