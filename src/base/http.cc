#include "base/http.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "base/http_connection.h"
#include "base/text.h"

namespace plimsoll {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kIdlePerOrigin = 8;
constexpr int kMostResumes = 64;                 // a server that gives a byte and hangs up must not hold us for ever
constexpr std::uint64_t kDrainBytes = 64 << 10;  // a redirect's or an error's body: cheaper read than a new connection

bool is_retried_status(int status) {
  return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
}
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

bool is_clean(const HttpHeaders& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const auto& header) {
    return !header.first.empty() && header.first.find_first_of("\r\n: ") == std::string::npos &&
           header.second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  });
}

// What a request says of certificates; nothing for an origin it was not meant for.
struct TlsFiles {
  std::string certificate, private_key;
  std::vector<std::string> ca_files;
  static TlsFiles of(const HttpRequest& request, bool at_home) {
    return at_home ? TlsFiles{request.client_certificate, request.client_key, request.ca_files} : TlsFiles{};
  }
  std::string key() const {
    std::string out = cat(certificate, "\n", private_key);
    for (const std::string& file : ca_files) out += cat("\n", file);
    return out;
  }
};

}  // namespace

// What requests share: options, idle connections by route, certificate contexts by client certificate.
struct HttpClient::State {
  explicit State(HttpOptions given) : options(std::move(given)), random(std::random_device{}()) {}

  const HttpOptions options;
  std::mutex mutex;
  std::map<std::string, std::vector<std::unique_ptr<Connection>>> idle;
  std::map<std::string, std::shared_ptr<const TlsContext>> contexts;
  std::minstd_rand random;

  std::unique_ptr<Connection> take_idle(const std::string& key) {
    const std::lock_guard lock(mutex);
    auto& list = idle[key];
    while (!list.empty()) {
      auto connection = std::move(list.back());
      list.pop_back();
      if (connection->is_quiet()) return connection;
    }
    return nullptr;
  }
  void give_back(const std::string& key, std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex);
    auto& list = idle[key];
    if (list.size() < kIdlePerOrigin) list.push_back(std::move(connection));
  }
  Result<std::shared_ptr<const TlsContext>> context(const TlsFiles& files) {
    const std::lock_guard lock(mutex);
    auto& slot = contexts[files.key()];
    if (!slot) {
      std::vector<std::string> trusted = options.ca_files;
      trusted.insert(trusted.end(), files.ca_files.begin(), files.ca_files.end());
      PLIM_TRY(slot, TlsContext::make(trusted, files.certificate, files.private_key));
    }
    return slot;
  }
  void back_off(int attempt, std::optional<std::chrono::seconds> asked) {
    milliseconds delay =
        std::min<milliseconds>(options.first_backoff * (1 << std::min(attempt, 10)), milliseconds(20'000));
    {
      const std::lock_guard lock(mutex);
      delay = delay / 2 +
              milliseconds(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(delay.count() / 2 + 1)));
    }
    if (asked) delay = std::max<milliseconds>(delay, *asked);
    std::this_thread::sleep_for(delay);
  }
};

namespace {

// The body of one response; gives its connection back when it is read to the end.
class Body : public ByteSource {
 public:
  using GiveBack = std::function<void(std::unique_ptr<Connection>)>;
  Body(std::unique_ptr<Connection> connection, const ResponseHead& head, bool has_body, std::string where,
       GiveBack give_back)
      : connection_(std::move(connection)),
        where_(std::move(where)),
        give_back_(std::move(give_back)),
        keep_(head.keep_alive) {
    if (!has_body) {
      left_ = 0;
    } else if (head.chunked) {
      chunked_ = true;
    } else if (head.content_length) {
      left_ = *head.content_length;
    } else {
      until_close_ = true;
      keep_ = false;
    }
    if (!chunked_ && !until_close_ && left_ == 0) finish();
  }

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    if (done_ || size == 0) return std::size_t{0};
    if (!connection_) return io_error(cat("read after an error: ", where_));
    auto count = chunked_ ? read_chunked(into, size) : read_plain(into, size);
    if (!count) {
      connection_.reset();
      return std::move(count).error().with_context("body of", where_);
    }
    return count;
  }

 private:
  Result<std::size_t> read_plain(std::uint8_t* into, std::size_t size) {
    const std::size_t wanted = until_close_ ? size : static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    PLIM_TRY(const std::size_t count, connection_->read(into, wanted));
    if (until_close_) {
      if (count == 0) finish();
      return count;
    }
    if (count == 0) return io_error(cat("connection closed ", left_, " bytes early"));
    left_ -= count;
    if (left_ == 0) finish();
    return count;
  }

