#include "oci/archive.h"
#include "oci/tar_split.h"

// The same bytes as an image archive read as a stream (docker-archive, then layout) and as a tar-split record.
void fuzz_oci_archive(plimsoll::Bytes input) {
  using namespace plimsoll;
  using namespace plimsoll::oci;
  const std::string bytes(as_text(input));
  Limits limits;
  limits.layer_entries = 2000;
  const ArchiveOpener opener = [&bytes]() -> Result<std::unique_ptr<ByteSource>> { return memory_source(bytes); };
  if (const auto members = index_archive_stream(opener, limits)) {
    for (const ArchiveForm form : {ArchiveForm::Docker, ArchiveForm::Oci}) {
      const auto image = open_archive(*members, form, "", {}, "fuzz", limits);
      if (!image) continue;
      for (std::size_t i = 0; i < (*image)->config().layers.size() && i < 4; ++i)
        if (const auto layer = (*image)->open_layer(i)) (void)read_all(**layer, 1 << 20);
    }
  }
  if (const auto tar = assemble_tar(memory_source(bytes), "/var/empty", limits)) (void)read_all(**tar, 1 << 20);
}
