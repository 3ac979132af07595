// classifier: programs and libraries that no package database knows, told by their own bytes.
//
// Input   files whose base names the rules ask for (rules/classifiers/*.yaml); hostile.
// Output  one Package per file, named as the product's purl says, with its CPE. inventory/merge.h adds it to the OS
//         package that owns the file, where one does.
// Errors  none: a file of such a name that no pattern matches is something else.
// Cost    one search per pattern over the strings of the program; without a match over the whole file.
// Source  each rule's own: the strings of the released programs.
#include "inventory/classifiers.h"

namespace plimsoll::inventory {

Cataloguer classifier() { return classifier_of(shipped_classifiers()); }

}  // namespace plimsoll::inventory
