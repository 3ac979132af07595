// Where things lie in the database file. FORMAT.md tells the whole story; numbers here must agree with it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/advisory.h"

namespace plimsoll::advisory {

inline constexpr std::string_view kMagic = "PLIMADV\n";
inline constexpr std::uint32_t kFormatVersion = 3;
inline constexpr std::uint32_t kBlockBytes = 1024;
inline constexpr std::uint32_t kLeavesPerGroup = 32;   // one block of leaf hashes
inline constexpr std::size_t kHashBytes = 32;
inline constexpr std::size_t kHeaderBytes = 1024;
inline constexpr std::size_t kRootOffset = 352;
inline constexpr std::size_t kDigestOffset = 384;  // SHA-256 of all before it
inline constexpr std::size_t kSignatureOffset = 416;
inline constexpr std::uint64_t kMaxFileBytes = 8ull << 30;

enum Section : std::uint32_t { kMeta, kEcosystems, kPackages, kRecords, kIds, kCveRows, kCveIndex, kCveDetails, kEndOfLife, kRepositories, kShortfalls, kSections };

struct Span {
  std::uint64_t offset = 0, bytes = 0;  // from the start of the file
};

struct Header {
  std::uint64_t file_bytes = 0;
  Span groups, leaves, data;
  std::uint64_t key_rules = 0;  // fingerprint of the version schemes' sort keys
  std::int64_t built_at = 0;    // seconds since 1970, UTC
  std::array<Span, kSections> sections;
  std::string root, digest;                 // raw SHA-256
  std::string public_key, signature;        // raw Ed25519; empty: not signed
};

// Errors: Malformed (not a database, torn, altered), Unsupported (another format version).
Result<Header> read_header(Bytes file);
// The header's bytes, its digest filled in.
std::string write_header(Header& header);

// The sort keys of a set of awkward versions under every scheme, hashed: another value means keys stored by another
// version of the program order differently from ours.
std::uint64_t version_key_rules();

// "CVE-2021-44228" as (year - 1970) << 26 | number; 0 when it is not a CVE id or does not fit.
std::uint32_t pack_cve(std::string_view id);
std::string unpack_cve(std::uint32_t packed);

}  // namespace plimsoll::advisory
