#include "base/http_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/openssl.h"
#include "base/text.h"

namespace plimsoll {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Free {
  void operator()(SSL* p) const { ossl().SSL_free(p); }
  void operator()(SSL_CTX* p) const { ossl().SSL_CTX_free(p); }
  void operator()(BIO_METHOD* p) const { ossl().BIO_meth_free(p); }
  void operator()(addrinfo* p) const { ::freeaddrinfo(p); }
};

// OpenSSL's own socket BIO writes with write(2), whose SIGPIPE would end the process when a server hangs up.
int socket_write(BIO* bio, const char* data, int size) {
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(ossl().BIO_get_data(bio)));
  ossl().BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  const ssize_t count = ::send(fd, data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) ossl().BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(count);
}
int socket_read(BIO* bio, char* into, int size) {
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(ossl().BIO_get_data(bio)));
  ossl().BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  const ssize_t count = ::recv(fd, into, static_cast<std::size_t>(size), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) ossl().BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
  return static_cast<int>(count);
}
long socket_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
int socket_create(BIO* bio) {
  ossl().BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* socket_method() {
  static const std::unique_ptr<BIO_METHOD, Free> method = [] {
    std::unique_ptr<BIO_METHOD, Free> made(ossl().BIO_meth_new(ossl().BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "plimsoll socket"));
    if (made) {
      ossl().BIO_meth_set_write(made.get(), socket_write);
      ossl().BIO_meth_set_read(made.get(), socket_read);
      ossl().BIO_meth_set_ctrl(made.get(), socket_control);
      ossl().BIO_meth_set_create(made.get(), socket_create);
    }
    return made;
  }();
  return method.get();
}

std::string ssl_reason() {
  const unsigned long code = ossl().ERR_peek_last_error();
  ossl().ERR_clear_error();
  const char* text = ossl().ERR_reason_error_string(code);
  return text ? text : "unknown TLS error";
}

// Called when the other side asks for a certificate and we have none: notes it, shows none.
int note_certificate_request(SSL* ssl, X509**, EVP_PKEY**) {
  if (auto* asked = static_cast<bool*>(ossl().SSL_get_ex_data(ssl, 0))) *asked = true;
  return 0;
}

// Why a TLS connection broke: lost, or the other side did not like the certificate it was shown. `no_certificate`: it
// asked for one, was shown none and hung up; its alert is then often lost with the connection.
Error tls_failure(int why, std::string_view what, bool no_certificate) {
  if (no_certificate) {
    ossl().ERR_clear_error();
    return denied("the other side wants a client certificate that it trusts, and was shown none");
  }
  if (why == SSL_ERROR_SYSCALL) return io_error(cat(what, ": ", errno != 0 ? std::strerror(errno) : "closed"));
  const int reason = ERR_GET_REASON(ossl().ERR_peek_last_error());
  const std::string words = ssl_reason();
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED || reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
      reason == SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN || reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA ||
      reason == SSL_R_TLSV1_ALERT_ACCESS_DENIED)
    return denied(cat("the other side wants a client certificate that it trusts (", words, ")"));
  return io_error(cat(what, ": ", words));
}

bool is_address(const std::string& host) {
  in6_addr bytes{};
  return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 || ::inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

Result<std::unique_ptr<addrinfo, Free>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) return io_error(cat("cannot resolve ", host, ": ", ::gai_strerror(code)));
  return std::unique_ptr<addrinfo, Free>(list);
}

