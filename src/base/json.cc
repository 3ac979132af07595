#include "base/json.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/text.h"

namespace plimsoll {

namespace dom = simdjson::dom;

// JsonValue keeps a simdjson element (two words) without naming its type in the header.
struct JsonAccess {
  static_assert(sizeof(dom::element) == sizeof(const void*) + sizeof(std::size_t));
  static dom::element get(const JsonValue& value) {
    dom::element element;
    std::memcpy(static_cast<void*>(&element), &value.document_, sizeof(void*));
    std::memcpy(reinterpret_cast<char*>(&element) + sizeof(void*), &value.index_, sizeof(std::size_t));
    return element;
  }
  static JsonValue make(const dom::element& element) {
    JsonValue value;
    std::memcpy(&value.document_, static_cast<const void*>(&element), sizeof(void*));
    std::memcpy(&value.index_, reinterpret_cast<const char*>(&element) + sizeof(void*), sizeof(std::size_t));
    return value;
  }
};

JsonValue::Kind JsonValue::kind() const {
  if (!exists()) return Kind::Missing;
  switch (JsonAccess::get(*this).type()) {
    case dom::element_type::ARRAY: return Kind::Array;
    case dom::element_type::OBJECT: return Kind::Object;
    case dom::element_type::STRING: return Kind::String;
    case dom::element_type::BOOL: return Kind::Bool;
    case dom::element_type::NULL_VALUE: return Kind::Null;
    default: return Kind::Number;
  }
}

std::string_view JsonValue::text(std::string_view other) const {
  std::string_view out;
  if (!exists() || JsonAccess::get(*this).get_string().get(out) != simdjson::SUCCESS) return other;
  return out;
}

std::optional<std::int64_t> JsonValue::integer() const {
  std::int64_t out = 0;
  if (!exists() || JsonAccess::get(*this).get_int64().get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<double> JsonValue::number() const {
  double out = 0;
  if (!exists() || JsonAccess::get(*this).get_double().get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

std::optional<bool> JsonValue::boolean() const {
  bool out = false;
  if (!exists() || JsonAccess::get(*this).get_bool().get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

JsonValue JsonValue::operator[](std::string_view member) const {
  dom::object object;
  dom::element found;
  if (!exists() || JsonAccess::get(*this).get_object().get(object) != simdjson::SUCCESS) return {};
  if (object.at_key(member).get(found) != simdjson::SUCCESS) return {};
  return JsonAccess::make(found);
}

JsonValue JsonValue::at(std::size_t index) const {
  dom::array array;
  dom::element found;
  if (!exists() || JsonAccess::get(*this).get_array().get(array) != simdjson::SUCCESS) return {};
  if (array.at(index).get(found) != simdjson::SUCCESS) return {};
  return JsonAccess::make(found);
}

std::size_t JsonValue::size() const {
  if (!exists()) return 0;
  const dom::element element = JsonAccess::get(*this);
  dom::array array;
  dom::object object;
  std::size_t count = 0;
  if (element.get_array().get(array) == simdjson::SUCCESS)
    for ([[maybe_unused]] const auto item : array) ++count;
  else if (element.get_object().get(object) == simdjson::SUCCESS)
    for ([[maybe_unused]] const auto item : object) ++count;
  return count;
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> out;
  dom::array array;
  if (!exists() || JsonAccess::get(*this).get_array().get(array) != simdjson::SUCCESS) return out;
  for (const dom::element item : array) out.push_back(JsonAccess::make(item));
  return out;
}

std::vector<JsonValue::Member> JsonValue::members() const {
  std::vector<Member> out;
  dom::object object;
  if (!exists() || JsonAccess::get(*this).get_object().get(object) != simdjson::SUCCESS) return out;
  for (const dom::key_value_pair item : object) out.push_back({item.key, JsonAccess::make(item.value)});
  return out;
}

std::string JsonValue::dump() const { return exists() ? std::string(simdjson::minify(JsonAccess::get(*this))) : std::string("null"); }

namespace {

#if defined(__SANITIZE_ADDRESS__)
#define PLIM_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#define PLIM_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define PLIM_ADDRESS_SANITIZER 0
#endif

// simdjson reads up to so many bytes past the end. Where they lie on the page of the last byte they can be read, whatever
// they are, and the text need not be copied for their sake; AddressSanitizer would still object.
bool may_read_past(std::string_view text) {
#if PLIM_ADDRESS_SANITIZER
  static_cast<void>(text);
  return false;
#else
  constexpr std::uintptr_t kPage = 4096;  // the smallest there is
  const auto last = reinterpret_cast<std::uintptr_t>(text.data()) + text.size() - 1;
  return last / kPage == (last + simdjson::SIMDJSON_PADDING) / kPage;
#endif
}

Result<dom::element> parse_with(dom::parser& parser, std::string_view text, const Limits& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (text.size() > limits.metadata_bytes) return limit_reached(cat("JSON of ", text.size(), " bytes is longer than ", limits.metadata_bytes));
  if (text.empty()) return malformed("JSON: no text");  // simdjson would copy from a null pointer
  if (parser.max_depth() != limits.nesting && parser.allocate(std::max<std::size_t>(text.size(), 64), limits.nesting) != simdjson::SUCCESS)
    return io_error("no memory to parse JSON");
  dom::element root;
  const auto code = parser.parse(text.data(), text.size(), !may_read_past(text)).get(root);
  if (code == simdjson::DEPTH_ERROR) return limit_reached(cat("JSON nests deeper than ", limits.nesting));
  if (code == simdjson::CAPACITY || code == simdjson::MEMALLOC) return limit_reached("JSON does not fit in memory");
  if (code != simdjson::SUCCESS) return malformed(cat("JSON: ", std::string_view(simdjson::error_message(code))));
  return root;
}

}  // namespace

struct JsonDocument::State {
  dom::parser parser;
  JsonValue root;
};

JsonDocument::JsonDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonValue JsonDocument::root() const { return state_->root; }

Result<JsonDocument> JsonDocument::parse(Bytes bytes, const Limits& limits) {
  auto state = std::make_unique<State>();
  PLIM_TRY(const dom::element root, parse_with(state->parser, as_text(bytes), limits));
  state->root = JsonAccess::make(root);
  return JsonDocument(std::move(state));
}

struct JsonReader::State {
  dom::parser parser;
};
JsonReader::JsonReader() : state_(std::make_unique<State>()) {}
JsonReader::~JsonReader() = default;
Result<JsonValue> JsonReader::parse(std::string_view text, const Limits& limits) {
  PLIM_TRY(const dom::element root, parse_with(state_->parser, text, limits));
  return JsonAccess::make(root);
}

void JsonWriter::new_line() {
  if (!pretty_) return;
  out_ += '\n';
  out_.append(has_items_.size() * 2, ' ');
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_items_.empty()) return;
  if (has_items_.back() != 0) out_ += ',';
  has_items_.back() = 1;
  new_line();
}

JsonWriter& JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  has_items_.push_back(0);
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  const bool items = has_items_.back() != 0;
  has_items_.pop_back();
  if (items) new_line();
  out_ += bracket;
  return *this;
}

namespace {

// A short text that stands in JSON as it is, quoted, in a buffer of its own: nearly all keys and most values are such.
class PlainText {
 public:
  // Printable ASCII without quote and backslash, eight bytes at once, by the sign bits of differences (a byte that is less
  // than, or equal to, another).
  explicit PlainText(std::string_view text) {
    if (text.size() > kMost) return;
    buffer_[0] = '"';
    char* to = buffer_.data() + 1;
    std::uint64_t word = 0, odd = 0;
    std::size_t i = 0;
    for (; i + sizeof(word) <= text.size(); i += sizeof(word)) {
      std::memcpy(&word, text.data() + i, sizeof(word));
      std::memcpy(to + i, &word, sizeof(word));
      odd |= odd_bytes(word);
    }
    word = kOnes * ' ';
    if (i < text.size()) std::memcpy(&word, text.data() + i, text.size() - i);
    std::memcpy(to + i, &word, sizeof(word));
    if (((odd | odd_bytes(word)) & (kOnes * 0x80)) != 0) return;
    to[text.size()] = '"';
    size_ = text.size() + 2;
  }
  bool fits() const { return size_ != 0; }
  PlainText& add(char c) {
    buffer_[size_++] = c;
    return *this;
  }
  std::string_view quoted() const { return {buffer_.data(), size_}; }

 private:
  static constexpr std::size_t kMost = 240;
  static constexpr std::uint64_t kOnes = 0x0101010101010101u;
  static std::uint64_t odd_bytes(std::uint64_t word) {
    const auto zero = [](std::uint64_t w) { return (w - kOnes) & ~w; };
    return (word - kOnes * 0x20) | (word + kOnes) | word | zero(word ^ (kOnes * '"')) | zero(word ^ (kOnes * '\\'));
  }
  std::array<char, kMost + 16> buffer_;  // of which only what is written is read
  std::size_t size_ = 0;
};

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  if (PlainText plain(name); plain.fits()) {
    plain.add(':');
    if (pretty_) plain.add(' ');
    out_ += plain.quoted();
  } else {
    quote(name);
    out_ += pretty_ ? ": " : ":";
  }
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  if (const PlainText plain(text); plain.fits()) out_ += plain.quoted();
  else quote(text);
  return *this;
}

void JsonWriter::quote(std::string_view text) {
  if (!is_utf8(text)) return quote(to_utf8(text));
  out_ += '"';
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out_.append(text, start, i - start);
    start = i + 1;
    switch (c) {
      case '"': out_ += "\\\""; break;
      case '\\': out_ += "\\\\"; break;
      case '\n': out_ += "\\n"; break;
      case '\t': out_ += "\\t"; break;
      case '\r': out_ += "\\r"; break;
      default: {
        static constexpr char kDigits[] = "0123456789abcdef";
        out_ += "\\u00";
        out_ += kDigits[c >> 4];
        out_ += kDigits[c & 15];
      }
    }
  }
  out_.append(text, start);
  out_ += '"';
}

JsonWriter& JsonWriter::value(bool boolean) { return raw(boolean ? "true" : "false"); }
JsonWriter& JsonWriter::value(std::int64_t number) { return raw(std::to_string(number)); }
JsonWriter& JsonWriter::value(std::uint64_t number) { return raw(std::to_string(number)); }
JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), number);
  PLIM_ASSERT(error == std::errc());
  return raw({buffer, static_cast<std::size_t>(end - buffer)});
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

}  // namespace plimsoll
