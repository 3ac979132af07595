// A zip archive: every entry read whole, in pieces, and its head; the ways must agree.
#include "format/test_archives.h"
#include "format/zip.h"

void fuzz_format_zip(plimsoll::Bytes input);
void fuzz_format_zip(plimsoll::Bytes input) {
  using namespace plimsoll::format;
  plimsoll::Limits limits;
  limits.file_bytes = 1 << 20;
  limits.archive_entries = 1000;
  auto zip = ZipReader::open(input, limits);
  if (!zip) return;
  ZipEntry entry;
  std::uint64_t budget = 8 << 20;
  while (true) {
    const auto more = zip->next(entry);
    if (!more || !*more) return;
    if (entry.size > budget) continue;
    budget -= entry.size;
    const auto whole = zip->read(entry);
    std::string streamed;
    const plimsoll::Status status = zip->stream(entry, [&](plimsoll::Bytes piece) -> plimsoll::Status {
      streamed += plimsoll::as_text(piece);
      return plimsoll::Ok{};
    });
    (void)zip->head(entry, 8);
    PLIM_ASSERT(!whole || !status || *whole == streamed);
  }
}
