// One connection of the HTTP client: TCP or Unix socket, through a proxy's tunnel or not, with TLS or not.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/http_message.h"

namespace plimsoll {

// One set of trusted and own certificates (an OpenSSL context); made on first use, shared by its connections.
class TlsContext {
 public:
  struct State;
  static Result<std::shared_ptr<const TlsContext>> make(const std::vector<std::string>& ca_files,
                                                        const std::string& certificate, const std::string& key);
  explicit TlsContext(std::unique_ptr<State> state);
  ~TlsContext();
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

struct Route {
  Url url;
  std::optional<Proxy> proxy;
  std::string unix_socket;
  std::shared_ptr<const TlsContext> tls;  // for https
  // Requests to a plain http:// origin go to the proxy as they are; https goes through a tunnel.
  bool by_forward_proxy() const { return proxy && url.scheme == "http"; }
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Route& route, std::chrono::milliseconds connect_timeout);
  ~Connection();

  // Begins a new account of waiting: for a request and its response.
  void set_patience(std::chrono::milliseconds stall_timeout, std::uint32_t least_rate);
  Result<std::size_t> read(std::uint8_t* into, std::size_t size);  // 0: the other side closed in good order
  Status write(std::string_view bytes);
  // Reads until the empty line; what came behind it stays for read(). Errors: Limit, Io when it ends before.
  Result<std::string> read_head();
  bool is_quiet() const;                       // still open and nothing unasked for has arrived
  bool received() const { return received_; }  // any byte since set_patience

 private:
  struct Tls;
  Connection();
  Status connect_to(const Route& route, std::chrono::milliseconds timeout);
  Status tunnel(const Route& route);
  Status start_tls(const Route& route);
  Status wait(short events);
  Result<std::size_t> receive(std::uint8_t* into, std::size_t size);

  Fd fd_;
  std::unique_ptr<Tls> tls_;
  std::string ahead_;  // read but not yet given out
  std::chrono::milliseconds stall_timeout_{30'000};
  std::uint32_t least_rate_ = 0;
  std::chrono::nanoseconds waited_{0};
  std::uint64_t bytes_in_window_ = 0;
  bool received_ = false;
};

}  // namespace plimsoll
