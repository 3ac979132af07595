// A profile and its part, both hostile: the first line is the profile, the rest its part. The digest check is met by
// naming the part in the profile, so the part's reader is fuzzed through a profile of our own too.
#include "base/hash.h"
#include "base/text.h"
#include "profile/profile.h"

void fuzz_profile_profile(plimsoll::Bytes input) {
  using namespace plimsoll;
  const std::string text(as_text(input));
  const auto give = [&](const std::string&) -> Result<std::string> { return text; };
  (void)profile::read_profile(text, give);
  const std::string around = cat(R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"BinaryProfile","spec":{"layers":[{"part":"sha256:)", hash_hex(HashKind::Sha256, input),
                                 R"(","hidden":[0],"owners":[0],"realPaths":{"0":"x"}}],"packages":["pkg:a/b"]}})");
  (void)profile::read_profile(around, give);
}
