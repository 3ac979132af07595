// pear_installed: PHP packages that PEAR and PECL installed.
//
// Input   .registry/**/*.reg of PEAR: arrays as PHP's serialize() writes them; hostile.
// Output  one pear Package for each, its channel as namespace, with its licence.
// Errors  Malformed, Limit (depth). A registration without a name or release is a gap.
// Cost    one pass, O(file), no copy.
// Source  php.net/serialize (published form), pear.php.net package.xml 2.0 (the fields).
#include <algorithm>

#include "inventory/cataloguer.h"
#include "inventory/harvest.h"
#include "inventory/metadata_license.h"

namespace plimsoll::inventory {
namespace {

struct Registration {
  std::string_view name, channel, release, license;
};

// Takes every text that stands in an array under text keys; `keys` are those of the arrays around it, outermost first.
void take(const std::vector<std::string_view>& keys, std::string_view text, Registration& out) {
  const std::string_view key = keys.back();
  if (keys.size() == 1 && key == "name") out.name = text;
  if (keys.size() == 1 && key == "channel") out.channel = text;
  if (keys.size() == 2 && keys[0] == "version" && key == "release") out.release = text;
  if ((keys.size() == 1 && key == "license") || (keys.size() == 2 && keys[0] == "license" && key == "_content")) {
    out.license = text;
  }
}

// a:2:{s:4:"name";s:4:"PEAR";i:0;b:1;}
Result<Registration> read_serialized(std::string_view text, std::uint32_t depth) {
  Registration out;
  std::vector<std::string_view> keys;  // of the open arrays; empty text until a key is read
  std::vector<bool> wants_key;
  const auto scalar = [&](std::string_view value) {
    if (keys.empty()) return;
    if (wants_key.back())
      keys.back() = value;
    else
      take(keys, value, out);
    wants_key.back() = !wants_key.back();
  };
  for (std::size_t at = 0; at < text.size();) {
    const char kind = text[at];
    if (kind == '}') {
      if (keys.empty()) return malformed(cat("an array ends that was not begun, at byte ", at));
      keys.pop_back();
      wants_key.pop_back();
      if (!wants_key.empty()) wants_key.back() = true;
      ++at;
      continue;
    }
    if (kind == ' ' || kind == '\n' || kind == '\r') {
      ++at;
      continue;
    }
    if (text.substr(at).starts_with("N;")) {
      scalar({});
      at += 2;
      continue;
    }
    const std::size_t end = text.find_first_of(kind == 's' || kind == 'a' ? ":" : ";", at + 2);
    if (end == std::string_view::npos || text[at + 1] != ':') {
      return malformed(cat("not what PHP serializes, at byte ", at));
    }
    if (kind == 's') {
      const auto size = parse_u64(text.substr(at + 2, end - at - 2));
      if (!size || *size > text.size() - end || text.size() - end - *size < 4) {
        return malformed(cat("a text that leaves the file, at byte ", at));
      }
      scalar(text.substr(end + 2, static_cast<std::size_t>(*size)));
      at = end + 2 + static_cast<std::size_t>(*size) + 2;
    } else if (kind == 'a') {
      if (keys.size() >= depth) return limit_reached(cat("arrays nest deeper than ", depth));
      keys.emplace_back();
      wants_key.push_back(true);
      at = end + 1;
      at = std::min(text.find('{', at), text.size() - 1) + 1;
    } else {
      scalar(kind == 'i' ? text.substr(at + 2, end - at - 2) : std::string_view());
      at = end + 1;
    }
  }
  if (!keys.empty()) return malformed("the file ends inside an array");
  return out;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(const std::string_view text, text_of(file, limits));
  PLIM_TRY(const Registration found, read_serialized(text, limits.nesting));
  Harvest harvest(file, "pear_installed", limits);
  if (found.name.empty() || found.release.empty()) {
    harvest.gap(cat("no ", found.name.empty() ? "name" : "release"));
  }
  if (Package* package = harvest.add("pear", found.channel, found.name, found.release)) {
    add_license(package->licenses, found.license);
  }
  return harvest.take();
}

}  // namespace

Cataloguer pear_installed() {
  return {.name = "pear_installed",
          .version = 1,
          .paths = {"**/.registry/*.reg", "**/.registry/.channel.*/*.reg"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
