#include "advisory/content.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::advisory {

FeedSummary& Content::feed(std::string_view name) {
  const auto at = feeds.find(name);
  if (at != feeds.end()) return at->second;
  FeedSummary& fresh = feeds[std::string(name)];
  fresh.name = name;
  return fresh;
}

std::uint32_t Content::index_of(AdvisoryRecord&& record) {
  const auto [at, fresh] = by_id.try_emplace(cat(record.feed, "\n", record.id), static_cast<std::uint32_t>(records.size()));
  if (fresh) records.push_back(std::move(record));
  return at->second;
}

std::map<std::string, std::uint32_t> Content::feed_places() const {
  std::map<std::string, std::uint32_t> out;
  for (const auto& [name, feed] : feeds) out.emplace(name, static_cast<std::uint32_t>(out.size()));
  return out;
}

void sort_unique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace plimsoll::advisory
