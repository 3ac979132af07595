// Paths inside an image or archive: '/'-separated, relative to its root, no host meaning.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll {

// "./usr//bin/../lib/" -> "usr/lib"; the root is "". Leading '/' and ".." at the root are resolved as inside a chroot,
// so the result never climbs out. Bytes are kept as they are (paths need not be UTF-8).
std::string normalise_path(std::string_view path);
std::string_view parent_path(std::string_view path);  // "" at the top
std::string_view base_name(std::string_view path);
// Where a symbolic link at `link` that says `target` points, inside the root.
std::string resolve_link(std::string_view link, std::string_view target);

}  // namespace plimsoll
