#include "base/http_message.h"

#include <arpa/inet.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll {
namespace {

constexpr std::size_t kMostHeaders = 256;
constexpr std::size_t kMostUrlBytes = 16 << 10;  // signed addresses of object stores have a few thousand

bool is_token(std::string_view text) {  // RFC 9110 §5.6.2
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && std::strchr("()<>@,;:\\\"/[]?={}", c) == nullptr;
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = parse_u64(text);
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

struct HostPort {
  std::string host;
  std::optional<std::uint16_t> port;
};
std::optional<HostPort> split_host(std::string_view text) {
  HostPort out;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = lower(text.substr(1, end - 1));
    in6_addr address{};
    if (::inet_pton(AF_INET6, out.host.c_str(), &address) != 1) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return std::nullopt;
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = text.find(':');
    out.host = lower(text.substr(0, colon));
    if (out.host.empty() || out.host.size() > 253) return std::nullopt;
    if (out.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") != std::string::npos) return std::nullopt;
    has_port = colon != std::string_view::npos;
    if (has_port) port = text.substr(colon + 1);
  }
  if (has_port) {
    out.port = parse_port(port);
    if (!out.port) return std::nullopt;
  }
  return out;
}

// The bytes of an IP address: 4 or 16; empty for a name.
std::string address_bytes(const std::string& host) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    const std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (std::string_view(bytes.data(), 12) == mapped) return {bytes.data() + 12, 4};
    return {bytes.data(), 16};
  }
  return {};
}

bool in_network(const std::string& address, const std::string& network, std::uint64_t bits) {
  if (address.size() != network.size() || bits > address.size() * 8) return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const int mask = 0x80 >> (i % 8);
    if ((address[i / 8] & mask) != (network[i / 8] & mask)) return false;
  }
  return true;
}

bool is_excepted(std::string_view rules, const Url& url) {
  const std::string address = address_bytes(url.host);
  for (std::string_view rule : split(rules, ',')) {
    rule = trim(rule);
    if (rule.empty()) continue;
    if (rule == "*") return true;
    if (const auto [network, bits] = cut(rule, '/'); !bits.empty()) {
      const auto count = parse_u64(bits);
      if (count && !address.empty() && in_network(address, address_bytes(std::string(network)), *count)) return true;
      continue;
    }
    std::string host = lower(rule);
    if (const std::string bare = address_bytes(host); !bare.empty()) {  // an IPv6 address holds colons of its own
      if (bare == address) return true;
      continue;
    }
    if (host.starts_with("*.")) host.erase(0, 1);
    const bool only_below = host.starts_with('.');
    const auto parts = split_host(only_below ? std::string_view(host).substr(1) : std::string_view(host));
    if (!parts || (parts->port && *parts->port != url.port)) continue;
    if (!address.empty() ? address_bytes(parts->host) == address : !only_below && url.host == parts->host) return true;
    if (address.empty() && url.host.ends_with("." + parts->host)) return true;
  }
  return false;
}

// "/a/./b/../c" -> "/a/c" (RFC 3986 §5.2.4), the query untouched.
std::string without_dots(std::string_view target) {
  const std::size_t question = target.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view() : target.substr(question);
  const auto parts = split(target.substr(1, question == std::string_view::npos ? question : question - 1), '/');
  std::vector<std::string_view> kept;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "..") {
      if (!kept.empty()) kept.pop_back();
      if (last) kept.emplace_back();
    } else if (parts[i] == ".") {
      if (last) kept.emplace_back();
    } else {
      kept.push_back(parts[i]);
    }
  }
  std::string out;
  for (const std::string_view part : kept) out += cat("/", part);
  if (out.empty()) out = "/";
  out += query;
  return out;
}

// A target as it may be sent: what is not ASCII is percent-encoded, what would end the line is refused.
std::optional<std::string> clean_target(std::string_view target) {
  std::string out;
  for (const char c : target.substr(0, target.find('#'))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '\\') return std::nullopt;
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out += cat("%", to_hex(std::string_view(&c, 1)));
    }
  }
  return out;
}

}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (equals_ignore_case(key, name)) return value;
  return {};
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out += cat("%", to_hex(std::string_view(&c, 1)));
    }
  }
  return out;
}

