// Dockerfile text through the reader and the rules.
#include "detect/subjects.h"

void fuzz_detect_dockerfile(plimsoll::Bytes input) {
  using namespace plimsoll;
  std::vector<Finding> found;
  (void)detect::dockerfile_subjects(as_text(input), {}, [&](const detect::Subject& subject) { detect::judge(detect::shipped_configuration_rules(), subject, "Dockerfile", found); });
}
