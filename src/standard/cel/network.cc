#include "standard/cel/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/text.h"

namespace plimsoll::standard::cel {
namespace {

using Arguments = std::vector<Value>;
using Octets = std::array<std::uint8_t, 16>;

struct Address {
  Octets octets{};
  std::size_t size = 4;  // 4 or 16
  bool operator==(const Address&) const = default;
};

// RFC 5952: lower case, the first of the longest runs of two or more zero groups as "::".
std::string address_text(const Address& a) {
  char part[8];
  std::string out;
  if (a.size == 4) {
    for (std::size_t i = 0; i < 4; ++i) out += cat(i == 0 ? "" : ".", unsigned{a.octets[i]});
    return out;
  }
  const auto group = [&](std::size_t i) { return unsigned{a.octets[2 * i]} << 8 | a.octets[2 * i + 1]; };
  std::size_t run = 8, length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t n = 0;
    while (i + n < 8 && group(i + n) == 0) ++n;
    if (n > length) run = i, length = n;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == run) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    std::snprintf(part, sizeof part, "%x", group(i));
    out += part;
  }
  return out;
}

std::optional<Address> parse_address(const std::string& text) {
  Address out;
  if (text.size() > 45 || text.find_first_of(std::string_view("%\0", 2)) != std::string::npos) return std::nullopt;
  if (text.find(':') == std::string::npos) return ::inet_pton(AF_INET, text.c_str(), out.octets.data()) == 1 ? std::optional(out) : std::nullopt;
  out.size = 16;
  if (::inet_pton(AF_INET6, text.c_str(), out.octets.data()) != 1) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), out.octets.begin())) return std::nullopt;
  return out;
}

class Ip : public Extra {
 public:
  explicit Ip(const Address& address) : address_(address) {}
  std::string_view type_name() const override { return "net.IP"; }
  std::string text() const override { return address_text(address_); }
  const Address& address() const { return address_; }

 private:
  Address address_;
};

class Cidr : public Extra {
 public:
  Cidr(const Address& address, unsigned bits) : address_(address), bits_(bits) {}
  std::string_view type_name() const override { return "net.CIDR"; }
  std::string text() const override { return cat(address_text(address_), "/", bits_); }
  const Address& address() const { return address_; }
  unsigned bits() const { return bits_; }

 private:
  Address address_;
  unsigned bits_;
};

Address masked(Address address, unsigned bits) {
  for (std::size_t i = 0; i < address.size; ++i, bits -= std::min(bits, 8u)) address.octets[i] = static_cast<std::uint8_t>(address.octets[i] & (0xFF00 >> std::min(bits, 8u)));
  return address;
}

std::optional<Cidr> parse_cidr(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = parse_address(text.substr(0, slash));
  const std::string_view digits = std::string_view(text).substr(slash + 1);
  const auto bits = parse_u64(digits);
  if (!address || !bits || digits.size() > 3 || (digits.size() > 1 && (digits[0] == '0' || digits[0] == '+')) || *bits > address->size * 8) return std::nullopt;
  return Cidr(*address, static_cast<unsigned>(*bits));
}

Value no_overload() { return Value::error("no such overload"); }
template <class T>
Value make(T value) { return Value(std::shared_ptr<const Extra>(std::make_shared<T>(std::move(value)))); }

const std::string* text_of(const Arguments& a, std::size_t i) { return a[i].as<std::string>(); }
// The text of the first argument, paid for; nothing when it is none or the run is spent (then `failure`).
const std::string* paid_text(Run& run, const Arguments& a, Value& failure) {
  const std::string* text = text_of(a, 0);
  if (text == nullptr) failure = no_overload();
  else if (!run.charge(1 + text->size() / 10)) failure = Run::spent(), text = nullptr;
  return text;
}

template <class Test>
Value of_address(const Arguments& a, Test test) {
  const auto* ip = extra<Ip>(a[0]);
  return ip ? Value(test(ip->address())) : no_overload();
}
bool is_unspecified(const Address& a) { return std::all_of(a.octets.begin(), a.octets.begin() + static_cast<std::ptrdiff_t>(a.size), [](std::uint8_t o) { return o == 0; }); }
bool is_loopback(const Address& a) {
  if (a.size == 4) return a.octets[0] == 127;
  return a.octets[15] == 1 && std::all_of(a.octets.begin(), a.octets.end() - 1, [](std::uint8_t o) { return o == 0; });
}
bool is_multicast(const Address& a) { return a.size == 4 ? a.octets[0] >> 4 == 14 : a.octets[0] == 0xFF; }
bool is_link_local_multicast(const Address& a) { return a.size == 4 ? a.octets[0] == 224 && a.octets[1] == 0 && a.octets[2] == 0 : a.octets[0] == 0xFF && (a.octets[1] & 0x0F) == 2; }
bool is_link_local_unicast(const Address& a) { return a.size == 4 ? a.octets[0] == 169 && a.octets[1] == 254 : a.octets[0] == 0xFE && (a.octets[1] & 0xC0) == 0x80; }
bool is_global_unicast(const Address& a) {
  if (a.size == 4 && (is_unspecified(a) || std::all_of(a.octets.begin(), a.octets.begin() + 4, [](std::uint8_t o) { return o == 255; }))) return false;
  return !is_unspecified(a) && !is_loopback(a) && !is_multicast(a) && !is_link_local_unicast(a);
}