Result<Url> Url::parse(std::string_view text) {
  const auto bad = [](std::string_view why) { return malformed(cat("not an HTTP address: ", why)); };
  if (text.size() > kMostUrlBytes) return bad("too long");
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return bad("no scheme");
  Url out;
  out.scheme = lower(text.substr(0, mark));
  if (out.scheme != "http" && out.scheme != "https") return bad("the scheme must be http or https");
  const std::string_view rest = text.substr(mark + 3);
  const std::size_t end = rest.find_first_of("/?#");
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return bad("a user or password may not stand in an address");
  const auto parts = split_host(authority);
  if (!parts) return bad("malformed host or port");
  out.host = parts->host;
  out.port = parts->port.value_or(out.scheme == "https" ? 443 : 80);
  auto target = clean_target(end == std::string_view::npos ? std::string_view() : rest.substr(end));
  if (!target) return bad("a space, backslash or control character in it");
  if (!target->starts_with('/')) target->insert(0, "/");
  out.target = std::move(*target);
  return out;
}

Result<Url> Url::resolve(std::string_view location) const {
  if (location.empty()) return malformed("not an HTTP address: empty");
  if (location.find("://") < location.find_first_of("/?#")) return parse(location);
  if (location.starts_with("//")) return parse(cat(scheme, ":", location));
  const auto cleaned = clean_target(location);
  if (!cleaned || cleaned->size() > kMostUrlBytes) return malformed("not an HTTP address: malformed path");
  Url out = *this;
  const std::string_view path = std::string_view(target).substr(0, target.find('?'));
  if (cleaned->starts_with('/')) {
    out.target = *cleaned;
  } else if (cleaned->starts_with('?') || cleaned->empty()) {
    out.target = cat(path, *cleaned);
  } else {
    out.target = cat(path.substr(0, path.rfind('/') + 1), *cleaned);
  }
  out.target = without_dots(out.target);
  return out;
}

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : cat("[", host, "]");
  if (port != (scheme == "https" ? 443 : 80)) out += cat(":", port);
  return out;
}

std::string Url::shown() const { return cat(origin(), std::string_view(target).substr(0, target.find('?'))); }

bool Url::is_loopback() const {
  if (host == "localhost") return true;
  const std::string address = address_bytes(host);
  if (address.size() == 4) return static_cast<unsigned char>(address[0]) == 127;
  return address.size() == 16 && address == std::string(15, '\0') + '\1';
}

Result<ResponseHead> parse_response_head(std::string_view head) {
  std::string_view rest = head, line;
  ResponseHead out;
  if (!next_line(rest, line)) return malformed("empty HTTP response");
  const bool old = line.starts_with("HTTP/1.0 ");
  if (!old && !line.starts_with("HTTP/1.1 ")) return malformed("not an HTTP/1 response");
  const auto status = parse_u64(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599 || (line.size() > 12 && line[12] != ' '))
    return malformed("HTTP response with a malformed status");
  out.status = static_cast<int>(*status);
  out.keep_alive = !old;
  while (next_line(rest, line)) {
    if (out.headers.size() == kMostHeaders)
      return limit_reached(cat("HTTP response with more than ", kMostHeaders, " headers"));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return malformed("HTTP response with a malformed header");
    const std::string_view value = trim(line.substr(colon + 1));
    if (std::any_of(value.begin(), value.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }))
      return malformed("HTTP response with a control character in a header");
    out.headers.emplace_back(line.substr(0, colon), value);
  }
  for (const auto& [name, value] : out.headers) {
    if (equals_ignore_case(name, "content-length")) {
      const auto length = parse_u64(value);
      if (!length || (out.content_length && out.content_length != length))
        return malformed("HTTP response with a malformed or repeated Content-Length");
      out.content_length = length;
    } else if (equals_ignore_case(name, "transfer-encoding")) {
      if (!equals_ignore_case(value, "chunked") || out.chunked)
        return unsupported("HTTP transfer encoding other than chunked");
      out.chunked = true;
    } else if (equals_ignore_case(name, "connection")) {
      for (const std::string_view token : split(value, ',')) {
        if (equals_ignore_case(trim(token), "close")) out.keep_alive = false;
        if (equals_ignore_case(trim(token), "keep-alive") && old) out.keep_alive = true;
      }
    }
  }
  if (out.chunked && out.content_length) return malformed("HTTP response both chunked and with a length");
  return out;
}

