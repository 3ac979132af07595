// The file of a database, written from what a builder gathered. Its form is told in FORMAT.md.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "advisory/content.h"
#include "base/result.h"

namespace plimsoll::advisory {

// `built_at`: seconds since 1970. `private_key_pem` signs when not empty. The feeds get the ecosystems they speak of.
// Errors: Limit (beyond the format), Malformed key.
Result<std::string> write_file(Content& content, std::int64_t built_at, std::string_view private_key_pem);

}  // namespace plimsoll::advisory
