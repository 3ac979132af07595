#include "format/rpm_header.h"
#include "format/rpmdb.h"
#include "format/sqlite.h"

void fuzz_format_rpmdb(plimsoll::Bytes input) {
  using namespace plimsoll::format;
  std::vector<std::string> problems;
  (void)read_rpmdb(input, {}, [](plimsoll::Bytes blob) {
    if (const auto header = RpmHeader::parse(blob)) (void)header->texts(RpmTag::BaseNames);
  }, problems);
  (void)read_sqlite_log(input, "Packages", {}, [](const SqliteRow&) {});
  if (const auto header = RpmHeader::parse(input)) {
    (void)header->text(RpmTag::Name);
    (void)header->texts(RpmTag::BaseNames);
    (void)header->numbers(RpmTag::DirIndexes);
  }
}
