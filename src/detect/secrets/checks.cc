#include "detect/secrets/checks.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "detect/secrets/dummy.h"

namespace plimsoll::detect {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return ~crc;
}

// The last six characters are the CRC-32 of those between the prefix and them (refresh tokens are longer), in base 62 with leading zeros.
// https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
bool crc_digits(std::string_view secret) {
  const std::size_t underscore = secret.find('_');
  if (underscore == std::string_view::npos) return false;
  const std::string_view body = secret.substr(underscore + 1);
  if (body.size() != 36 && body.size() != 76) return true;  // another form, which has no such digits
  std::uint32_t crc = crc32(body.substr(0, body.size() - 6));
  std::array<char, 6> digits{};
  for (std::size_t i = digits.size(); i-- > 0; crc /= 62) digits[i] = kBase62[crc % 62];
  return body.substr(body.size() - 6) == std::string_view(digits.data(), digits.size());
}

bool json_object(std::string_view base64, std::string_view member = {}) {
  constexpr std::size_t kMost = 64 << 10;
  std::string text;
  if (base64.size() > kMost || !from_base64(base64, text)) return false;
  const auto document = JsonDocument::parse(text, {.metadata_bytes = kMost, .nesting = 32});
  return document && document->root().is_object() && (member.empty() || document->root()[member].exists());
}

// RFC 7519: header.payload.signature, each base64url; the header names an algorithm.
bool jwt(std::string_view secret) {
  const auto parts = split(secret, '.');
  return parts.size() >= 2 && json_object(parts[0], "alg") && json_object(parts[1]);
}

// Sixteen characters of base 32 behind the four letters; newer ids hold the account's twelve digits in bits 7 to 46 of
// their first six bytes. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
bool aws_access_key_id(std::string_view secret) {
  if (secret.size() != 20) return false;
  std::uint64_t value = 0;
  int bits = 0;
  for (const char c : secret.substr(4)) {
    int digit = -1;
    if (c >= 'A' && c <= 'Z') digit = c - 'A';
    else if (c >= '2' && c <= '7') digit = c - '2' + 26;
    if (digit < 0) return false;
    if (bits < 50) value = value << 5 | static_cast<std::uint64_t>(digit);
    bits += 5;
  }
  value >>= 2;  // 50 bits read, 48 meant
  // Ids that begin with I or J are older than the account number in them.
  if (secret[4] == 'I' || secret[4] == 'J') return true;
  return (value & 0x7fffffffff80) >> 7 <= 999'999'999'999;
}

// The base64 between the lines of a PEM block, whatever quotes, escapes and indentation stand around it.
std::string pem_body(std::string_view block, bool& encrypted) {
  std::string text;
  // A key inside a string literal has its line ends written out.
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (block[i] == '\\' && i + 1 < block.size() && (block[i + 1] == 'n' || block[i + 1] == 'r')) {
      text += '\n';
      ++i;
    } else {
      text += block[i];
    }
  }
  std::string out;
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    if (const std::size_t begin = line.find("-----BEGIN"); begin != std::string_view::npos) {
      const std::size_t end = line.find("-----", begin + 10);
      line = end == std::string_view::npos ? std::string_view() : line.substr(end + 5);
    }
    if (line.find("-----END") != std::string_view::npos) line = line.substr(0, line.find("-----END"));
    if (line.find("ENCRYPTED") != std::string_view::npos) encrypted = true;
    if (line.find(':') != std::string_view::npos) continue;
    for (const char c : line)
      if (kBase62.find(c) != std::string_view::npos || c == '+' || c == '/' || c == '=') out += c;
  }
  return out;
}

bool pem_private_key(std::string_view secret) {
  bool encrypted = false;
  const std::string body = pem_body(secret, encrypted);
  std::string der;
  if (secret.find("PGP") != std::string_view::npos) return body.size() > 200;
  std::string_view digits = body;
  while (digits.ends_with('=')) digits.remove_suffix(1);
  if (digits.size() % 4 == 1) digits.remove_suffix(1);
  if (digits.size() < 40 || !from_base64(digits, der)) return false;
  if (encrypted) return der.size() >= 40 && entropy_bits(der) > 4;
  if (der.starts_with(std::string_view("openssh-key-v1\0", 15))) return der.size() > 100;
  // ASN.1 SEQUENCE whose length is that of the rest (X.690 8.1.3).
  if (der.size() < 8 || static_cast<unsigned char>(der[0]) != 0x30) return der.starts_with("PuTTY") || der.starts_with("SSH PRIVATE");
  std::size_t length = static_cast<unsigned char>(der[1]), header = 2;
  if (length & 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > 3 || der.size() < 2 + count) return false;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | static_cast<unsigned char>(der[2 + i]);
    header += count;
  }
  // Cut short by a few bytes it may still be a key somebody pasted; by more it is an excerpt.
  if (length + header > der.size() + 4 || length < 30) return false;
  // Real keys look random: an example made of one byte does not.
  return entropy_bits(std::string_view(der).substr(header)) > (length < 100 ? 3.5 : 5.0);
}

