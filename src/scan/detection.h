// The detectors of one scan: which engines look, what they make of what was walked, and the finishing touches that all
// findings of classes other than vulnerability get alike.
#pragma once
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/engine.h"
#include "image/walk.h"
#include "model/report.h"
#include "scan/redaction.h"
#include "scan/scan.h"

namespace plimsoll::scan {

class Detection {
 public:
  // Loads the engines that can report a class asked for. Errors: Malformed, Unsupported of a rule file, with its path.
  // `only`: that engine alone.
  static Result<Detection> load(const Request& request, Scope scope, std::string_view only = {});

  const std::vector<Analyser>& analysers() const { return analysers_; }
  // Part of the facts cache's key: rules and the fingerprint key.
  std::string cache_digest() const;
  // Of all rules in use, for the report; nullopt when no engine looks.
  std::optional<RulesInfo> rules() const;
  // What of the user's rule files loaded otherwise than they say.
  const std::vector<Notice>& notices() const { return notices_; }
  Redaction redaction() const { return Redaction(redact_); }
  // What each of analysers() found, `first` being the place of the first one among the walk's; finished findings of the
  // classes asked for are added to `findings`. Errors: those of a resolve.
  Status resolve(const image::WalkedImage& walked, std::size_t first, const Distribution& distribution, std::vector<Finding>& findings, Gaps& gaps,
                 const FileOwners* owners = nullptr) const;
  // owned_path_hash of the files in which some detector found something: whose package is asked for.
  std::vector<std::uint64_t> finding_paths(const image::WalkedImage& walked, std::size_t first) const;

 private:
  std::set<FindingClass> classes_;
  std::vector<Analyser> analysers_;
  std::string digests_, key_digest_;
  std::uint64_t rules_ = 0;
  std::vector<Redact> redact_;
  std::vector<Notice> notices_;
};

// Secrets and sensitive files that a public package ships are nobody's: everybody can download them. What stands in a file
// that a package of a distribution installed so, byte for byte, is moved to `suppressed`, with the package; in a file of
// another package (a company's own .deb) it stays, at low severity, since only what is public is harmless.
// `checksums`: place of package_checksums() among the walk's analysers; `detectors`, `count`: of the engines.
void set_public_aside(const image::WalkedImage& walked, std::size_t checksums, std::size_t detectors, std::size_t count, const std::vector<Package>& packages,
                      std::vector<Finding>& findings, std::vector<Suppressed>& suppressed);

// Fills what a detector leaves open: key, origin, risk, order of locations. `layers` tells whose a layer is.
void finish_finding(Finding& finding, const std::vector<LayerInfo>& layers, const Tree& tree);

}  // namespace plimsoll::scan
