#include "inventory/go_buildinfo.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace plimsoll::inventory {
namespace {

using format::Executable;

constexpr std::string_view kMagic("\xff Go buildinf:", 14);
constexpr std::size_t kAlign = 16, kBlobHeader = 32, kMostSearched = 1 << 20;

Bytes find_aligned(Bytes data) {
  const std::string_view text = as_text(data.first(std::min(data.size(), kMostSearched)));
  for (std::size_t at = text.find(kMagic); at != std::string_view::npos; at = text.find(kMagic, at + 1))
    if (at % kAlign == 0 && data.size() - at >= kBlobHeader) return data.subspan(at);
  return {};
}

// The blob in its section, or at the start of writable data where no section is named.
Bytes find_blob(const Executable& program) {
  for (const std::string_view name : {".go.buildinfo", "__go_buildinfo"})
    if (const auto* section = program.section(name)) return find_aligned(section->data);
  if (program.kind != Executable::Kind::Pe && !program.sections.empty()) return {};
  for (const auto& segment : program.segments)
    if (segment.writable && !segment.note)
      if (const Bytes blob = find_aligned(segment.data); !blob.empty()) return blob;
  return {};
}

// Length in base 128, then the bytes; takes them off `rest`.
std::optional<std::string_view> inline_string(Bytes& rest) {
  std::uint64_t length = 0;
  for (int shift = 0; shift < 63; shift += 7) {
    if (rest.empty()) return std::nullopt;
    const std::uint8_t byte = rest[0];
    rest = rest.subspan(1);
    length |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte >= 0x80) continue;
    if (length > rest.size()) return std::nullopt;
    const std::string_view text = as_text(rest.first(static_cast<std::size_t>(length)));
    rest = rest.subspan(static_cast<std::size_t>(length));
    return text;
  }
  return std::nullopt;
}

// A Go string header (pointer, length) at a loaded address.
std::optional<std::string_view> pointed_string(const Executable& program, std::uint64_t address, std::size_t word, bool big) {
  const auto read = [&](Bytes bytes, std::size_t at) -> std::uint64_t {
    if (word == 8) return big ? load_be<std::uint64_t>(bytes, at) : load_le<std::uint64_t>(bytes, at);
    return big ? load_be<std::uint32_t>(bytes, at) : load_le<std::uint32_t>(bytes, at);
  };
  const Bytes header = program.at_address(address);
  if (header.size() < 2 * word) return std::nullopt;
  const std::uint64_t length = read(header, word);
  const Bytes data = program.at_address(read(header, 0));
  if (length > data.size()) return std::nullopt;
  return as_text(data.first(static_cast<std::size_t>(length)));
}

struct Blob {
  std::string_view toolchain, modules;
  bool modules_damaged = false;
};

std::optional<Blob> read_blob(const Executable& program, Bytes blob) {
  const std::size_t word = blob[14];
  const std::uint8_t flags = blob[15];
  std::optional<std::string_view> toolchain, modules;
  if ((flags & 2) != 0) {  // since 1.18: both strings follow
    Bytes rest = blob.subspan(kBlobHeader);
    toolchain = inline_string(rest);
    modules = inline_string(rest);
  } else {
    if (word != 4 && word != 8) return std::nullopt;
    const bool big = (flags & 1) != 0;
    const auto pointer = [&](std::size_t at) -> std::uint64_t {
      if (word == 8) return big ? load_be<std::uint64_t>(blob, at) : load_le<std::uint64_t>(blob, at);
      return big ? load_be<std::uint32_t>(blob, at) : load_le<std::uint32_t>(blob, at);
    };
    toolchain = pointed_string(program, pointer(16), word, big);
    modules = pointed_string(program, pointer(16 + word), word, big);
  }
  if (!toolchain || toolchain->empty()) return std::nullopt;
  // The text stands between two marks of 16 bytes. A program built without modules has none.
  if (modules && modules->empty()) return Blob{*toolchain, {}};
  if (!modules || modules->size() < 33 || (*modules)[modules->size() - 17] != '\n') return Blob{*toolchain, {}, true};
  return Blob{*toolchain, modules->substr(16, modules->size() - 32)};
}

