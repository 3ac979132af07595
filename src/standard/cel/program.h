// A CEL expression over the fields of a standard: what criteria cannot say.
//
//   finding.severity == "critical" && !finding.paths.exists(p, p.startsWith("usr/share/doc/"))
//   packages.filter(p, p.type == "npm").size() < 2000 && now - image.created < duration("720h")
//
// Variables   the row at hand (finding, package, layer, gap, ecosystem, container), and always image, findings, packages,
//             layers, gaps, coverage, workload (a list of containers; empty when none was given) and now. Members are the
//             documented fields: truth is bool, number is double, word and text are string, date is timestamp, texts are
//             list(string), labels and the like map(string, string). A name with a dot is a member of a member
//             (image.config.root), a '-' is written '_' (image.score.sensitive_file).
// Not known   asking for a member that is not known fails, which && and || may absorb; has(finding.epss) asks first. An
//             expression that fails, or costs more than kMaxCost, gives Truth::Unknown: never a pass where it matters.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "standard/condition.h"

namespace plimsoll::standard::cel {

struct Node;

class Program {
 public:
  // Errors: Malformed, with the character and the nearest right name; the expression must be true or false.
  static Result<Program> compile(std::string_view text, Subject subject);
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();
  Truth holds(const Facts& facts, const void* item) const;

 private:
  Program(std::unique_ptr<Node> root, Subject subject);
  std::unique_ptr<Node> root_;
  Subject subject_;
};

}  // namespace plimsoll::standard::cel
