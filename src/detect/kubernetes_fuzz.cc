// YAML through the manifest reader and the rules.
#include "detect/subjects.h"

void fuzz_detect_kubernetes(plimsoll::Bytes input) {
  using namespace plimsoll;
  Limits limits;
  limits.nesting = 32;
  std::vector<Finding> found;
  (void)detect::kubernetes_subjects(as_text(input), limits, [&](const detect::Subject& subject) { detect::judge(detect::shipped_configuration_rules(), subject, "x.yaml", found); });
}
