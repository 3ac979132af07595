// What reading a target gives, before it is matched: the inventory, the detectors' findings, and what is known of the image.
#pragma once
#include <optional>
#include <vector>

#include "inventory/merge.h"
#include "model/report.h"

namespace plimsoll::scan {

struct Subject {
  ImageInfo image;
  inventory::Inventory inventory;
  std::vector<Finding> findings;  // of all detectors
  std::vector<Suppressed> suppressed;
  std::optional<ProfileInfo> profile;
  std::optional<RulesInfo> rules;
  std::vector<Notice> notices;
};

}  // namespace plimsoll::scan
