// What an earlier scan of the very same image found, so that it is neither squashed nor resolved again.
//
// The same image: manifest, config and every layer by their digests, which the scan that kept the record has verified. The
// same question: this very program (its build id, which covers its rules), the parts asked for, limits, fingerprint key and the
// base image that is known by now. Only the advisories are looked at anew, since they change. Kept in the layer cache as images/KEY with a
// checksum; a damaged record is a miss. Nothing is kept of targets that are not named by digests (unpacked layers,
// directories), of scans with rules or classifiers of the user's (they may include files that nobody named), and by a program
// without a build id.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "image/cache.h"
#include "oci/image_source.h"
#include "scan/scan.h"
#include "scan/subject.h"

namespace plimsoll::scan {

class Remembered {
 public:
  // Errors: a list of base images that cannot be read. The request must outlive it.
  static Result<Remembered> make(const Request& request, const oci::ImageSource& source);
  // Nothing too when the binary profile that the scan stored is no longer there.
  std::optional<Subject> find() const;
  void keep(const Subject& subject) const;

 private:
  std::unique_ptr<image::FactsCache> cache_;  // null: nothing is remembered
  std::string name_;
};

// The form of a record; damaged bytes give nothing.
std::string pack_subject(const Subject& subject);
std::optional<Subject> unpack_subject(Bytes bytes);

}  // namespace plimsoll::scan
