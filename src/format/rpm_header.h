// An rpm header: tagged values, as the rpm database and rpm files hold them (rpm's "header format" document, version 3;
// tag numbers: rpm include/rpm/rpmtag.h).
//
//   PLIM_TRY(const RpmHeader header, RpmHeader::parse(blob));
//   header.text(RpmTag::Name);
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace plimsoll::format {

enum class RpmTag : std::uint32_t {
  Name = 1000, Version = 1001, Release = 1002, Epoch = 1003, Vendor = 1011, License = 1014, Arch = 1022,
  FileModes = 1030, FileDigests = 1035, FileFlags = 1037, SourceRpm = 1044, ProvideName = 1047, RequireName = 1049, DirIndexes = 1116, BaseNames = 1117,
  DirNames = 1118, OldFileNames = 1027, FileDigestAlgorithm = 5011, ModularityLabel = 5096
};

// Views into the blob it was parsed from, which must outlive it. A tag that is absent reads as empty. So does one that
// is of another type or leads out of the data, or it reads as what there is of it: damaged() then tells, of the tags that
// were asked for so far. One thread.
class RpmHeader {
 public:
  // `blob` begins with the two counts, as the database stores it (no magic). Errors: Malformed.
  static Result<RpmHeader> parse(Bytes blob);

  std::string_view text(RpmTag tag) const;                     // a string, or the first of an array or translations
  std::vector<std::string_view> texts(RpmTag tag) const;       // a string array
  std::vector<std::uint32_t> numbers(RpmTag tag) const;        // 16- and 32-bit integers
  bool damaged() const { return damaged_; }

 private:
  struct Entry {
    std::uint32_t tag, type, offset, count;
  };
  const Entry* find(RpmTag tag) const;
  std::vector<Entry> entries_;
  Bytes data_;
  mutable bool damaged_ = false;
};

}  // namespace plimsoll::format
