// The compact binary form of what caches keep: numbers, texts, packages, findings, gaps, one after another, without names.
//
// Form     lengths and counts are LEB128; a text is its length and its bytes; a fraction its IEEE 754 bits. The order of
//          the fields is the form: a change of it must raise the number in the key of whoever keeps it (kFactsForm in
//          image/cache.cc; scan/remembered.cc goes by the program itself).
// Errors   a cache may be damaged: PackedReader checks every length, and after the first bad one reads nothing but empty
//          values; ask ok() at the end.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/finding.h"
#include "model/gap.h"
#include "model/package.h"

namespace plimsoll {

class PackedWriter {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  explicit PackedWriter(std::string& out) : out_(out) {}  // appends
  void number(std::uint64_t value);
  void text(std::string_view value);
  void raw(std::string_view bytes) { out_ += bytes; }
  void texts(const std::vector<std::string>& values);
  void pairs(const Pairs& values);
  void location(const Location& value);
  void locations(const std::vector<Location>& values);
  void packages(const std::vector<Package>& values);
  // Detectors' findings: the members that only vulnerabilities have are left out, since match makes them anew.
  void findings(const std::vector<Finding>& values);
  void gaps(const Gaps& values);

 private:
  std::string& out_;
};

class PackedReader {
 public:
  explicit PackedReader(Bytes bytes) : rest_(as_text(bytes)) {}
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  std::uint64_t number();
  // A count of things that take at least so many bytes each: never more than the bytes left can hold.
  std::size_t count(std::size_t least_bytes = 1);
  std::string_view view();  // of a text; into the bytes given
  std::string text() { return std::string(view()); }
  std::string_view raw(std::size_t length);
  std::vector<std::string> texts();
  PackedWriter::Pairs pairs();
  Location location();
  std::vector<Location> locations();
  std::vector<Package> packages();
  std::vector<Finding> findings();
  Gaps gaps();

 private:
  void fail();
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace plimsoll
