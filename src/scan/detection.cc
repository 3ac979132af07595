#include "scan/detection.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/integrity.h"
#include "inventory/merge.h"
#include "match/risk.h"

namespace plimsoll::scan {
namespace {

std::set<FindingClass> classes_of(const std::set<Part>& parts) {
  std::set<FindingClass> out;
  for (const auto& [part, klass] : {std::pair{Part::Secrets, FindingClass::Secret}, {Part::SensitiveFiles, FindingClass::SensitiveFile},
                                    {Part::Malware, FindingClass::Malware}, {Part::Webshell, FindingClass::Webshell},
                                    {Part::Configuration, FindingClass::Configuration}})
    if (parts.contains(part)) out.insert(klass);
  return out;
}

std::string_view evidence(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.evidence)
    if (key == name) return value;
  return {};
}

// Where a path leads once the links among its parents are followed: "bin/x" -> "usr/bin/x". A file that is gone, or lies
// in an archive, keeps its own.
std::string key_path(std::string_view path, const Tree& tree) {
  const std::size_t mark = path.find("!/");
  const std::string_view outer = path.substr(0, mark);
  const std::string_view parent = parent_path(outer);
  const std::string real = parent.empty() ? std::string() : tree.real_path(parent);
  const std::string joined = real.empty() ? std::string(outer) : cat(real, "/", base_name(outer));
  return mark == std::string_view::npos ? joined : cat(joined, path.substr(mark));
}

}  // namespace

void finish_finding(Finding& finding, const std::vector<LayerInfo>& layers, const Tree& tree) {
  std::sort(finding.locations.begin(), finding.locations.end());
  finding.locations.erase(std::unique(finding.locations.begin(), finding.locations.end()), finding.locations.end());
  if (finding.id.empty()) finding.id = finding.rule_id;
  // A key made before the tree was known goes by the path as it was read; links among the parents may lead elsewhere.
  const std::string stated = finding.locations.empty() ? std::string() : finding.locations.front().path;
  const std::string path = key_path(stated, tree);
  const std::string_view fingerprint = evidence(finding, "fingerprint");
  if (finding.key.empty() || (path != stated && finding.key == finding_key(finding.klass, finding.id, stated, fingerprint))) finding.key = finding_key(finding.klass, finding.id, path, fingerprint);
  // The base's when all of it lies there; the image's own when some does not.
  bool base = false, own = false;
  for (const Location& location : finding.locations)
    for (const LayerInfo& layer : layers)
      if (!location.layer.empty() && layer.diff_id == location.layer) (layer.origin == Origin::Base ? base : own) |= layer.origin != Origin::Unknown;
  finding.origin = own ? Origin::Own : base ? Origin::Base : Origin::Unknown;
  finding.risk_0_100 = match::risk_0_100(match::risk_input(finding));
}

namespace {

// A credential in a variable of the image is told as a secret where its value shows that it is one; the rule that goes by
// the variable's name alone then adds nothing.
void drop_told_twice(std::vector<Finding>& findings) {
  std::set<std::string, std::less<>> secrets;
  for (const Finding& finding : findings)
    if (finding.klass == FindingClass::Secret)
      for (const auto& [key, value] : finding.evidence)
        if (key == "where" && value.starts_with("config/Env/")) secrets.emplace(value.substr(11));
  std::erase_if(findings, [&](const Finding& finding) { return finding.rule_id == "credential-in-variable" && finding.locations.empty() && secrets.contains(evidence(finding, "name")); });
}

// Whether a package came from a distribution, which publishes what it ships: by its maintainer or vendor.
bool is_public(const Package& package) {
  static constexpr std::string_view kMaintainers[] = {"debian.org", "ubuntu.com", "canonical.com", "lists.launchpad.net", "kali.org", "raspbian.org", "raspberrypi"};
  static constexpr std::string_view kVendors[] = {"red hat", "centos", "fedora", "rocky", "almalinux", "amazon", "suse", "oracle america", "microsoft", "vmware", "eurolinux", "openeuler"};
  if (package.type == "apk") return package.ns == "alpine" || package.ns == "wolfi" || package.ns == "chainguard";
  const std::string maintainer = lower(package.property("maintainer")), vendor = lower(package.property("vendor"));
  const auto in = [](const std::string& text) { return [&text](std::string_view word) { return text.find(word) != std::string::npos; }; };
  return std::any_of(std::begin(kMaintainers), std::end(kMaintainers), in(maintainer)) || std::any_of(std::begin(kVendors), std::end(kVendors), in(vendor));
}

}  // namespace

