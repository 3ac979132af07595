// elf_notes: the package a distribution's build wrote into an ELF file.
//
// Input   ELF files with a ".note.package" note (owner "FDO", JSON); hostile. Such a file is known even when it was
//         copied into an image without the package database.
// Output  one Package per distinct note, located at every file that carries it.
// Errors  none: a damaged note is a Gap.
// Cost    headers and notes.
// Source  systemd: ELF Package Metadata (systemd.io/ELF_PACKAGE_METADATA), type 0xcafe1a7e.
#include <map>

#include "base/json.h"
#include "format/executable.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

constexpr std::uint32_t kPackageNote = 0xcafe1a7e;

Status read_note(Bytes data, const Limits& limits, Facts& facts) {
  std::string_view text = as_text(data);
  text = text.substr(0, text.find('\0'));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(text, limits));
  const JsonValue note = document.root();
  Package p{.type = std::string(note["type"].text("generic")), .name = std::string(note["name"].text()), .version = std::string(note["version"].text())};
  if (p.name.empty() || p.type.empty()) return malformed("package note has no name");
  const std::string_view os = note["os"].text(), os_version = note["osVersion"].text();
  p.ns = os;
  p.arch = note["architecture"].text();
  if (!os.empty()) p.set_property("distro", os_version.empty() ? std::string(os) : cat(os, "-", os_version));
  if (const std::string_view cpe = note["osCpe"].text(); !cpe.empty()) p.set_property("os-cpe", cpe);
  facts.packages.push_back(std::move(p));
  return Ok{};
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  const auto program = format::read_elf(file.content);
  if (!program) return facts;
  for (const format::ElfNote& note : format::elf_notes(*program)) {
    if (note.owner != "FDO" || note.type != kPackageNote) continue;
    if (const Status read = read_note(note.data, limits, facts); !read) facts.gaps.push_back({"elf_notes", std::string(file.path), read.error().message()});
    break;
  }
  return facts;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::map<std::string, std::size_t> known;
  for (const FileFacts& file : facts.files)
    for (const Package& stated : file.facts->packages) {
      const auto [at, fresh] = known.emplace(cat(stated.purl_text(), "|", stated.arch), out.packages.size());
      if (fresh) out.packages.push_back(stated);
      out.packages[at->second].locations.push_back(facts.location(file));
    }
  return out;
}

}  // namespace

Cataloguer elf_notes() {
  return {.name = "elf_notes", .magics = {"\x7f" "ELF"}, .scope = Scope::Image, .input = Posture::Hostile, .extract = extract, .resolve = resolve};
}

}  // namespace plimsoll::inventory
