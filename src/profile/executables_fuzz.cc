// A file through the analyser of executables, and its facts read back.
#include "profile/executables.h"

void fuzz_profile_executables(plimsoll::Bytes input) {
  using namespace plimsoll;
  static const Analyser analyser = profile::executables(profile::VerifyFiles::All);
  const auto facts = analyser.extract({.path = "usr/bin/x", .content = input, .mode = 0755}, {});
  PLIM_ASSERT(facts.has_value() && profile::read_executable_facts(*facts).has_value());
  Facts hostile;
  hostile.notes.emplace_back("x", as_text(input));
  (void)profile::read_executable_facts(hostile);
}
