// For tests: an HTTP server on a free loopback port (or a Unix socket) that answers as a function says: also badly.
#pragma once
#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/http_message.h"
#include "base/text.h"

namespace plimsoll {

struct TestRequest {
  std::string method, target, body;
  HttpHeaders headers;
  int connection = 0;  // counted from 1
  std::string_view header(std::string_view name) const { return find_header(headers, name); }
};
struct TestReply {
  std::string bytes;    // sent as they are
  bool close = false;   // afterwards
  int drip_ms = 0;      // between any two bytes
  int stall_ms = 0;     // afterwards; ends early when the client hangs up
  int tunnel_port = 0;  // afterwards: all bytes to and from this loopback port
};
inline TestReply reply(int status, std::string_view body = "", const HttpHeaders& headers = {}) {
  std::string out = cat("HTTP/1.1 ", status, " X\r\nContent-Length: ", body.size(), "\r\n");
  for (const auto& [name, value] : headers) out += cat(name, ": ", value, "\r\n");
  return {.bytes = cat(out, "\r\n", body)};
}

// A self-signed certificate for `name` (a host name, or an address) as PEM text.
struct TestCertificate {
  std::string certificate, key;
  static TestCertificate make(const std::string& name) {
    EVP_PKEY* pkey = EVP_EC_gen("P-256");
    X509* x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_set_pubkey(x, pkey);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    const bool address = !name.empty() && name.find_first_not_of("0123456789.") == std::string::npos;
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ((address ? "IP:" : "DNS:") + name).c_str());
    X509_add_ext(x, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x, pkey, EVP_sha256());
    const auto text = [](auto write) {
      BIO* bio = BIO_new(BIO_s_mem());
      write(bio);
      char* data = nullptr;
      const long size = BIO_get_mem_data(bio, &data);
      std::string out(data, static_cast<std::size_t>(size));
      BIO_free(bio);
      return out;
    };
    TestCertificate out;
    out.certificate = text([&](BIO* bio) { PEM_write_bio_X509(bio, x); });
    out.key = text([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, pkey, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(x);
    EVP_PKEY_free(pkey);
    return out;
  }
};

class TestServer {
 public:
  using Handler = std::function<TestReply(const TestRequest&)>;
  struct Tls {
    TestCertificate own;
    std::string client_ca_file;  // when set, clients must show a certificate it signs
  };
  explicit TestServer(Handler handler, const Tls* tls = nullptr, const std::string& unix_socket = {})
      : handler_(std::move(handler)) {
    ::signal(SIGPIPE, SIG_IGN);
    if (tls) make_context(*tls);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, unix_socket.data(), unix_socket.size());
    const bool local = !unix_socket.empty();
    listener_ = Fd(::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr* address = local ? reinterpret_cast<sockaddr*>(&un) : reinterpret_cast<sockaddr*>(&in);
    PLIM_ASSERT(::bind(listener_.get(), address, local ? sizeof un : sizeof in) == 0 &&
                ::listen(listener_.get(), 64) == 0);
    socklen_t size = sizeof in;
    if (!local) ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&in), &size);
    port_ = ntohs(in.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~TestServer() {
    stopping_ = true;
    accepting_.join();
    for (std::thread& thread : threads_) thread.join();
    if (context_) SSL_CTX_free(context_);
  }
  int port() const { return port_; }
  std::string host() const { return cat("127.0.0.1:", port_); }
  std::string url(std::string_view path) const { return cat(context_ ? "https://" : "http://", host(), path); }
  std::vector<TestRequest> requests() {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  // The requests as "METHOD target", in order.
  std::vector<std::string> log() {
    std::vector<std::string> out;
    for (const TestRequest& request : requests()) out.push_back(cat(request.method, " ", request.target));
    return out;
  }

 private:
  struct Peer {
    int fd;
    SSL* ssl;
    long receive(char* into, std::size_t size) const {
      return ssl ? SSL_read(ssl, into, static_cast<int>(size)) : ::recv(fd, into, size, 0);
    }
    bool send(std::string_view bytes) const {
      while (!bytes.empty()) {
        const long count = ssl ? SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()))
                               : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
      }
      return true;
    }
  };

