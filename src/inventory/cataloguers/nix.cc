// nix: packages in an image's Nix store.
//
// Input   any file of nix/store/HASH-NAME-VERSION/: the folder's name says what it is; no byte is read. Hostile.
// Output  one Package per store path, with its hash and output; everything below the folder belongs to it.
// Errors  none.
// Cost    to see each store path once, a few well-known places in it are asked for, not every file.
// Source  Nix manual, "Store Path"; nixpkgs lib/strings and builtins.parseDrvName (the version begins at the first '-'
//         that no letter follows).
#include <array>
#include <map>

#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kHash = 32;
constexpr std::array<std::string_view, 12> kOutputs = {"-bin", "-dev", "-lib", "-man", "-doc", "-info", "-out", "-static", "-debug", "-devdoc", "-data", "-dist"};

// "nix/store/HASH-REST/..." -> "HASH-REST"; empty when the path is none.
std::string_view store_name(std::string_view path) {
  constexpr std::string_view kStore = "nix/store/";
  if (!path.starts_with(kStore)) return {};
  const std::string_view name = cut(path.substr(kStore.size()), '/').first;
  return name.size() > kHash + 1 && name[kHash] == '-' ? name : std::string_view();
}

Result<Facts> extract(const FileView& file, const Limits&) {
  Facts facts;
  if (!store_name(file.path).empty()) facts.notes.emplace_back("store", "");
  return facts;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::size_t version_begin(std::string_view name) {
  for (std::size_t i = 0; i + 1 < name.size(); ++i)
    if (name[i] == '-' && !is_letter(name[i + 1])) return i;
  return std::string_view::npos;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  std::map<std::string_view, std::size_t> seen;
  for (const FileFacts& file : facts.files) {
    const std::string_view store = store_name(file.path);
    if (store.empty() || !seen.emplace(store, out.packages.size()).second) continue;
    std::string_view name = store.substr(kHash + 1);
    std::string_view output;
    for (const std::string_view ending : kOutputs)
      if (name.ends_with(ending)) output = ending.substr(1);
    if (!output.empty()) name.remove_suffix(output.size() + 1);
    const std::size_t at = version_begin(name);
    if (at == std::string_view::npos || at == 0) continue;  // a script, a configuration, an environment: no package
    Package p{.type = "nix", .name = to_utf8(name.substr(0, at)), .version = to_utf8(name.substr(at + 1))};
    p.set_property("hash", store.substr(0, kHash));
    if (!output.empty()) p.set_property("output", output);
    p.locations = {{.path = cat("nix/store/", store), .layer = facts.location(file).layer}};
    out.packages.push_back(std::move(p));
  }
  return out;
}

}  // namespace

Cataloguer nix() {
  return {.name = "nix",
          .paths = {"nix/store/*/*", "nix/store/*/{bin,sbin,lib,lib64,libexec,share,include,etc,nix-support,share/man/man1,share/doc,share/licenses,lib/pkgconfig}/*",
                    "nix/store/*/share/*/*", "nix/store/*/lib/*/*"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
