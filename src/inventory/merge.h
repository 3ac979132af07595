// merge: what the cataloguers found, each by itself -> the inventory of one image.
//
// - The same package found in several ways or places is one Package with all its locations and finders: the key is type,
//   namespace, name, version (as a purl writes them) and, for operating-system packages, architecture.
// - The package database wins over an embedded SBOM: what an SBOM says of an OS package that the image's database
//   knows in another version is dropped.
// - ownedBy: a package found in files that are all in OS packages' file lists is the distribution's. For a file in an
//   archive the outermost archive counts. OS packages are never owned. A program that was only told by its bytes or its
//   release file (type generic) is then no package of its own: its places are added to the owner's. Nor is an OS package
//   that no database lists but an ELF package note or an SBOM in owned files: each place is added to that file's owner.
// - Origin: base when any of its places came with a layer of the base image, own when all came with the image's own
//   layers, unknown where no layer is known.
// - id: the purl, made unique. Packages are sorted by id, locations and finders sorted, gaps sorted and without doubles.
//
//   std::vector<Found> found;
//   for (const Cataloguer& c : cataloguers()) found.push_back({c.name, resolve(c, facts)});
//   Inventory inventory = merge(std::move(found), layers);
#pragma once
#include <span>
#include <string>
#include <vector>

#include "model/facts.h"

namespace plimsoll::inventory {

struct Found {
  std::string cataloguer;  // its name, for Package::found_by
  Catalogue catalogue;     // OwnedPaths are borrowed: the Facts they come from must outlive the call of merge
};

struct LayerOrigin {
  std::string diff_id;
  Origin origin = Origin::Unknown;
};

struct Inventory {
  Distribution distribution;  // id empty when none was found
  std::vector<Package> packages;
  std::vector<Finding> findings;
  Gaps gaps;
};

// True for the types whose packages come from a distribution's database: deb, rpm, apk, alpm, opkg, portage, nix, bottlerocket.
bool is_os_type(std::string_view purl_type);

// Cost: O(packages log packages + owned paths); memory for the packages' places, not for the owned paths.
Inventory merge(std::vector<Found> found, std::span<const LayerOrigin> layers);

}  // namespace plimsoll::inventory
