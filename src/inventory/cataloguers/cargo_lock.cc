// cargo_lock: the crates a Rust project locked.
//
// Input   Cargo.lock, versions 1 to 4; hostile.
// Output  one cargo Package for each [[package]]; the workspace's own crates (no source) have property "local";
//         "resolved" for crates from version control.
// Errors  Malformed, Limit. A package without a name is a gap.
// Cost    TOML of the whole file; O(entries).
// Source  doc.rust-lang.org/cargo: Cargo.lock; cargo's resolver::encode notes on the form.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const auto document, parse_toml_file(file, limits));
  Harvest harvest(file, "cargo_lock", limits);
  if (document.root()["version"].exists()) harvest.recognised();
  std::size_t number = 0;
  for (const JsonValue entry : harvest.items(document.root()["package"], "package")) {
    ++number;
    if (!entry["name"].is_string()) {
      harvest.gap(cat("package ", number, " has no name"));
      continue;
    }
    Package* package = harvest.add("cargo", {}, entry["name"].text(), entry["version"].text());
    if (!package) continue;
    const std::string_view source = entry["source"].text();
    if (source.empty())
      package->set_property("local", "true");
    else if (source.starts_with("git+"))
      package->set_property("resolved", source.substr(0, kMaxNameBytes));
    // "name", "name 1.0.0" or "name 1.0.0 (registry+https://...)"
    for (const JsonValue dependency : entry["dependencies"].items())
      add_unique(package->depends, cut(dependency.text(), ' ').first);
  }
  return harvest.take_lock();
}

}  // namespace

Cataloguer cargo_lock() {
  return {.name = "cargo_lock",
          .version = 2,
          .paths = {"**/Cargo.lock"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
