#include "format/tar.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMaxExtra = 1 << 20;  // long names, pax records, sparse maps
constexpr std::size_t kMaxExtents = 100'000;

struct Field {
  std::size_t offset, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kChecksum{148, 8},
    kLink{157, 100}, kMagic{257, 8}, kMajor{329, 8}, kMinor{337, 8}, kPrefix{345, 155};

Bytes field(Bytes header, Field f) { return header.subspan(f.offset, f.size); }

std::string_view text_field(Bytes header, Field f) {
  const std::string_view text = as_text(field(header, f));
  return text.substr(0, text.find('\0'));
}

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

// Old writers summed signed bytes; both sums are accepted, as every reader does.
bool checksum_matches(Bytes header) {
  std::uint64_t stated = 0;
  if (!parse_tar_number(field(header, kChecksum), stated)) return false;
  std::uint64_t sum = 0;
  std::int64_t signed_sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool inside = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    const std::uint8_t byte = inside ? ' ' : header[i];
    sum += byte;
    signed_sum += static_cast<std::int8_t>(byte);
  }
  return stated == sum || static_cast<std::int64_t>(stated) == signed_sum;
}

std::uint32_t clip32(std::uint64_t value) { return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX)); }

TarKind kind_of(char type) {
  switch (type) {
    case '0': case '\0': case '7': case 'S': return TarKind::File;
    case '1': return TarKind::HardLink;
    case '2': return TarKind::SymbolicLink;
    case '3': return TarKind::CharacterDevice;
    case '4': return TarKind::BlockDevice;
    case '5': case 'D': return TarKind::Directory;
    case '6': return TarKind::Fifo;
    default: return TarKind::Other;
  }
}

}  // namespace

struct TarReader::Extended {
  std::vector<std::pair<std::string, std::string>> records;  // later ones win
  bool has_name = false, has_link = false;
  std::string name, link;  // GNU 'L' and 'K'
};

bool parse_tar_number(Bytes bytes, std::uint64_t& value) {
  value = 0;
  if (bytes.empty()) return false;
  if (bytes[0] & 0x80) {  // base-256, big-endian; 0xFF.. is negative
    if (bytes[0] & 0x40) return false;
    value = bytes[0] & 0x3F;
    for (std::uint8_t byte : bytes.subspan(1)) {
      if (value >> 55 != 0) return false;
      value = value << 8 | byte;
    }
    return true;
  }
  std::size_t i = 0;
  while (i < bytes.size() && (bytes[i] == ' ' || bytes[i] == '\0')) ++i;
  for (; i < bytes.size() && bytes[i] >= '0' && bytes[i] <= '7'; ++i) {
    if (value >> 60 != 0) return false;
    value = value << 3 | static_cast<std::uint64_t>(bytes[i] - '0');
  }
  return i == bytes.size() || bytes[i] == ' ' || bytes[i] == '\0';
}

Result<std::vector<std::pair<std::uint64_t, std::uint64_t>>> parse_sparse_map(Bytes content, std::size_t& used) {
  std::string_view rest = as_text(content);
  const auto number = [&](std::uint64_t& value) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos || end > 20) return false;
    const auto parsed = parse_u64(rest.substr(0, end));
    if (!parsed) return false;
    value = *parsed;
    rest.remove_prefix(end + 1);
    return true;
  };
  std::uint64_t count = 0;
  if (!number(count) || count > kMaxExtents) return malformed("tar: bad sparse map");
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents(count);
  for (auto& [offset, length] : extents)
    if (!number(offset) || !number(length)) return malformed("tar: bad sparse map");
  used = content.size() - rest.size();
  used = (used + kBlock - 1) / kBlock * kBlock;
  if (used > content.size()) return malformed("tar: bad sparse map");
  return extents;
}

Result<bool> TarReader::fill() {
  if (!chunk_.empty()) return true;
  PLIM_TRY(chunk_, source_.next_chunk());
  return !chunk_.empty();
}

