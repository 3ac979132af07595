// Facts: what the files of one layer say, before anyone knows what the whole image says.
//
// An analyser has two parts (STYLE §2). `extract` sees one file of one layer and nothing else: pure, so its Facts are
// cached per layer for the whole fleet. `resolve` sees the facts that survive the squash of all layers and says what
// is there: per image, cheap. What resolve needs from a file must therefore be in its Facts.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/digests.h"
#include "base/limits.h"
#include "base/result.h"
#include "model/finding.h"
#include "model/gap.h"
#include "model/package.h"

namespace plimsoll {

// Images hold what is installed; source trees hold what is declared (lock files, manifests).
enum class Scope : std::uint8_t { Any, Image, Directory };

// One file as an analyser sees it. Views are borrowed for the call.
struct FileView {
  std::string_view path;     // normalised, inside the image; nested: "a.war!/WEB-INF/lib/b.jar"
  Bytes content;             // whole; may be a mapping of a spilled file, so touch only what is needed
  std::uint32_t mode = 0;    // permission bits with setuid/setgid/sticky; 0 when the source has none
  std::uint32_t uid = 0, gid = 0;
  std::string_view capabilities = {};  // the extended attribute security.capability as it is stored; empty: none
  bool directory = false;              // only for Analyser::attributes; no content then
  ContentDigests* digests = nullptr;   // of `content`, shared by all that look at it; null: whoever wants some computes them
};

// Key in Facts::notes of an analyser that read a file whole but followed only so much of it (its own bound of effort, not a
// part that could not be read): the value says what was left.
inline constexpr std::string_view kEffortBound = "effort bound";

// What one file says. Everything here is serialised into the facts cache.
struct Facts {
  std::vector<Package> packages;  // packages this file states by itself; locations are filled in by resolve
  std::vector<Finding> findings;  // what a detector found in this file
  // Anything resolve needs beside packages, in the analyser's own words: {"parent", "g:a:v"}, {"sha1", "..."}.
  // Values may be large (a whole small file) and need not be text.
  std::vector<std::pair<std::string, std::string>> notes;
  // hash64 of paths (normalised, usr-merged by owned_path_hash) that the packages stated here own, for ownedBy.
  std::vector<std::uint64_t> owned_paths;
  Gaps gaps;  // parts of this file that could not be read

  std::string_view note(std::string_view key) const;  // first of that key; empty when absent
  bool empty() const { return packages.empty() && findings.empty() && notes.empty() && owned_paths.empty() && gaps.empty(); }
};

// The name of a note that the walk adds to the facts of every file in which an analyser found something, itself or in an
// archive inside: MD5, SHA-1 and SHA-256 of the whole file, raw, one after another.
inline constexpr std::string_view kContentDigests = "content-digests";

// The key of a path in Facts::owned_paths: "bin", "sbin" and "lib*" at the top count as those under "usr", so that a
// package's list and the real tree agree on a merged-/usr system.
std::uint64_t owned_path_hash(std::string_view path);

// Facts of one file that is still there in the finished image.
struct FileFacts {
  std::string_view path;
  std::uint32_t layer = 0;  // index of the layer that brought this file, 0 = lowest
  const Facts* facts = nullptr;
};

// The finished (squashed) tree, as far as resolve may ask. Implemented by image, agent and tests.
class Tree {
 public:
  virtual ~Tree() = default;
  virtual bool contains(std::string_view path) const = 0;  // file, link or directory
  // `path` with every link on the way followed inside the root, the last one too ("bin/sh" -> "usr/bin/dash"); empty
  // when nothing is there or the links circle. A tree that knows no links gives the path back, normalised.
  virtual std::string real_path(std::string_view path) const;
};

// Which package installed a file, as the distribution's database says.
class FileOwners {
 public:
  virtual ~FileOwners() = default;
  virtual bool known() const = 0;  // there is such a database: a file without an owner is nobody's
  // Purl of the package; empty when there is none. Answers for files that a detector found something in.
  virtual std::string owner(std::string_view path) const = 0;
};

// All that one analyser's resolve gets: its own facts, sorted by path.
struct SquashedFacts {
  std::span<const FileFacts> files;
  const Tree& tree;
  std::span<const std::string> layers;  // diffIDs, lowest first; empty outside an image
  const Distribution* distribution = nullptr;  // null until the os cataloguer has resolved (it goes first)
  // Older states of `files`, which upper layers wrote anew (the same analyser's facts of the same paths); sorted by path,
  // then layer, lowest first. A package database is rewritten by each layer that installs: these tell who brought what.
  std::span<const FileFacts> replaced;
  // Facts of files that lower layers brought and that are not in the finished tree, nor in `replaced`: deleted by an upper
  // layer, or written anew without giving this analyser anything to say. They still ship. Sorted like `replaced`.
  std::span<const FileFacts> deleted = {};
  std::string_view config_json = {};  // the image's whole config blob; empty outside an image
  Scope scope = Scope::Image;         // Directory: a tree of source code
  const FileOwners* owners = nullptr;  // null: nobody knows

  // The location of a file's facts.
  Location location(const FileFacts& file) const;
};

struct OwnedPaths {
  std::size_t package = 0;  // index into Catalogue::packages
  std::span<const std::uint64_t> paths;  // owned_path_hash values; borrowed from the Facts
};

// What one analyser says of the whole image.
struct Catalogue {
  std::vector<Package> packages;
  std::vector<Finding> findings;
  std::vector<OwnedPaths> owned;
  std::vector<Distribution> distributions;  // only the os cataloguer's; the first is the image's
  Gaps gaps;
};

// The resolve of an analyser whose files speak for themselves: every package of every file, with its location.
Result<Catalogue> resolve_each(const SquashedFacts& facts);
// The resolve of a detector: every finding of every file, with its location. With `shipped`, also findings of what upper
// layers deleted or replaced, since it can still be read out of the image: their evidence says {"deleted", why}; one
// that stands in the finished tree too (same rule, path, line and evidence) is not told twice.
Result<Catalogue> resolve_findings(const SquashedFacts& facts, bool shipped);

// The compact binary form kept in the facts cache. read_facts checks every length: the cache may be damaged.
void write_facts(std::string& out, const Facts& facts);
Result<Facts> read_facts(Bytes bytes);

}  // namespace plimsoll
