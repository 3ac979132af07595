// rust_binary: crates that cargo-auditable wrote into a program.
//
// Input   ELF, PE and Mach-O files with a section ".dep-v0"; hostile.
// Output  one Package per crate that is linked (build dependencies are not), the root crate among them.
// Errors  none: a program without the section is nothing; a damaged section is a Gap.
// Cost    headers, one section, at most 8 MiB of JSON.
// Source  cargo-auditable: PARSING.md and its JSON schema (zlib-compressed JSON in ".dep-v0").
#include "base/json.h"
#include "format/executable.h"
#include "format/zlib.h"
#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

constexpr std::uint64_t kMostJson = 8 << 20;  // cargo-auditable's own bound

Status read_section(Bytes section, const Limits& limits, Facts& facts) {
  PLIM_TRY(const std::string json, format::inflate_zlib(section, kMostJson));
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(json, limits));
  const JsonValue list = document.root()["packages"];
  if (!list.is_array()) return malformed("dependency data has no packages");
  const std::vector<JsonValue> crates = list.items();
  for (const JsonValue crate : crates) {
    if (crate["kind"].text() == "build") continue;
    Package p{.type = "cargo", .name = std::string(crate["name"].text()), .version = std::string(crate["version"].text())};
    if (p.name.empty() || p.version.empty()) return malformed("a crate has no name or no version");
    // "crates.io" is where purls point; anything else is told.
    if (const std::string_view source = crate["source"].text(); !source.empty() && source != "crates.io") p.set_property("source", source);
    if (crate["root"].boolean().value_or(false)) p.set_property("root", "true");
    for (const JsonValue index : crate["dependencies"].items())
      if (const auto at = index.integer(); at && *at >= 0 && static_cast<std::size_t>(*at) < crates.size())
        if (const JsonValue needed = crates[static_cast<std::size_t>(*at)]; needed["kind"].text() != "build") p.depends.emplace_back(needed["name"].text());
    facts.packages.push_back(std::move(p));
  }
  return Ok{};
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  const auto program = format::read_executable(file.content);
  if (!program) return facts;
  const auto* section = program->section(".dep-v0");
  if (!section) return facts;
  if (const Status read = read_section(section->data, limits, facts); !read) facts.gaps.push_back({"rust_binary", std::string(file.path), read.error().message()});
  return facts;
}

}  // namespace

Cataloguer rust_binary() {
  return {.name = "rust_binary",
          .magics = {"\x7f" "ELF", "MZ", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xfe\xed\xfa\xcf", "\xfe\xed\xfa\xce"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
