// What is left of any text is as long as it was less some digests, and nothing more is left out of that.
#include "base/bytes.h"
#include "base/result.h"
#include "plan/without_layers.h"

void fuzz_plan_without_layers(plimsoll::Bytes input);
void fuzz_plan_without_layers(plimsoll::Bytes input) {
  constexpr std::size_t kDigest = 71;  // "sha256:" and 64 digits
  const std::string_view text = plimsoll::as_text(input);
  std::string arena;
  arena.reserve(2 * text.size());
  const std::string_view once = plimsoll::plan::without_layers(text, arena);
  PLIM_ASSERT(once.size() <= text.size() && (text.size() - once.size()) % kDigest == 0);
  PLIM_ASSERT(plimsoll::plan::without_layers(once, arena).data() == once.data());
}
