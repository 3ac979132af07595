// What one executable file is, for whoever holds it in hand: what `detect binary` tells beside its findings.
#pragma once
#include <vector>

#include "model/analyser.h"
#include "model/report.h"

namespace plimsoll::scan {

// Looks at programs, libraries and scripts, in archives too; its facts' notes are BinaryInfo::facts.
Analyser binary_facts();
// Adds {"owner", purl} to those whose path on this machine lies in a tree (the machine's root, or an image that was
// unpacked) whose package database names it; "none" where there is such a database and it does not. Paths as given to
// detect; those inside archives go by the archive.
// Cost: reads that database once a tree, some 50 ms for 500 packages.
void add_owners(std::vector<BinaryInfo>& binaries);

}  // namespace plimsoll::scan