Result<Bytes> TarReader::take(std::size_t size, bool at_start) {
  PLIM_TRY(const bool any, fill());
  if (!any) {
    if (at_start) return Bytes{};
    return malformed(cat("tar: stream ends inside an entry, at byte ", position_));
  }
  if (chunk_.size() >= size) {
    const Bytes view = chunk_.first(size);
    chunk_ = chunk_.subspan(size);
    position_ += size;
    return view;
  }
  scratch_.clear();
  while (scratch_.size() < size) {
    PLIM_TRY(const bool more, fill());
    if (!more) return malformed(cat("tar: stream ends inside an entry, at byte ", position_));
    const Bytes part = chunk_.first(std::min(size - scratch_.size(), chunk_.size()));
    scratch_.append(as_text(part));
    chunk_ = chunk_.subspan(part.size());
    position_ += part.size();
  }
  return as_bytes(scratch_);
}

Status TarReader::skip(std::uint64_t size) {
  while (size > 0) {
    if (chunk_.empty()) {
      PLIM_TRY(const std::uint64_t passed, source_.pass_over(size));
      position_ += passed;
      size -= passed;
      if (size == 0) break;
    }
    PLIM_TRY(const bool more, fill());
    if (!more) return malformed(cat("tar: stream ends inside an entry, at byte ", position_));
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(size, chunk_.size()));
    chunk_ = chunk_.subspan(n);
    position_ += n;
    size -= n;
  }
  return Ok{};
}

Result<Bytes> TarReader::content() {
  if (left_ == 0) return Bytes{};
  PLIM_TRY(const bool more, fill());
  if (!more) return malformed(cat("tar: stream ends inside a file, at byte ", position_));
  const Bytes part = chunk_.first(static_cast<std::size_t>(std::min<std::uint64_t>(left_, chunk_.size())));
  chunk_ = chunk_.subspan(part.size());
  position_ += part.size();
  left_ -= part.size();
  return part;
}

Result<std::string> TarReader::extra_data(std::uint64_t size, std::string_view what) {
  if (size > kMaxExtra) return limit_reached(cat("tar: ", what, " of ", size, " bytes at byte ", position_));
  PLIM_TRY(const Bytes bytes, take(static_cast<std::size_t>((size + kBlock - 1) / kBlock * kBlock)));
  return std::string(as_text(bytes.first(static_cast<std::size_t>(size))));
}

// "LENGTH KEY=VALUE\n", LENGTH counting itself.
Status TarReader::read_pax(std::string_view rest, Extended& into) {
  while (!rest.empty()) {
    const std::size_t space = rest.find(' ');
    const auto length = parse_u64(rest.substr(0, std::min<std::size_t>(space, 10)));
    if (space == std::string_view::npos || !length || *length <= space + 1 || *length > rest.size() ||
        rest[*length - 1] != '\n')
      return malformed(cat("tar: bad pax record before byte ", position_));
    const std::string_view record = rest.substr(space + 1, *length - space - 2);
    const std::size_t equal = record.find('=');
    if (equal == std::string_view::npos) return malformed(cat("tar: bad pax record before byte ", position_));
    into.records.emplace_back(record.substr(0, equal), record.substr(equal + 1));
    rest.remove_prefix(*length);
  }
  return Ok{};
}

