#include "detect/secrets/extend_shipped.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::detect {
namespace {

// What `mine` leaves open is as in `other`; lists are joined.
void complete(SecretRule& mine, const SecretRule& other) {
  if (mine.entropy == 0) mine.entropy = other.entropy;
  mine.keywords.insert(mine.keywords.end(), other.keywords.begin(), other.keywords.end());
  mine.allowlists.insert(mine.allowlists.end(), other.allowlists.begin(), other.allowlists.end());
}

}  // namespace

void extend_shipped(RuleSet& users, RuleSet& shipped, KeyRules& keys) {
  if (!users.extends_shipped) return;
  const std::string file = users.file;
  const auto notice = [&](std::string rule, std::string why) { users.notices.push_back({file, users.extend_line, std::move(rule), std::move(why)}); };
  notice({}, cat("[extend] useDefault: the ", shipped.rules.size() + keys.rules.size(), " rules that plimsoll ships take the place of gitleaks' default rules, which are not part of this program"));
  for (const std::string& id : users.disabled)
    if (std::erase_if(shipped.rules, [&](const SecretRule& rule) { return rule.id == id; }) + std::erase_if(keys.rules, [&](const KeyRule& rule) { return rule.rule.id == id; }) == 0)
      notice({}, cat("disabledRules: no shipped rule has the id ", id));
  for (SecretRule& added : users.extensions) {
    const auto rule = std::find_if(shipped.rules.begin(), shipped.rules.end(), [&](const SecretRule& r) { return r.id == added.id; });
    if (rule == shipped.rules.end()) {
      notice(added.id, "it has neither regex nor path, and no shipped rule that it could extend has its id");
      continue;
    }
    if (added.entropy != 0) rule->entropy = added.entropy;
    rule->keywords.insert(rule->keywords.end(), added.keywords.begin(), added.keywords.end());
    rule->allowlists.insert(rule->allowlists.end(), added.allowlists.begin(), added.allowlists.end());
  }
  for (SecretRule& mine : users.rules) {
    const auto same = std::find_if(shipped.rules.begin(), shipped.rules.end(), [&](const SecretRule& r) { return r.id == mine.id; });
    if (same == shipped.rules.end()) continue;
    complete(mine, *same);
    shipped.rules.erase(same);
  }
  for (const auto& list : users.allowlists) {
    for (const std::string& id : list->target_rules)
      if (!is_shipped_secret_rule(id) && std::none_of(users.rules.begin(), users.rules.end(), [&](const SecretRule& r) { return r.id == id; })) notice({}, cat("an allowlist is for rule ", id, ", which neither the file nor plimsoll has"));
    shipped.allowlists.push_back(list);
    keys.allowlists.push_back(list);
  }
}

}  // namespace plimsoll::detect
