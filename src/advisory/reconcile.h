// Reconcile: where several feeds speak of one vulnerability.
#pragma once
#include <vector>

#include "advisory/content.h"

namespace plimsoll::advisory {

// One statement a (Debian package, CVE): the feed of higher priority has the word, unless it knows no fix and another
// feed has since named one.
void reconcile(Content& content, Package& package);

// A record without a CVE whose report (HackerOne, huntr, npm's advisory...) a record of the same package with a CVE names too
// is about that CVE.
void link_by_reference(Content& content);

// Names of one vulnerability, closed over all records that give names (not notices); groups that hold more than one
// CVE are left as their records say, lest one careless record fuses two vulnerabilities.
void close_aliases(Content& content);

}  // namespace plimsoll::advisory
