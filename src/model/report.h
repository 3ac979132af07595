// The report of one scan: what every output format is written from, and what a stored JSON report is read back into.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/finding.h"
#include "model/gap.h"
#include "model/package.h"
#include "model/provenance.h"
#include "model/verdict.h"

namespace plimsoll {

struct FeedInfo {
  std::string name, date;
};
struct DatabaseInfo {
  std::string digest, built_at;
  std::vector<FeedInfo> feeds;
};
// The rules of all detectors that looked: shipped ones and the user's.
struct RulesInfo {
  std::string digest;
  std::uint64_t count = 0;
};
struct ToolInfo {
  std::string version;
  std::string at;  // ISO 8601 UTC: the time the report speaks of (--at)
  std::string started_at;
  std::int64_t duration_ms = 0;
  std::optional<DatabaseInfo> database;
  std::optional<RulesInfo> rules;
  std::string fingerprints;     // whose key secrets are hashed with: "installation" compares only there, "shared"
  std::string verify_packages;  // which files were held against their package: "executables", "all", "none"
};

struct LayerInfo {
  std::string diff_id, digest;
  std::uint64_t size_bytes = 0;  // as stored (compressed)
  Origin origin = Origin::Unknown;
  std::string created_by;
};

struct ImageInfo {
  std::string reference;  // as given
  std::string kind;       // "image", "rootfs", "directory", "sbom"
  std::string digest;     // manifest digest
  std::string image_id;   // config digest
  std::string platform;   // "linux/amd64"
  std::string created;
  Distribution os;
  std::string base_name, base_digest;  // where a base image is known
  std::uint32_t base_layers = 0;       // layers of the base
  std::string config_json;             // the image config's "config" object, secrets redacted; empty when none
  std::vector<LayerInfo> layers;
  std::vector<ProvenanceStatement> provenance;  // what it says of how it was built, unverified; secrets redacted
};

struct Coverage {
  std::string ecosystem;
  std::uint64_t packages = 0;
  std::string feed, feed_date;  // empty: no feed of the database covers it
};

// Findings left out of `findings` by a filter, an ignore file or VEX: counted and named, never silently gone.
struct Suppressed {
  std::string key, id, package, by, reason;
};

// Something the reader should know that is neither a finding nor a gap: an exception that expired or matched nothing.
struct Notice {
  std::string about;  // "exception expired", "exception unused", "VEX statement unused"
  std::string where;  // the file or document, and the entry in it
  std::string what;   // one sentence
};

// The binary profile of the image: where to find the document and how much is in it (docs/profile.md).
struct ProfileInfo {
  std::string digest;
  std::uint64_t executables = 0;
  std::string reference;  // a file, or empty when it was not stored
};

// What an executable file is: names and values, in the order they are told in. `detect binary` alone.
struct BinaryInfo {
  std::string path;
  std::vector<std::pair<std::string, std::string>> facts;
};

struct Report {
  ToolInfo tool;
  ImageInfo image;
  std::vector<Package> packages;  // sorted by id
  std::vector<Finding> findings;  // sorted: risk descending, then id, package
  Gaps gaps;                      // sorted
  std::vector<Coverage> coverage;
  std::vector<BinaryInfo> binaries;  // sorted by path
  std::optional<ProfileInfo> profile;
  std::vector<Suppressed> suppressed;
  std::vector<Notice> notices;
  std::optional<Score> score;      // of the findings as they stood before a filter
  std::optional<Verdict> verdict;  // where a standard was applied
  bool complete() const { return gaps.empty(); }
};

}  // namespace plimsoll
