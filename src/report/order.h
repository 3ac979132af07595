// The orders of a report's arrays, shared by every format, so that equal reports give equal bytes.
#pragma once
#include <algorithm>
#include <tuple>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

struct PackageOrder {
  bool operator()(const Package& a, const Package& b) const {
    return std::tie(a.id, a.type, a.ns, a.name, a.version, a.locations) < std::tie(b.id, b.type, b.ns, b.name, b.version, b.locations);
  }
};
// What weighs most first.
struct FindingOrder {
  bool operator()(const Finding& a, const Finding& b) const {
    return std::tie(b.risk_0_100, a.id, a.package, a.key, a.locations, a.evidence) <
           std::tie(a.risk_0_100, b.id, b.package, b.key, b.locations, b.evidence);
  }
};
struct CoverageOrder {
  bool operator()(const Coverage& a, const Coverage& b) const { return std::tie(a.ecosystem, a.feed) < std::tie(b.ecosystem, b.feed); }
};
struct SuppressedOrder {
  bool operator()(const Suppressed& a, const Suppressed& b) const {
    return std::tie(a.id, a.package, a.key, a.by, a.reason) < std::tie(b.id, b.package, b.key, b.by, b.reason);
  }
};

struct NoticeOrder {
  bool operator()(const Notice& a, const Notice& b) const { return std::tie(a.about, a.where, a.what) < std::tie(b.about, b.where, b.what); }
};

// Pointers to the elements in order; valid while `items` lives unchanged.
template <class T, class Order>
std::vector<const T*> ordered(const std::vector<T>& items, Order order) {
  std::vector<const T*> out;
  out.reserve(items.size());
  for (const T& item : items) out.push_back(&item);
  const auto less = [&](const T* a, const T* b) { return order(*a, *b); };
  if (!std::is_sorted(out.begin(), out.end(), less)) std::stable_sort(out.begin(), out.end(), less);
  return out;
}

}  // namespace plimsoll::report
