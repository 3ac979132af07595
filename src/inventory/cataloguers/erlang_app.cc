// erlang_app: OTP applications that are installed, Elixir's own and those from hex included.
//
// Input   ebin/NAME.app (an Erlang term) and, beside ebin, hex_metadata.config; hostile; nothing is run.
// Output  one otp Package for each application; one hex Package where hex_metadata.config says that it came from there.
// Errors  Limit. An application without a vsn is a gap.
// Cost    one pass, O(file).
// Source  erlang.org/doc/man/app, hex.pm specifications (package metadata).
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

// What follows `key` up to the end of its term: {vsn,"1.2"} -> 1.2; {<<"version">>,<<"1.2">>} -> 1.2.
std::string_view text_after(std::string_view term, std::string_view key) {
  for (std::size_t at = term.find(key); at != std::string_view::npos; at = term.find(key, at + 1)) {
    const std::string_view rest = term.substr(at + key.size());
    const std::size_t open = rest.find_first_not_of(" \t\r\n,<>\"");
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos || open == std::string_view::npos || quote > open) continue;
    const std::size_t close = rest.find('"', open);
    if (close == std::string_view::npos) return {};
    return rest.substr(open, close - open);
  }
  return {};
}

// {applications,[kernel,stdlib]}
void add_applications(Package& package, std::string_view term) {
  const std::size_t at = term.find("{applications");
  const std::size_t open = at == std::string_view::npos ? at : term.find('[', at);
  const std::size_t close = open == std::string_view::npos ? open : term.find(']', open);
  if (close == std::string_view::npos) return;
  for (const std::string_view name : split(term.substr(open + 1, close - open - 1), ','))
    add_unique(package.depends, trim(name));
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  Harvest harvest(file, "erlang_app", limits);
  if (base_name(file.path) == "hex_metadata.config") {
    const std::string_view name = text_after(text, "{<<\"name\">>"), version = text_after(text, "{<<\"version\">>");
    if (name.empty() || version.empty()) harvest.gap(cat("no ", name.empty() ? "name" : "version"));
    if (Package* package = harvest.add("hex", {}, name, version))
      add_license(package->licenses, text_after(text, "{<<\"licenses\">>,["));
    return harvest.take();
  }
  const std::size_t at = text.find("{application");
  if (at == std::string_view::npos) {
    if (!trim(text).empty()) harvest.gap("no {application, ...} term");
    return harvest.take();
  }
  std::string_view name = text.substr(at + 12);
  name.remove_prefix(std::min(name.find_first_not_of(" \t\r\n,'"), name.size()));
  name = name.substr(0, name.find_first_of(" \t\r\n,'[}"));
  const std::string_view version = text_after(text, "{vsn");
  if (version.empty() || name.empty()) harvest.gap(cat("no ", name.empty() ? "name" : "vsn"));
  if (Package* package = harvest.add("otp", {}, name, version)) add_applications(*package, text);
  return harvest.take();
}

}  // namespace

Cataloguer erlang_app() {
  return {.name = "erlang_app",
          .version = 1,
          .paths = {"**/ebin/*.app", "**/hex_metadata.config"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
