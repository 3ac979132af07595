// Unpack: bzip2 and xz, in which some feeds are published and no image layer is.
//
// Reads give what is inflated; several streams one after another are one. Errors: Malformed (corrupt, cut short), Limit (a
// dictionary beyond kMostDictionary), those of `stored`.
#pragma once
#include <cstdint>
#include <memory>

#include "base/stream.h"

namespace plimsoll::advisory {

inline constexpr std::uint64_t kMostDictionary = 128ull << 20;  // xz -9 asks for 64 MiB

std::unique_ptr<ByteSource> unbzip2(std::unique_ptr<ByteSource> stored);
std::unique_ptr<ByteSource> unxz(std::unique_ptr<ByteSource> stored);

}  // namespace plimsoll::advisory
