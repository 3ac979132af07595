// Names of our own in SBOMs: what the formats have no field for. Written by report, read by inventory.
//
// CycloneDX  properties of a component, each "plimsoll:NAME"; several of one kind repeat the name.
// SPDX       one annotation a package: kSpdxComment followed by a JSON object with the same names as members.
#pragma once
#include <string_view>

namespace plimsoll::sbom {

inline constexpr std::string_view kPrefix = "plimsoll:";
inline constexpr std::string_view kOrigin = "origin";      // base, own
inline constexpr std::string_view kOwnedBy = "ownedBy";    // bom-ref or SPDXID of the operating system package
inline constexpr std::string_view kFoundBy = "foundBy";    // a cataloguer; repeats
inline constexpr std::string_view kDepends = "depends";    // a package it needs that is not in the list; repeats
inline constexpr std::string_view kSourceName = "sourceName";        // where the package URL does not carry it
inline constexpr std::string_view kSourceVersion = "sourceVersion";
inline constexpr std::string_view kNamespace = "namespace";  // verbatim, where the package URL lowers its case
inline constexpr std::string_view kLayer = "layer";        // "PATH<TAB>DIFFID": the layer of a place; repeats
inline constexpr std::string_view kProperty = "property:";  // + key: Package::properties
inline constexpr std::string_view kOs = "os:";              // + codename, name, variant, cpe, idLike, endOfLife
inline constexpr std::string_view kSpdxComment = "plimsoll ";

}  // namespace plimsoll::sbom
