// Integrity: files that are not what the package that brought them says they are.
//
//   const Analyser sums = package_checksums();                       // for the walk
//   check_integrity(walked.squashed(i), files, findings, gaps);      // files: hashed by whoever hashes (profile)
//
// Sources    dpkg: info/*.md5sums and status.d/*.md5sums, diversions; apk: "Z:" of the installed database; rpm: file
//            digests of the headers. All in the image itself: an intruder who also rewrites them is not seen here (the
//            report says against what it checked); a signed profile or image is what sees that.
// Silent     configuration (etc/, rpm's config and ghost files), files that no package claims, files that are gone,
//            a path that several packages claim and one of them is right about, diverted paths at their new place.
// Replaced   npm that upgraded itself (or a package that a distribution ships) rewrites a whole folder: where the folder's
//            own package.json is another than the distribution's too, its altered files are one low finding,
//            "package-replaced-by-npm", instead of one high finding each.
// Finding    class integrity, id "package-file-altered", evidence what=file, expected, found, package.
// Source     deb-md5sums(5); dpkg-divert(1); apk-installed(5); rpm's tag table.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/analyser.h"

namespace plimsoll::detect {

Analyser package_checksums();

// One regular file of the finished tree and its digests, raw; an empty one is not known.
struct HashedFile {
  std::string_view path;
  std::uint32_t layer = 0;
  std::string_view md5, sha1, sha256;
  bool plain = false;  // neither program, library nor script: altered, it weighs less
};
struct IntegrityResult {
  std::vector<Finding> findings;
  Gaps gaps;
  std::uint64_t checked = 0;  // files held against a checksum
};
// `checksums`: package_checksums()' facts. Cost: O(files + checksums).
IntegrityResult check_integrity(const SquashedFacts& checksums, std::span<const HashedFile> files);

// For each file the package that installed it so, byte for byte; empty where none did, or it was altered since. Settings
// count here too (dpkg's conffiles, rpm's and apk's files under etc).
std::vector<std::string> unaltered_owners(const SquashedFacts& checksums, std::span<const HashedFile> files);

}  // namespace plimsoll::detect
