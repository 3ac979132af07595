// The fields a standard can speak of: one table, which the reader, lint, the verdict, CEL, the schema and the reference in
// docs/ all work from. To add a field: one row in field.cc (and what it reads, in facts.h).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "standard/facts.h"

namespace plimsoll::standard {

// What a rule looks at: each finding, each package... or the one image.
enum class Subject : std::uint8_t { Findings, Packages, Layers, Gaps, Coverage, Image, Workload };
constexpr std::size_t kSubjects = 7;
std::string_view to_string(Subject subject);    // "findings", "packages", ...
std::string_view one_of(Subject subject);       // "finding", "package"...
std::optional<Subject> subject_from(std::string_view text);
const std::vector<std::string_view>& subject_names();
inline bool is_single(Subject subject) { return subject == Subject::Image; }

enum class FieldKind : std::uint8_t { Truth, Number, Word, Text, Many, Date, Map };
std::string_view to_string(FieldKind kind);

struct Field {
  Subject subject{};
  std::string_view name;
  FieldKind kind{};
  std::string_view help;   // one sentence
  std::string_view example;  // a value as it may stand in a standard
  std::span<const std::string_view> words;  // of a Word, in their order
  bool ordered = false;                     // a Word whose order means something: severity
  // By kind. `item` is the row (FindingRow...), null for the image.
  double (*number)(const Facts&, const void* item) = nullptr;            // Truth (0, 1), Number, Word (index), Date (day); NaN: not known
  std::string_view (*text)(const Facts&, const void* item) = nullptr;    // null data(): not known
  Texts (*texts)(const Facts&, const void* item) = nullptr;
  Pairs (*pairs)(const Facts&, const void* item) = nullptr;              // Map: written "labels.KEY"
};

const std::vector<Field>& fields();  // sorted by subject, in the order of the documentation
// A field by the name a standard writes; for a Map, `key` is set to what follows "name.". Null when there is none.
const Field* find_field(Subject subject, std::string_view written, std::string_view& key);
std::vector<std::string_view> field_names(Subject subject);

// Rows of a subject. Workload rows are the containers (facts.workload may be null: none).
std::size_t row_count(const Facts& facts, Subject subject);
const void* row_at(const Facts& facts, Subject subject, std::size_t index);

// The table as a Markdown section a subject: docs/standard-reference.md holds it, and a test that it is current.
std::string fields_as_markdown();

}  // namespace plimsoll::standard
