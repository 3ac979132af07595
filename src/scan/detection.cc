#include "scan/detection.h"

#include <algorithm>
#include <iterator>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
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
  // A key made before the tree was known holds where links among the parents do not lead elsewhere.
  const std::string stated = finding.locations.empty() ? std::string() : finding.locations.front().path;
  const std::string path = key_path(stated, tree);
  const std::string_view fingerprint = evidence(finding, "fingerprint");
  if (finding.key.empty() || (path != stated && !fingerprint.empty())) finding.key = finding_key(finding.klass, finding.id, path, fingerprint);
  // The base's when all of it lies there; the image's own when some does not.
  bool base = false, own = false;
  for (const Location& location : finding.locations)
    for (const LayerInfo& layer : layers)
      if (!location.layer.empty() && layer.diff_id == location.layer) (layer.origin == Origin::Base ? base : own) |= layer.origin != Origin::Unknown;
  finding.origin = own ? Origin::Own : base ? Origin::Base : Origin::Unknown;
  finding.risk_0_100 = match::risk_0_100(match::risk_input(finding));
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

Status Detection::resolve(const image::WalkedImage& walked, std::size_t first, const Distribution& distribution, std::vector<Finding>& findings, Gaps& gaps) const {
  for (std::size_t i = 0; i < analysers_.size(); ++i) {
    PLIM_TRY(Catalogue catalogue, analysers_[i].resolve(walked.squashed(first + i, &distribution)).context("detector", analysers_[i].name));
    for (Finding& finding : catalogue.findings) {
      if (!classes_.contains(finding.klass)) continue;
      finish_finding(finding, walked.layers(), walked.tree());
      findings.push_back(std::move(finding));
    }
    std::move(catalogue.gaps.begin(), catalogue.gaps.end(), std::back_inserter(gaps));
  }
  return Ok{};
}

}  // namespace plimsoll::scan
