// The main path: one target in, one report out. See docs/ARCHITECTURE.md; the steps are in scan.cc, in order.
//
//   scan::Request request{.image = {.target = "oci:build/app"}, .database = "advisories.db", .at = system_now()};
//   PLIM_TRY(Report report, scan::scan(request));
//
// Errors   the target, the database or a layer cannot be had whole: no report. What a report could not read stands in
//          its gaps. Deterministic: the same digest, database, options and `at` give the same report, apart from
//          ToolInfo::started_at and duration_ms.
// Threads  one call uses request.threads threads; calls are independent.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "detect/engine.h"
#include "model/report.h"
#include "oci/open.h"
#include "profile/executables.h"

namespace plimsoll::scan {

enum class Part : std::uint8_t { Inventory, Vulnerabilities, Secrets, SensitiveFiles, Malware, Webshell, Configuration, Integrity, Profile };
std::optional<Part> part_from(std::string_view name);  // "sensitive-files"
std::string part_names();                              // all, joined by ", "
std::set<Part> all_parts();

struct Progress {
  std::uint64_t bytes_done = 0, bytes_total = 0;
  std::uint32_t layers_done = 0, layers_total = 0;
};

struct Request {
  oci::ImageRequest image;  // the target, of whatever kind, and how it is reached
  std::set<Part> parts = all_parts();
  std::vector<detect::RuleFile> rules;  // the user's, added to the shipped ones (detect/rule_files.h tells whose they are)
  bool only_user_rules = false;         // in place of the shipped ones
  std::string fingerprint_key;          // secrets are told apart across images by a hash under it
  bool fingerprint_shared = false;      // the key is the organisation's, not this installation's
  bool fingerprint_for_run = false;     // there was nowhere to keep one: it ends with this run
  profile::VerifyFiles verify_packages = profile::VerifyFiles::Executables;  // for Part::Integrity
  std::string profile_directory;        // where the binary profile is stored, by digest; empty: only its digest is told
  std::string database;               // advisory database file; needed for Part::Vulnerabilities
  std::vector<std::string> overlays;  // the organisation's own, stacked over it
  std::optional<std::chrono::days> max_database_age;
  Time at{};                          // the time the report speaks of
  std::string cache_directory;        // of layer facts; empty: no cache
  std::vector<std::string> known_bases;  // files that list base images (image/base_image.h)
  std::string classifiers;            // folder of classifier rules beside the program's own (inventory/classifiers.h)
  Limits limits;
  unsigned threads = 0;               // 0: one per processor
  std::function<void(const Progress&)> progress;
  std::function<void(std::string_view)> log;
};

Result<Report> scan(const Request& request);

}  // namespace plimsoll::scan
