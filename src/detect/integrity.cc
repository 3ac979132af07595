#include "detect/integrity.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <unordered_map>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "format/rpm_header.h"
#include "format/rpmdb.h"

namespace plimsoll::detect {
namespace {

using format::RpmHeader;
using format::RpmTag;

constexpr std::uint32_t kVersion = 1;

// Settings may be changed by whoever runs the image: their notes begin with this, and are no ground for a finding.
constexpr std::string_view kSettings = "settings/";

// A note "md5:PACKAGE" (sha1, sha256) holds pairs of owned_path_hash and digest, without anything between.
std::size_t digest_size(std::string_view method) { return method == "md5" ? 16 : method == "sha1" ? 20 : method == "sha256" ? 32 : 0; }

bool is_setting(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path.starts_with("etc/");
}

void add(std::string& packed, std::string_view path, std::string_view digest) {
  const std::uint64_t hash = owned_path_hash(path);
  packed.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  packed.append(digest);
}

void note(Facts& facts, std::string_view method, std::string_view package, std::string_view packed, std::string_view settings) {
  if (!packed.empty()) facts.notes.emplace_back(cat(method, ":", package), packed);
  if (!settings.empty()) facts.notes.emplace_back(cat(kSettings, method, ":", package), settings);
}

// "0123...  usr/bin/x", one a line.
void read_md5sums(const FileView& file, Facts& facts) {
  std::string_view rest = as_text(file.content), line;
  std::string packed, settings;
  std::uint32_t bad = 0;
  while (next_line(rest, line)) {
    if (trim(line).empty()) continue;
    const std::string digest = from_hex(line.substr(0, 32));
    const std::string_view path = line.size() > 33 ? trim(line.substr(33)) : std::string_view();
    if (digest.size() != 16 || path.empty()) {
      ++bad;
      continue;
    }
    add(is_setting(path) ? settings : packed, path, digest);
  }
  if (bad > 0) facts.gaps.push_back({"integrity", std::string(file.path), cat(bad, " lines are no checksums")});
  const std::string_view name = base_name(file.path);
  note(facts, "md5", to_utf8(cut(name.substr(0, name.rfind('.')), ':').first), packed, settings);
}

// dpkg's status: "Conffiles:" with lines " /etc/x 0123... [obsolete]" of each package.
void read_status(const FileView& file, Facts& facts) {
  std::string_view rest = as_text(file.content), line;
  std::string package, settings;
  bool inside = false;
  const auto close = [&] {
    note(facts, "md5", package, {}, settings);
    settings.clear();
    inside = false;
  };
  while (next_line(rest, line)) {
    if (line.starts_with("Package:")) {
      close();
      package = to_utf8(trim(line.substr(8)));
    } else if (!line.starts_with(' ')) {
      inside = line.starts_with("Conffiles:");
    } else if (inside) {
      const auto words = split(trim(line), ' ');
      if (words.size() < 2) continue;
      if (const std::string digest = from_hex(words[1]); digest.size() == 16) add(settings, words[0], digest);
    }
  }
  close();
}

// Three lines each: what was, where it is now, and whose wish it is.
void read_diversions(const FileView& file, Facts& facts) {
  std::string_view rest = as_text(file.content), from, to, package;
  while (next_line(rest, from) && next_line(rest, to) && next_line(rest, package))
    facts.notes.emplace_back("diversion", cat(from, "\n", to, "\n", cut(package, ':').first));
}

// apk: "P:" begins what is known of a package, "F:" a folder, "R:" a file of it, "Z:Q1..." its SHA-1.
void read_apk(const FileView& file, Facts& facts) {
  std::string_view rest = as_text(file.content), line;
  std::string package, folder, name, packed, settings;
  const auto close = [&] {
    if (!package.empty()) note(facts, "sha1", package, packed, settings);
    package.clear();
    folder.clear();
    packed.clear();
    settings.clear();
  };
  while (next_line(rest, line)) {
    if (line.empty()) {
      close();
      continue;
    }
    if (line.size() < 2 || line[1] != ':') continue;
    const std::string_view value = line.substr(2);
    if (line[0] == 'P') package = to_utf8(value);
    else if (line[0] == 'F') folder = value;
    else if (line[0] == 'R') name = folder.empty() ? std::string(value) : cat(folder, "/", value);
    else if (line[0] == 'Z' && value.starts_with("Q1") && !name.empty()) {
      std::string digest;
      if (from_base64(value.substr(2), digest) && digest.size() == 20) add(is_setting(name) ? settings : packed, name, digest);
      name.clear();
    }
  }
  close();
}

void read_rpm_header(Bytes blob, Facts& facts) {
  const auto header = RpmHeader::parse(blob);
  if (!header) return;  // the inventory's reader says so
  constexpr std::uint32_t kConfig = 1, kGhost = 1 << 6;
  const std::vector<std::uint32_t> algorithm = header->numbers(RpmTag::FileDigestAlgorithm);
  const std::string_view method = algorithm.empty() || algorithm[0] == 1 ? "md5" : algorithm[0] == 2 ? "sha1" : algorithm[0] == 8 ? "sha256" : "";
  const auto names = header->texts(RpmTag::BaseNames), folders = header->texts(RpmTag::DirNames), digests = header->texts(RpmTag::FileDigests);
  const auto indexes = header->numbers(RpmTag::DirIndexes), flags = header->numbers(RpmTag::FileFlags);
  const std::string_view package = header->text(RpmTag::Name);
  if (method.empty()) {
    facts.gaps.push_back({"integrity", to_utf8(package), cat("file digests of rpm's method ", algorithm[0], " are not compared")});
    return;
  }
  std::string packed, settings;
  for (std::size_t i = 0; i < names.size() && i < indexes.size() && i < digests.size(); ++i) {
    if (indexes[i] >= folders.size() || (i < flags.size() && (flags[i] & kGhost) != 0)) continue;
    const std::string digest = from_hex(digests[i]);
    const std::string path = cat(folders[indexes[i]], names[i]);
    const bool setting = is_setting(path) || (i < flags.size() && (flags[i] & kConfig) != 0);
    if (digest.size() == digest_size(method)) add(setting ? settings : packed, path, digest);
  }
  note(facts, method, to_utf8(package), packed, settings);
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  Facts facts;
  if (file.path.ends_with(".md5sums")) read_md5sums(file, facts);
  else if (file.path.ends_with("/diversions")) read_diversions(file, facts);
  else if (file.path.ends_with("/installed")) read_apk(file, facts);
  else if (file.path.ends_with("/dpkg/status")) read_status(file, facts);
  else if (!file.content.empty()) {
    std::vector<std::string> problems;  // told by the inventory, which reads the same file
    if (Status status = format::read_rpmdb(file.content, limits, [&](Bytes blob) { read_rpm_header(blob, facts); }, problems); !status)
      facts.gaps.push_back({"integrity", std::string(file.path), status.error().message()});
  }
  return facts;
}

// What packages claim of the paths that were hashed.
struct Claim {
  std::string_view method, digest, package;
};

class Checker {
 public:
  Checker(const SquashedFacts& facts, std::span<const HashedFile> files, bool settings) : facts_(facts), files_(files) {
    for (const HashedFile& file : files_) wanted_.emplace(owned_path_hash(file.path), std::vector<Claim>());
    read_diversions();
    for (const FileFacts& file : facts_.files)
      for (const auto& [key, value] : file.facts->notes) {
        std::string_view name = key;
        const bool is_settings = name.starts_with(kSettings);
        if (is_settings) name.remove_prefix(kSettings.size());
        if (!is_settings || settings) read(name, value);
      }
  }