  Result<std::size_t> read_chunked(std::uint8_t* into, std::size_t size) {
    for (;;) {
      const Bytes have = as_bytes(buffer_).subspan(at_);
      if (chunk_left_ > 0) {
        const std::size_t count = std::min({size, chunk_left_, have.size()});
        std::copy_n(have.data(), count, into);
        at_ += count;
        chunk_left_ -= count;
        return count;
      }
      PLIM_TRY(const ChunkDecoder::Step step, decoder_.next(have));
      at_ += step.skip;
      chunk_left_ = step.body;
      if (decoder_.done()) {
        if (at_ != buffer_.size()) keep_ = false;  // bytes nobody asked for
        finish();
        return std::size_t{0};
      }
      if (step.body > 0) continue;
      if (step.skip > 0 && at_ < buffer_.size()) continue;
      buffer_.erase(0, at_);
      at_ = 0;
      const std::size_t old = buffer_.size();
      buffer_.resize(old + (64 << 10));
      const auto count = connection_->read(reinterpret_cast<std::uint8_t*>(buffer_.data()) + old, 64 << 10);
      buffer_.resize(old + (count ? *count : 0));
      if (!count) return count.error();
      if (*count == 0) return io_error("connection closed in the middle of a chunked body");
    }
  }

  void finish() {
    done_ = true;
    if (keep_ && connection_) give_back_(std::move(connection_));
    connection_.reset();
  }

  std::unique_ptr<Connection> connection_;
  std::string where_;
  GiveBack give_back_;
  bool keep_, chunked_ = false, until_close_ = false, done_ = false;
  std::uint64_t left_ = 0;
  ChunkDecoder decoder_;
  std::string buffer_;
  std::size_t at_ = 0, chunk_left_ = 0;
};

std::string request_text(const HttpRequest& request, const Route& route, const HttpOptions& options,
                         bool with_credentials) {
  std::string out = cat(request.method, " ", route.by_forward_proxy() ? route.url.text() : route.url.target,
                        " HTTP/1.1\r\nHost: ", route.url.authority(), "\r\nUser-Agent: ", options.user_agent, "\r\n");
  if (find_header(request.headers, "Accept-Encoding").empty()) out += "Accept-Encoding: identity\r\n";
  if (route.by_forward_proxy() && !route.proxy->authorization.empty())
    out += cat("Proxy-Authorization: ", route.proxy->authorization, "\r\n");
  for (const auto& [name, value] : request.headers) out += cat(name, ": ", value, "\r\n");
  if (with_credentials)
    for (const auto& [name, value] : request.credentials) out += cat(name, ": ", value, "\r\n");
  const bool may_have_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (may_have_body || !request.body.empty()) out += cat("Content-Length: ", request.body.size(), "\r\n");
  out += "\r\n";
  return out;
}

// One request on one connection, old or new; no redirect, no retry.
class Exchange {
 public:
  Exchange(std::shared_ptr<HttpClient::State> state, const HttpRequest& request)
      : state_(std::move(state)), request_(request) {}
  Result<HttpResponse> run(const Url& url, bool with_credentials);
  bool reached() const { return reached_; }  // the server may have seen the request

 private:
  Result<Route> route_to(const Url& url, bool with_credentials);
  Result<ResponseHead> talk(Connection& connection, const Route& route, bool with_credentials);

  std::shared_ptr<HttpClient::State> state_;
  const HttpRequest& request_;
  bool reached_ = false;
};

Result<Route> Exchange::route_to(const Url& url, bool with_credentials) {
  Route route{.url = url, .unix_socket = request_.unix_socket};
  if (!route.unix_socket.empty()) return route;
  if (url.scheme == "http" && !url.is_loopback() && !request_.plain_http)
    return denied(cat("plain HTTP to ", url.host, " is not allowed: use HTTPS, or allow it with --plain-http"));
  PLIM_TRY(route.proxy, choose_proxy(state_->options.proxy, url));
  if (url.scheme == "https") {
    PLIM_TRY(route.tls, state_->context(TlsFiles::of(request_, with_credentials)));
  }
  return route;
}

Result<ResponseHead> Exchange::talk(Connection& connection, const Route& route, bool with_credentials) {
  const milliseconds stall =
      request_.stall_timeout.count() > 0 ? request_.stall_timeout : state_->options.stall_timeout;
  connection.set_patience(stall, request_.waits_long ? 0 : state_->options.least_rate);
  reached_ = true;
  PLIM_CHECK(connection.write(request_text(request_, route, state_->options, with_credentials)));
  PLIM_CHECK(connection.write(request_.body));
  for (int informational = 0; informational < 16; ++informational) {
    PLIM_TRY(const std::string text, connection.read_head());
    PLIM_TRY(ResponseHead head, parse_response_head(text));
    if (head.status == 101) return unsupported("HTTP response that switches protocols");
    if (head.status >= 200) return head;
  }
  return limit_reached("endless informational HTTP responses");
}

