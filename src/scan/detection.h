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
  Redaction redaction() const { return Redaction(redact_); }
  // What each of analysers() found, `first` being the place of the first one among the walk's; finished findings of the
  // classes asked for are added to `findings`. Errors: those of a resolve.
  Status resolve(const image::WalkedImage& walked, std::size_t first, const Distribution& distribution, std::vector<Finding>& findings, Gaps& gaps) const;

 private:
  std::set<FindingClass> classes_;
  std::vector<Analyser> analysers_;
  std::string digests_, key_digest_;
  std::uint64_t rules_ = 0;
  std::vector<Redact> redact_;
};

// Fills what a detector leaves open: key, origin, risk, order of locations. `layers` tells whose a layer is.
void finish_finding(Finding& finding, const std::vector<LayerInfo>& layers, const Tree& tree);

}  // namespace plimsoll::scan