  std::vector<std::string> owners() const {
    std::vector<std::string> out;
    for (const HashedFile& file : files_) {
      std::string& owner = out.emplace_back();
      for (const Claim& claim : wanted_.at(owned_path_hash(file.path)))
        if (!claim.digest.empty() && digest_of(file, claim) == claim.digest) owner = claim.package;
    }
    return out;
  }

  IntegrityResult run() {
    for (const HashedFile& file : files_)
      if (base_name(file.path) == "package.json") manifests_.emplace(file.path, &file);
    for (const HashedFile& file : files_) check(file);
    for (auto& [folder, finding] : replaced_) out_.findings.push_back(std::move(finding));
    if (unverified_ > 0) out_.gaps.push_back({"integrity", "files of packages", cat(unverified_, " lie where packages seldom install, and were not hashed")});
    return std::move(out_);
  }

 private:
  struct Diversion {
    std::uint64_t to;
    std::string_view package;
  };

  void read_diversions() {
    for (const FileFacts& file : facts_.files)
      for (const auto& [key, value] : file.facts->notes) {
        if (key != "diversion") continue;
        const auto parts = split(value, '\n');
        if (parts.size() == 3) diversions_[owned_path_hash(parts[0])] = {owned_path_hash(parts[1]), parts[2]};
      }
  }

  void read(std::string_view key, std::string_view packed) {
    const auto [method, package] = cut(key, ':');
    const std::size_t size = digest_size(method);
    if (size == 0 || package.empty()) return;
    for (; packed.size() >= sizeof(std::uint64_t) + size; packed.remove_prefix(sizeof(std::uint64_t) + size)) {
      std::uint64_t path = 0;
      std::memcpy(&path, packed.data(), sizeof path);
      if (!diversions_.empty())
        if (const auto moved = diversions_.find(path); moved != diversions_.end() && moved->second.package != package) path = moved->second.to;
      if (const auto found = wanted_.find(path); found != wanted_.end()) found->second.push_back({method, packed.substr(sizeof(std::uint64_t), size), package});
    }
  }

