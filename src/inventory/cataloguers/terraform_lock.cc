// terraform_lock: the Terraform and OpenTofu providers a configuration locked.
//
// Input   .terraform.lock.hcl: of HCL only provider blocks with text attributes; hostile.
// Output  one terraform Package for each provider: namespace "hashicorp", name "aws"; a registry other than
//         registry.terraform.io in property "registry".
// Errors  Limit. A provider without a version is a gap.
// Cost    one pass by lines.
// Source  developer.hashicorp.com/terraform/language/files/dependency-lock.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "terraform_lock", limits);
  std::string_view line, provider, version;
  const auto finish = [&] {
    if (provider.empty()) return;
    if (version.empty()) harvest.gap(cat("provider \"", to_utf8(provider.substr(0, 100)), "\" has no version"));
    const auto [place, name] = split_last(provider, '/');
    const auto [registry, ns] = split_last(place, '/');
    Package* package = harvest.add("terraform", ns, name, version);
    if (package && !registry.empty() && registry != "registry.terraform.io")
      package->set_property("registry", registry);
    provider = version = {};
  };
  while (next_line(text, line)) {
    line = trim(line);
    if (line.starts_with("provider ")) {
      finish();
      const std::string_view rest = trim(line.substr(9));
      if (rest.starts_with('"')) provider = rest.substr(1, std::min(rest.find('"', 1), rest.size()) - 1);
    } else if (line == "}") {
      finish();
    } else if (const auto [key, value] = cut(line, '='); trim(key) == "version") {
      version = unquote(trim(value));
    }
  }
  finish();
  return harvest.take_lock();
}

}  // namespace

Cataloguer terraform_lock() {
  return {.name = "terraform_lock",
          .version = 2,
          .paths = {"**/.terraform.lock.hcl"},
          .scope = Scope::Directory,
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
