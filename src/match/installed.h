// One installed version against the ranges of candidates.
#pragma once
#include <string>
#include <string_view>

#include "model/advisory.h"
#include "version/scheme.h"

namespace plimsoll::match {

class Installed {
 public:
  // `keys_usable`: the database's sort keys are of this program's rules.
  Installed(const version::Scheme& scheme, std::string_view text, bool keys_usable)
      : scheme_(scheme), version_(scheme.parse(text)), by_key_(keys_usable && version_.order == nullptr) {}

  bool inside(const IntervalView& interval) const {
    if (!interval.introduced.empty()) {
      const int order = compare(interval.introduced, interval.introduced_key);
      if (order < 0 || (order == 0 && interval.introduced_exclusive)) return false;
    }
    if (interval.end_kind == IntervalEnd::Open) return true;
    const int order = compare(interval.end, interval.end_key);
    return interval.end_kind == IntervalEnd::Fixed ? order < 0 : order <= 0;
  }
  bool at_least(std::string_view text, std::string_view key) const { return compare(text, key) >= 0; }
  // Ranges in the ecosystem's own syntax; a range that cannot be read holds every version (rather one alarm too many).
  bool inside(std::string_view native, std::string_view except) const {
    if (native.empty()) return false;
    if (native != "*") {
      const auto range = version::parse_range(scheme_, native);
      if (range.has_value() && !version::contains(*range, version_)) return false;
    }
    if (except.empty()) return true;
    const auto range = version::parse_range(scheme_, except);
    return !range.has_value() || !version::contains(*range, version_);
  }
  const version::Scheme& scheme() const { return scheme_; }

 private:
  int compare(std::string_view text, std::string_view key) const {
    if (by_key_) return std::string_view(version_.key).compare(key);
    return version::compare(version_, scheme_.parse(text));
  }

  const version::Scheme& scheme_;
  version::Version version_;
  bool by_key_;
};

}  // namespace plimsoll::match
