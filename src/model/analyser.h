// An analyser: what one plugin wants to see of an image, and its two parts (facts.h).
//
// The walk (image) knows only this; a cataloguer (inventory) or a detector (detect) is turned into one by its module.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/facts.h"

namespace plimsoll {

// Whether bytes come from someone who may wish us harm. Hostile plugins have a fuzz target and hostile fixtures.
enum class Posture : std::uint8_t { Hostile, Trusted };

struct Analyser {
  std::string name;         // the plugin's: "dpkg"; also its key in the facts cache
  std::uint32_t version = 1;  // raised when the facts change; part of the cache key
  // Globs (base/text.h glob_match) on the path; for a file in a nested archive, on the whole path and on the part
  // after the last "!/". A file is wanted when any pattern or any magic matches.
  std::vector<std::string> paths;
  std::vector<std::string> magics;    // leading bytes: "\x7f" "ELF", "MZ"
  bool executables = false;           // also every regular file with an execute bit
  // Every regular file. Inside archives only those whose extension does not say bytecode, image, font or sound: an
  // archive's mass is such, and inflating it all would cost more than the whole walk.
  bool all_files = false;
  // Also every file and directory that is setuid, setgid, writable by everybody (without the sticky bit) or carries
  // capabilities. A directory is shown with FileView::directory and no content.
  bool attributes = false;
  Scope scope = Scope::Any;
  Posture input = Posture::Hostile;
  bool nested = true;                 // wants files inside nested archives too
  std::function<Result<Facts>(const FileView& file, const Limits& limits)> extract;
  std::function<Result<Catalogue>(const SquashedFacts& facts)> resolve;
};

}  // namespace plimsoll
