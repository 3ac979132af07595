// Which texts are SPDX licence expressions (SPDX 2.3 annex D), by the identifiers in rules/licenses/spdx.tsv.
#pragma once
#include <string_view>

namespace plimsoll::report {

bool is_spdx_id(std::string_view text);          // "MIT"; exact spelling
bool is_spdx_expression(std::string_view text);  // ids, "+", AND, OR, WITH exception, parentheses; depth bounded

}  // namespace plimsoll::report
