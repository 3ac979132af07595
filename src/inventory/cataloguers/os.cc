// os: the distribution an image is built on.
//
// Input   os-release, and the older files of distributions that had none; hostile; bytes, not always UTF-8.
// Output  no packages; Catalogue::distributions, the image's own first.
// Errors  none: a file that says nothing gives nothing, and another is asked.
// Source  os-release(5); lsb_release(1); the release files as the distributions ship them.
#include <algorithm>
#include <array>

#include "inventory/cataloguer.h"
#include "model/life_table.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kMostBytes = 64 << 10;  // a release file is some hundred bytes

// A shell assignment's value: quotes and backslashes taken away.
std::string unquote(std::string_view value) {
  value = trim(value);
  const char quote = !value.empty() && (value.front() == '"' || value.front() == '\'') ? value.front() : '\0';
  if (quote != '\0') value.remove_prefix(1);
  std::string out;
  for (std::size_t i = 0; i < value.size() && !(quote != '\0' && value[i] == quote); ++i) {
    if (value[i] == '\\' && quote != '\'' && i + 1 < value.size()) ++i;
    out += value[i];
  }
  return to_utf8(out);
}

Result<Facts> extract(const FileView& file, const Limits&) {
  Facts facts;
  const std::string_view text = as_text(file.content).substr(0, kMostBytes);
  const std::string_view name = base_name(file.path);
  const bool assignments = name == "os-release" || name == "lsb-release" || name == "openwrt_release" || name == "initrd-release";
  if (file.content.size() > kMostBytes) facts.gaps.push_back({"os", std::string(file.path), "release file is longer than 64 KiB; the rest was not read"});
  if (!assignments) {
    facts.notes.emplace_back("text", to_utf8(trim(text)));
    return facts;
  }
  std::string_view rest = text, line;
  while (next_line(rest, line)) {
    line = trim(line);
    const auto [key, value] = cut(line, '=');
    if (!line.starts_with('#') && key.size() < line.size()) facts.notes.emplace_back(trim(key), unquote(value));
  }
  return facts;
}

// The first run of digits and dots: "CentOS release 6.10 (Final)" -> "6.10".
std::string first_version(std::string_view text) {
  const std::size_t begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  std::string_view version = text.substr(begin, text.find_first_not_of("0123456789.", begin) - begin);
  while (version.ends_with('.')) version.remove_suffix(1);
  return std::string(version);
}

std::string first_line(std::string_view text) { return std::string(trim(cut(text, '\n').first)); }

Distribution from_os_release(const Facts& facts) {
  Distribution d;
  d.id = lower(facts.note("ID"));
  d.version_id = facts.note("VERSION_ID");
  d.codename = facts.note("VERSION_CODENAME");
  if (d.codename.empty()) d.codename = facts.note("UBUNTU_CODENAME");
  d.name = facts.note("PRETTY_NAME");
  if (d.name.empty()) d.name = facts.note("NAME");
  for (const std::string_view like : split(facts.note("ID_LIKE"), ' '))
    if (!like.empty()) d.id_like.push_back(lower(like));
  d.variant = facts.note("VARIANT_ID");
  d.cpe = facts.note("CPE_NAME");
  // A development release of Alpine is numbered after the next one; its packages are edge's.
  if (d.id == "alpine" && (d.version_id.find("_alpha") != std::string::npos || d.name.find(" edge") != std::string::npos)) d.version_id = "edge";
  // Older ones keep the codename inside VERSION: "12 (bookworm)".
  if (const std::string_view version = facts.note("VERSION"); d.codename.empty() && version.ends_with(')'))
    if (const std::size_t open = version.find('('); open != std::string_view::npos && version.find(' ', open) == std::string_view::npos)
      d.codename = lower(version.substr(open + 1, version.size() - open - 2));
  return d;
}

Distribution from_lsb_release(const Facts& facts) {
  Distribution d;
  d.id = lower(facts.note("DISTRIB_ID"));
  d.version_id = facts.note("DISTRIB_RELEASE");
  d.codename = facts.note("DISTRIB_CODENAME");
  d.name = facts.note("DISTRIB_DESCRIPTION");
  return d;
}

