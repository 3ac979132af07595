// Which advisory database a verb works with, and how it is opened.
#pragma once
#include <string>
#include <vector>

#include "advisory/database.h"
#include "base/result.h"
#include "cli/context.h"

namespace plimsoll::cli {

// `given` (--db, PLIMSOLL_DB, plimsoll.yaml) or $XDG_DATA_HOME/plimsoll/advisories.db.
std::string database_path(const std::string& given);
// Overlays of a database lie beside it: FILE.overlays/*.db, stacked in the order of their names.
std::string overlay_directory(const std::string& database);
// The database with its overlays. Errors: NotFound with advice on how to get one, Malformed, Unsupported.
Result<advisory::Stack> open_database(const std::string& given);

}  // namespace plimsoll::cli