Result<HttpResponse> Exchange::run(const Url& url, bool with_credentials) {
  reached_ = false;
  PLIM_TRY(const Route route, route_to(url, with_credentials));
  const std::string key =
      cat(url.origin(), "\n", route.unix_socket, "\n", TlsFiles::of(request_, with_credentials).key());
  // A connection kept open may have been closed by the other side just now: then a fresh one is tried at once.
  for (bool fresh = false;; fresh = true) {
    std::unique_ptr<Connection> connection = fresh ? nullptr : state_->take_idle(key);
    const bool kept = connection != nullptr;
    if (!kept) {
      PLIM_TRY(connection, Connection::open(route, state_->options.connect_timeout));
    }
    auto head = talk(*connection, route, with_credentials);
    if (!head) {
      if (kept && !connection->received() && is_idempotent(request_.method)) continue;
      return std::move(head).error();
    }
    const bool has_body = request_.method != "HEAD" && head->status != 204 && head->status != 304;
    HttpResponse response{.status = head->status, .url = url.shown()};
    response.body = std::make_unique<Body>(
        std::move(connection), *head, has_body, url.shown(),
        [state = state_, key](std::unique_ptr<Connection> done) { state->give_back(key, std::move(done)); });
    response.headers = std::move(head->headers);
    return response;
  }
}

// Reads the little that is left, so that the connection can serve the next request.
void drain(HttpResponse& response) {
  std::uint8_t buffer[8192];
  for (std::uint64_t total = 0; total < kDrainBytes;) {
    const auto count = response.body->read(buffer, sizeof buffer);
    if (!count || *count == 0) return;
    total += *count;
  }
}

// One address with retries.
Result<HttpResponse> send_with_retries(const std::shared_ptr<HttpClient::State>& state, const HttpRequest& request,
                                       const Url& url, bool with_credentials) {
  const HttpOptions& options = state->options;
  for (int attempt = 0;; ++attempt) {
    Exchange exchange(state, request);
    auto response = exchange.run(url, with_credentials);
    const bool last = attempt >= options.retries;
    if (!response) {
      const bool may_repeat = is_idempotent(request.method) || !exchange.reached();
      if (response.error().kind() != ErrorKind::Io || !may_repeat || last)
        return std::move(response).error().with_context(request.method, url.shown());
      state->back_off(attempt, std::nullopt);
      continue;
    }
    const int status = response->status;
    const bool declined = status == 429 || status == 503;
    if (!is_retried_status(status) || last || (!is_idempotent(request.method) && !declined)) return response;
    const auto asked = parse_retry_after(response->header("Retry-After"), std::chrono::system_clock::now());
    if (asked && *asked > options.retry_after_limit) return response;
    drain(*response);
    state->back_off(attempt, asked);
  }
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<HttpResponse> follow(const std::shared_ptr<HttpClient::State>& state, HttpRequest request) {
  PLIM_TRY(Url url, Url::parse(request.url));
  if (!is_clean(request.headers) || !is_clean(request.credentials))
    return malformed("an HTTP header with a line break in it");
  const std::string origin = url.origin();
  for (int hops = 0;; ++hops) {
    const bool at_home = url.origin() == origin;
    PLIM_TRY(HttpResponse response, send_with_retries(state, request, url, at_home));
    const std::string_view location = response.header("Location");
    if (!is_redirect(response.status) || location.empty() || !request.unix_socket.empty()) return response;
    if (hops >= state->options.redirects) return limit_reached(cat("more than ", hops, " redirects: ", url.shown()));
    PLIM_TRY(Url next, url.resolve(location).context("redirect from", url.shown()));
    if (url.scheme == "https" && next.scheme == "http")
      return denied(cat("redirect from https to http refused: ", url.shown(), " to ", next.shown()));
    drain(response);
    const bool becomes_get = response.status == 303 || (request.method == "POST" && response.status <= 302);
    if (becomes_get && request.method != "HEAD") {
      request.method = "GET";
      request.body.clear();
    }
    url = std::move(next);
  }
}

// A body that goes on where it broke off.
class ResumingBody : public ByteSource {
 public:
  ResumingBody(std::shared_ptr<HttpClient::State> state, HttpRequest request, std::unique_ptr<ByteSource> body,
               std::string validator, std::optional<std::uint64_t> total, std::uint64_t begun, bool may_skip,
               HttpClient::Renew renew)
      : state_(std::move(state)),
        request_(std::move(request)),
        body_(std::move(body)),
        validator_(std::move(validator)),
        total_(total),
        may_skip_(may_skip),
        renew_(std::move(renew)),
        done_(begun) {}

  Result<std::size_t> read(std::uint8_t* into, std::size_t size) override {
    for (;;) {
      auto count = body_->read(into, size);
      if (count) {
        done_ += *count;
        if (*count > 0) failures_ = 0;
        return count;
      }
      if (count.error().kind() != ErrorKind::Io || failures_ >= state_->options.retries || resumes_ >= kMostResumes)
        return count;
      ++resumes_;
      state_->back_off(failures_++, std::nullopt);
      PLIM_CHECK(resume());
    }
  }

 private:
  Status resume() {
    HttpRequest again = request_;
    again.headers.emplace_back("Range", cat("bytes=", done_, "-"));
    if (!validator_.empty()) again.headers.emplace_back("If-Range", validator_);
    PLIM_TRY(HttpResponse response, follow(state_, again));
    if (response.status == 401 && renew_) {  // a token that has run out since
      PLIM_TRY(request_.credentials, renew_(response));
      again.credentials = request_.credentials;
      PLIM_TRY(response, follow(state_, std::move(again)));
    }
    if (response.status == 206) {
      // Content-Range: bytes 100-199/200
      const std::string_view range = response.header("Content-Range");
      if (!range.starts_with("bytes ") || parse_u64(cut(range.substr(6), '-').first) != done_)
        return malformed(cat("resumed at byte ", done_, ", but the server sent another range: ", response.url));
      const auto whole = parse_u64(cut(range, '/').second);
      if (total_ && whole && whole != total_)
        return malformed(cat("the content changed while it was fetched: ", response.url));
      body_ = std::move(response.body);
      return Ok{};
    }
    if (response.status == 200 && may_skip_) {  // no ranges here, but the same bytes again
      std::uint8_t buffer[16384];
      for (std::uint64_t left = done_; left > 0;) {
        PLIM_TRY(const std::size_t count,
                 response.body->read(buffer, static_cast<std::size_t>(std::min<std::uint64_t>(left, sizeof buffer))));
        if (count == 0) return malformed(cat("shorter at the second fetch: ", response.url));
        left -= count;
      }
      body_ = std::move(response.body);
      return Ok{};
    }
    if (response.status == 200) return malformed(cat("the content changed while it was fetched: ", response.url));
    return io_error(cat("cannot resume at byte ", done_, ": status ", response.status, ": ", response.url));
  }

  std::shared_ptr<HttpClient::State> state_;
  HttpRequest request_;
  std::unique_ptr<ByteSource> body_;
  std::string validator_;
  std::optional<std::uint64_t> total_;
  bool may_skip_;
  HttpClient::Renew renew_;
  std::uint64_t done_;
  int failures_ = 0, resumes_ = 0;
};

}  // namespace

