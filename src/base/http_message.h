// The bytes of HTTP/1.1, without any network: addresses, response heads, chunked bodies, proxy rules.
//
// Source  RFC 9110, RFC 9112; RFC 3986 for addresses. Stricter than they allow where leniency is how two readers of
//         one message come to differ: no folded headers, no second Content-Length, no chunked beside a length.
// Input   hostile (a registry's or a proxy's answer). Errors: Malformed, Unsupported, Limit.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;
// The first header of that name (any case); empty when absent.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string target = "/";  // path and query, ready to be sent: only printable ASCII

  // Absolute addresses only. User and password in an address are refused: they would end in logs.
  static Result<Url> parse(std::string_view text);
  Result<Url> resolve(std::string_view location) const;  // a Location header against this address (RFC 3986 §5)
  std::string authority() const;  // "host", "host:8443", "[::1]:80": without the scheme's own port
  std::string origin() const { return scheme + "://" + authority(); }
  std::string text() const { return origin() + target; }
  std::string shown() const;  // for messages: without the query, where signatures and tokens stand
  bool is_loopback() const;
};

std::string percent_encode(std::string_view text);  // everything but RFC 3986's unreserved characters

struct ResponseHead {
  int status = 0;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  HttpHeaders headers;
};
inline constexpr std::size_t kMostHeadBytes = 64 << 10;
// `head` is all up to and without the empty line.
Result<ResponseHead> parse_response_head(std::string_view head);

// Takes the framing off a chunked body, piece by piece.
class ChunkDecoder {
 public:
  // Reads from `in`, appends nothing: returns how many bytes of `in` were framing to skip and how many behind them are
  // body. Both 0: `in` holds too little of the framing to go on.
  struct Step {
    std::size_t skip = 0;
    std::size_t body = 0;
  };
  Result<Step> next(Bytes in);
  bool done() const { return state_ == State::Done; }

 private:
  enum class State { Size, Body, BodyEnd, Trailer, Done };
  State state_ = State::Size;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
};

// A Retry-After header: seconds, or an HTTP date seen from `now`; nullopt when it is neither.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, std::chrono::system_clock::time_point now);

// What HTTP_PROXY, HTTPS_PROXY and NO_PROXY say. Addresses are http://[user:password@]host:port.
struct ProxyRules {
  std::string http, https;
  std::string except;  // comma-separated: host (and what lies under it), .domain, address, address/bits, each with
                       // or without :port; "*" for everything
};
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // a Proxy-Authorization value, or empty
};
// The proxy for this address; nullopt for none. Loopback never goes through one. Errors: Malformed, Unsupported (a
// proxy that itself speaks TLS or SOCKS); never with the password in the message.
Result<std::optional<Proxy>> choose_proxy(const ProxyRules& rules, const Url& url);

}  // namespace plimsoll
