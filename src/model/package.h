// A package: one installed or declared unit of software, as the inventory found it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/purl.h"

namespace plimsoll {

// Who brought it: an image below (base) or the layers of this image (own).
enum class Origin : std::uint8_t { Unknown, Base, Own };
std::string_view to_string(Origin origin);

// Where something was found. `path` is inside the image; nested archives are joined by "!/":
// "app/x.war!/WEB-INF/lib/y.jar". `layer` is the diffID ("sha256:..."), empty outside an image.
struct Location {
  std::string path;
  std::string layer;
  std::uint32_t line = 0;  // 1-based; 0 when it has none
  friend bool operator==(const Location&, const Location&) = default;
  friend auto operator<=>(const Location&, const Location&) = default;
};

struct Package {
  std::string id;       // unique in a report: set by inventory::merge from purl and place
  std::string type;     // purl type: deb, apk, rpm, npm, pypi, maven, golang, cargo, gem, composer, nuget, generic...
  std::string ns;       // purl namespace: distribution id (deb, apk, rpm), Maven group, npm "@scope", Go path...
  std::string name;     // verbatim, as the ecosystem writes it
  std::string version;  // verbatim; deb and rpm with epoch ("2:1.0-1") when it is not 0
  std::string arch;
  std::string source_name;     // source package where it differs from the binary's or is known; else empty
  std::string source_version;  // as `version`; empty when the same
  std::vector<std::string> licenses;   // SPDX expressions where they can be told, else the text of the metadata
  std::vector<std::string> depends;    // names of packages it declares to need (same ecosystem, no versions)
  std::vector<Location> locations;     // at least one; sorted
  std::vector<std::string> found_by;   // cataloguer names; sorted
  std::string owned_by;                // id of the OS package whose file list holds this one's file; else empty
  Origin origin = Origin::Unknown;
  // What else the ecosystem says, as purl qualifiers would carry it or as a reader may need: "distro", "epoch",
  // "modularity" (RHEL module:stream), "vendor", "channel", "sha1", "cpe", "dev" ("true"), "go:toolchain"... Sorted by key.
  std::vector<std::pair<std::string, std::string>> properties;

  std::string_view property(std::string_view key) const;  // empty when absent
  void set_property(std::string_view key, std::string_view value);
  // The canonical purl, with arch, distro, epoch and upstream qualifiers where the type has them.
  Purl purl() const;
  std::string purl_text() const;  // purl().text(), without the Purl
};

// The version scheme (src/version/schemes) that orders versions of a purl type: "deb" for deb, "maven" for maven...
// "generic" for types it does not know.
std::string_view scheme_of_type(std::string_view purl_type);

// The distribution an image is built on (os-release(5) and the older files).
struct Distribution {
  std::string id;           // "debian", "alpine", "rhel"... ; empty when none was found
  std::string version_id;   // "12", "3.19.1", "9.4"; "sid"/"edge" style names where that is all there is
  std::string codename;     // "bookworm"
  std::string name;         // PRETTY_NAME
  std::vector<std::string> id_like;
  std::string variant;      // VARIANT_ID, or "extended" marks
  std::string cpe;          // CPE_NAME
  std::optional<std::string> end_of_life;  // ISO date, where known
  Location location;
};

}  // namespace plimsoll