  void make_context(const Tls& tls) {
    context_ = SSL_CTX_new(TLS_server_method());
    BIO* bio = BIO_new_mem_buf(tls.own.certificate.data(), static_cast<int>(tls.own.certificate.size()));
    X509* x = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    bio = BIO_new_mem_buf(tls.own.key.data(), static_cast<int>(tls.own.key.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    PLIM_ASSERT(SSL_CTX_use_certificate(context_, x) == 1 && SSL_CTX_use_PrivateKey(context_, key) == 1);
    X509_free(x);
    EVP_PKEY_free(key);
    if (tls.client_ca_file.empty()) return;
    PLIM_ASSERT(SSL_CTX_load_verify_file(context_, tls.client_ca_file.c_str()) == 1);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  bool readable(int fd) const {
    while (!stopping_) {
      pollfd waiting{fd, POLLIN, 0};
      if (::poll(&waiting, 1, 20) > 0) return true;
    }
    return false;
  }
  void accept_all() {
    for (int number = 1; readable(listener_.get()); ++number) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) threads_.emplace_back([this, fd, number] { serve(Fd(fd), number); });
    }
  }
  void serve(Fd fd, int number) {
    Peer peer{fd.get(), nullptr};
    if (context_) {
      peer.ssl = SSL_new(context_);
      SSL_set_fd(peer.ssl, fd.get());
      if (!readable(fd.get()) || SSL_accept(peer.ssl) != 1) {
        SSL_free(peer.ssl);
        return;
      }
    }
    std::string buffer;
    while (one_request(peer, buffer, number)) {
    }
    if (peer.ssl) {
      SSL_shutdown(peer.ssl);
      SSL_free(peer.ssl);
    }
  }
  bool fill(const Peer& peer, std::string& buffer) {
    if (!(peer.ssl && SSL_pending(peer.ssl) > 0) && !readable(peer.fd)) return false;
    char bytes[65536];
    const long count = peer.receive(bytes, sizeof bytes);
    if (count > 0) buffer.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
  bool one_request(const Peer& peer, std::string& buffer, int number) {
    std::size_t end;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!fill(peer, buffer)) return false;
      if (buffer.starts_with('\x16')) {  // a TLS handshake: answered as web servers do
        peer.send("HTTP/1.0 400 Bad Request\r\n\r\n");
        return false;
      }
    }
    TestRequest request;
    request.connection = number;
    std::string_view head = std::string_view(buffer).substr(0, end + 2), line;
    next_line(head, line);
    const auto words = split(line, ' ');
    request.method = words[0];
    request.target = words.size() > 1 ? words[1] : "";
    while (next_line(head, line)) {
      const auto [name, value] = cut(line, ':');
      request.headers.emplace_back(name, trim(value));
    }
    buffer.erase(0, end + 4);
    const std::size_t length = static_cast<std::size_t>(parse_u64(request.header("Content-Length")).value_or(0));
    while (buffer.size() < length)
      if (!fill(peer, buffer)) return false;
    request.body = buffer.substr(0, length);
    buffer.erase(0, length);
    {
      const std::lock_guard lock(mutex_);
      log_.push_back(request);
    }
    const TestReply answer = handler_(request);
    for (std::size_t i = 0; answer.drip_ms > 0 && i < answer.bytes.size() && !stopping_; ++i) {
      if (!peer.send(std::string_view(answer.bytes).substr(i, 1))) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(answer.drip_ms));
    }
    if (answer.drip_ms == 0 && !peer.send(answer.bytes)) return false;
    for (int waited = 0; waited < answer.stall_ms && !stopping_; waited += 20) {
      pollfd waiting{peer.fd, POLLIN | POLLRDHUP, 0};
      if (::poll(&waiting, 1, 20) > 0) return false;
    }
    if (answer.tunnel_port) pipe(peer.fd, answer.tunnel_port);
    return !answer.close && answer.tunnel_port == 0 && answer.stall_ms == 0;
  }
  void pipe(int near, int port) {
    const Fd far(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    in.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(far.get(), reinterpret_cast<sockaddr*>(&in), sizeof in) != 0) return;
    const int ends[2] = {near, far.get()};
    char bytes[65536];
    while (!stopping_) {
      pollfd waiting[2] = {{near, POLLIN, 0}, {far.get(), POLLIN, 0}};
      if (::poll(waiting, 2, 20) <= 0) continue;
      for (int i = 0; i < 2; ++i) {
        if (!waiting[i].revents) continue;
        const ssize_t count = ::recv(ends[i], bytes, sizeof bytes, 0);
        if (count <= 0) return;
        ::send(ends[1 - i], bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
      }
    }
  }

  Handler handler_;
  Fd listener_;
  int port_ = 0;
  SSL_CTX* context_ = nullptr;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<TestRequest> log_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

}  // namespace plimsoll