bool contains(const Cidr& cidr, const Address& address) { return cidr.address().size == address.size && masked(cidr.address(), cidr.bits()) == masked(address, cidr.bits()); }

}  // namespace

Value to_ip(Run& run, Arguments& a) {
  Value failure;
  const std::string* text = paid_text(run, a, failure);
  if (text == nullptr) return failure;
  const auto address = parse_address(*text);
  return address ? make(Ip(*address)) : Value::error("not an IP address");
}
Value is_ip(Run& run, Arguments& a) {
  Value failure;
  const std::string* text = paid_text(run, a, failure);
  return text ? Value(parse_address(*text).has_value()) : failure;
}
Value ip_is_canonical(Run& run, Arguments& a) {
  Value failure;
  const std::string* text = paid_text(run, a, failure);
  if (text == nullptr) return failure;
  const auto address = parse_address(*text);
  return address ? Value(address_text(*address) == *text) : Value::error("not an IP address");
}
Value ip_family(Run&, Arguments& a) { return of_address(a, [](const Address& x) { return std::int64_t{x.size == 4 ? 4 : 6}; }); }
Value ip_is_unspecified(Run&, Arguments& a) { return of_address(a, is_unspecified); }
Value ip_is_loopback(Run&, Arguments& a) { return of_address(a, is_loopback); }
Value ip_is_link_local_multicast(Run&, Arguments& a) { return of_address(a, is_link_local_multicast); }
Value ip_is_link_local_unicast(Run&, Arguments& a) { return of_address(a, is_link_local_unicast); }
Value ip_is_global_unicast(Run&, Arguments& a) { return of_address(a, is_global_unicast); }

Value to_cidr(Run& run, Arguments& a) {
  Value failure;
  const std::string* text = paid_text(run, a, failure);
  if (text == nullptr) return failure;
  const auto cidr = parse_cidr(*text);
  return cidr ? make(*cidr) : Value::error("not a network like 10.0.0.0/8");
}
Value is_cidr(Run& run, Arguments& a) {
  Value failure;
  const std::string* text = paid_text(run, a, failure);
  return text ? Value(parse_cidr(*text).has_value()) : failure;
}
Value cidr_contains_ip(Run&, Arguments& a) {
  const auto* cidr = extra<Cidr>(a[0]);
  if (!cidr) return no_overload();
  if (const auto* ip = extra<Ip>(a[1])) return Value(contains(*cidr, ip->address()));
  if (!text_of(a, 1)) return no_overload();
  const auto address = parse_address(*text_of(a, 1));
  return address ? Value(contains(*cidr, *address)) : Value::error("not an IP address");
}
Value cidr_contains_cidr(Run&, Arguments& a) {
  const auto* cidr = extra<Cidr>(a[0]);
  if (!cidr) return no_overload();
  const auto within = [&](const Cidr& other) { return Value(contains(*cidr, other.address()) && cidr->bits() <= other.bits()); };
  if (const auto* other = extra<Cidr>(a[1])) return within(*other);
  if (!text_of(a, 1)) return no_overload();
  const auto other = parse_cidr(*text_of(a, 1));
  return other ? within(*other) : Value::error("not a network like 10.0.0.0/8");
}
Value cidr_ip(Run&, Arguments& a) {
  const auto* cidr = extra<Cidr>(a[0]);
  return cidr ? make(Ip(cidr->address())) : no_overload();
}
Value cidr_masked(Run&, Arguments& a) {
  const auto* cidr = extra<Cidr>(a[0]);
  return cidr ? make(Cidr(masked(cidr->address(), cidr->bits()), cidr->bits())) : no_overload();
}
Value cidr_prefix_length(Run&, Arguments& a) {
  const auto* cidr = extra<Cidr>(a[0]);
  return cidr ? Value(std::int64_t{cidr->bits()}) : no_overload();
}

}  // namespace plimsoll::standard::cel
