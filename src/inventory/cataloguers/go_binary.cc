// go_binary: modules linked into Go programs, and the Go standard library they carry.
//
// Input   ELF, PE and Mach-O files with Go's build information; hostile; may be a mapping of hundreds of MB.
// Output  the main module, each dependency (a replacement in place of what it replaces), and `stdlib` at the version of
//         the toolchain, all located at the program.
// Errors  none: what is no executable or no Go program is nothing; damaged build information is a Gap.
// Cost    headers and one section; a program without section table: at most 1 MiB of its writable data.
// Source  Go: debug/buildinfo/buildinfo.go (the blob, before and since 1.18), runtime/debug/mod.go (its text).
#include <algorithm>
#include <optional>

#include "format/executable.h"
#include "inventory/cataloguer.h"

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

struct BuildInfo {
  std::string_view toolchain, modules;
  bool modules_damaged = false;
};

std::optional<BuildInfo> read_blob(const Executable& program, Bytes blob) {
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
  if (modules && modules->empty()) return BuildInfo{*toolchain, {}};
  if (!modules || modules->size() < 33 || (*modules)[modules->size() - 17] != '\n') return BuildInfo{*toolchain, {}, true};
  return BuildInfo{*toolchain, modules->substr(16, modules->size() - 32)};
}

// "go1.21.5 X:boringcrypto" -> "1.21.5"; "go1.22rc1" -> "1.22.0-rc.1", as the Go vulnerability database writes it.
// Empty for development toolchains.
std::string stdlib_version(std::string_view toolchain) {
  toolchain = cut(trim(toolchain), ' ').first;
  if (!toolchain.starts_with("go")) return {};
  std::string_view text = toolchain.substr(2);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string out(text.substr(0, digits));
  text.remove_prefix(digits);
  if (out.empty() || out.front() == '.' || out.back() == '.') return {};
  for (const std::string_view kind : {"rc", "beta"}) {
    if (!text.starts_with(kind)) continue;
    const std::string_view number = text.substr(kind.size(), std::min(text.find_first_not_of("0123456789", kind.size()), text.size()) - kind.size());
    if (std::count(out.begin(), out.end(), '.') == 1) out += ".0";
    out += cat("-", kind, ".", number);
  }
  return out;
}

struct Module {
  std::string_view path, version, sum;
};

Module parse_module(std::string_view row) {
  const std::vector<std::string_view> fields = split(row, '\t');
  return {.path = fields[0], .version = fields.size() > 1 ? fields[1] : std::string_view(), .sum = fields.size() > 2 ? fields[2] : std::string_view()};
}

Package package_of(const Module& module) {
  Package p{.type = "golang", .version = to_utf8(module.version)};
  const std::size_t slash = module.path.rfind('/');
  p.name = to_utf8(slash == std::string_view::npos ? module.path : module.path.substr(slash + 1));
  if (slash != std::string_view::npos) p.ns = to_utf8(module.path.substr(0, slash));
  if (module.sum.starts_with("h1:")) p.set_property("go:h1", to_utf8(module.sum));
  return p;
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

// "(devel)" and "v0.0.0-..." say nothing of the release a main module was built from: left in, every range "< x" would
// hold it. A linker flag may tell; else it stays without a version and the text is kept as a property.
void set_main_version(Package& main, const std::string& flags_version) {
  const bool unknown = main.version.empty() || main.version == "(devel)" || main.version.starts_with("v0.0.0-");
  main.set_property("go:main", "true");
  if (!unknown) return;
  if (!main.version.empty()) main.set_property("go:stated-version", main.version);
  main.version = flags_version;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  const auto program = format::read_executable(file.content);
  const bool is_program = (file.mode & 0111) != 0;  // test data of compilers is full of odd ELF files that nobody can run
  if (!program) {
    if (is_program && program.error().kind() == ErrorKind::Malformed) facts.gaps.push_back({"go_binary", std::string(file.path), program.error().message()});
    return facts;  // a text that begins with "MZ" is no program
  }
  const Bytes blob = find_blob(*program);
  if (blob.empty()) {
    if (is_program && program->truncated)
      facts.gaps.push_back({"go_binary", std::string(file.path), "program is cut short: what was built into it could not be looked for"});
    return facts;
  }
  const std::optional<BuildInfo> info = read_blob(*program, blob);
  if (!info) {
    facts.gaps.push_back({"go_binary", std::string(file.path), "Go build information is damaged"});
    return facts;
  }
  if (info->modules_damaged) facts.gaps.push_back({"go_binary", std::string(file.path), "the list of modules is damaged"});
  std::optional<Package> main;
  std::vector<Package> modules;
  std::string flags_version, revision, time;
  std::string_view rest = info->modules, line;
  while (next_line(rest, line) && modules.size() < limits.records) {
    const auto [kind, row] = cut(line, '\t');
    if (kind == "mod") {
      main = package_of(parse_module(row));
    } else if (kind == "dep") {
      modules.push_back(package_of(parse_module(row)));
    } else if (kind == "=>" && (main || !modules.empty())) {
      Package& replaced = modules.empty() ? *main : modules.back();
      const Module by = parse_module(row);
      // A replacement by a folder has no version: the module keeps its name, and what it was is not known.
      const std::string was = replaced.ns.empty() ? replaced.name : cat(replaced.ns, "/", replaced.name);
      const std::string stated = replaced.version;
      if (!by.path.starts_with('.') && !by.path.starts_with('/')) replaced = package_of(by);
      else replaced.version.clear();
      replaced.set_property("go:replaces", cat(was, "@", stated));
    } else if (kind == "build") {
      const auto [key, value] = cut(row, '=');
      if (key == "-ldflags") flags_version = version_of_flags(unquoted(value));
      if (key == "vcs.revision") revision = to_utf8(unquoted(value));
      if (key == "vcs.time") time = to_utf8(unquoted(value));
    }
  }
  const std::string toolchain = to_utf8(info->toolchain);
  Package stdlib{.type = "golang", .name = "stdlib", .version = stdlib_version(toolchain)};
  stdlib.set_property("go:toolchain", toolchain);
  if (stdlib.version.empty()) facts.gaps.push_back({"go_binary", std::string(file.path), cat("development toolchain \"", toolchain, "\": the standard library's version is not known")});
  if (main && !main->name.empty()) {
    set_main_version(*main, flags_version);
    if (!revision.empty()) main->set_property("vcs.revision", revision);
    if (!time.empty()) main->set_property("vcs.time", time);
    for (const Package& p : modules) main->depends.push_back(p.ns.empty() ? p.name : cat(p.ns, "/", p.name));
    facts.packages.push_back(std::move(*main));
  }
  for (Package& p : modules)
    if (!p.name.empty()) facts.packages.push_back(std::move(p));
  facts.packages.push_back(std::move(stdlib));
  return facts;
}

}  // namespace

Cataloguer go_binary() {
  return {.name = "go_binary",
          .magics = {"\x7f" "ELF", "MZ", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xfe\xed\xfa\xcf", "\xfe\xed\xfa\xce"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
