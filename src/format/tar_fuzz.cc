// A tar stream: first byte = size of the pieces it comes in, the rest the stream. Every entry's content is read.
#include "format/tar.h"
#include "format/test_archives.h"

void fuzz_format_tar(plimsoll::Bytes input);
void fuzz_format_tar(plimsoll::Bytes input) {
  using namespace plimsoll::format;
  if (input.empty()) return;
  TestChunks chunks(std::string(plimsoll::as_text(input.subspan(1))), input[0] * 16u + 1);
  plimsoll::Limits limits;
  limits.layer_entries = 10'000;
  TarReader reader(chunks, limits);
  TarEntry entry;
  std::uint64_t total = 0;
  while (true) {
    const auto more = reader.next(entry);
    if (!more || !*more) break;
    while (reader.content_left() > 0) {
      const auto part = reader.content();
      if (!part) return;
      total += part->size();
    }
    std::size_t used = 0;
    (void)parse_sparse_map(plimsoll::as_bytes(entry.name), used);
  }
  (void)reader.after_end();
  PLIM_ASSERT(total <= input.size());
}