Result<Fd> connect_socket(int family, const sockaddr* address, socklen_t length, milliseconds timeout) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.open()) return errno_error("cannot make a socket");
  if (::connect(fd.get(), address, length) != 0) {
    if (errno != EINPROGRESS) return io_error(cat("cannot connect: ", std::strerror(errno)));
    pollfd waiting{fd.get(), POLLOUT, 0};
    int ready;
    do ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return io_error(cat("no connection within ", timeout.count(), " ms"));
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return io_error(cat("cannot connect: ", std::strerror(failure)));
  }
  return fd;
}

}  // namespace

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, Free> context;
};
TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const std::vector<std::string>& ca_files,
                                                           const std::string& certificate, const std::string& key) {
  if (!ossl().missing.empty()) return unsupported(cat("no TLS: ", ossl().missing));
  auto state = std::make_unique<State>();
  state->context.reset(ossl().SSL_CTX_new(ossl().TLS_client_method()));
  SSL_CTX* context = state->context.get();
  if (!context) return io_error(cat("cannot start TLS: ", ssl_reason()));
  ossl().SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
  ossl().SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  ossl().SSL_CTX_ctrl(context, SSL_CTRL_MODE, SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, nullptr);
  ossl().SSL_CTX_set_client_cert_cb(context, note_certificate_request);
  // The store is a folder looked into by hash when a certificate is needed, so this reads next to nothing. A machine
  // without one has only ca_files.
  ossl().SSL_CTX_set_default_verify_paths(context);
  for (const std::string& file : ca_files) {
    if (!exists(file)) return not_found(cat("no such CA file: ", file));
    if (ossl().SSL_CTX_load_verify_file(context, file.c_str()) != 1)
      return malformed(cat("CA file ", file, ": ", ssl_reason()));
  }
  if (!certificate.empty()) {
    const std::string& key_file = key.empty() ? certificate : key;
    if (ossl().SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
      return malformed(cat("client certificate ", certificate, ": ", ssl_reason()));
    if (ossl().SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
        ossl().SSL_CTX_check_private_key(context) != 1)
      return malformed(cat("client key ", key_file, ": ", ssl_reason()));
  }
  ossl().ERR_clear_error();
  return std::shared_ptr<const TlsContext>(std::make_shared<TlsContext>(std::move(state)));
}

struct Connection::Tls {
  std::unique_ptr<SSL, Free> ssl;
  std::shared_ptr<const TlsContext> context;  // outlives the connections made from it
  bool certificate_wanted = false;            // and we have none
};

Connection::Connection() = default;
Connection::~Connection() {
  if (!tls_) return;
  if (received_) ossl().SSL_shutdown(tls_->ssl.get());  // one try, says goodbye; nobody waits for the answer
  ossl().ERR_clear_error();
}

void Connection::set_patience(milliseconds stall_timeout, std::uint32_t least_rate) {
  stall_timeout_ = stall_timeout;
  least_rate_ = least_rate;
  waited_ = {};
  bytes_in_window_ = 0;
  received_ = false;
}

Status Connection::wait(short events) {
  const auto start = steady_clock::now();
  const auto left = std::chrono::ceil<milliseconds>(stall_timeout_ - waited_);
  pollfd waiting{fd_.get(), events, 0};
  const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
  if (ready < 0 && errno != EINTR) return errno_error("cannot wait for the network");
  waited_ += steady_clock::now() - start;
  if (waited_ >= stall_timeout_) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(stall_timeout_).count();
    const bool any =
        least_rate_ == 0 ? bytes_in_window_ > 0 : bytes_in_window_ >= static_cast<std::uint64_t>(seconds) * least_rate_;
    if (!any)
      return io_error(
          cat("the other side stalled: ", bytes_in_window_, " bytes in ", stall_timeout_.count(), " ms of waiting"));
    waited_ = {};
    bytes_in_window_ = 0;
  }
  return Ok{};
}