bool slack_token(std::string_view secret) {
  const auto parts = split(secret, '-');
  return parts.size() >= 3 && parts.back().size() >= 8 && entropy_bits(parts.back()) > 2.5;
}

bool stripe_live(std::string_view secret) { return secret.find("_live_") != std::string_view::npos; }

bool luhn(std::string_view secret) {
  unsigned sum = 0, digits = 0;
  for (std::size_t i = secret.size(); i-- > 0;) {
    if (secret[i] < '0' || secret[i] > '9') continue;
    unsigned d = static_cast<unsigned>(secret[i] - '0');
    if (digits++ % 2 == 1 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return digits >= 8 && sum % 10 == 0;
}

// RFC 9562 §4: version 1 to 8, variant 8 to b; the nil UUID and one of a single digit are nobody's.
bool uuid(std::string_view secret) {
  std::string hex;
  for (const char c : secret)
    if (c != '-') hex += c;
  hex = lower(hex);
  if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
  return hex[12] >= '1' && hex[12] <= '8' && (hex[16] == '8' || hex[16] == '9' || hex[16] == 'a' || hex[16] == 'b') && entropy_bits(hex) > 2.8;
}

bool base64_json(std::string_view secret) { return json_object(secret); }

bool base64_text(std::string_view secret) {
  std::string text;
  return from_base64(secret, text) && !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; });
}

// HTTP basic authentication: base64 of user:password.
bool basic_auth(std::string_view secret) {
  std::string text;
  if (!base64_text(secret) || !from_base64(secret, text)) return false;
  const auto [user, password] = cut(text, ':');
  return !user.empty() && password.size() >= 3 && !is_placeholder_value(password);
}

struct Kinds {
  bool lower = false, upper = false, digit = false;
};
Kinds kinds(std::string_view secret) {
  Kinds k;
  for (const char c : secret) {
    k.lower = k.lower || (c >= 'a' && c <= 'z');
    k.upper = k.upper || (c >= 'A' && c <= 'Z');
    k.digit = k.digit || (c >= '0' && c <= '9');
  }
  return k;
}
bool letters_and_digits(std::string_view secret) {
  const Kinds k = kinds(secret);
  return (k.lower || k.upper) && k.digit;
}
bool mixed_case(std::string_view secret) {
  const Kinds k = kinds(secret);
  return k.lower && k.upper && k.digit;
}

constexpr Check kChecks[] = {
    {"github-crc32", "the last six base-62 digits are the CRC-32 of the thirty characters before them", crc_digits},
    {"npm-crc32", "the same digits in npm's tokens", crc_digits},
    {"jwt", "header and payload are JSON in base64url, and the header names an algorithm", jwt},
    {"aws-access-key-id", "base 32, with a possible account number inside", aws_access_key_id},
    {"pem-private-key", "the base64 is a DER sequence of the length it says, an OpenSSH key, or encrypted", pem_private_key},
    {"slack-token", "parts joined by dashes, the last one random", slack_token},
    {"stripe-live", "a live key, not one of the test mode", stripe_live},
    {"luhn", "the last digit is the others' check digit", luhn},
    {"uuid", "version and variant digits are those of a UUID", uuid},
    {"base64-json", "base64 of a JSON object", base64_json},
    {"base64-text", "base64 of printable text", base64_text},
    {"basic-auth", "base64 of user:password", basic_auth},
    {"letters-and-digits", "has letters and digits", letters_and_digits},
    {"mixed-case", "has letters of both cases and digits", mixed_case},
};

}  // namespace

std::span<const Check> checks() { return kChecks; }

const Check* find_check(std::string_view name) {
  const auto found = std::find_if(std::begin(kChecks), std::end(kChecks), [&](const Check& c) { return c.name == name; });
  return found == std::end(kChecks) ? nullptr : found;
}

}  // namespace plimsoll::detect