void set_public_aside(const image::WalkedImage& walked, std::size_t checksums, std::size_t detectors, std::size_t count, const std::vector<Package>& packages,
                      std::vector<Finding>& findings, std::vector<Suppressed>& suppressed) {
  constexpr std::size_t kMd5 = 16, kSha1 = 20, kSha256 = 32;
  std::vector<detect::HashedFile> files;
  for (std::size_t i = 0; i < count; ++i)
    for (const FileFacts& file : walked.squashed(detectors + i).files)
      if (const std::string_view digests = file.facts->note(kContentDigests); digests.size() == kMd5 + kSha1 + kSha256)
        files.push_back({.path = file.path, .layer = file.layer, .md5 = digests.substr(0, kMd5), .sha1 = digests.substr(kMd5, kSha1), .sha256 = digests.substr(kMd5 + kSha1)});
  if (files.empty()) return;
  const std::vector<std::string> owners = detect::unaltered_owners(walked.squashed(checksums), files);
  std::map<std::string_view, std::string_view> owner_of;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!owners[i].empty()) owner_of[files[i].path] = owners[i];
  std::vector<Finding> kept;
  for (Finding& finding : findings) {
    const bool leak = finding.klass == FindingClass::Secret || finding.klass == FindingClass::SensitiveFile;
    if (!leak || finding.locations.empty() || !evidence(finding, "deleted").empty()) {
      kept.push_back(std::move(finding));
      continue;
    }
    const std::string_view path = finding.locations.front().path;
    const auto owner = owner_of.find(path.substr(0, path.find("!/")));
    const auto package = owner == owner_of.end() ? packages.end() : std::find_if(packages.begin(), packages.end(), [&](const Package& p) { return p.name == owner->second && inventory::is_os_type(p.type); });
    if (package == packages.end()) {
      kept.push_back(std::move(finding));
      continue;
    }
    if (is_public(*package)) {
      suppressed.push_back({.key = finding.key, .id = finding.id, .package = package->id, .by = "public package",
                            .reason = cat("in ", path, " just as the distribution ships it, where anybody can read it")});
      continue;
    }
    finding.package = package->id;
    finding.severity = std::min(finding.severity, Severity::Low);
    finding.evidence.emplace_back("file", cat("as package ", package->name, " installs it: severity lowered"));
    finding.risk_0_100 = match::risk_0_100(match::risk_input(finding));
    kept.push_back(std::move(finding));
  }
  findings = std::move(kept);
}

Result<Detection> Detection::load(const Request& request, Scope scope, std::string_view only) {
  Detection out;
  out.classes_ = classes_of(request.parts);
  std::vector<std::pair<std::string, const detect::RuleFile*>> users;
  for (const detect::RuleFile& file : request.rules) {
    PLIM_TRY(std::string engine, detect::engine_of(file));
    users.emplace_back(std::move(engine), &file);
  }
  for (const detect::Engine& engine : detect::engines()) {
    const auto asked = [&](FindingClass klass) { return out.classes_.contains(klass); };
    if (std::none_of(engine.classes.begin(), engine.classes.end(), asked) || (!only.empty() && engine.name != only)) continue;
    detect::EngineOptions options{.fingerprint_key = request.fingerprint_key, .scope = scope, .limits = request.limits};
    if (!request.cache_directory.empty()) options.cache_directory = request.cache_directory + "/rules";
    for (const auto& [name, file] : users)
      if (name == engine.name) options.rules.push_back(*file);
    // Rules that take the place of others take it where they have some to put there.
    options.only_user_rules = request.only_user_rules && !options.rules.empty();
    if (request.only_user_rules && options.rules.empty()) continue;
    PLIM_TRY(detect::LoadedEngine loaded, engine.load(options).context("rules of", engine.name));
    out.digests_ += cat(engine.name, " ", loaded.rules_digest, "\n");
    out.rules_ += loaded.rules;
    out.analysers_.push_back(std::move(loaded.analyser));
    for (auto& [where, what] : loaded.notices) out.notices_.push_back({"rules", std::move(where), std::move(what)});
    if (loaded.redact) out.redact_.push_back(std::move(loaded.redact));
  }
  if (!request.fingerprint_key.empty()) out.key_digest_ = hash_hex(HashKind::Sha256, as_bytes(cat("fingerprint key ", request.fingerprint_key)));
  return out;
}

std::string Detection::cache_digest() const { return cat(digests_, key_digest_); }

std::optional<RulesInfo> Detection::rules() const {
  if (analysers_.empty()) return std::nullopt;
  return RulesInfo{.digest = cat("sha256:", hash_hex(HashKind::Sha256, as_bytes(digests_))), .count = rules_};
}

std::vector<std::uint64_t> Detection::finding_paths(const image::WalkedImage& walked, std::size_t first) const {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < analysers_.size(); ++i)
    for (const FileFacts& file : walked.squashed(first + i).files)
      if (!file.facts->findings.empty()) out.push_back(owned_path_hash(file.path.substr(0, file.path.find("!/"))));
  return out;
}

Status Detection::resolve(const image::WalkedImage& walked, std::size_t first, const Distribution& distribution, std::vector<Finding>& findings, Gaps& gaps, const FileOwners* owners) const {
  for (std::size_t i = 0; i < analysers_.size(); ++i) {
    SquashedFacts facts = walked.squashed(first + i, &distribution);
    facts.owners = owners;
    PLIM_TRY(Catalogue catalogue, analysers_[i].resolve(facts).context("detector", analysers_[i].name));
    for (Finding& finding : catalogue.findings) {
      if (!classes_.contains(finding.klass)) continue;
      finish_finding(finding, walked.layers(), walked.tree());
      // A line that starts something may hold a password.
      if (finding.klass == FindingClass::Malware)
        for (auto& [key, value] : finding.evidence)
          if (key == "text") value = redaction().text(value);
      findings.push_back(std::move(finding));
    }
    std::move(catalogue.gaps.begin(), catalogue.gaps.end(), std::back_inserter(gaps));
  }
  drop_told_twice(findings);
  return Ok{};
}

}  // namespace plimsoll::scan
