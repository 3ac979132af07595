// go_binary: modules linked into Go programs, and the Go standard library they carry.
//
// Input   ELF, PE and Mach-O files with Go's build information; hostile; may be a mapping of hundreds of MB.
// Output  the main module, each dependency (a replacement in place of what it replaces), and `stdlib` at the version of
//         the toolchain, all located at the program.
// Errors  none: what is no executable or no Go program is nothing; damaged build information is a Gap.
// Cost    headers and one section: see go_buildinfo.h, which names the sources too.
#include <algorithm>

#include "format/executable.h"
#include "inventory/cataloguer.h"
#include "inventory/go_buildinfo.h"

namespace plimsoll::inventory {
namespace {

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

Package package_of(const GoModule& module) {
  Package p{.type = "golang", .version = module.version};
  const std::size_t slash = module.path.rfind('/');
  p.name = slash == std::string::npos ? module.path : module.path.substr(slash + 1);
  if (slash != std::string::npos) p.ns = module.path.substr(0, slash);
  if (!module.sum.empty()) p.set_property("go:h1", module.sum);
  if (!module.replaces.empty()) p.set_property("go:replaces", module.replaces);
  return p;
}

// "(devel)" and "v0.0.0-..." say nothing of the release a main module was built from: left in, every range "< x" would
// hold it. The text is kept as a property.
Package main_package(const GoBuildInfo& info) {
  Package p = package_of(info.main);
  p.set_property("go:main", "true");
  p.version = go_main_version(info);
  if (p.version != info.main.version && !info.main.version.empty()) p.set_property("go:stated-version", info.main.version);
  if (!info.revision.empty()) p.set_property("vcs.revision", info.revision);
  if (!info.time.empty()) p.set_property("vcs.time", info.time);
  for (const GoModule& module : info.dependencies) p.depends.push_back(module.path);
  return p;
}

Result<Facts> extract(const FileView& file, const Limits&) {
  Facts facts;
  const auto gap = [&](std::string_view why) { facts.gaps.push_back({"go_binary", std::string(file.path), std::string(why)}); };
  const auto program = format::read_executable(file.content);
  const bool is_program = (file.mode & 0111) != 0;  // test data of compilers is full of odd ELF files that nobody can run
  if (!program) {
    if (is_program && program.error().kind() == ErrorKind::Malformed) gap(program.error().message());
    return facts;  // a text that begins with "MZ" is no program
  }
  const auto info = read_go_buildinfo(*program);
  if (!info) {
    if (info.error().kind() != ErrorKind::NotFound) gap(info.error().message());
    else if (is_program && program->truncated) gap("program is cut short: what was built into it could not be looked for");
    return facts;
  }
  if (info->modules_damaged) gap("the list of modules is damaged");
  if (!info->main.path.empty()) facts.packages.push_back(main_package(*info));
  for (const GoModule& module : info->dependencies)
    if (!module.path.empty()) facts.packages.push_back(package_of(module));
  Package stdlib{.type = "golang", .name = "stdlib", .version = stdlib_version(info->toolchain)};
  stdlib.set_property("go:toolchain", info->toolchain);
  if (stdlib.version.empty()) gap(cat("development toolchain \"", info->toolchain, "\": the standard library's version is not known"));
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
