// Reconcile: where several feeds speak of one vulnerability.
#pragma once
#include <vector>

#include "advisory/content.h"

namespace plimsoll::advisory {

// One statement a (Debian package, CVE): the feed of higher priority has the word, unless it knows no fix and another
// feed has since named one.
void reconcile(Content& content, Package& package);

// Names of one vulnerability, closed over all records that give names (not notices); groups that hold more than one
// CVE are left as their records say, lest one careless record fuses two vulnerabilities.
void close_aliases(std::vector<AdvisoryRecord>& records);

}  // namespace plimsoll::advisory
