// JSON in and out; YAML and TOML in, through the same view.
//
// Reading  JsonDocument owns the parsed bytes; JsonValue is a light view into it (16 bytes, copied freely), valid while
//          the document lives. A missing member or a wrong type gives an empty view or an empty optional: chains like
//          doc.root()["a"]["b"].text() are safe, and `exists()` tells absence. Depth and size are bounded by Limits.
// Writing  JsonWriter appends to a string; it escapes text, repairs what is not UTF-8, and puts commas by itself.
// Source   RFC 8259; YAML 1.2 and TOML 1.0 are carried over to JSON (YAML: first document, anchors expanded to a bound,
//          keys as text; dates as text).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace plimsoll {

class JsonValue {
 public:
  enum class Kind { Missing, Null, Bool, Number, String, Array, Object };
  JsonValue() = default;
  Kind kind() const;
  bool exists() const { return document_ != nullptr; }
  bool is_string() const { return kind() == Kind::String; }
  bool is_array() const { return kind() == Kind::Array; }
  bool is_object() const { return kind() == Kind::Object; }

  std::string_view text(std::string_view other = {}) const;  // a string's value; `other` for anything else
  std::optional<std::int64_t> integer() const;               // whole numbers within range only
  std::optional<double> number() const;
  std::optional<bool> boolean() const;

  JsonValue operator[](std::string_view member) const;  // first member of that name, else a missing value
  JsonValue at(std::size_t index) const;                // linear in arrays: use items() to walk one
  std::size_t size() const;                             // elements of an array, members of an object, else 0

  struct Member;
  std::vector<JsonValue> items() const;    // of an array; empty for anything else
  std::vector<Member> members() const;     // of an object, in order; empty for anything else
  std::string dump() const;                // minified JSON of this value

 private:
  friend class JsonDocument;
  friend struct JsonAccess;
  const void* document_ = nullptr;
  std::size_t index_ = 0;
};
struct JsonValue::Member {
  std::string_view name;
  JsonValue value;
};

class JsonDocument {
 public:
  // `bytes` are copied. Errors: Malformed (with the place), Limit.
  static Result<JsonDocument> parse(Bytes bytes, const Limits& limits = {});
  static Result<JsonDocument> parse(std::string_view text, const Limits& limits = {}) { return parse(as_bytes(text), limits); }
  static Result<JsonDocument> parse_yaml(std::string_view text, const Limits& limits = {});
  // Every document of a YAML stream, in order, at most 1000. Each object also has, for each of its keys K, a member
  // "\x01K": the line (1-based) that K stands on. A document that is wrong fails all: YAML cannot tell where it ends.
  static Result<std::vector<JsonDocument>> parse_yaml_documents(std::string_view text, const Limits& limits = {});
  static Result<JsonDocument> parse_toml(std::string_view text, const Limits& limits = {});
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  JsonValue root() const;

 private:
  struct State;
  explicit JsonDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Parses many documents one after another with one set of buffers (a feed's lines): each parse ends the last one's views.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  Result<JsonValue> parse(std::string_view text, const Limits& limits = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, bool pretty = false) : out_(out), pretty_(pretty) {}
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool boolean);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(double number);  // shortest form that reads back the same; NaN and infinity become null
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // trusted JSON text as one value
  // What `write` writes, one value, on one line even where the rest is pretty.
  template <class Write>
  JsonWriter& on_one_line(Write write) {
    before_value();
    after_key_ = true;  // its comma has been written
    const bool pretty = std::exchange(pretty_, false);
    write(*this);
    pretty_ = pretty;
    return *this;
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& v) { key(name); return value(v); }
  // Writes the member only when the text is not empty.
  JsonWriter& text_member(std::string_view name, std::string_view text) { return text.empty() ? *this : member(name, text); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void before_value();
  void new_line();
  void quote(std::string_view text);
  std::string& out_;
  bool pretty_;
  bool after_key_ = false;
  std::string has_items_;  // of each open bracket, as chars: a level more seldom costs memory
};

}  // namespace plimsoll
