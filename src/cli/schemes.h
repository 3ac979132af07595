// What the version verbs share.
#pragma once
#include <string>
#include <string_view>

#include "base/text.h"
#include "version/scheme.h"

namespace plimsoll::cli {

inline std::string unknown_scheme(std::string_view name) {
  std::string known;
  for (const version::Scheme& scheme : version::schemes()) known += cat(known.empty() ? "" : ", ", scheme.name);
  return cat("no version scheme \"", to_utf8(name), "\"; there are ", known);
}

}  // namespace plimsoll::cli
