#include "base/http.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/test_server.h"

namespace plimsoll {
namespace {

using std::chrono::milliseconds;

HttpOptions quick() {
  return {.connect_timeout = milliseconds(2000),
          .stall_timeout = milliseconds(300),
          .least_rate = 1000,
          .retries = 3,
          .first_backoff = milliseconds(2)};
}

// Status and body, or the error: "200 hello", "error: ...".
std::string get(HttpClient& client, const HttpRequest& request) {
  auto response = client.send(request);
  if (!response) return "error: " + response.error().message();
  auto body = read_all(*response->body, 1 << 20);
  return cat(response->status, " ", body ? *body : "error: " + body.error().message());
}
std::string resumable(HttpClient& client, const std::string& url, Resume how) {
  auto response = client.get_resumable({.url = url}, how);
  if (!response) return "error: " + response.error().message();
  auto body = read_all(*response->body, 1 << 20);
  return body ? *body : "error: " + body.error().message();
}
bool is_error(std::string_view text, std::string_view part) {
  return text.starts_with("error: ") && text.find(part) != std::string_view::npos;
}

TEST(http, one_connection_serves_many_requests) {
  TestServer server([](const TestRequest& r) { return reply(200, r.target); });
  HttpClient client(quick());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(client, {.url = server.url(cat("/", i))}), cat("200 /", i));
  EXPECT_EQ(server.requests().back().connection, 1);
  EXPECT_EQ(server.requests()[0].header("Host"), server.host());
}

TEST(http, a_kept_connection_that_was_closed_is_replaced) {
  TestServer server([](const TestRequest& r) {
    TestReply out = reply(200, r.target);
    out.close = true;
    return out;
  });
  HttpClient client(quick());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(client, {.url = server.url("/")}), "200 /");
}

