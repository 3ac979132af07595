// What changed between two advisory databases: for `db diff`, and `diff` when it is given two of them.
#pragma once
#include <string>

#include "cli/context.h"

namespace plimsoll::cli {

// Whether the file begins as a database does; false for what cannot be read.
bool is_database(const std::string& path);
// Prints each statement that is new, gone or changed, and their counts. Exit No when they differ.
Exit diff_databases(Context& context, const std::string& before, const std::string& after, bool json);

}  // namespace plimsoll::cli
