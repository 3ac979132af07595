// The shortest list of changes that makes an image pass.
//
// Changes   raise a package to the highest version that any of its findings needs; rebuild on a current base image (one
//           change for all fixable packages of the operating system that the base brought); whatever a finding of
//           another class names as its fix; and, for a rule over anything else, the rule's own fix.
// Search    among all subsets when 16 changes or fewer matter, so the list is the shortest there is; else greedily, then
//           every change that is not needed is taken out again, so no single one can be spared.
// What no change answers (a vulnerability without a fix) is told as such, with who can grant an exception.
#pragma once
#include <string>
#include <vector>

#include "standard/evaluate.h"

namespace plimsoll::standard {

// One change and the findings it closes.
struct Change {
  std::string kind, target, text;
  std::vector<std::uint32_t> findings;  // indices into Facts::findings
};
// The changes that close findings of an image, each finding in at most one; those without a fix are in none.
// Deterministic; what closes most risk first.
std::vector<Change> changes_of(const Facts& facts);

// Fills verdict.shortest_fix and verdict.fixable. `facts` is changed while it thinks and is then as it was.
void find_shortest_fix(const Judgement& judgement, const Resolved& standard, Facts& facts, Verdict& verdict);

}  // namespace plimsoll::standard
