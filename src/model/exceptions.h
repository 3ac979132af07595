// Exceptions: findings that somebody has accepted, for a reason and until a day. One document form serves ignore files,
// standards and clusters (kind: Exception; schema in api/exception.schema.json):
//
//   apiVersion: plimsoll.dev/v1alpha1
//   kind: Exception
//   metadata: {name: shop}
//   spec:
//     entries:
//       - id: CVE-2023-4911                 # or ids: [...]; also aliases and rule ids
//         package: pkg:deb/debian/glibc     # purl, globs allowed; without @version: any; also the source package
//         path: "app/**"                    # glob on a location
//         image: "registry.example/shop:*"  # glob on the reference, or the digest
//         reason: no setuid program here    # required
//         owner: team-base
//         expires: 2027-01-31               # the last day it holds
//
// An entry holds where all it names match; `key` (findings[].key) and `class` may be named too. It must name at least one
// of id, ids, key, package, path, class.
// Applying leaves matched findings out (Report::suppressed, by "SOURCE entry N"), and names in Report::notices entries that
// expired, whose findings count again, and entries that matched nothing. Pure: `at` is the day the report speaks of.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "model/report.h"

namespace plimsoll {

struct ExceptionEntry {
  std::vector<std::string> ids;
  std::string key, package, path, image;
  std::optional<FindingClass> klass;
  std::string reason, owner, expires;
};
struct Exceptions {
  std::string source;  // file name, for people
  std::vector<ExceptionEntry> entries;
};

// YAML or JSON. Errors: Malformed, Unsupported (another kind or apiVersion), each with the entry and what is wrong;
// an unknown member is refused, for a mistyped `expires` would never expire.
Result<Exceptions> read_exceptions(std::string_view document, std::string_view source, const Limits& limits = {});

// Whether an entry names a finding of that class, key, ids (id, aliases, rule) and places, in that package (null: none).
// Its image and its expiry are the caller's to check: is_for_image, has_expired.
struct FindingNames {
  FindingClass klass{};
  std::string_view key, rule;
  std::vector<std::string_view> ids, paths;
};
bool names_finding(const ExceptionEntry& entry, const FindingNames& finding, const Package* package);
bool is_for_image(const ExceptionEntry& entry, std::string_view reference, std::string_view digest);
bool has_expired(const ExceptionEntry& entry, std::string_view at);

// `at`: ISO 8601; the first ten characters count.
Report without_excepted(Report report, const Exceptions& exceptions, std::string_view at);

// Takes out the entries that a standard does not accept: without an expiry, or lasting more than `maximum_days` from `at`.
// Each is named in `notices`, and its findings count.
Exceptions within(Exceptions exceptions, std::uint32_t maximum_days, std::string_view at, std::vector<Notice>& notices);

// Whether `pattern` (a purl, globs allowed, qualifiers in it must be the package's too) names the package or its source.
bool names_package(std::string_view pattern, const Package& package);

}  // namespace plimsoll
