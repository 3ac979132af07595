#include "advisory/layout.h"

#include "base/hash.h"
#include "base/text.h"
#include "advisory/encoding.h"
#include "version/scheme.h"

namespace plimsoll::advisory {

namespace {

bool inside(const Span& span, std::uint64_t from, std::uint64_t to) {
  return span.offset >= from && span.offset <= to && span.bytes <= to - span.offset;
}

}  // namespace

Result<Header> read_header(Bytes file) {
  if (file.size() < kMagic.size() || as_text(file.first(kMagic.size())) != kMagic) return malformed("not a plimsoll advisory database");
  if (file.size() < kHeaderBytes) return malformed(cat("advisory database is torn: its header is cut at byte ", file.size()));
  const std::uint32_t version = load_le<std::uint32_t>(file, 8);
  if (version != kFormatVersion)
    return unsupported(cat("advisory database has format ", version, ", this program reads ", kFormatVersion, version < kFormatVersion ? ": it is older; run `plimsoll db update` or `db import`" : ": it is newer; update plimsoll"));
  Header header;
  header.digest = as_text(file.subspan(kDigestOffset, kHashBytes));
  if (hash(HashKind::Sha256, file.first(kDigestOffset)) != header.digest) return malformed("advisory database is altered: its header does not fit its checksum");
  if (load_le<std::uint32_t>(file, 12) != kBlockBytes) return unsupported("advisory database has another block size");
  header.file_bytes = load_le<std::uint64_t>(file, 16);
  header.groups = {load_le<std::uint64_t>(file, 24), load_le<std::uint64_t>(file, 32)};
  header.leaves = {load_le<std::uint64_t>(file, 40), load_le<std::uint64_t>(file, 48)};
  header.data = {load_le<std::uint64_t>(file, 56), load_le<std::uint64_t>(file, 64)};
  header.key_rules = load_le<std::uint64_t>(file, 72);
  header.built_at = load_le<std::int64_t>(file, 80);
  header.root = as_text(file.subspan(kRootOffset, kHashBytes));
  if (header.file_bytes != file.size())
    return malformed(cat("advisory database is torn: it says ", header.file_bytes, " bytes and has ", file.size()));
  if (header.data.offset % kBlockBytes != 0 || !inside(header.data, kHeaderBytes, file.size()) || !inside(header.leaves, kHeaderBytes, file.size()) ||
      !inside(header.groups, kHeaderBytes, file.size()))
    return malformed("advisory database: its parts lie outside the file");
  const std::uint64_t blocks = (header.data.bytes + kBlockBytes - 1) / kBlockBytes;
  const std::uint64_t groups = (blocks + kLeavesPerGroup - 1) / kLeavesPerGroup;
  if (header.leaves.bytes != blocks * kHashBytes || header.groups.bytes != groups * kHashBytes)
    return malformed("advisory database: its checksums do not cover its data");
  for (std::size_t i = 0; i < kSections; ++i) {
    header.sections[i] = {load_le<std::uint64_t>(file, 96 + 16 * i), load_le<std::uint64_t>(file, 104 + 16 * i)};
    if (!inside(header.sections[i], header.data.offset, header.data.offset + header.data.bytes))
      return malformed(cat("advisory database: section ", i, " lies outside the data"));
  }
  if (file[kSignatureOffset] == 1) {
    header.public_key = as_text(file.subspan(kSignatureOffset + 4, 32));
    header.signature = as_text(file.subspan(kSignatureOffset + 36, 64));
  }
  return header;
}

std::string write_header(Header& header) {
  std::string out(kMagic);
  Encoder e(out);
  e.fixed(kFormatVersion);
  e.fixed(kBlockBytes);
  e.fixed(header.file_bytes);
  for (const Span& span : {header.groups, header.leaves, header.data}) e.fixed(span.offset), e.fixed(span.bytes);
  e.fixed(header.key_rules);
  e.fixed(static_cast<std::uint64_t>(header.built_at));
  e.fixed(static_cast<std::uint64_t>(kSections));
  for (const Span& span : header.sections) e.fixed(span.offset), e.fixed(span.bytes);
  out.resize(kRootOffset, '\0');
  out += header.root;
  header.digest = hash(HashKind::Sha256, as_bytes(out));
  out += header.digest;
  e.byte(header.signature.empty() ? 0 : 1);
  out.resize(kSignatureOffset + 4, '\0');
  out += header.public_key;
  out += header.signature;
  out.resize(kHeaderBytes, '\0');
  return out;
}

std::uint64_t version_key_rules() {
  static constexpr std::string_view kProbes[] = {"1", "1.0", "1.0.0-rc.1+build5", "2:1.0~beta1-3ubuntu4.1+deb12u1", "v0.0.0-20200101000000-abcdef123456", "1!2.0.post3.dev4+local.1",
                                                 "1.2_p3-r4", "2.0-SNAPSHOT", "10a", "", "^1", "go1.21rc2", "1.2.3.4", "20230101"};
  std::uint64_t sum = 1;
  for (const version::Scheme& scheme : version::schemes())
    for (const std::string_view probe : kProbes) sum = hash64(scheme.parse(probe).key, sum);
  return sum;
}

std::uint32_t pack_cve(std::string_view id) {
  if (!id.starts_with("CVE-") || id.size() < 13 || id[8] != '-' || id.size() > 17) return 0;
  const auto year = parse_u64(id.substr(4, 4));
  const auto number = parse_u64(id.substr(9));
  if (!year || !number || *year < 1990 || *year >= 1970 + 64 || *number >= (1u << 26)) return 0;
  return static_cast<std::uint32_t>((*year - 1970) << 26 | *number);
}

std::string unpack_cve(std::uint32_t packed) {
  std::string number = std::to_string(packed & ((1u << 26) - 1));
  if (number.size() < 4) number.insert(0, 4 - number.size(), '0');
  return cat("CVE-", 1970 + (packed >> 26), "-", number);
}

}  // namespace plimsoll::advisory