  static std::string_view digest_of(const HashedFile& file, const Claim& claim) {
    return claim.method == "md5" ? file.md5 : claim.method == "sha1" ? file.sha1 : file.sha256;
  }
  bool is_altered(const HashedFile& file) const {
    const std::vector<Claim>& claims = wanted_.at(owned_path_hash(file.path));
    return !claims.empty() && std::none_of(claims.begin(), claims.end(), [&](const Claim& claim) { return digest_of(file, claim) == claim.digest; });
  }

  // "usr/lib/node_modules/npm" for a file in it, where npm put another version there; empty otherwise. The outermost such
  // folder: what it bundles went with it.
  std::string_view replaced_folder(std::string_view path) const {
    constexpr std::string_view kFolder = "/node_modules/";
    for (std::size_t at = path.find(kFolder); at != std::string_view::npos; at = path.find(kFolder, at + 1)) {
      std::size_t end = path.find('/', at + kFolder.size());
      if (end != std::string_view::npos && path[at + kFolder.size()] == '@') end = path.find('/', end + 1);
      if (end == std::string_view::npos) return {};
      const std::string_view folder = path.substr(0, end);
      const auto manifest = manifests_.find(cat(folder, "/package.json"));
      if (manifest != manifests_.end() && is_altered(*manifest->second)) return folder;
    }
    return {};
  }

  void replaced(std::string_view folder, const HashedFile& file, std::string_view package) {
    const auto [at, fresh] = replaced_.try_emplace(std::string(folder));
    Finding& finding = at->second;
    if (fresh) {
      finding.id = finding.rule_id = "package-replaced-by-npm";
      finding.klass = FindingClass::Integrity;
      finding.severity = Severity::Low;
      finding.severity_source = "plimsoll";
      finding.title = "A package of the distribution was replaced by another version from npm";
      finding.fix = "Install it beside the distribution's (usr/local), or take a base image that has the version";
      finding.evidence = {{"what", "file"}, {"package", std::string(package)}, {"folder", std::string(folder)}};
    }
    finding.locations.push_back(facts_.location({.path = file.path, .layer = file.layer}));
  }

  void check(const HashedFile& file) {
    const std::vector<Claim>& claims = wanted_.at(owned_path_hash(file.path));
    if (claims.empty()) return;
    const auto own = [&](const Claim& claim) { return digest_of(file, claim); };
    if (std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) { return own(claim).empty(); })) {
      ++unverified_;
      return;
    }
    ++out_.checked;
    if (std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) { return own(claim) == claim.digest; })) return;
    const Claim& claim = claims.front();
    if (const std::string_view folder = replaced_folder(file.path); !folder.empty()) return replaced(folder, file, claim.package);
    Finding finding{.id = "package-file-altered", .klass = FindingClass::Integrity, .severity = file.plain ? Severity::Medium : Severity::High, .severity_source = "plimsoll"};
    finding.rule_id = finding.id;
    finding.title = "A file is not what its package installed";
    finding.fix = "Find out what replaced it; install the package anew or rebuild the image";
    finding.evidence = {{"what", "file"},
                        {"expected", cat(claim.method, ":", to_hex(claim.digest))},
                        {"found", cat(claim.method, ":", to_hex(own(claim)))},
                        {"package", std::string(claim.package)}};
    finding.locations = {facts_.location({.path = file.path, .layer = file.layer})};
    out_.findings.push_back(std::move(finding));
  }

  const SquashedFacts& facts_;
  std::span<const HashedFile> files_;
  std::unordered_map<std::uint64_t, std::vector<Claim>> wanted_;
  std::unordered_map<std::uint64_t, Diversion> diversions_;
  std::map<std::string, const HashedFile*, std::less<>> manifests_;
  std::map<std::string, Finding> replaced_;
  std::uint64_t unverified_ = 0;
  IntegrityResult out_;
};

}  // namespace

Analyser package_checksums() {
  return {.name = "package-checksums",
          .version = kVersion,
          .paths = {"var/lib/dpkg/info/*.md5sums", "var/lib/dpkg/status.d/*.md5sums", "var/lib/dpkg/diversions", "var/lib/dpkg/status", "{lib,usr/lib}/apk/db/installed",
                    "{var/lib,usr/lib/sysimage,usr/share,usr/lib}/rpm/{Packages,Packages.db,rpmdb.sqlite}"},
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = extract,
          .resolve = [](const SquashedFacts&) -> Result<Catalogue> { return Catalogue{}; }};
}

IntegrityResult check_integrity(const SquashedFacts& checksums, std::span<const HashedFile> files) { return Checker(checksums, files, false).run(); }

std::vector<std::string> unaltered_owners(const SquashedFacts& checksums, std::span<const HashedFile> files) { return Checker(checksums, files, true).owners(); }

}  // namespace plimsoll::detect
