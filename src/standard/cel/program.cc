#include "standard/cel/program.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {
namespace {

// Names of fields as CEL can write them.
std::string cel_name(std::string_view field) {
  std::string out(field);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

// "image" -> its subject; "image.config" -> subject and the part of the name that is already there.
std::optional<Subject> subject_of(std::string_view object, std::string& prefix) {
  const auto [head, rest] = cut(object, '.');
  prefix = rest.empty() ? std::string() : cat(rest, ".");
  for (std::size_t i = 0; i < kSubjects; ++i)
    if (one_of(static_cast<Subject>(i)) == head) return static_cast<Subject>(i);
  return std::nullopt;
}

Type type_of(const Field& field) {
  using K = Type::Kind;
  switch (field.kind) {
    case FieldKind::Truth: return type(K::Bool);
    case FieldKind::Number: return type(K::Double);
    case FieldKind::Word: case FieldKind::Text: return type(K::String);
    case FieldKind::Many: return list_of(type(K::String));
    case FieldKind::Date: return type(K::Timestamp);
    case FieldKind::Map: return map_of(type(K::String), type(K::String));
  }
  return {};
}

std::optional<Type> member_type(const std::string& name, const std::string& member) {
  std::string prefix;
  const auto subject = subject_of(name, prefix);
  if (!subject) return std::nullopt;
  const std::string whole = prefix + member;
  for (const Field& field : fields()) {
    if (field.subject != *subject) continue;
    const std::string spelled = cel_name(field.name);
    if (spelled == whole) return type_of(field);
    if (spelled.starts_with(whole + ".")) return object(cat(name, ".", member));
  }
  return std::nullopt;
}

std::vector<std::string_view> member_names(const std::string& name) {
  std::string prefix;
  const auto subject = subject_of(name, prefix);
  return subject ? field_names(*subject) : std::vector<std::string_view>();
}

Value value_of(const Field& field, const Facts& facts, const void* item) {
  const auto unknown = [&] { return Value::error(cat(field.name, " is not known")); };
  switch (field.kind) {
    case FieldKind::Text: {
      const std::string_view text = field.text(facts, item);
      return text.data() == nullptr ? unknown() : Value(to_utf8(text));
    }
    case FieldKind::Many: {
      Items out;
      for (const std::string_view text : field.texts(facts, item)) out.push_back(Value(to_utf8(text)));
      return Value::list(std::move(out));
    }
    case FieldKind::Map: {
      Entries out;
      for (const auto& [key, text] : field.pairs(facts, item))
        if (std::none_of(out.begin(), out.end(), [&, name = key](const auto& pair) { return *pair.first.template as<std::string>() == name; })) out.emplace_back(Value(to_utf8(key)), Value(to_utf8(text)));
      return Value::map(std::move(out));
    }
    default: break;
  }
  const double number = field.number(facts, item);
  if (std::isnan(number)) return unknown();
  if (field.kind == FieldKind::Truth) return Value(number != 0);
  if (field.kind == FieldKind::Word) return Value(std::string(field.words[static_cast<std::size_t>(number)]));
  if (field.kind == FieldKind::Date) return Value(Timestamp{static_cast<std::int64_t>(number) * 86400, 0});
  return Value(number);
}

class Row : public Object {
 public:
  Row(const Facts& facts, Subject subject, const void* item, std::string prefix) : facts_(facts), subject_(subject), item_(item), prefix_(std::move(prefix)) {}
  Value member(const std::string& name) const override {
    const std::string whole = prefix_ + name;
    for (const Field& field : fields()) {
      if (field.subject != subject_) continue;
      const std::string spelled = cel_name(field.name);
      if (spelled == whole) return value_of(field, facts_, item_);
      if (spelled.starts_with(whole + ".")) return Value(std::shared_ptr<const Object>(std::make_shared<Row>(facts_, subject_, item_, whole + ".")));
    }
    return Value::error(cat("no member ", whole));
  }

 private:
  const Facts& facts_;
  Subject subject_;
  const void* item_;
  std::string prefix_;
};

Value row(const Facts& facts, Subject subject, const void* item) { return Value(std::shared_ptr<const Object>(std::make_shared<Row>(facts, subject, item, ""))); }

Environment environment_for(Subject subject) {
  Environment out;
  out.member = member_type;
  out.members = member_names;
  out.variables["now"] = type(Type::Kind::Timestamp);
  out.variables["image"] = object("image");
  for (std::size_t i = 0; i < kSubjects; ++i) {
    const auto each = static_cast<Subject>(i);
    if (!is_single(each)) out.variables[std::string(to_string(each))] = list_of(object(std::string(one_of(each))));
  }
  out.variables[std::string(one_of(subject))] = object(std::string(one_of(subject)));
  return out;
}

}  // namespace

Program::Program(std::unique_ptr<Node> root, Subject subject) : root_(std::move(root)), subject_(subject) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Result<Program> Program::compile(std::string_view text, Subject subject) {
  PLIM_TRY(auto root, parse(text));
  PLIM_TRY(const Type got, check(*root, environment_for(subject)));
  if (got.kind != Type::Kind::Bool && got.kind != Type::Kind::Dyn) return malformed(cat("it gives ", got.text(), ", not true or false"));
  return Program(std::move(root), subject);
}

Truth Program::holds(const Facts& facts, const void* item) const {
  const Run::Variables variables = [&](const std::string& name) -> Value {
    if (name == "now") return Value(Timestamp{facts.at.time_since_epoch().count(), 0});
    if (name == one_of(subject_) && !is_single(subject_)) return row(facts, subject_, item);
    if (name == "image") return row(facts, Subject::Image, nullptr);
    const auto subject = subject_from(name);
    if (!subject) return Value::error(cat("no variable ", name));
    Items out;
    for (std::size_t i = 0; i < row_count(facts, *subject); ++i) out.push_back(row(facts, *subject, row_at(facts, *subject, i)));
    return Value::list(std::move(out));
  };
  Run run(variables);
  const Value value = run.evaluate(*root_);
  const bool* truth = value.as<bool>();
  // A run that was stopped may have had its failure absorbed by || before: what it says then is not to be trusted.
  if (!truth || run.cost() > kMaxCost) return Truth::Unknown;
  return *truth ? Truth::Yes : Truth::No;
}

}  // namespace plimsoll::standard::cel
