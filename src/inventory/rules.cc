#include "inventory/rules.h"

#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::inventory {

const std::vector<std::pair<std::string_view, std::string_view>>& license_rules();
const std::vector<std::pair<std::string_view, std::string_view>>& java_groups();

const std::string& rules_digest() {
  static const std::string digest = [] {
    Hasher hasher(HashKind::Sha256);
    for (const auto* rules : {&license_rules(), &java_groups()})
      for (const auto& [name, text] : *rules) {
        hasher.update(as_bytes(cat(name, " ", text.size(), "\n")));
        hasher.update(as_bytes(text));
      }
    return to_hex(hasher.finish());
  }();
  return digest;
}

}  // namespace plimsoll::inventory
