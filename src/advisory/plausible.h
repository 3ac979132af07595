// What a feed says, held against what can be: dates that are yet to come, texts and lists of absurd size, and two records of
// one id and time that say different things.
#pragma once
#include <set>
#include <string>
#include <string_view>

#include "model/advisory.h"

namespace plimsoll::advisory {

inline constexpr std::size_t kMaxIdBytes = 256, kMaxNameText = 1024, kMaxVersionText = 1024;
inline constexpr std::size_t kMaxNames = 10'000;      // aliases, or CVEs fixed, of one record
inline constexpr std::size_t kMaxStatements = 200'000;  // packages of one record; a Linux CVE has some thousands
inline constexpr std::size_t kMaxBounds = 100'000;    // events or intervals of one statement

// True when `date` (ISO, or empty) is behind `today` by more than the day that time zones make; never when `today` is empty.
bool is_to_come(std::string_view date, std::string_view today);

// Takes out what is of absurd size, and dates that are yet to come; each is told in `notes`, once a record at most. False
// when nothing is left of the record.
bool make_plausible(AdvisoryRecord& record, std::string_view today, std::set<std::string>& notes);

// `more` is of the id and time of `known`: what both say together, whichever came first. True when they disagreed.
bool unite(AdvisoryRecord& known, AdvisoryRecord&& more);

}  // namespace plimsoll::advisory
