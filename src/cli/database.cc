#include "cli/database.h"

#include "base/file.h"
#include "base/text.h"

namespace plimsoll::cli {

std::string database_path(const std::string& given) { return given.empty() ? cat(Context::data_directory(), "/advisories.db") : given; }

std::string overlay_directory(const std::string& database) { return cat(database, ".overlays"); }

Result<advisory::Stack> open_database(const std::string& given) {
  const std::string path = database_path(given);
  if (!exists(path)) return not_found(cat("no advisory database at ", path, ": get one with `plimsoll db update`, `db pull REF` or `db import DIR`"));
  std::vector<advisory::Database> stack;
  PLIM_TRY(auto base, advisory::Database::open(path));
  stack.push_back(std::move(base));
  const std::string overlays = overlay_directory(path);
  if (is_directory(overlays)) {
    PLIM_TRY(const std::vector<std::string> names, list_directory(overlays));
    for (const std::string& name : names) {
      if (!name.ends_with(".db")) continue;
      PLIM_TRY(auto overlay, advisory::Database::open(cat(overlays, "/", name)));
      stack.push_back(std::move(overlay));
    }
  }
  return advisory::Stack(std::move(stack));
}

}  // namespace plimsoll::cli