Result<std::size_t> Connection::receive(std::uint8_t* into, std::size_t size) {
  for (;;) {
    if (!tls_) {
      const ssize_t count = ::recv(fd_.get(), into, size, 0);
      if (count >= 0) {
        received_ = received_ || count > 0;
        bytes_in_window_ += static_cast<std::size_t>(count);
        if (least_rate_ == 0 && count > 0) waited_ = {};
        return static_cast<std::size_t>(count);
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return io_error(cat("connection lost: ", std::strerror(errno)));
      PLIM_CHECK(wait(POLLIN));
      continue;
    }
    ossl().ERR_clear_error();
    const int count = ossl().SSL_read(tls_->ssl.get(), into, static_cast<int>(std::min<std::size_t>(size, 1 << 20)));
    if (count > 0) {
      received_ = true;
      bytes_in_window_ += static_cast<std::size_t>(count);
      if (least_rate_ == 0) waited_ = {};
      return static_cast<std::size_t>(count);
    }
    const int why = ossl().SSL_get_error(tls_->ssl.get(), count);
    if (why == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
    if (why == SSL_ERROR_WANT_READ) {
      PLIM_CHECK(wait(POLLIN));
    } else if (why == SSL_ERROR_WANT_WRITE) {
      PLIM_CHECK(wait(POLLOUT));
    } else {
      return tls_failure(why, "connection lost", tls_->certificate_wanted && !received_);
    }
  }
}

Result<std::size_t> Connection::read(std::uint8_t* into, std::size_t size) {
  if (ahead_.empty()) return receive(into, size);
  const std::size_t count = std::min(size, ahead_.size());
  std::memcpy(into, ahead_.data(), count);
  ahead_.erase(0, count);
  return count;
}

Status Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!tls_) {
      const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        waited_ = {};
      } else if (errno == EAGAIN) {
        PLIM_CHECK(wait(POLLOUT));
      } else if (errno != EINTR) {
        return io_error(cat("connection lost: ", std::strerror(errno)));
      }
      continue;
    }
    ossl().ERR_clear_error();
    const int count =
        ossl().SSL_write(tls_->ssl.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)));
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      waited_ = {};
      continue;
    }
    const int why = ossl().SSL_get_error(tls_->ssl.get(), count);
    if (why == SSL_ERROR_WANT_READ) {
      PLIM_CHECK(wait(POLLIN));
    } else if (why == SSL_ERROR_WANT_WRITE) {
      PLIM_CHECK(wait(POLLOUT));
    } else {
      return tls_failure(why, "connection lost", tls_->certificate_wanted && !received_);
    }
  }
  return Ok{};
}

Result<std::string> Connection::read_head() {
  std::array<std::uint8_t, 16384> buffer;
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = ahead_.find("\r\n\r\n", searched);
    if (end != std::string::npos && end <= kMostHeadBytes) {
      std::string head = ahead_.substr(0, end);
      ahead_.erase(0, end + 4);
      return head;
    }
    if (ahead_.size() > kMostHeadBytes)
      return limit_reached(cat("HTTP response head longer than ", kMostHeadBytes, " bytes"));
    searched = ahead_.size() < 3 ? 0 : ahead_.size() - 3;
    PLIM_TRY(const std::size_t count, receive(buffer.data(), buffer.size()));
    if (count == 0) return io_error("connection closed before the response");
    ahead_.append(reinterpret_cast<const char*>(buffer.data()), count);
  }
}

bool Connection::is_quiet() const {
  if (!ahead_.empty() || (tls_ && ossl().SSL_pending(tls_->ssl.get()) > 0)) return false;
  pollfd waiting{fd_.get(), POLLIN | POLLRDHUP, 0};
  return ::poll(&waiting, 1, 0) == 0;
}

Status Connection::connect_to(const Route& route, milliseconds timeout) {
  if (!route.unix_socket.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (route.unix_socket.size() >= sizeof address.sun_path)
      return malformed(cat("socket path too long: ", route.unix_socket));
    std::memcpy(address.sun_path, route.unix_socket.data(), route.unix_socket.size());
    if (!exists(route.unix_socket)) return not_found(cat("no such socket: ", route.unix_socket));
    PLIM_TRY(fd_, connect_socket(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, timeout)
                      .context("socket", route.unix_socket));
    return Ok{};
  }
  const std::string& host = route.proxy ? route.proxy->host : route.url.host;
  const std::uint16_t port = route.proxy ? route.proxy->port : route.url.port;
  PLIM_TRY(const auto addresses, resolve(host, port));
  Error last = io_error("no address");
  for (const addrinfo* at = addresses.get(); at; at = at->ai_next) {
    auto fd = connect_socket(at->ai_family, at->ai_addr, at->ai_addrlen, timeout);
    if (fd) {
      fd_ = std::move(*fd);
      const int on = 1;
      ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      return Ok{};
    }
    last = std::move(fd).error();
  }
  return std::move(last).with_context(route.proxy ? "proxy" : "host", cat(host, ":", port));
}

