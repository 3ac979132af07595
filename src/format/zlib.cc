#include "format/zlib.h"

#include <libdeflate.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace plimsoll::format {

Result<std::string> inflate_zlib(Bytes stored, std::uint64_t max_bytes) {
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> inflater(libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  if (!inflater) return io_error("no memory for an inflater");
  // The size is not told: room grows until the stream fits.
  std::string out;
  for (std::uint64_t room = std::min<std::uint64_t>(max_bytes, stored.size() * 4 + 1024);; room = std::min(max_bytes, room * 4)) {
    out.resize(static_cast<std::size_t>(room));
    std::size_t consumed = 0, produced = 0;
    switch (libdeflate_zlib_decompress_ex(inflater.get(), stored.data(), stored.size(), out.data(), out.size(), &consumed, &produced)) {
      case LIBDEFLATE_SUCCESS: out.resize(produced); return out;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        if (room == max_bytes) return limit_reached(cat("zlib stream holds more than ", max_bytes, " bytes"));
        break;
      default: return malformed("zlib stream is damaged");
    }
  }
}

}  // namespace plimsoll::format