// What a one-line release file opens with, and the id os-release would have.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kReleaseNames = {{
    {"CentOS", "centos"},
    {"Red Hat", "rhel"},
    {"Rocky", "rocky"},
    {"AlmaLinux", "almalinux"},
    {"Amazon Linux", "amzn"},
    {"Oracle", "ol"},
    {"Enterprise Linux Enterprise", "ol"},
    {"Fedora", "fedora"},
    {"openSUSE Leap", "opensuse-leap"},
    {"openSUSE Tumbleweed", "opensuse-tumbleweed"},
    {"openSUSE", "opensuse"},
    {"SUSE Linux Enterprise", "sles"},
    {"VMware Photon", "photon"},
    {"CBL-Mariner", "mariner"},
    {"Microsoft Azure Linux", "azurelinux"},
    {"Azure Linux", "azurelinux"},
    {"Scientific", "scientific"},
    {"CloudLinux", "cloudlinux"},
    {"Gentoo", "gentoo"},
    {"Slackware", "slackware"},
}};

Distribution from_release_line(std::string_view text) {
  Distribution d;
  const std::string line = first_line(text);
  for (const auto& [opening, id] : kReleaseNames) {
    if (!line.starts_with(opening)) continue;
    d.id = id;
    d.name = line;
    d.version_id = first_version(line);
    // SUSE-release: "VERSION = 11" and "PATCHLEVEL = 4" on lines of their own.
    std::string_view rest = text, row;
    while (next_line(rest, row)) {
      const auto [key, value] = cut(row, '=');
      if (trim(key) == "VERSION" && !trim(value).empty()) d.version_id = trim(value);
      if (trim(key) == "PATCHLEVEL" && parse_u64(trim(value)).value_or(0) > 0) d.version_id += cat(".", trim(value));
      if (trim(key) == "CODENAME") d.codename = lower(trim(value));
    }
    return d;
  }
  return d;
}

Distribution from_debian_version(std::string_view text) {
  Distribution d{.id = "debian"};
  const std::string line = first_line(text);
  if (line.empty()) return {};
  d.name = cat("Debian GNU/Linux ", line);
  if (const auto [codename, rest] = cut(line, '/'); !rest.empty()) {
    d.codename = codename;
    d.version_id = rest;  // "trixie/sid"
  } else {
    d.version_id = cut(line, '.').first;
  }
  return d;
}

Distribution from_file(const FileFacts& file) {
  const std::string_view name = base_name(file.path);
  const std::string_view text = file.facts->note("text");
  if (name == "os-release" || name == "initrd-release") return from_os_release(*file.facts);
  if (name == "lsb-release" || name == "openwrt_release") return from_lsb_release(*file.facts);
  if (name == "debian_version") return from_debian_version(text);
  if (name == "arch-release") return {.id = "arch", .name = "Arch Linux"};
  if (name == "alpine-release") {
    const std::string version = first_line(text);
    if (version.empty()) return {};
    return {.id = "alpine", .version_id = version.find("_alpha") != std::string::npos ? "edge" : version, .name = cat("Alpine Linux ", version)};
  }
  return from_release_line(text);
}

// Which file is asked before which; what is not named comes last, by path.
constexpr std::array<std::string_view, 8> kOrder = {"etc/os-release",      "usr/lib/os-release", "etc/lsb-release",    "etc/openwrt_release",
                                                    "etc/alpine-release", "etc/oracle-release", "etc/centos-release", "etc/debian_version"};
std::size_t rank(std::string_view path) { return static_cast<std::size_t>(std::find(kOrder.begin(), kOrder.end(), path) - kOrder.begin()); }

Result<Catalogue> resolve(const SquashedFacts& facts) {
  std::vector<const FileFacts*> files;
  for (const FileFacts& file : facts.files) files.push_back(&file);
  std::stable_sort(files.begin(), files.end(), [](const FileFacts* a, const FileFacts* b) { return rank(a->path) < rank(b->path); });
  Catalogue out;
  for (const FileFacts* file : files) {
    Distribution d = from_file(*file);
    if (d.id.empty()) continue;
    d.location = facts.location(*file);
    // os-release of testing and unstable has no VERSION_ID; debian_version says "trixie/sid".
    if (d.id == "debian" && d.version_id.empty())
      for (const FileFacts* other : files)
        if (other->path == "etc/debian_version") d.version_id = from_debian_version(other->facts->note("text")).version_id;
    if (const EndOfLife* const end = shipped_end_of_life(d)) d.end_of_life = end->date;
    out.distributions.push_back(std::move(d));
    break;  // the others are older forms of the same, or those of the distribution it was made from
  }
  return out;
}

}  // namespace

Cataloguer os() {
  return {.name = "os",
          .paths = {"etc/os-release", "usr/lib/os-release", "etc/initrd-release", "etc/lsb-release", "etc/openwrt_release", "etc/alpine-release",
                    "etc/debian_version", "etc/arch-release", "etc/slackware-version",
                    "etc/{redhat,centos,rocky,almalinux,oracle,enterprise,fedora,system,SuSE,photon,mariner,azurelinux,gentoo,cloudlinux}-release"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