Status TarReader::apply(const Extended& extended, TarEntry& entry) {
  std::uint64_t pending_offset = 0;
  const auto number = [](std::string_view text, std::uint64_t& into) {
    const auto value = parse_u64(text);
    if (value) into = *value;
    return value.has_value();
  };
  const auto one = [&](const std::string& key, const std::string& value) -> Status {
    std::uint64_t n = 0;
    if (key == "path") {
      entry.name = value;
    } else if (key == "linkpath") {
      entry.link = value;
    } else if (key == "size") {
      if (!number(value, entry.size)) return malformed(cat("tar: bad pax size before byte ", position_));
    } else if (key == "uid") {
      if (number(value, n)) entry.uid = clip32(n);
    } else if (key == "gid") {
      if (number(value, n)) entry.gid = clip32(n);
    } else if (key.starts_with("SCHILY.xattr.")) {
      entry.xattrs.emplace_back(key.substr(13), value);
    } else if (key == "GNU.sparse.major") {
      entry.sparse = true;
      if (value == "1") entry.extents_in_content = true;
    } else if (key == "GNU.sparse.size" || key == "GNU.sparse.realsize") {
      entry.sparse = true;
      if (!number(value, entry.real_size)) return malformed(cat("tar: bad sparse size before byte ", position_));
    } else if (key == "GNU.sparse.offset") {
      if (!number(value, pending_offset)) return malformed(cat("tar: bad sparse map before byte ", position_));
    } else if (key == "GNU.sparse.numbytes") {
      if (!number(value, n) || entry.extents.size() >= kMaxExtents)
        return malformed(cat("tar: bad sparse map before byte ", position_));
      entry.extents.emplace_back(pending_offset, n);
    } else if (key == "GNU.sparse.map") {
      const auto parts = split(value, ',');
      if (value.empty()) return Ok{};
      if (parts.size() % 2 != 0 || parts.size() / 2 > kMaxExtents)
        return malformed(cat("tar: bad sparse map before byte ", position_));
      for (std::size_t i = 0; i < parts.size(); i += 2) {
        std::uint64_t offset = 0;
        if (!number(parts[i], offset) || !number(parts[i + 1], n))
          return malformed(cat("tar: bad sparse map before byte ", position_));
        entry.extents.emplace_back(offset, n);
      }
    }
    return Ok{};
  };
  for (const auto& [key, value] : global_) PLIM_CHECK(one(key, value));
  if (extended.has_name) entry.name = extended.name;
  if (extended.has_link) entry.link = extended.link;
  for (const auto& [key, value] : extended.records) PLIM_CHECK(one(key, value));
  for (const auto& [key, value] : extended.records)  // the true name of a pax sparse file comes before "path"
    if (key == "GNU.sparse.name") entry.name = value;
  return Ok{};
}

// Old GNU sparse: four extents in the header, 21 in each block that follows (GNU tar manual, "Old GNU Format").
Status TarReader::read_old_sparse(Bytes header, TarEntry& entry) {
  const auto extents = [&](Bytes block, std::size_t start, int count) -> Status {
    for (int i = 0; i < count; ++i) {
      const Bytes item = block.subspan(start + static_cast<std::size_t>(i) * 24, 24);
      if (item[0] == 0) break;
      std::uint64_t offset = 0, length = 0;
      if (!parse_tar_number(item.first(12), offset) || !parse_tar_number(item.subspan(12), length) ||
          entry.extents.size() >= kMaxExtents)
        return malformed(cat("tar: bad sparse map before byte ", position_));
      entry.extents.emplace_back(offset, length);
    }
    return Ok{};
  };
  entry.sparse = true;
  if (!parse_tar_number(header.subspan(483, 12), entry.real_size))
    return malformed(cat("tar: bad sparse size before byte ", position_));
  PLIM_CHECK(extents(header, 386, 4));
  bool more = header[482] != 0;
  while (more) {
    PLIM_TRY(const Bytes block, take(kBlock));
    PLIM_CHECK(extents(block, 0, 21));
    more = block[504] != 0;
  }
  return Ok{};
}

