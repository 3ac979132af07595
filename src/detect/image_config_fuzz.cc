// An image config through the reader and the rules.
#include "detect/subjects.h"

void fuzz_detect_image_config(plimsoll::Bytes input) {
  using namespace plimsoll;
  std::vector<Finding> found;
  (void)detect::image_subjects(as_text(input), {}, {}, [&](const detect::Subject& subject) { detect::judge(detect::shipped_configuration_rules(), subject, {}, found); });
}
