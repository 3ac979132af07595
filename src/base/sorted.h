// Sorting records that are large to move.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

namespace plimsoll {

// std::stable_sort, but each record is moved once at most: pointers are sorted first. What is in order stays where it lies.
template <class T, class Order>
void sort_records(std::vector<T>& records, Order order) {
  if (std::is_sorted(records.begin(), records.end(), order)) return;
  std::vector<T*> places;
  places.reserve(records.size());
  for (T& record : records) places.push_back(&record);
  std::stable_sort(places.begin(), places.end(), [&](const T* a, const T* b) { return order(*a, *b); });
  std::vector<T> sorted;
  sorted.reserve(records.size());
  for (T* record : places) sorted.push_back(std::move(*record));
  records = std::move(sorted);
}

}  // namespace plimsoll