// What a linker was told to write into a variable whose name speaks of a version: -X main.version=1.2.3.
std::string version_of_flags(std::string_view flags) {
  std::string best;
  int best_rank = 0;
  for (std::size_t at = flags.find("-X"); at != std::string_view::npos; at = flags.find("-X", at + 2)) {
    std::string_view rest = flags.substr(at + 2);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '=' || rest.front() == '"' || rest.front() == '\'')) rest.remove_prefix(1);
    const auto [variable, tail] = cut(rest.substr(0, rest.find_first_of(" '\"\\", 0)), '=');
    std::string_view value = tail;
    const std::size_t dot = variable.rfind('.');
    if (dot == std::string_view::npos) continue;
    const std::string name = lower(variable.substr(dot + 1));
    const std::string_view digits = value.starts_with('v') ? value.substr(1) : value;
    if (digits.empty() || digits[0] < '0' || digits[0] > '9' || digits.find('.') == std::string_view::npos) continue;
    // An exact "version" goes before "buildVersion"; anything else that holds the word is a dependency's or the compiler's.
    const int rank = name == "version" ? 3 : name == "gitversion" || name == "appversion" || name == "buildversion" || name == "releaseversion" ? 2 : name == "tag" || name == "gittag" ? 1 : 0;
    if (rank <= best_rank) continue;
    best_rank = rank;
    best = cat("v", to_utf8(digits));
  }
  return best;
}

// Undoes Go's quoting of build settings ("..." with backslashes, or `...`).
std::string unquoted(std::string_view value) {
  if (value.size() < 2 || (value.front() != '"' && value.front() != '`') || value.back() != value.front()) return std::string(value);
  std::string out;
  for (std::size_t i = 1; i + 1 < value.size(); ++i) {
    if (value.front() == '"' && value[i] == '\\' && i + 2 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

GoModule parse_module(std::string_view row) {
  const std::vector<std::string_view> fields = split(row, '\t');
  GoModule out{.path = to_utf8(fields[0])};
  if (fields.size() > 1) out.version = to_utf8(fields[1]);
  if (fields.size() > 2 && fields[2].starts_with("h1:")) out.sum = to_utf8(fields[2]);
  return out;
}

void replace(GoModule& module, const GoModule& by) {
  std::string was = cat(module.path, "@", module.version);
  // A replacement by a folder has no version: the module keeps its name, and what it was built from is not known.
  if (by.path.starts_with('.') || by.path.starts_with('/')) module.version.clear();
  else module = by;
  module.replaces = std::move(was);
}

}  // namespace

Result<GoBuildInfo> read_go_buildinfo(const Executable& program) {
  const Bytes blob = find_blob(program);
  if (blob.empty()) return not_found("no Go build information");
  const std::optional<Blob> strings = read_blob(program, blob);
  if (!strings) return malformed("Go build information is damaged");
  GoBuildInfo out{.toolchain = to_utf8(strings->toolchain), .modules_damaged = strings->modules_damaged};
  std::string_view rest = strings->modules, line;
  while (next_line(rest, line)) {
    const auto [kind, row] = cut(line, '\t');
    if (kind == "path") out.program = to_utf8(row);
    else if (kind == "mod") out.main = parse_module(row);
    else if (kind == "dep") out.dependencies.push_back(parse_module(row));
    else if (kind == "=>" && (!out.dependencies.empty() || !out.main.path.empty())) replace(out.dependencies.empty() ? out.main : out.dependencies.back(), parse_module(row));
    else if (kind == "build") {
      const auto [key, value] = cut(row, '=');
      if (key == "-ldflags") out.flags_version = version_of_flags(unquoted(value));
      if (key == "vcs.revision") out.revision = to_utf8(unquoted(value));
      if (key == "vcs.time") out.time = to_utf8(unquoted(value));
    }
  }
  return out;
}

std::string go_main_version(const GoBuildInfo& info) {
  const std::string& stated = info.main.version;
  const bool unknown = stated.empty() || stated == "(devel)" || stated.starts_with("v0.0.0-");
  return unknown ? info.flags_version : stated;
}

}  // namespace plimsoll::inventory
