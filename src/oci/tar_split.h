// A layer's tar stream put together again, byte for byte, from the unpacked layer and its tar-split record.
//
// containers-storage keeps, beside each unpacked layer, every byte of the tar stream that is not file content (headers,
// padding) and the order of the files. Headers and contents together are the stream that was pulled, so its diff_id can
// be verified although no tar file was kept.
//
// Source  vbatts/tar-split, tar/storage: one JSON object a line, type 1 (file: name or name_raw, size, payload =
// CRC-64)
//         or type 2 (segment: payload).
// Trust   Files are opened inside the layer's directory without following any link. Errors: Malformed (record, a file
// of
//         another size, a name that leads out), NotFound (a file is gone), Limit, Io.
#pragma once
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/stream.h"

namespace plimsoll::oci {

// `record` gives the JSON lines, inflated; `directory` is the unpacked layer.
Result<std::unique_ptr<ByteSource>> assemble_tar(std::unique_ptr<ByteSource> record, const std::string& directory,
                                                 const Limits& limits);

}  // namespace plimsoll::oci
