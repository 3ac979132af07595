// Shows one file to the analysers that want it, and what lies inside it when it is an archive: the one walker of nested
// archives for all analysers.
//
// Archives   zip and its family (jar, war, ear, whl, egg, nupkg, jmod...), told by leading bytes or name; tar, plain and
//            gzipped, told by name (.tar, .tar.gz, .tgz; gzipped blobs of OCI layouts), inside a tar by the header too;
//            archives inside archives down to limits.archive_depth. Paths are joined by "!/":
//            "app/x.war!/WEB-INF/lib/y.jar".
// Lazy       only entries that an analyser wants, that may be archives, or whose first bytes may be a wanted magic are
//            inflated; a nested archive that is stored is read where it lies. A gzipped tar is inflated whole, once.
// Bounds     limits.archive_entries, archive_bytes (inflated, all depths together), inflate_ratio, file_bytes.
// Gaps       what could not be read is a fact of kWalkItself on that path: the archive, the entry, or the analyser that
//            failed.
// Thread-safe.
#pragma once
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "format/tar.h"
#include "image/content.h"
#include "image/matcher.h"
#include "model/analyser.h"

namespace plimsoll::image {

// What one analyser found in a file, serialised (write_facts).
struct FoundFacts {
  std::string inner;  // path behind the first "!/"; empty for the file itself
  std::uint16_t analyser = 0;
  std::string blob;
  bool has_findings = false;
};

// Whether a file may be an archive that the walker opens. `head`: its first bytes, may be empty.
bool may_be_archive(std::string_view path, Bytes head);
FoundFacts found_gap(std::string_view inner, Gap gap);

class Extractor {
 public:
  Extractor(std::span<const Analyser> analysers, const Matcher& matcher, const Limits& limits, MemoryBudget& budget,
            Trimmer& trimmer)
      : analysers_(analysers), matcher_(matcher), limits_(limits), budget_(budget), trimmer_(trimmer) {}

  // `wanted`: the analysers of the file itself. `open_archive`: look inside too.
  void run(const FileView& file, std::span<const std::uint16_t> wanted, bool open_archive,
           std::vector<FoundFacts>& out) const;
  std::uint64_t analysed() const { return analysed_; }
  Trimmer& trimmer() const { return trimmer_; }

 private:
  struct Descent;
  void analyse(const FileView& file, std::string_view inner, std::span<const std::uint16_t> wanted,
               std::vector<FoundFacts>& out) const;
  void open_nested(const FileView& file, std::uint32_t depth, Descent& descent) const;
  void open_zip(const FileView& file, std::uint32_t depth, Descent& descent) const;
  void open_entry(class ZipWalk& walk, std::uint32_t depth, Descent& descent) const;
  void open_tar(const FileView& file, std::uint32_t depth, Descent& descent) const;
  // Errors: the archive's own; what is wrong with the entry alone is a gap.
  Status open_tar_entry(format::TarReader& reader, const format::TarEntry& entry, const std::string& path,
                        std::uint32_t depth, Descent& descent) const;

  std::span<const Analyser> analysers_;
  const Matcher& matcher_;
  Limits limits_;
  MemoryBudget& budget_;
  Trimmer& trimmer_;
  mutable std::atomic<std::uint64_t> analysed_ = 0;
};

}  // namespace plimsoll::image
