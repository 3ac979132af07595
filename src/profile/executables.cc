#include "profile/executables.h"

#include <algorithm>
#include <array>

#include "base/digests.h"
#include "base/path.h"
#include "base/text.h"
#include "format/executable.h"

namespace plimsoll::profile {
namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHash = 32;
constexpr std::string_view kNote = "x";
constexpr std::array<std::string_view, 5> kKinds = {"program", "shared-object", "script", "entry-point", "plain"};

bool is_script(Bytes content) { return content.size() > 2 && content[0] == '#' && content[1] == '!'; }

// A Node package's own word of its version: whether it, too, is another than its distribution package's tells an upgrade
// by npm from tampering (detect/integrity.h).
bool is_manifest(std::string_view path) { return base_name(path) == "package.json" && path.find("/node_modules/") != std::string_view::npos; }

// Where packages of distributions install nothing.
bool no_packages(std::string_view path) {
  static constexpr std::array<std::string_view, 7> kFolders = {"usr/local/", "home/", "root/", "srv/", "app/", "tmp/", "var/www/"};
  return std::any_of(kFolders.begin(), kFolders.end(), [&](std::string_view folder) { return path.starts_with(folder); });
}

void look_inside(ExecutableFacts& facts, Bytes content) {
  if (facts.kind == FileKind::Script) {
    const std::string_view text = as_text(content).substr(2, 256);
    facts.interpreter = to_utf8(trim(text.substr(0, text.find('\n'))));
    return;
  }
  if (!as_text(content).starts_with("\x7f" "ELF")) return;
  const auto program = format::read_elf(content);
  if (!program) return;
  for (const format::ElfNote& note : format::elf_notes(*program))
    if (note.owner == "GNU" && note.type == 3 && facts.build_id.empty()) facts.build_id = as_text(note.data.first(std::min<std::size_t>(note.data.size(), 64)));
  if (const auto* section = program->section(".interp")) {
    const std::string_view path = as_text(section->data).substr(0, 256);
    facts.interpreter = to_utf8(path.substr(0, path.find('\0')));
  }
}

Result<Facts> extract(const FileView& file, VerifyFiles files) {
  Facts out;
  ExecutableFacts facts{.kind = kind_of(file.path, file.content), .mode = file.mode, .size_bytes = file.content.size()};
  const bool plain = facts.kind == FileKind::Plain;
  const bool for_packages = files != VerifyFiles::None && !no_packages(file.path);
  if (plain && (!for_packages || (files != VerifyFiles::All && !is_manifest(file.path)))) return out;
  const DigestsWanted wanted{.md5_and_sha1 = for_packages, .verity = !plain};
  Digests digests = file.digests ? file.digests->get(wanted) : all_digests(file.content, wanted);
  if (!for_packages) digests.md5 = digests.sha1 = {};
  if (plain) digests.verity = {};
  facts.md5 = std::move(digests.md5);
  facts.sha1 = std::move(digests.sha1);
  facts.sha256 = std::move(digests.sha256);
  facts.verity = std::move(digests.verity);
  if (!plain) look_inside(facts, file.content);
  facts.capabilities = file.capabilities;
  out.notes.emplace_back(kNote, write_executable_facts(facts));
  return out;
}

}  // namespace

std::string_view to_string(FileKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<FileKind> file_kind_from(std::string_view text) {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i] == text) return static_cast<FileKind>(i);
  return std::nullopt;
}

FileKind kind_of(std::string_view path, Bytes content) {
  const std::string_view text = as_text(content);
  if (text.starts_with("\x7f" "ELF") && content.size() >= 20) {
    const auto program = format::read_elf(content);
    // A position-independent program is a shared object that names its loader.
    if (program && program->shared_library && program->section(".interp") == nullptr) return FileKind::SharedObject;
    return FileKind::Program;
  }
  if (text.starts_with("MZ") && content.size() >= 64) return FileKind::Program;
  for (const std::string_view magic : {"\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe"})
    if (text.starts_with(magic)) return FileKind::Program;
  if (is_script(content)) return FileKind::Script;
  const std::string_view name = base_name(path);
  for (const std::string_view ending : {".jar", ".war", ".ear", ".pyz", ".phar"})
    if (name.ends_with(ending)) return FileKind::EntryPoint;
  return name == "__main__.py" ? FileKind::EntryPoint : FileKind::Plain;
}

std::string build_id(Bytes content) {
  ExecutableFacts facts{.kind = FileKind::Program};
  look_inside(facts, content);
  return facts.build_id;
}

std::string fs_verity_digest(Bytes content) { return all_digests(content, {.md5_and_sha1 = false, .verity = true}).verity; }

std::string write_executable_facts(const ExecutableFacts& facts) {
  std::string out;
  const auto number = [&](std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  };
  const auto text = [&](std::string_view value) {
    value = value.substr(0, 255);
    number(value.size(), 1);
    out += value;
  };
  number(static_cast<std::uint64_t>(facts.kind), 1);
  number(facts.mode, 4);
  number(facts.size_bytes, 8);
  for (const std::string* value : {&facts.sha256, &facts.verity, &facts.md5, &facts.sha1, &facts.build_id, &facts.interpreter, &facts.capabilities}) text(*value);
  return out;
}

std::optional<ExecutableFacts> read_executable_facts(const Facts& facts) {
  std::string_view rest = facts.note(kNote);
  if (rest.size() < 13) return std::nullopt;
  const Bytes head = as_bytes(rest);
  if (head[0] >= kKinds.size()) return std::nullopt;
  ExecutableFacts out{.kind = static_cast<FileKind>(head[0]), .mode = load_le<std::uint32_t>(head, 1), .size_bytes = load_le<std::uint64_t>(head, 5)};
  rest.remove_prefix(13);
  for (std::string* value : {&out.sha256, &out.verity, &out.md5, &out.sha1, &out.build_id, &out.interpreter, &out.capabilities}) {
    if (rest.empty()) return std::nullopt;
    const std::size_t size = static_cast<unsigned char>(rest.front());
    if (size > rest.size() - 1) return std::nullopt;
    *value = rest.substr(1, size);
    rest.remove_prefix(1 + size);
  }
  if (out.sha256.size() != kHash || (out.kind != FileKind::Plain && out.verity.size() != kHash)) return std::nullopt;
  return out;
}

Analyser executables(VerifyFiles files) {
  static constexpr std::array<std::string_view, 3> kNames = {"executables", "executables-packages", "files-packages"};
  Analyser out{.name = std::string(kNames[static_cast<std::size_t>(files)]), .version = kVersion};
  out.paths = {"**/*.{jar,war,ear,pyz,phar}", "**/__main__.py"};
  if (files == VerifyFiles::Executables) out.paths.emplace_back("usr/{lib,share}/**/package.json");
  out.magics = {"\x7f" "ELF", "#!", "MZ", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe"};
  out.all_files = files == VerifyFiles::All;
  out.scope = Scope::Image;
  out.nested = false;
  out.extract = [files](const FileView& file, const Limits&) { return extract(file, files); };
  out.resolve = [](const SquashedFacts&) -> Result<Catalogue> { return Catalogue{}; };
  return out;
}

}  // namespace plimsoll::profile
