// A gzip, zstd or plain stream, told by its own magic; at most 16 MiB out.
#include "format/inflate.h"
#include "format/test_archives.h"

void fuzz_format_inflate(plimsoll::Bytes input);
void fuzz_format_inflate(plimsoll::Bytes input) {
  using namespace plimsoll::format;
  if (input.empty()) return;
  plimsoll::Limits limits;
  limits.layer_bytes = 16 << 20;
  auto source = decompress(std::make_unique<TestChunks>(std::string(plimsoll::as_text(input.subspan(1))), input[0] + 1u), limits);
  if (!source) return;
  std::vector<std::uint8_t> out(64 << 10);
  while (true) {
    const auto got = (*source)->read(out.data(), out.size());
    if (!got || *got == 0) return;
  }
}
