#include "base/http_message.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plimsoll {
namespace {

void url(std::string_view text, std::string_view expected) {
  const auto parsed = Url::parse(text);
  EXPECT_EQ(parsed ? parsed->text() : "refused", expected) << text;
}

TEST(url, is_read_strictly) {
  url("https://Example.COM", "https://example.com/");
  url("https://example.com:443/a?b#c", "https://example.com/a?b");
  url("http://[::1]:5000/x", "http://[::1]:5000/x");
  url("http://h:80", "http://h/");
  url("https://h/\xC3\xA4", "https://h/%c3%a4");
  for (const std::string_view bad :
       {"", "h", "ftp://h/", "https://", "https:///x", "https://u:p@h/", "https://h:0/", "https://h:99999/",
        "https://h/a b", "https://h/\r\nX: y", "https://h\\@x/", "https://[::1/", "https://h:/", "https://h/\\x"})
    url(bad, "refused");
}

TEST(url, locations_are_resolved_against_it) {
  const Url base = Url::parse("https://h:1/v2/a/b?q=1").value();
  const auto to = [&](std::string_view location) {
    const auto out = base.resolve(location);
    return out ? out->text() : "refused";
  };
  EXPECT_EQ(to("https://x/y"), "https://x/y");
  EXPECT_EQ(to("//x/y"), "https://x/y");
  EXPECT_EQ(to("/y?z"), "https://h:1/y?z");
  EXPECT_EQ(to("c"), "https://h:1/v2/a/c");
  EXPECT_EQ(to("../c/./d"), "https://h:1/v2/c/d");
  EXPECT_EQ(to("../../../../c"), "https://h:1/c");
  EXPECT_EQ(to("?z=2"), "https://h:1/v2/a/b?z=2");
  EXPECT_EQ(to("y\r\nX: z"), "refused");
  EXPECT_EQ(to(""), "refused");
}

TEST(url, what_is_shown_hides_the_query) {
  EXPECT_EQ(Url::parse("https://h/b?X-Signature=s3cret")->shown(), "https://h/b");
}

TEST(url, loopback) {
  const auto loopback = [](std::string_view text) { return Url::parse(text)->is_loopback(); };
  EXPECT_TRUE(loopback("http://localhost:5000"));
  EXPECT_TRUE(loopback("http://127.1.2.3"));
  EXPECT_TRUE(loopback("http://[::1]"));
  EXPECT_TRUE(loopback("http://[::ffff:127.0.0.1]"));
  EXPECT_FALSE(loopback("http://localhost.example.com"));
  EXPECT_FALSE(loopback("http://128.0.0.1"));
  EXPECT_FALSE(loopback("http://127.0.0.1.example.com"));
}

TEST(response_head, framing) {
  const auto ok = parse_response_head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a:b ");
  ASSERT_TRUE(ok.has_value());
  EXPECT_EQ(ok->content_length, 5u);
  EXPECT_EQ(find_header(ok->headers, "x"), "a:b");
  EXPECT_TRUE(ok->keep_alive);
  EXPECT_FALSE(parse_response_head("HTTP/1.1 200 OK\r\nConnection: Close")->keep_alive);
  EXPECT_FALSE(parse_response_head("HTTP/1.0 200 OK")->keep_alive);
  EXPECT_TRUE(parse_response_head("HTTP/1.1 200\r\nTransfer-Encoding: Chunked")->chunked);
}

TEST(response_head, what_two_readers_could_take_differently_is_refused) {
  for (const std::string_view bad :
       {"", "HTTP/2 200 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 abc OK", "ICY 200 OK",
        "HTTP/1.1 200 OK\r\nNo colon", "HTTP/1.1 200 OK\r\n folded: x", "HTTP/1.1 200 OK\r\nA: b\r\n\tc",
        "HTTP/1.1 200 OK\r\nA : b", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2",
        "HTTP/1.1 200 OK\r\nContent-Length: -1", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3", "HTTP/1.1 200 OK\r\nA: b\rc"})
    EXPECT_FALSE(parse_response_head(bad).has_value()) << bad;
}

std::string dechunk(std::string_view text, std::size_t piece) {
  ChunkDecoder decoder;
  std::string out;
  std::size_t start = 0, end = 0;
  for (;;) {
    const auto step = decoder.next(as_bytes(text.substr(start, end - start)));
    if (!step) return "error: " + step.error().message();
    out += text.substr(start + step->skip, step->body);
    start += step->skip + step->body;
    if (decoder.done()) return out;
    if (step->skip + step->body > 0) continue;
    if (end >= text.size()) return "short";
    end = std::min(text.size(), end + piece);
  }
}

TEST(chunked, any_way_the_bytes_arrive) {
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 100u}) {
    EXPECT_EQ(dechunk("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", piece), "hello world");
    EXPECT_EQ(dechunk("A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", piece), "0123456789");
    EXPECT_EQ(dechunk("5\r\nhel", piece), "short");
    EXPECT_TRUE(dechunk("5\r\nhelloX\r\n0\r\n\r\n", piece).starts_with("error"));
    EXPECT_TRUE(dechunk("x\r\n", piece).starts_with("error"));
    EXPECT_TRUE(dechunk("-5\r\nhello", piece).starts_with("error"));
    EXPECT_TRUE(dechunk("FFFFFFFFFFFFFFFFF\r\n", piece).starts_with("error"));
    EXPECT_TRUE(dechunk(std::string(5000, '1'), piece).starts_with("error"));
  }
}

TEST(retry_after, seconds_or_a_date) {
  using namespace std::chrono;
  const auto now = sys_days(year(1994) / November / day(6)) + hours(8) + minutes(49);
  EXPECT_EQ(parse_retry_after(" 12 ", now), seconds(12));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), seconds(37));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1993 08:49:37 GMT", now), seconds(0));
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("Sun, 06 Foo 1994 08:49:37 GMT", now), std::nullopt);
}

