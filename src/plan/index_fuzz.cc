// Any bytes as the index file: refused, or sound. The checksum is made right first, so that what is behind it is reached.
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"
#include "plan/index_store.h"

void fuzz_plan_index(plimsoll::Bytes input);
void fuzz_plan_index(plimsoll::Bytes input) {
  using namespace plimsoll;
  std::string text(as_text(input));
  if (text.size() >= 16) {
    const std::uint64_t sum = hash64(std::string_view(text).substr(16));
    std::memcpy(text.data() + 8, &sum, sizeof sum);
  }
  const auto store = plan::read_store(as_bytes(text));
  if (!store) return;
  std::size_t total = 0;
  for (plan::Id id = 0; id < store->ends.size(); ++id) total += store->view(id).size();
  for (const plan::StoredFinding& finding : store->findings) total += store->view(finding.key).size();
  if (total > text.size() * 1000) __builtin_trap();
}