ProxyRules environment_proxy() {
  const auto either = [](const char* small, const char* large) {
    auto value = environment(small);
    return value ? *value : environment(large).value_or("");
  };
  ProxyRules out;
  out.http =
      environment("REQUEST_METHOD") ? environment("http_proxy").value_or("") : either("http_proxy", "HTTP_PROXY");
  out.https = either("https_proxy", "HTTPS_PROXY");
  out.except = either("no_proxy", "NO_PROXY");
  return out;
}

HttpClient::HttpClient(HttpOptions options) : state_(std::make_shared<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) { return follow(state_, request); }

std::string resume_validator(const HttpResponse& response) {
  const std::string_view etag = response.header("ETag");
  return std::string(etag.empty() || etag.starts_with("W/") ? response.header("Last-Modified") : etag);
}

Result<HttpResponse> HttpClient::get_resumable(const HttpRequest& request, Resume how, Renew renew, Begun begun) {
  HttpRequest first = request;
  const bool goes_on = begun.bytes > 0 && !begun.validator.empty();
  if (goes_on) {
    first.headers.emplace_back("Range", cat("bytes=", begun.bytes, "-"));
    first.headers.emplace_back("If-Range", begun.validator);
  }
  PLIM_TRY(HttpResponse response, follow(state_, first));
  if (response.status != 200 && !(goes_on && response.status == 206)) return response;
  std::string validator = resume_validator(response);
  std::optional<std::uint64_t> total = parse_u64(response.header("Content-Length"));
  if (response.status == 206) {
    const std::string_view range = response.header("Content-Range");
    if (!range.starts_with("bytes ") || parse_u64(cut(range.substr(6), '-').first) != begun.bytes)
      return malformed(cat("asked from byte ", begun.bytes, " on, but the server sent another range: ", response.url));
    total = parse_u64(cut(range, '/').second);
    if (total && *total < begun.bytes) return malformed(cat("more than the server's ", *total, " bytes is at hand already: ", response.url));
    validator = begun.validator;
  }
  if (how == Resume::ByValidator && validator.empty()) return response;
  if (how == Resume::ByDigest) validator.clear();
  const std::uint64_t done = response.status == 206 ? begun.bytes : 0;
  response.body = std::make_unique<ResumingBody>(state_, request, std::move(response.body), std::move(validator), total,
                                                 done, how == Resume::ByDigest, std::move(renew));
  return response;
}

}  // namespace plimsoll