TEST(http, bodies_of_every_framing) {
  TestServer server([](const TestRequest& r) -> TestReply {
    if (r.target == "/chunked")
      return {.bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
    if (r.target == "/close") return {.bytes = "HTTP/1.0 200 OK\r\n\r\nto the end", .close = true};
    if (r.target == "/continue")
      return {.bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    if (r.target == "/none") return {.bytes = "HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"};
    return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"};  // to HEAD
  });
  HttpClient client(quick());
  EXPECT_EQ(get(client, {.url = server.url("/chunked")}), "200 abcde");
  EXPECT_EQ(get(client, {.url = server.url("/close")}), "200 to the end");
  EXPECT_EQ(get(client, {.url = server.url("/continue")}), "200 ok");
  EXPECT_EQ(get(client, {.url = server.url("/none")}), "304 ");
  EXPECT_EQ(get(client, {.method = "HEAD", .url = server.url("/")}), "200 ");
}

TEST(http, credentials_stay_with_their_origin) {
  TestServer other([](const TestRequest& r) { return reply(200, cat("auth=", r.header("Authorization"))); });
  TestServer server([&](const TestRequest& r) {
    if (r.target == "/there") return reply(307, "", {{"Location", other.url("/x")}});
    if (r.target == "/back") return reply(307, "", {{"Location", "/here"}});
    return reply(200, cat("auth=", r.header("Authorization")));
  });
  HttpClient client(quick());
  const HttpHeaders secret{{"Authorization", "Bearer s3cret"}};
  EXPECT_EQ(get(client, {.url = server.url("/here"), .credentials = secret}), "200 auth=Bearer s3cret");
  EXPECT_EQ(get(client, {.url = server.url("/back"), .credentials = secret}), "200 auth=Bearer s3cret");
  EXPECT_EQ(get(client, {.url = server.url("/there"), .credentials = secret}), "200 auth=");
  // Another port of the same machine is another origin; so is another name for it.
  TestServer named([&](const TestRequest& r) {
    if (r.target == "/") return reply(302, "", {{"Location", cat("http://localhost:", server.port(), "/here")}});
    return reply(200);
  });
  EXPECT_EQ(get(client, {.url = named.url("/"), .credentials = secret}), "200 auth=");
}

TEST(http, redirects_are_bounded_and_never_lead_out_of_http) {
  TestServer server([](const TestRequest& r) {
    if (r.target == "/file") return reply(302, "", {{"Location", "file:///etc/passwd"}});
    if (r.target == "/user") return reply(302, "", {{"Location", "http://u:p@127.0.0.1/"}});
    if (r.target == "/far") return reply(302, "", {{"Location", "http://registry.invalid/"}});
    return reply(302, "", {{"Location", "/again"}});
  });
  HttpClient client(quick());
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/loop")}), "more than 10 redirects"));
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/file")}), "scheme must be http"));
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/user")}), "may not stand in an address"));
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/far")}), "plain HTTP to registry.invalid is not allowed"));
}

TEST(http, busy_servers_are_asked_again) {
  int calls = 0;
  TestServer server([&](const TestRequest&) {
    return ++calls < 3 ? reply(503, "busy", {{"Retry-After", "0"}}) : reply(200, "ok");
  });
  HttpClient client(quick());
  EXPECT_EQ(get(client, {.url = server.url("/")}), "200 ok");
  EXPECT_EQ(calls, 3);
  TestServer never([](const TestRequest&) { return reply(500, "broken"); });
  EXPECT_EQ(get(client, {.url = never.url("/")}), "500 broken");
  EXPECT_EQ(never.requests().size(), 4u);
  EXPECT_EQ(get(client, {.method = "POST", .url = never.url("/")}), "500 broken");
  EXPECT_EQ(never.requests().size(), 5u) << "a POST that was taken up is not repeated";
}

TEST(http, a_long_retry_after_is_left_to_the_caller_and_a_short_one_obeyed) {
  int calls = 0;
  TestServer server([&](const TestRequest& r) {
    if (r.target == "/long") return reply(429, "later", {{"Retry-After", "3600"}});
    return ++calls == 1 ? reply(429, "", {{"Retry-After", "1"}}) : reply(200, "ok");
  });
  HttpClient client(quick());
  EXPECT_EQ(get(client, {.url = server.url("/long")}), "429 later");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(get(client, {.url = server.url("/short")}), "200 ok");
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(990));
}

TEST(http, stalls_and_drips_are_errors_not_hangs) {
  TestServer server([](const TestRequest& r) -> TestReply {
    if (r.target == "/head") return {.stall_ms = 3000};
    if (r.target == "/drip")
      return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'), .drip_ms = 20};
    return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", .stall_ms = 3000};
  });
  HttpOptions options = quick();
  options.retries = 1;
  HttpClient client(options);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/head")}), "stalled"));
  EXPECT_TRUE(get(client, {.url = server.url("/body")}).find("stalled") != std::string::npos);
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/drip")}), "stalled"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(4000));
}

TEST(http, answers_that_are_not_http) {
  TestServer server([](const TestRequest& r) -> TestReply {
    if (r.target == "/garbage") return {.bytes = "SSH-2.0-OpenSSH_9.2\r\n\r\n", .close = true};
    if (r.target == "/endless")
      return {.bytes = "HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x'), .stall_ms = 1000};
    if (r.target == "/empty") return {.close = true};
    return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", .close = true};
  });
  HttpOptions options = quick();
  options.retries = 1;
  HttpClient client(options);
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/garbage")}), "not an HTTP/1 response"));
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/endless")}), "longer than 65536"));
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/empty")}), "closed before the response"));
  EXPECT_TRUE(get(client, {.url = server.url("/short")}).find("closed 5 bytes early") != std::string::npos);
}

TEST(http, nothing_can_be_slipped_into_a_request) {
  TestServer server([](const TestRequest&) { return reply(200); });
  HttpClient client(quick());
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/"), .headers = {{"X", "a\r\nEvil: 1"}}}), "line break"));
  EXPECT_TRUE(
      is_error(get(client, {.url = server.url("/"), .credentials = {{"Authorization", "a\nb"}}}), "line break"));
  EXPECT_TRUE(server.requests().empty());
}

std::string content() {
  std::string out;
  for (int i = 0; i < 30'000; ++i) out += std::to_string(i);
  return out;
}
// Gives at most 40,000 bytes a request, then hangs up; understands Range and If-Range.
TestReply broken_off(const TestRequest& r, const std::string& all, std::string_view etag, bool ranges = true) {
  const std::string_view range = r.header("Range");
  const bool valid = r.header("If-Range").empty() || r.header("If-Range") == etag;
  const std::size_t from =
      ranges && valid && !range.empty() ? static_cast<std::size_t>(*parse_u64(cut(range.substr(6), '-').first)) : 0;
  TestReply out;
  out.bytes =
      cat("HTTP/1.1 ", from ? 206 : 200, " X\r\nETag: ", etag, "\r\nContent-Length: ", all.size() - from, "\r\n");
  if (from) out.bytes += cat("Content-Range: bytes ", from, "-", all.size() - 1, "/", all.size(), "\r\n");
  out.bytes += cat("\r\n", all.substr(from, ranges ? 40'000 : r.connection * 40'000ul));
  out.close = true;
  return out;
}

TEST(http, a_broken_download_goes_on_where_it_stopped) {
  const std::string all = content();
  TestServer server([&](const TestRequest& r) { return broken_off(r, all, "\"1\""); });
  HttpClient client(quick());
  EXPECT_EQ(resumable(client, server.url("/"), Resume::ByValidator), all);
  EXPECT_EQ(server.requests().back().header("If-Range"), "\"1\"");
  EXPECT_EQ(resumable(client, server.url("/"), Resume::ByDigest), all);
  TestServer without([&](const TestRequest& r) { return broken_off(r, all, "\"1\"", false); });
  EXPECT_EQ(resumable(client, without.url("/"), Resume::ByDigest), all);
}

TEST(http, a_download_goes_on_from_what_an_earlier_process_had) {
  const std::string all = content();
  TestServer server([&](const TestRequest& r) { return broken_off(r, all, "\"1\""); });
  HttpClient client(quick());
  const auto rest = [&](Begun begun) {
    auto response = client.get_resumable({.url = server.url("/")}, Resume::ByValidator, {}, std::move(begun));
    if (!response) return response.error().message();
    auto body = read_all(*response->body, 1 << 24);
    return cat(response->status, " ", body ? *body : body.error().message());
  };
  EXPECT_EQ(rest({1000, "\"1\""}), cat("206 ", all.substr(1000)));
  EXPECT_EQ(server.requests().front().header("Range"), "bytes=1000-");
  EXPECT_EQ(server.requests().front().header("If-Range"), "\"1\"");
  EXPECT_EQ(rest({1000, "\"0\""}), cat("200 ", all));  // it has changed since: the whole
  EXPECT_EQ(rest({1000, ""}), cat("200 ", all));       // nothing tells whether it has
  TestServer lying([&](const TestRequest&) { return reply(206, "xyz", {{"Content-Range", "bytes 5-7/8"}}); });
  EXPECT_FALSE(client.get_resumable({.url = lying.url("/")}, Resume::ByValidator, {}, {4, "\"1\""}).has_value());
}

TEST(http, a_download_that_changed_in_between_is_an_error) {
  const std::string all = content();
  int version = 0;
  TestServer server([&](const TestRequest& r) { return broken_off(r, all, cat("\"", ++version, "\"")); });
  HttpClient client(quick());
  EXPECT_TRUE(is_error(resumable(client, server.url("/"), Resume::ByValidator), "changed while it was fetched"));
  TestServer lying([&](const TestRequest& r) -> TestReply {
    if (r.header("Range").empty()) return broken_off(r, all, "\"1\"");
    return reply(206, "xyz", {{"Content-Range", "bytes 5-7/8"}});
  });
  EXPECT_TRUE(is_error(resumable(client, lying.url("/"), Resume::ByDigest), "sent another range"));
}

class Tls : public ::testing::Test {
 protected:
  Tls() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-tls-XXXXXX").string();
    PLIM_ASSERT(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    PLIM_ASSERT(replace_file(folder_ + "/" + name, as_bytes(text)).has_value());
    return folder_ + "/" + name;
  }
  std::string folder_;
};

TEST_F(Tls, only_a_trusted_certificate_for_this_name_will_do) {
  const TestServer::Tls right{TestCertificate::make("127.0.0.1"), ""},
      wrong{TestCertificate::make("other.example"), ""};
  TestServer server([](const TestRequest&) { return reply(200, "ok"); }, &right);
  TestServer misnamed([](const TestRequest&) { return reply(200, "ok"); }, &wrong);
  HttpOptions options = quick();
  HttpClient stranger(options);
  EXPECT_TRUE(is_error(get(stranger, {.url = server.url("/")}), "is not trusted"));
  EXPECT_TRUE(server.requests().empty());
  options.ca_files = {write("ca.pem", right.own.certificate + wrong.own.certificate)};
  HttpClient client(options);
  EXPECT_EQ(get(client, {.url = server.url("/")}), "200 ok");
  EXPECT_EQ(get(client, {.url = server.url("/")}), "200 ok");
  EXPECT_EQ(server.requests().back().connection, 2) << "kept open over TLS; the stranger was the first";
  EXPECT_TRUE(is_error(get(client, {.url = misnamed.url("/")}), "is not trusted"));
  EXPECT_EQ(client.send({.url = misnamed.url("/")}).error().kind(), ErrorKind::Denied);
}

TEST_F(Tls, https_never_falls_to_http) {
  TestServer plain([](const TestRequest&) { return reply(200, "plain"); });
  const TestServer::Tls own{TestCertificate::make("127.0.0.1"), ""};
  TestServer server([&](const TestRequest&) { return reply(302, "", {{"Location", plain.url("/")}}); }, &own);
  HttpOptions options = quick();
  options.ca_files = {write("ca.pem", own.own.certificate)};
  HttpClient client(options);
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/")}), "redirect from https to http refused"));
  EXPECT_TRUE(plain.requests().empty());
  TestServer answers([](const TestRequest&) { return reply(400); });
  const auto spoken = client.send({.url = cat("https://", plain.host(), "/")});
  ASSERT_FALSE(spoken.has_value());
  EXPECT_EQ(spoken.error().kind(), ErrorKind::Unsupported) << spoken.error().message();
}

TEST_F(Tls, a_client_certificate_is_shown_to_its_origin_only) {
  const TestCertificate mine = TestCertificate::make("me");
  const std::string certificate = write("me.crt", mine.certificate), key = write("me.key", mine.key);
  const TestServer::Tls own{TestCertificate::make("127.0.0.1"), certificate};
  TestServer other([](const TestRequest&) { return reply(200, "other"); }, &own);
  TestServer server(
      [&](const TestRequest& r) {
        return r.target == "/" ? reply(200, "ok") : reply(307, "", {{"Location", other.url("/")}});
      },
      &own);
  HttpOptions options = quick();
  options.retries = 0;
  options.ca_files = {write("ca.pem", own.own.certificate)};
  HttpClient client(options);
  HttpRequest request{.url = server.url("/"), .client_certificate = certificate, .client_key = key};
  EXPECT_EQ(get(client, request), "200 ok");
  request.url = server.url("/away");
  EXPECT_TRUE(is_error(get(client, request), ""));
  EXPECT_TRUE(other.requests().empty());
  EXPECT_TRUE(is_error(get(client, {.url = server.url("/")}), "wants a client certificate"));
}

TEST_F(Tls, through_a_proxy) {
  const TestServer::Tls own{TestCertificate::make("registry.test"), ""};
  TestServer server([](const TestRequest& r) { return reply(200, cat("auth=", r.header("Proxy-Authorization"))); },
                    &own);
  bool refuse = false;
  TestServer proxy([&](const TestRequest& r) -> TestReply {
    if (r.method != "CONNECT") return reply(200, cat("forwarded ", r.target));
    if (refuse) return reply(407);
    return {.bytes = "HTTP/1.1 200 Connection established\r\n\r\n", .tunnel_port = server.port()};
  });
  HttpOptions options = quick();
  options.ca_files = {write("ca.pem", own.own.certificate)};
  options.proxy = {.http = cat("http://u:s3cret@", proxy.host()), .https = cat("http://u:s3cret@", proxy.host())};
  HttpClient client(options);
  EXPECT_EQ(get(client, {.url = "https://registry.test/x"}), "200 auth=") << "the proxy's password is not the server's";
  EXPECT_EQ(proxy.log(), std::vector<std::string>{"CONNECT registry.test:443"});
  EXPECT_EQ(proxy.requests()[0].header("Proxy-Authorization"), "Basic dTpzM2NyZXQ=");
  EXPECT_EQ(get(client, {.url = "http://registry.test/y", .plain_http = true}), "200 forwarded http://registry.test/y");
  refuse = true;
  HttpClient again(options);
  const std::string refused = get(again, {.url = "https://registry.test/x"});
  EXPECT_TRUE(is_error(refused, "wants a user and password"));
  EXPECT_EQ(refused.find("s3cret"), std::string::npos);
}

TEST(http, over_a_unix_socket) {
  std::string folder = (std::filesystem::temp_directory_path() / "plimsoll-unix-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  {
    TestServer server([](const TestRequest& r) { return reply(200, r.target); }, nullptr, folder + "/s");
    HttpClient client(quick());
    EXPECT_EQ(get(client, {.url = "http://docker/info", .unix_socket = folder + "/s"}), "200 /info");
    EXPECT_TRUE(
        is_error(get(client, {.url = "http://docker/info", .unix_socket = folder + "/none"}), "no such socket"));
  }
  std::filesystem::remove_all(folder);
}

TEST(http, nobody_listens) {
  HttpOptions options = quick();
  options.retries = 0;
  HttpClient client(options);
  EXPECT_TRUE(is_error(get(client, {.url = "http://127.0.0.1:1/"}), "cannot connect"));
  EXPECT_TRUE(is_error(get(client, {.url = "https://no-such-host.invalid/"}), "cannot resolve"));
}

}  // namespace
}  // namespace plimsoll
