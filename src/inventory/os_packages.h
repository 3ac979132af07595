// What the cataloguers of operating-system packages share.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/facts.h"
#include "model/package.h"

namespace plimsoll::inventory {

// "debian-12", "alpine-3.19.1": the purl's distro qualifier. The codename stands in where there is no version; empty
// when no distribution is known.
std::string distro_qualifier(const Distribution* distribution);
// The purl namespace of an OS package: the distribution's id, or `otherwise` where it is not known.
std::string distro_namespace(const Distribution* distribution, std::string_view otherwise);

// Names in a dependency list such as "libc6 (>= 2.36), awk | mawk:any": without versions and architectures, alternatives
// kept together as "awk|mawk" for pick_depends. Source: Debian Policy ch. 7.1.
std::vector<std::string> dependency_names(std::string_view list);

// What is installed under a name: the package itself, or the one that provides it.
using Providers = std::unordered_map<std::string, std::string>;
// Turns each "a|b" into the first that is installed, and a virtual name into the package that provides it; a name that
// nothing provides stays. Sorted, without doubles.
void pick_depends(std::vector<std::string>& depends, const Providers& providers);

// The layers that brought the packages of a database file, by name, version and architecture: the lowest layer whose state
// of the file had that very package, and every later one without a break. See SquashedFacts::replaced.
class FirstLayers {
 public:
  FirstLayers(const SquashedFacts& facts, const FileFacts& file);
  std::uint32_t layer(const Package& package) const;  // index into SquashedFacts::layers
  Location location(const Package& package) const;

 private:
  const SquashedFacts& facts_;
  const FileFacts& file_;
  std::unordered_map<std::string, std::uint32_t> first_;
};

// One database file holds the owned paths of all its packages in one list; a note "owned" per package, in order, tells how
// many are its own. next() gives the next package's part to the package last added to the catalogue.
class OwnedLists {
 public:
  explicit OwnedLists(const Facts& facts) : facts_(facts), rest_(facts.owned_paths) {}
  void next(Catalogue& catalogue);
  void skip();  // the next package is not in the catalogue

 private:
  std::span<const std::uint64_t> take();
  const Facts& facts_;
  std::span<const std::uint64_t> rest_;
  std::size_t note_ = 0;
};

// A gap for each of `paths` (package databases, none a pattern) that the finished tree has, as a link or behind one, while
// no file of that name was read: an image whose database was moved aside must not look empty. The extract of a
// database file leaves a note (note_database), so that one without packages counts as read.
void add_unread_databases(Catalogue& catalogue, const SquashedFacts& facts, std::string_view cataloguer, std::initializer_list<std::string_view> paths);
void note_database(Facts& facts);

// Adds the hash of each path of a file list (one a line), leaving out directories that the next line lies in.
void add_owned_lines(std::vector<std::uint64_t>& owned, std::string_view list);

}  // namespace plimsoll::inventory
