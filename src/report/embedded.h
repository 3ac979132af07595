// Files of the tree that the program carries: their text, whole, for the life of the program (src/report/CMakeLists.txt).
#pragma once
#include <string_view>

namespace plimsoll::report {

std::string_view report_schema();  // api/report.schema.json, printed by `plimsoll help report`
std::string_view spdx_rules();     // rules/licenses/spdx.tsv: SPDX licence and exception identifiers
std::string_view page_style();     // src/report/page/page.css
std::string_view page_script();    // src/report/page/page.js

}  // namespace plimsoll::report