Result<ChunkDecoder::Step> ChunkDecoder::next(Bytes in) {
  constexpr std::size_t kMostLine = 1024;
  Step step;
  for (;;) {
    const std::string_view rest = as_text(in).substr(step.skip);
    if (state_ == State::Done) return step;
    if (state_ == State::Body) {
      step.body = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      left_ -= step.body;
      if (left_ == 0) state_ = State::BodyEnd;
      return step;
    }
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) {
      if (rest.size() > kMostLine) return limit_reached("chunked HTTP body with an endless line");
      return step;
    }
    const std::string_view line = rest.substr(0, end);
    if (line.size() > kMostLine) return limit_reached("chunked HTTP body with an endless line");
    step.skip += end + 2;
    if (state_ == State::BodyEnd) {
      if (!line.empty()) return malformed("chunked HTTP body: a chunk is longer than it says");
      state_ = State::Size;
    } else if (state_ == State::Trailer) {
      trailer_bytes_ += line.size();
      if (trailer_bytes_ > kMostHeadBytes) return limit_reached("chunked HTTP body with endless trailers");
      if (line.empty()) state_ = State::Done;
    } else {
      const std::string_view digits = trim(line.substr(0, line.find(';')));
      if (digits.empty() || digits.size() > 15 ||
          digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        return malformed("chunked HTTP body with a malformed size");
      left_ = 0;
      for (const char c : digits)
        left_ = left_ * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
      state_ = left_ == 0 ? State::Trailer : State::Body;
    }
  }
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text,
                                                      std::chrono::system_clock::time_point now) {
  text = trim(text);
  if (const auto seconds = parse_u64(text)) return std::chrono::seconds(std::min<std::uint64_t>(*seconds, 1u << 30));
  // "Sun, 06 Nov 1994 08:49:37 GMT"; month names are fixed, so no locale has a say in it.
  const auto parts = split(text, ' ');
  if (parts.size() != 6 || parts[5] != "GMT") return std::nullopt;
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t month = parts[2].size() == 3 ? kMonths.find(parts[2]) : std::string_view::npos;
  const auto day = parse_u64(parts[1]), year = parse_u64(parts[3]);
  const auto clock = split(parts[4], ':');
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || clock.size() != 3) return std::nullopt;
  const auto hour = parse_u64(clock[0]), minute = parse_u64(clock[1]), second = parse_u64(clock[2]);
  if (!hour || !minute || !second || *day > 31 || *hour > 23 || *minute > 59 || *second > 60 || *year < 1970 ||
      *year > 9999)
    return std::nullopt;
  const std::chrono::sys_days date = std::chrono::year(static_cast<int>(*year)) /
                                     std::chrono::month(static_cast<unsigned>(month / 3 + 1)) /
                                     std::chrono::day(static_cast<unsigned>(*day));
  const auto then = date + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  return std::max(std::chrono::seconds(0), std::chrono::ceil<std::chrono::seconds>(then - now));
}

Result<std::optional<Proxy>> choose_proxy(const ProxyRules& rules, const Url& url) {
  std::string_view text = trim(url.scheme == "https" ? rules.https : rules.http);
  if (text.empty() || url.is_loopback() || is_excepted(rules.except, url)) return std::optional<Proxy>();
  if (const std::size_t mark = text.find("://"); mark != std::string_view::npos) {
    if (!equals_ignore_case(text.substr(0, mark), "http"))
      return unsupported(cat("a proxy spoken to by ", to_utf8(text.substr(0, std::min<std::size_t>(mark, 20))),
                             ": use an http:// proxy"));
    text = text.substr(mark + 3);
  }
  text = text.substr(0, text.find('/'));
  Proxy out;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    std::string user;  // percent-encoded in the address
    const std::string_view raw = text.substr(0, at);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const std::string byte = raw[i] == '%' && i + 2 < raw.size() ? from_hex(raw.substr(i + 1, 2)) : std::string();
      user += byte.empty() ? std::string(1, raw[i]) : byte;
      if (!byte.empty()) i += 2;
    }
    if (has_control(user)) return malformed("the proxy's address has a malformed user or password");
    out.authorization = cat("Basic ", to_base64(as_bytes(user)));
    text = text.substr(at + 1);
  }
  const auto parts = split_host(text);
  if (!parts) return malformed("the proxy's address has a malformed host or port");
  out.host = parts->host;
  out.port = parts->port.value_or(80);
  return std::optional<Proxy>(std::move(out));
}

}  // namespace plimsoll
