// Result<T>: a value or an Error; the only way our code reports failure (nothing here throws).
//
// Shape   that of std::expected<T, Error>, to be swapped in when the compiler has it.
// Use     PLIM_TRY(auto layer, open_layer(digest).context("layer", digest));  // returns the Error to the caller
//         PLIM_CHECK(write_all(fd, bytes));                                   // the same for Status
// Four cases that must never look alike: a bug aborts (PLIM_ASSERT), an error is no answer (Result), a gap is an
// answer with a part unread (model/gap.h), a finding is the answer.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace plimsoll {

// What a caller can act on. A new kind needs a caller that treats it differently.
enum class ErrorKind {
  NotFound,     // the thing named does not exist
  Malformed,    // bytes from outside are not what their format says
  Unsupported,  // well-formed, but a kind we do not read
  Denied,       // authentication, authorisation, verification
  Limit,        // a bound of Limits was reached
  Io,           // disk, network, memory
};
std::string_view to_string(ErrorKind kind);

class [[nodiscard]] Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
  ErrorKind kind() const { return kind_; }
  // The sentence with all context added on the way up: "tar header checksum at byte 1536: layer sha256:9f2c...".
  const std::string& message() const { return message_; }
  Error with_context(std::string_view what, std::string_view which) && {
    message_.append(": ").append(what);
    if (!which.empty()) message_.append(" ").append(which);
    return std::move(*this);
  }

 private:
  ErrorKind kind_;
  std::string message_;
};

inline Error not_found(std::string m) { return {ErrorKind::NotFound, std::move(m)}; }
inline Error malformed(std::string m) { return {ErrorKind::Malformed, std::move(m)}; }
inline Error unsupported(std::string m) { return {ErrorKind::Unsupported, std::move(m)}; }
inline Error denied(std::string m) { return {ErrorKind::Denied, std::move(m)}; }
inline Error limit_reached(std::string m) { return {ErrorKind::Limit, std::move(m)}; }
inline Error io_error(std::string m) { return {ErrorKind::Io, std::move(m)}; }
// An Io error (NotFound for ENOENT, Denied for EACCES/EPERM) whose message ends with strerror(errno).
Error errno_error(std::string what);

#define PLIM_ASSERT(condition)                                                                   \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      std::fprintf(stderr, "plimsoll: bug at %s:%d: %s\n", __FILE__, __LINE__, #condition);      \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  // Calling value() on an error, or error() on a value, is a bug and aborts.
  T& value() & { PLIM_ASSERT(has_value()); return *std::get_if<0>(&state_); }
  const T& value() const& { PLIM_ASSERT(has_value()); return *std::get_if<0>(&state_); }
  T&& value() && { PLIM_ASSERT(has_value()); return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& { PLIM_ASSERT(!has_value()); return *std::get_if<1>(&state_); }
  Error&& error() && { PLIM_ASSERT(!has_value()); return std::move(*std::get_if<1>(&state_)); }
  T value_or(T other) && { return has_value() ? std::move(*this).value() : std::move(other); }

  Result context(std::string_view what, std::string_view which = {}) && {
    if (has_value()) return std::move(*this);
    return std::move(*this).error().with_context(what, which);
  }

 private:
  std::variant<T, Error> state_;
};

struct Ok {};
class [[nodiscard]] Status {
 public:
  Status(Ok = {}) {}
  Status(Error error) : error_(std::move(error)), ok_(false) {}
  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const Error& error() const& { PLIM_ASSERT(!ok_); return error_; }
  Error&& error() && { PLIM_ASSERT(!ok_); return std::move(error_); }
  Status context(std::string_view what, std::string_view which = {}) && {
    if (ok_) return std::move(*this);
    return std::move(*this).error().with_context(what, which);
  }

 private:
  Error error_{ErrorKind::Io, {}};
  bool ok_ = true;
};

#define PLIM_CONCAT_(a, b) a##b
#define PLIM_CONCAT(a, b) PLIM_CONCAT_(a, b)
// PLIM_TRY(declaration, expression): binds the value, or returns the Error from the enclosing function.
#define PLIM_TRY(declaration, ...) PLIM_TRY_(PLIM_CONCAT(plim_result_, __LINE__), declaration, __VA_ARGS__)
#define PLIM_TRY_(temporary, declaration, ...)                     \
  auto temporary = (__VA_ARGS__);                                  \
  if (!temporary.has_value()) return std::move(temporary).error(); \
  declaration = std::move(temporary).value()
// PLIM_CHECK(expression): returns the Error of a Status (or of a Result whose value is not needed).
#define PLIM_CHECK(...)                                                                           \
  do {                                                                                            \
    if (auto plim_status = (__VA_ARGS__); !plim_status.has_value()) return std::move(plim_status).error(); \
  } while (false)

}  // namespace plimsoll
