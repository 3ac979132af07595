// Whether a statement concerns a package at all: modules, update streams, names.
#pragma once
#include <string>
#include <string_view>

#include "model/advisory.h"
#include "model/package.h"

namespace plimsoll::match {

// RHEL modules: a statement on "nodejs:18" concerns packages of that stream, one outside modules only those outside.
// Where the feed does not say the stream ("?"), or the package does not, the version must begin as the stream does.
bool module_applies(const Candidate& candidate, const Package& package, const CandidateList& list, std::string_view version);
// Update streams: "eus:9.2" concerns packages built for that minor release (".el9_2"), "fips" packages of that build;
// "esm" concerns every package of its release, for the fix exists there alone.
bool channel_applies(const Candidate& candidate, const Distribution& distribution, std::string_view ecosystem, std::string_view version);
// The version of a language package as its ecosystem's advisories write it ("go1.21.3 X:..." of the Go library -> "1.21.3").
std::string_view language_version(const Package& package);
// "cpe:2.3:a:nginx:nginx:1.2:..." or "cpe:/a:nginx:nginx:1.2" -> "nginx:nginx"; empty when it is none.
std::string cpe_name(std::string_view cpe);
// The package says it comes from a vendor other than the distribution's.
bool foreign_vendor(const Package& package, std::string_view distribution_id);

}  // namespace plimsoll::match
