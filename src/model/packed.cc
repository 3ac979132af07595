#include "model/packed.h"

#include <algorithm>
#include <array>
#include <bit>

namespace plimsoll {
namespace {

// A package and a finding take a byte or more for each of their fields. Room is made at once for so many; more come one by
// one, so that a damaged count costs no memory.
constexpr std::size_t kLeastRecord = 12, kRoom = 1 << 14;

template <class Enum>
Enum enum_from(std::uint64_t value, Enum most) {
  return static_cast<Enum>(std::min(value, static_cast<std::uint64_t>(most)));
}

template <class PackageLike>
auto texts_of_package(PackageLike& p) {
  return std::array{&p.id, &p.type, &p.ns, &p.name, &p.version, &p.arch, &p.source_name, &p.source_version, &p.owned_by};
}
template <class FindingLike>
auto texts_of_finding(FindingLike& f) {
  return std::array{&f.id, &f.key, &f.severity_source, &f.package, &f.title, &f.rule_id, &f.fix};
}
template <class GapLike>
auto texts_of_gap(GapLike& gap) {
  return std::array{&gap.part, &gap.where, &gap.why};
}

}  // namespace

// ---- writing

void PackedWriter::number(std::uint64_t value) {
  while (value >= 0x80) {
    out_ += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out_ += static_cast<char>(value);
}

void PackedWriter::text(std::string_view value) {
  number(value.size());
  out_ += value;
}

void PackedWriter::texts(const std::vector<std::string>& values) {
  number(values.size());
  for (const std::string& value : values) text(value);
}

void PackedWriter::pairs(const Pairs& values) {
  number(values.size());
  for (const auto& [key, value] : values) {
    text(key);
    text(value);
  }
}

void PackedWriter::location(const Location& value) {
  text(value.path);
  text(value.layer);
  number(value.line);
}

void PackedWriter::locations(const std::vector<Location>& values) {
  number(values.size());
  for (const Location& value : values) location(value);
}

void PackedWriter::packages(const std::vector<Package>& values) {
  number(values.size());
  for (const Package& p : values) {
    for (const std::string* field : texts_of_package(p)) text(*field);
    texts(p.licenses);
    texts(p.depends);
    texts(p.found_by);
    locations(p.locations);
    pairs(p.properties);
    number(static_cast<std::uint64_t>(p.origin));
  }
}

void PackedWriter::findings(const std::vector<Finding>& values) {
  number(values.size());
  for (const Finding& f : values) {
    number(static_cast<std::uint64_t>(f.klass));
    number(static_cast<std::uint64_t>(f.severity));
    for (const std::string* field : texts_of_finding(f)) text(*field);
    pairs(f.evidence);
    locations(f.locations);
    texts(f.references);
    number(static_cast<std::uint64_t>(f.origin));
    number(std::bit_cast<std::uint64_t>(f.risk_0_100));
  }
}

void PackedWriter::gaps(const Gaps& values) {
  number(values.size());
  for (const Gap& gap : values)
    for (const std::string* field : texts_of_gap(gap)) text(*field);
}

// ---- reading

void PackedReader::fail() {
  ok_ = false;
  rest_ = {};
}

std::uint64_t PackedReader::number() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  fail();
  return 0;
}

std::size_t PackedReader::count(std::size_t least_bytes) {
  const std::uint64_t value = number();
  if (value <= rest_.size() / least_bytes) return static_cast<std::size_t>(value);
  fail();
  return 0;
}

std::string_view PackedReader::raw(std::size_t length) {
  if (length > rest_.size()) {
    fail();
    return {};
  }
  const std::string_view value = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return value;
}

std::string_view PackedReader::view() { return raw(count()); }

std::vector<std::string> PackedReader::texts() {
  std::vector<std::string> values(count());
  for (std::string& value : values) value = view();
  return values;
}

PackedWriter::Pairs PackedReader::pairs() {
  PackedWriter::Pairs values(count(2));
  for (auto& [key, value] : values) {
    key = view();
    value = view();
  }
  return values;
}

Location PackedReader::location() {
  Location value;
  value.path = view();
  value.layer = view();
  value.line = static_cast<std::uint32_t>(number());
  return value;
}

std::vector<Location> PackedReader::locations() {
  std::vector<Location> values(count(3));
  for (Location& value : values) value = location();
  return values;
}

std::vector<Package> PackedReader::packages() {
  std::vector<Package> values;
  std::size_t left = count(kLeastRecord);
  for (values.reserve(std::min(left, kRoom)); left > 0 && ok_; --left) {
    Package& p = values.emplace_back();
    for (std::string* field : texts_of_package(p)) *field = view();
    p.licenses = texts();
    p.depends = texts();
    p.found_by = texts();
    p.locations = locations();
    p.properties = pairs();
    p.origin = enum_from(number(), Origin::Own);
  }
  return values;
}

std::vector<Finding> PackedReader::findings() {
  std::vector<Finding> values;
  std::size_t left = count(kLeastRecord);
  for (values.reserve(std::min(left, kRoom)); left > 0 && ok_; --left) {
    Finding& f = values.emplace_back();
    f.klass = enum_from(number(), FindingClass::Behaviour);
    f.severity = enum_from(number(), Severity::Critical);
    for (std::string* field : texts_of_finding(f)) *field = view();
    f.evidence = pairs();
    f.locations = locations();
    f.references = texts();
    f.origin = enum_from(number(), Origin::Own);
    f.risk_0_100 = std::bit_cast<double>(number());
  }
  return values;
}

Gaps PackedReader::gaps() {
  Gaps values(count(3));
  for (Gap& gap : values)
    for (std::string* field : texts_of_gap(gap)) *field = view();
  return values;
}

}  // namespace plimsoll
