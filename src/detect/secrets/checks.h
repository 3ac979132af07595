// Structure checks: what a provider's published format says of a token beyond its characters. They tell a live-looking
// token from a made-up one without asking anybody.
//
// Each check is one row of the table in checks.cc: a name that rules use, a sentence, and a function. A check that cannot
// decide says yes: it removes what is certainly not a token, never what is only unusual.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace plimsoll::detect {

struct Check {
  std::string_view name, what;
  bool (*passes)(std::string_view secret);
};
std::span<const Check> checks();
const Check* find_check(std::string_view name);

}  // namespace plimsoll::detect
