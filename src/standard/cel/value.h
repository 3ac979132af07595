// Values of CEL (Common Expression Language), as Kubernetes uses it. An error is a value too: && and || may absorb it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace plimsoll::standard::cel {

class Value;
class Object;
struct Null {};
struct Bytes {
  std::string data;
};
// Nanoseconds since 1970 do not reach the years CEL has, so seconds and nanoseconds apart.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;  // 0..999999999
};
struct Duration {
  std::int64_t nanos = 0;
};
struct TypeName {
  std::string name;
};
struct Failure {
  std::string why;
};
// A value that may not be there: `finding.?epss`, optional.of(1).
struct Optional {
  std::shared_ptr<const Value> value;  // null: none
};
using Items = std::vector<Value>;
using Entries = std::vector<std::pair<Value, Value>>;  // in order of insertion; keys bool, int, uint, string

// What a variable like `image` is: its members are asked for one by one.
class Object {
 public:
  virtual ~Object() = default;
  // A Failure for a member that is not known; it says so to has() as well.
  virtual Value member(const std::string& name) const = 0;
};

// A value of the libraries that Kubernetes adds: an address, a network, a URL, a quantity.
class Extra {
 public:
  virtual ~Extra() = default;
  virtual std::string_view type_name() const = 0;
  virtual std::string text() const = 0;  // two of one type are equal when their texts are
};

class Value {
 public:
  using Any = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes, Timestamp, Duration, std::shared_ptr<const Items>, std::shared_ptr<const Entries>, std::shared_ptr<const Object>, std::shared_ptr<const Extra>, Optional, TypeName, Failure>;
  Value() : any_(Null{}) {}
  template <class T>
    requires std::is_constructible_v<Any, T> && (!std::is_same_v<std::decay_t<T>, Value>) && (!std::is_same_v<std::decay_t<T>, const char*>)
  Value(T value) : any_(std::move(value)) {}
  static Value error(std::string why) { return Value(Failure{std::move(why)}); }
  static Value list(Items items) { return Value(std::make_shared<const Items>(std::move(items))); }
  static Value some(Value value) { return Value(Optional{std::make_shared<const Value>(std::move(value))}); }
  static Value none() { return Value(Optional{}); }
  static Value map(Entries items) { return Value(std::make_shared<const Entries>(std::move(items))); }
  template <class T>
  const T* as() const { return std::get_if<T>(&any_); }
  bool is_error() const { return as<Failure>() != nullptr; }
  const Items* as_list() const { return as<std::shared_ptr<const Items>>() ? as<std::shared_ptr<const Items>>()->get() : nullptr; }
  const Entries* as_map() const { return as<std::shared_ptr<const Entries>>() ? as<std::shared_ptr<const Entries>>()->get() : nullptr; }
  const Object* as_object() const { return as<std::shared_ptr<const Object>>() ? as<std::shared_ptr<const Object>>()->get() : nullptr; }
  const Extra* as_extra() const { return as<std::shared_ptr<const Extra>>() ? as<std::shared_ptr<const Extra>>()->get() : nullptr; }
  std::string_view type_name() const;  // "int", "list"...

 private:
  Any any_;
};

template <class T>
const T* extra(const Value& value) { return dynamic_cast<const T*>(value.as_extra()); }

// Equality as CEL has it: numbers across types by their value, lists and maps by their elements; other types differ.
bool equal(const Value& a, const Value& b);
// -1, 0, 1; a Failure in `why` where the two have no order ; 2 where one is NaN, which has none.
Result<int> compare(const Value& a, const Value& b);

std::size_t code_points(std::string_view utf8);
Result<Timestamp> parse_timestamp(std::string_view rfc3339);
std::string timestamp_text(const Timestamp& time);
Result<Duration> parse_duration(std::string_view text);  // Go's form: "1h30m", "-1.5s"
std::string duration_text(const Duration& duration);     // "5400s"
std::string double_text(double value);                   // Go's strconv 'g', shortest

// JSON of a value, with types told apart ("1", "1u", "1.0"): for tests and messages.
std::string debug_text(const Value& value);

}  // namespace plimsoll::standard::cel
