#include "format/pe_version.h"

#include <algorithm>

#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::format {
namespace {

constexpr std::size_t kCoffHeader = 24, kCliDirectory = 14, kResourceDirectory = 2;
constexpr std::uint32_t kVersionType = 16, kSubdirectory = 0x80000000u;
constexpr std::size_t kMaxResources = 4096, kMaxTexts = 64;
constexpr int kMaxDepth = 4;  // VS_VERSIONINFO > StringFileInfo > StringTable > String

// Data directory `index` of the optional header: {RVA, size}; zeros when there is none.
std::pair<std::uint32_t, std::uint32_t> data_directory(Bytes file, std::size_t index) {
  const std::size_t at = load_le<std::uint32_t>(file, 60) + kCoffHeader;  // read_pe has checked the headers
  const Bytes optional = file.subspan(at, load_le<std::uint16_t>(file, at - 4));
  const bool wide = load_le<std::uint16_t>(optional, 0) == 0x20b;
  const std::size_t entry = (wide ? 112u : 96u) + index * 8;
  if (entry + 8 > optional.size()) return {0, 0};
  return {load_le<std::uint32_t>(optional, entry), load_le<std::uint32_t>(optional, entry + 4)};
}

std::uint64_t image_base(Bytes file, bool wide) {
  const std::size_t at = load_le<std::uint32_t>(file, 60) + kCoffHeader;
  return wide ? load_le<std::uint64_t>(file, at + 24) : load_le<std::uint32_t>(file, at + 28);
}

// Offset of the first entry of the directory at `at`: of type `type`, or any when it is 0. Nothing when there is none.
bool find_entry(Bytes resources, std::size_t at, std::uint32_t type, std::uint32_t& target) {
  if (at > resources.size() || resources.size() - at < 16) return false;
  const std::size_t count = std::min<std::size_t>(
      load_le<std::uint16_t>(resources, at + 12) + std::size_t{load_le<std::uint16_t>(resources, at + 14)},
      kMaxResources);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = at + 16 + i * 8;
    if (entry + 8 > resources.size()) return false;
    if (type != 0 && load_le<std::uint32_t>(resources, entry) != type) continue;
    target = load_le<std::uint32_t>(resources, entry + 4);
    return true;
  }
  return false;
}

std::string from_utf16(Bytes units) {
  std::string out;
  for (std::size_t i = 0; i + 1 < units.size() && out.size() < kMaxPeVersionText; i += 2) {
    const std::uint32_t unit = load_le<std::uint16_t>(units, i);
    if (unit == 0) break;
    if (unit < 0x80) {
      out.push_back(static_cast<char>(unit));
    } else if (unit < 0x800) {
      out.push_back(static_cast<char>(0xC0 | (unit >> 6)));
      out.push_back(static_cast<char>(0x80 | (unit & 0x3F)));
    } else if (unit >= 0xD800 && unit <= 0xDFFF) {
      out += "\xEF\xBF\xBD";  // half of a pair: names have none
    } else {
      out.push_back(static_cast<char>(0xE0 | (unit >> 12)));
      out.push_back(static_cast<char>(0x80 | ((unit >> 6) & 0x3F)));
      out.push_back(static_cast<char>(0x80 | (unit & 0x3F)));
    }
  }
  return out;
}

constexpr std::size_t round_up(std::size_t offset) { return (offset + 3) & ~std::size_t{3}; }

// One block: length, value length, type, key (UTF-16, ends with 0), padding, value, padding, children.
void read_block(Bytes block, int depth, PeVersion& out) {
  if (depth > kMaxDepth || block.size() < 8 || out.texts.size() >= kMaxTexts) return;
  const std::size_t value_length = load_le<std::uint16_t>(block, 2);
  std::size_t key_end = 6;
  while (key_end + 1 < block.size() && (block[key_end] != 0 || block[key_end + 1] != 0)) key_end += 2;
  const std::string key = from_utf16(block.subspan(6, key_end - 6));
  const std::size_t value = round_up(key_end + 2);
  if (depth == 3) {  // a String: its value length counts characters
    if (value < block.size()) out.texts.emplace_back(key, from_utf16(block.subspan(value)));
    return;
  }
  if (depth == 1 && key != "StringFileInfo") return;
  std::size_t child = round_up(value + value_length);
  while (child + 6 <= block.size() && out.texts.size() < kMaxTexts) {
    const std::size_t length = load_le<std::uint16_t>(block, child);
    if (length < 6 || length > block.size() - child) return;
    read_block(block.subspan(child, length), depth + 1, out);
    child = round_up(child + length);
  }
}

// The bytes of the version resource: type -> name -> language -> data entry. Empty when there is none, with `damaged`
// set when there is one that leaves the file.
Bytes version_data(const Executable& program, Bytes resources, std::uint64_t base, bool& damaged) {
  std::uint32_t target = 0;
  if (!find_entry(resources, 0, kVersionType, target)) return {};
  damaged = true;
  for (int level = 0; level < 2 && (target & kSubdirectory) != 0; ++level) {
    if (!find_entry(resources, target & ~kSubdirectory, 0, target)) return {};
  }
  if ((target & kSubdirectory) != 0 || target > resources.size() || resources.size() - target < 16) return {};
  const Bytes data = program.at_address(base + load_le<std::uint32_t>(resources, target));
  const std::size_t length = load_le<std::uint32_t>(resources, target + 4);
  return data.size() < length ? Bytes() : data.first(length);
}

}  // namespace

std::string_view PeVersion::text(std::string_view key) const {
  for (const auto& [name, value] : texts)
    if (name == key) return trim(value);
  return {};
}

Result<PeVersion> read_pe_version(Bytes file) {
  PLIM_TRY(const Executable program, read_pe(file));
  PeVersion out;
  out.managed = data_directory(file, kCliDirectory).first != 0;
  const auto [rva, size] = data_directory(file, kResourceDirectory);
  if (rva == 0 || size == 0) return out;
  const std::uint64_t base = image_base(file, program.is_64_bit);
  const Bytes resources = program.at_address(base + rva);
  const Bytes data = version_data(program, resources, base, out.damaged);
  if (data.empty()) return out;
  read_block(data, 0, out);
  out.damaged = out.texts.empty();
  return out;
}

}  // namespace plimsoll::format
