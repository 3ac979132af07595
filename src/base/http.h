// HTTP/1.1 client: HTTPS with verified certificates, proxies, retries, resumed downloads, Unix sockets.
//
// Model    HttpClient keeps connections open per origin and may be used by many threads at once. send() follows
//          redirects and retries; it gives the response as soon as its head is there, the body is a ByteSource that one
//          thread reads while others go on. A body read to its end hands its connection back; one dropped early closes
//          it.
// Trust    Certificates are checked against the system's store and `ca_files`, names and addresses against the
//          certificate; TLS 1.2 at least. Plain http:// is allowed to loopback hosts, or with `plain_http`; a redirect
//          from https to http is refused always. `credentials` and the client certificate stay with the origin (scheme,
//          host, port) they were given for: a redirect elsewhere goes without them.
// Time     connect_timeout bounds connect and TLS handshake per address; stall_timeout the wait for a head, and for a
// body:
//          as much time spent waiting (not the reader's own) with fewer than least_rate bytes a second is an error.
//          Name resolution is the system's and keeps its own time limits.
// Retries  Lost connections, 408, 429 and 5xx are tried again with exponential back-off and jitter, Retry-After obeyed
// up
//          to retry_after_limit; GET, HEAD, PUT and DELETE always, others only when the server did not take them up
//          (429, 503, or no connection). After the last try the response itself is given, whatever its status.
// Errors   Denied (certificate), Unsupported (the other side does not speak TLS), Malformed (not HTTP), Limit (head too
//          long, too many redirects), Io (network, time). Messages show addresses without their query.
// Example  HttpClient client({.proxy = environment_proxy()});
//          PLIM_TRY(HttpResponse r, client.send({.url = "https://example.com/feed.zip"}));
//          if (r.status == 200) { ... r.body->read(...) ... }
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_message.h"
#include "base/stream.h"

namespace plimsoll {

struct HttpOptions {
  std::vector<std::string> ca_files;  // PEM, in addition to the system's
  ProxyRules proxy;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};
  std::uint32_t least_rate = 128;  // bytes a second, over stall_timeout
  int retries = 4;                 // beyond the first try
  std::chrono::milliseconds first_backoff{250};
  std::chrono::seconds retry_after_limit{60};
  int redirects = 10;
  std::string user_agent = "plimsoll";
};
// HTTP_PROXY (not where it could be a request's header: CGI), HTTPS_PROXY, NO_PROXY; the lower-case names win.
ProxyRules environment_proxy();

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers;
  HttpHeaders credentials;  // Authorization and the like: sent to this url's origin alone
  std::string body;
  bool plain_http = false;                     // allow http:// to hosts other than loopback
  std::string client_certificate, client_key;  // PEM files; a credential too
  std::vector<std::string> ca_files;           // PEM, trusted for this url's origin alone
  std::string unix_socket;                     // connect here whatever the url's host is; redirects are not followed
  std::chrono::milliseconds stall_timeout{0};  // 0: that of the client
  bool waits_long = false;                     // a watch: no least rate, only stall_timeout without any byte
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string url;                   // where it came from in the end, query cut
  std::unique_ptr<ByteSource> body;  // never null; may outlive the client
  std::string_view header(std::string_view name) const { return find_header(headers, name); }
  bool ok() const { return status >= 200 && status < 300; }
};

enum class Resume {
  ByDigest,     // the address names its content (a blob): any server's bytes from there on will do
  ByValidator,  // only while the strong ETag or Last-Modified of the first answer still holds
};

// The first bytes of a content are at hand already, from an earlier download of what had this strong validator.
struct Begun {
  std::uint64_t bytes = 0;
  std::string validator;
};
// What such a download may later be taken up by: the strong ETag, else Last-Modified; empty when there is neither.
std::string resume_validator(const HttpResponse& response);

class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  Result<HttpResponse> send(const HttpRequest& request);
  // New credentials for a request that was answered 401 in the middle of a download; may be called from any thread.
  using Renew = std::function<Result<HttpHeaders>(const HttpResponse& refused)>;
  // GET whose body goes on by Range after a broken or stalled connection. Where the server cannot, or its content has
  // changed, the read fails.
  // With `begun`, only what follows is asked for (Range, If-Range): status 206 when the body starts behind begun.bytes,
  // 200 when it is the whole of a content that has changed. Errors: Malformed when the server sends another range.
  Result<HttpResponse> get_resumable(const HttpRequest& request, Resume how, Renew renew = {}, Begun begun = {});

  struct State;  // of the implementation

 private:
  std::shared_ptr<State> state_;  // shared with bodies still being read
};

}  // namespace plimsoll
