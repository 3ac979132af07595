// bottlerocket: the inventory that Bottlerocket images carry of the packages they were built from.
//
// Input   usr/share/bottlerocket/application-inventory.json; hostile.
// Output  one Package per entry, type "rpm" (that is what they are built as), with the epoch and release kept.
// Errors  Malformed, Limit: no JSON. An entry without name or version is a Gap.
// Cost    O(bytes).
// Source  bottlerocket-os: application-inventory.json, fields as in its published examples.
#include "base/json.h"
#include "inventory/cataloguer.h"
#include "inventory/os_packages.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(file.content, limits));
  Facts facts;
  const JsonValue content = document.root()["Content"];
  if (!content.is_array()) return malformed("application inventory has no Content");
  for (const JsonValue entry : content.items()) {
    Package p{.type = "rpm", .name = std::string(entry["Name"].text())};
    const std::string_view version = entry["Version"].text(), release = entry["Release"].text(), epoch = entry["Epoch"].text();
    if (p.name.empty() || version.empty()) {
      facts.gaps.push_back({"bottlerocket", std::string(file.path), "an entry has no name or no version"});
      continue;
    }
    p.version = cat(epoch.empty() || epoch == "0" ? std::string() : cat(epoch, ":"), version, release.empty() ? "" : "-", release);
    p.arch = entry["Architecture"].text();
    p.source_name = p.name;
    if (const std::string_view publisher = entry["Publisher"].text(); !publisher.empty()) p.set_property("vendor", publisher);
    facts.packages.push_back(std::move(p));
  }
  return facts;
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  for (Package& p : out.packages) {
    p.ns = distro_namespace(facts.distribution, "bottlerocket");
    if (const std::string distro = distro_qualifier(facts.distribution); !distro.empty()) p.set_property("distro", distro);
  }
  return out;
}

}  // namespace

Cataloguer bottlerocket() {
  return {.name = "bottlerocket",
          .paths = {"{,x86_64-bottlerocket-linux-gnu/sys-root/,aarch64-bottlerocket-linux-gnu/sys-root/}usr/share/bottlerocket/application-inventory.json"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