// "host:port" of the proxy, "none", or "error".
std::string proxy(std::string_view except, std::string_view address) {
  const auto out = choose_proxy({.http = "http://p:1", .https = "p.example:3128", .except = std::string(except)},
                                Url::parse(address).value());
  if (!out) return "error";
  return *out ? (*out)->host + ":" + std::to_string((*out)->port) : "none";
}

TEST(proxy, who_is_excepted) {
  EXPECT_EQ(proxy("", "https://example.com"), "p.example:3128");
  EXPECT_EQ(proxy("", "http://example.com"), "p:1");
  EXPECT_EQ(proxy("", "https://127.0.0.1:5000"), "none");
  EXPECT_EQ(proxy("", "http://localhost"), "none");
  EXPECT_EQ(proxy("*", "https://example.com"), "none");
  EXPECT_EQ(proxy("other, example.com", "https://example.com"), "none");
  EXPECT_EQ(proxy("example.com", "https://a.example.com"), "none");
  EXPECT_EQ(proxy("example.com", "https://notexample.com"), "p.example:3128");
  EXPECT_EQ(proxy(".example.com", "https://example.com"), "p.example:3128");
  EXPECT_EQ(proxy(".example.com", "https://a.example.com"), "none");
  EXPECT_EQ(proxy("example.com:8443", "https://example.com"), "p.example:3128");
  EXPECT_EQ(proxy("example.com:8443", "https://example.com:8443"), "none");
  EXPECT_EQ(proxy("10.0.0.0/8", "https://10.2.3.4"), "none");
  EXPECT_EQ(proxy("10.0.0.0/8", "https://11.2.3.4"), "p.example:3128");
  EXPECT_EQ(proxy("fd00::/8", "https://[fd12::1]"), "none");
  EXPECT_EQ(proxy("10.2.3.4", "https://10.2.3.4:99"), "none");
}

TEST(proxy, password_is_sent_and_never_shown) {
  const Url address = Url::parse("http://example.com").value();
  EXPECT_EQ((*choose_proxy({.http = "http://us%40er:pa%3ass@p:8080"}, address))->authorization,
            "Basic dXNAZXI6cGE6c3M=");
  for (const std::string bad : {"socks5://u:s3cret@p", "http://u:s3cret@", "http://u:s3cret@p:x"}) {
    const auto out = choose_proxy({.http = bad}, address);
    ASSERT_FALSE(out.has_value()) << bad;
    EXPECT_EQ(out.error().message().find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace plimsoll