Result<bool> TarReader::next(TarEntry& entry) {
  if (ended_) return false;
  PLIM_CHECK(skip(left_));
  // The last file's padding may be missing at the very end (old writers); everywhere else it must be there.
  for (left_ = 0; padding_ > 0;) {
    PLIM_TRY(const bool more, fill());
    if (!more) break;
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(padding_, chunk_.size()));
    chunk_ = chunk_.subspan(n);
    position_ += n;
    padding_ -= n;
  }
  padding_ = 0;
  Extended extended;
  for (std::uint64_t extras = 0;; ++extras) {
    const std::uint64_t offset = position_;
    PLIM_TRY(Bytes header, take(kBlock, extras == 0));
    if (header.empty()) {
      ended_ = true;
      return false;
    }
    if (header[0] == 0 && all_zero(header)) {
      if (extras != 0) return malformed(cat("tar: extended header without an entry at byte ", offset));
      PLIM_TRY(header, take(kBlock, true));
      if (!header.empty() && !all_zero(header)) return malformed(cat("tar: lone zero block at byte ", offset));
      ended_ = true;
      return false;
    }
    if (!checksum_matches(header)) return malformed(cat("tar: header checksum at byte ", offset));
    if (++entries_ > limits_.layer_entries) return limit_reached(cat("tar: more than ", limits_.layer_entries, " entries"));
    std::uint64_t size = 0;
    if (!parse_tar_number(field(header, kSize), size)) return malformed(cat("tar: bad size at byte ", offset));
    const char type = static_cast<char>(header[156]);
    if (type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K') {
      PLIM_TRY(std::string data, extra_data(size, "extended header"));
      if (extras >= 16) return malformed(cat("tar: too many extended headers at byte ", offset));
      if (type == 'L' || type == 'K') {
        (type == 'L' ? extended.name : extended.link) = data.substr(0, data.find('\0'));
        (type == 'L' ? extended.has_name : extended.has_link) = true;
      } else if (type == 'g') {
        Extended global;
        PLIM_CHECK(read_pax(data, global));
        global_ = std::move(global.records);
      } else {
        PLIM_CHECK(read_pax(data, extended));
      }
      continue;
    }

    entry.kind = kind_of(type);
    entry.offset = offset;
    entry.size = size;
    entry.name = text_field(header, kName);
    entry.link = text_field(header, kLink);
    entry.sparse = entry.extents_in_content = entry.name_too_long = false;
    entry.real_size = 0;
    entry.extents.clear();
    entry.xattrs.clear();
    std::uint64_t number = 0;
    entry.mode = parse_tar_number(field(header, kMode), number) ? static_cast<std::uint32_t>(number & 07777) : 0;
    entry.uid = parse_tar_number(field(header, kUid), number) ? clip32(number) : 0;
    entry.gid = parse_tar_number(field(header, kGid), number) ? clip32(number) : 0;
    const std::string_view magic = as_text(field(header, kMagic));
    const bool ustar = magic.starts_with(std::string_view("ustar\0", 6));
    const bool gnu = magic == std::string_view("ustar  \0", 8);
    if (ustar || gnu) {
      entry.device_major = parse_tar_number(field(header, kMajor), number) ? clip32(number) : 0;
      entry.device_minor = parse_tar_number(field(header, kMinor), number) ? clip32(number) : 0;
    }
    if (ustar && header[kPrefix.offset] != 0) {
      // star's own format ends with "tar\0" and has a shorter prefix.
      const bool star = as_text(header.subspan(508, 4)) == std::string_view("tar\0", 4);
      entry.name = cat(text_field(header, star ? Field{345, 131} : kPrefix), "/", entry.name);
    }
    if (type == 'S') {
      const std::string copy(as_text(header));  // take() may reuse the scratch the header lies in
      PLIM_CHECK(read_old_sparse(as_bytes(copy), entry));
    }
    PLIM_CHECK(apply(extended, entry));
    // A trailing slash makes an old-style (V7) file entry a directory.
    if (entry.kind == TarKind::File && entry.name.ends_with('/')) entry.kind = TarKind::Directory;
    // Only files carry content; some writers state a size for links and directories too, and write none.
    left_ = entry.kind == TarKind::File || entry.kind == TarKind::Other ? entry.size : 0;
    entry.content_offset = position_;
    if (left_ > limits_.layer_bytes) return malformed(cat("tar: entry of ", left_, " bytes at byte ", offset));
    padding_ = (kBlock - left_ % kBlock) % kBlock;
    entry.size = left_;
    if (entry.name.size() > limits_.path_bytes) {
      entry.name.resize(static_cast<std::size_t>(limits_.path_bytes));
      entry.name_too_long = true;
    }
    return true;
  }
}

Result<bool> TarReader::after_end() {
  bool garbage = false;
  while (true) {
    PLIM_TRY(const bool more, fill());
    if (!more) return garbage;
    garbage = garbage || !all_zero(chunk_);
    position_ += chunk_.size();
    chunk_ = {};
  }
}

}  // namespace plimsoll::format
