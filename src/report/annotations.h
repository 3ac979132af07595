// What a standard counts against an image, as single remarks: the common part of the formats that pipelines show beside
// code (GitHub, GitLab Code Quality, Jenkins).
#pragma once
#include <string>
#include <vector>

#include "model/report.h"

namespace plimsoll::report {

struct Annotation {
  std::string rule, title, effect;  // "block", "warn", "audit"
  std::string message;              // one sentence
  std::string advice;               // what to do, and who can grant an exception; may be empty
  std::string path;                 // where, inside the image; empty: the image as a whole
  std::uint32_t line = 0;
  std::string fingerprint;          // stable over versions
  Severity severity = Severity::Unknown;
};
// One for each finding that counts, one for each rule over anything else; blocking ones first. Without a verdict, one
// that says so: silence would look like a pass.
std::vector<Annotation> annotations(const Report& report);

}  // namespace plimsoll::report