Status Connection::tunnel(const Route& route) {
  const std::string host =
      route.url.host.find(':') == std::string::npos ? route.url.host : cat("[", route.url.host, "]");
  const std::string target = cat(host, ":", route.url.port);
  std::string request = cat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!route.proxy->authorization.empty()) request += cat("Proxy-Authorization: ", route.proxy->authorization, "\r\n");
  PLIM_CHECK(write(request + "\r\n"));
  PLIM_TRY(const std::string head, read_head().context("proxy", route.proxy->host));
  PLIM_TRY(const ResponseHead response, parse_response_head(head).context("proxy", route.proxy->host));
  if (response.status == 407)
    return denied(cat("proxy ", route.proxy->host, " wants a user and password: put them in the proxy's address"));
  if (response.status / 100 != 2)
    return io_error(cat("proxy ", route.proxy->host, " refused the tunnel with status ", response.status));
  if (!ahead_.empty()) return malformed(cat("proxy ", route.proxy->host, " sent bytes before the tunnel was used"));
  return Ok{};
}

Status Connection::start_tls(const Route& route) {
  PLIM_ASSERT(route.tls != nullptr);
  auto tls = std::make_unique<Tls>();
  tls->context = route.tls;
  tls->ssl.reset(ossl().SSL_new(route.tls->state().context.get()));
  BIO* bio = ossl().BIO_new(socket_method());
  if (!tls->ssl || !bio) return io_error(cat("cannot start TLS: ", ssl_reason()));
  ossl().SSL_set_ex_data(tls->ssl.get(), 0, &tls->certificate_wanted);
  ossl().BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd_.get())));
  ossl().SSL_set_bio(tls->ssl.get(), bio, bio);
  X509_VERIFY_PARAM* param = ossl().SSL_get0_param(tls->ssl.get());
  const std::string& host = route.url.host;
  if (is_address(host)) {
    if (ossl().X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) != 1)
      return io_error(cat("cannot start TLS: ", ssl_reason()));
  } else {
    ossl().SSL_set_hostflags(tls->ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (ossl().SSL_set1_host(tls->ssl.get(), host.c_str()) != 1 || ossl().SSL_ctrl(tls->ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) != 1)
      return io_error(cat("cannot start TLS: ", ssl_reason()));
  }
  for (;;) {
    ossl().ERR_clear_error();
    const int done = ossl().SSL_connect(tls->ssl.get());
    if (done == 1) break;
    const int why = ossl().SSL_get_error(tls->ssl.get(), done);
    if (why == SSL_ERROR_WANT_READ) {
      PLIM_CHECK(wait(POLLIN).context("TLS handshake with", host));
    } else if (why == SSL_ERROR_WANT_WRITE) {
      PLIM_CHECK(wait(POLLOUT).context("TLS handshake with", host));
    } else {
      const long verdict = ossl().SSL_get_verify_result(tls->ssl.get());
      if (verdict != X509_V_OK)
        return denied(cat("the certificate of ", host, " is not trusted: ", ossl().X509_verify_cert_error_string(verdict)));
      const int reason = ERR_GET_REASON(ossl().ERR_peek_last_error());
      // A plain HTTP server answers the handshake with its own 400 page.
      if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
          reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
        ossl().ERR_clear_error();
        return unsupported(cat(host, " does not speak TLS on port ", route.url.port));
      }
      return tls_failure(why, cat("TLS handshake with ", host, " failed"), tls->certificate_wanted);
    }
  }
  tls_ = std::move(tls);
  return Ok{};
}

Result<std::unique_ptr<Connection>> Connection::open(const Route& route, milliseconds connect_timeout) {
  std::unique_ptr<Connection> out(new Connection);
  PLIM_CHECK(out->connect_to(route, connect_timeout));
  const bool tls = route.url.scheme == "https" && route.unix_socket.empty();
  out->set_patience(connect_timeout, 1 << 20);  // the handshake as a whole, not each of its steps
  if (tls && route.proxy) PLIM_CHECK(out->tunnel(route));
  if (tls) PLIM_CHECK(out->start_tls(route));
  return out;
}

}  // namespace plimsoll
