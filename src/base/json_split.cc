#include "base/json_split.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace plimsoll {
namespace {

constexpr std::size_t kLongest = 64u << 20;

// What a character that begins a token does to the depth.
constexpr std::array<std::int8_t, 256> kDepth = [] {
  std::array<std::int8_t, 256> out{};
  out['{'] = out['['] = 1;
  out['}'] = out[']'] = -1;
  return out;
}();

// The tokens of a text: places of brackets, colons, commas, and of the first character of strings and other scalars.
class Tokens {
 public:
  Tokens(std::string_view text, const std::uint32_t* at, std::size_t count) : text_(text), at_(at), count_(count) {}
  char now() const { return i_ < count_ ? text_[at_[i_]] : '\0'; }
  std::size_t place() const { return at_[i_]; }
  void next() { ++i_; }
  bool take(char c) {
    if (now() != c) return false;
    ++i_;
    return true;
  }
  bool done() const { return i_ >= count_; }
  // Over one value; false when the text ends within it. Afterwards place_after() is where it ended, for brackets.
  bool skip() {
    int depth = 0;
    for (; i_ < count_; ++i_) {
      depth += kDepth[static_cast<unsigned char>(text_[at_[i_]])];
      if (depth <= 0) break;
    }
    if (i_ >= count_ || depth < 0) return false;
    end_ = at_[i_] + std::size_t{1};
    ++i_;
    return true;
  }
  std::size_t place_after() const { return end_; }

 private:
  std::string_view text_;
  const std::uint32_t* at_;
  std::size_t count_, i_ = 0, end_ = 0;
};

bool is_name(std::string_view text, std::size_t quote, std::string_view name) {
  const std::string_view rest = text.substr(quote + 1);
  return rest.size() > name.size() && rest[name.size()] == '"' && rest.starts_with(name);
}

bool split_elements(Tokens& tokens, std::string_view text, std::vector<std::string_view>& out) {
  if (tokens.now() == ']') return true;
  do {
    if (tokens.now() != '{') return false;
    const std::size_t begin = tokens.place();
    if (!tokens.skip()) return false;
    out.push_back(text.substr(begin, tokens.place_after() - begin));
  } while (tokens.take(','));
  return tokens.now() == ']';
}

}  // namespace

struct JsonSplitter::State {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

JsonSplitter::JsonSplitter() : state_(std::make_unique<State>()) {}
JsonSplitter::~JsonSplitter() = default;
JsonSplitter::JsonSplitter(JsonSplitter&&) noexcept = default;

bool JsonSplitter::split(std::string_view text, std::span<JsonPart> parts, std::string& rest) {
  rest.clear();
  for (JsonPart& part : parts) part.elements.clear();
  if (text.empty() || text.size() > kLongest) return false;
  auto& parser = state_->parser;
  if (!parser && simdjson::get_active_implementation()->create_dom_parser_implementation(text.size(), 1, parser) != simdjson::SUCCESS) return false;
  if (parser->capacity() < text.size() && parser->set_capacity(std::min(kLongest, std::max(text.size(), parser->capacity() * 2))) != simdjson::SUCCESS) return false;
  if (parser->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return false;

  Tokens tokens(text, parser->structural_indexes.get(), parser->n_structural_indexes);
  std::uint64_t seen = 0;
  std::size_t copied = 0;
  if (!tokens.take('{') || parts.size() > 64) return false;
  do {
    if (tokens.now() != '"') return false;
    const std::size_t quote = tokens.place();
    tokens.next();
    if (tokens.now() != ':' || text.substr(quote, tokens.place() - quote).find('\\') != std::string_view::npos) return false;
    tokens.next();
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const JsonPart& p) { return is_name(text, quote, p.name); });
    if (part == parts.end()) {
      if (!tokens.skip()) return false;
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << (part - parts.begin());
    if ((seen & bit) != 0 || tokens.now() != '[') return false;
    seen |= bit;
    rest.append(text.substr(copied, tokens.place() + 1 - copied));
    tokens.next();
    if (!split_elements(tokens, text, part->elements)) return false;
    copied = tokens.place();
    tokens.next();
  } while (tokens.take(','));
  rest.append(text.substr(copied));
  return tokens.take('}') && tokens.done();
}

}  // namespace plimsoll
