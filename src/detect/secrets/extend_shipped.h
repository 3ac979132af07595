// gitleaks' [extend] useDefault: the rules that plimsoll ships take the place of gitleaks' default ones, and obey the file.
//
// Done     `disabledRules` are taken out; a rule of the file replaces the shipped one of the same id, and is completed by it;
//          one without an expression adds keywords, entropy, path and allow-lists to it; the file's own allow-lists hold
//          for all shipped rules, those told by their key too.
// Told     in users.notices: the substitution itself, and every id that no shipped rule has. gitleaks' ids are not ours,
//          so a list written for its default rules may say less here than it did there.
#pragma once
#include "detect/secrets/key_value.h"
#include "detect/secrets/rule.h"

namespace plimsoll::detect {

// Does nothing for a set that does not extend.
void extend_shipped(RuleSet& users, RuleSet& shipped, KeyRules& keys);

}  // namespace plimsoll::detect
