// The JSON Schema of a standard and its reference for people, both written from one table of members and the table of
// fields. api/standard.schema.json and docs/standard-reference.md hold them; a test says when they are not current
// (PLIMSOLL_UPDATE_GOLDEN=1 standard_test writes them).
//
// The schema is structural: no references and no recursion (conditions nest three deep, written out), every node has a
// type, so that a custom resource takes it once additionalProperties: false is dropped.
#pragma once
#include <string>

namespace plimsoll::standard {

std::string standard_schema();     // JSON
std::string standard_reference();  // Markdown

}  // namespace plimsoll::standard
