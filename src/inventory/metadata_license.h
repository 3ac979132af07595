// Licences as language packages' metadata writes them -> Package::licenses.
//
// Adds to licenses.h what those ecosystems have beside plain names: Python classifiers ("License :: OSI Approved :: MIT
// License"), addresses ("http://www.apache.org/licenses/LICENSE-2.0.txt"), names in full with and without their
// abbreviation ("The Apache Software License, Version 2.0", "GNU General Public License v3 (GPLv3)"), and fields that
// say nothing ("UNKNOWN", "SEE LICENSE IN ..."). "BSD" alone names no licence and stays text.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::inventory {

// The SPDX expression where it can be told without a guess, else the text (first line, cut); empty when it says
// nothing.
std::string metadata_license(std::string_view text);
// Appends metadata_license(text) when it says something new.
void add_license(std::vector<std::string>& licenses, std::string_view text);

}  // namespace plimsoll::inventory
