#include "inventory/byte_pattern.h"

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::inventory {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::size_t digits_at(std::string_view text) { return std::min(text.find_first_not_of("0123456789"), text.size()); }

// What may follow a release's numbers. Longer words first: the first that fits is taken.
constexpr std::string_view kSuffixes[] = {"snapshot", "alpha", "beta", "preview", "nightly", "incubating", "rc", "pre", "dev", "b", "p", "a"};

std::size_t java_version_at(std::string_view text) {
  std::size_t at = digits_at(text);
  if (at == 0 || at > 4) return 0;
  while (at + 1 < text.size() && (text[at] == '.' || text[at] == '_') && is_digit(text[at + 1])) at += 1 + digits_at(text.substr(at + 1));
  return at;
}

}  // namespace

std::size_t version_at(std::string_view text, bool with_suffix) {
  std::size_t at = digits_at(text);
  if (at == 0 || at > 6) return 0;
  int numbers = 1;
  while (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1]) && numbers < 6) {
    const std::size_t length = digits_at(text.substr(at + 1));
    if (length > 12) return 0;
    at += 1 + length;
    ++numbers;
  }
  if (numbers == 1) return 0;
  if (!with_suffix) return at;
  const auto word_ends = [&](std::size_t end) { return end == text.size() || !(is_lower(text[end]) || (text[end] >= 'A' && text[end] <= 'Z')); };
  // A known word and its number at `from`: the place behind them, or `from` when there is none.
  const auto known_suffix = [&](std::size_t from) {
    const std::string word = lower(text.substr(from, 12));
    for (const std::string_view suffix : kSuffixes) {
      if (!word.starts_with(suffix)) continue;
      std::size_t end = from + suffix.size();
      if (end + 1 < text.size() && (text[end] == '.' || text[end] == '-') && is_digit(text[end + 1])) ++end;
      end += digits_at(text.substr(end));
      if (word_ends(end)) return end;
    }
    return from;
  };
  // "1.1.1w", "9.3p1", "2.7.0preview1": letters right behind.
  if (at < text.size() && is_lower(text[at])) {
    std::size_t end = known_suffix(at);
    if (end == at) {
      while (end < text.size() && end - at < 2 && is_lower(text[end])) ++end;
      end += digits_at(text.substr(end));
    }
    if (word_ends(end)) at = end;
  }
  // "-rc1", "~beta.2", "-SNAPSHOT": a separator, a known word, numbers.
  if (at + 1 < text.size() && std::string_view("-.~+_").find(text[at]) != std::string_view::npos)
    if (const std::size_t end = known_suffix(at + 1); end != at + 1) at = end;
  return at;
}

std::string_view version_in_name(std::string_view name) {
  const std::size_t begin = name.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  std::string_view version = name.substr(begin, name.find_first_not_of("0123456789.", begin) - begin);
  while (version.ends_with('.')) version.remove_suffix(1);
  return version;
}

Result<BytePattern> BytePattern::parse(std::string_view text) {
  BytePattern out;
  std::string literal;
  const auto close = [&] {
    if (!literal.empty()) out.pieces_.push_back({Part::Literal, std::move(literal)});
    literal.clear();
  };
  static constexpr std::pair<std::string_view, Part> kParts[] = {{"version", Part::Version}, {"numeric", Part::Numeric}, {"java", Part::Java},     {"pathversion", Part::PathVersion}, {"number", Part::Number},
                                                                 {"digits", Part::Digits},   {"spaces", Part::Spaces}, {"any", Part::Any},                 {"path", Part::Path}};
  const auto bad = [&](std::string_view why) { return malformed(cat("byte pattern \"", text, "\": ", why)); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) return bad("'{' is not closed");
      const std::string_view name = text.substr(i + 1, end - i - 1);
      const auto* const known = std::find_if(std::begin(kParts), std::end(kParts), [&](const auto& part) { return part.first == name; });
      if (known == std::end(kParts)) return bad(cat("no part is called {", name, "}"));
      close();
      out.pieces_.push_back({known->second, {}});
      i = end;
    } else if (text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[++i];
      if (c == '0') literal += '\0';
      else if (c == 'n') literal += '\n';
      else if (c == 't') literal += '\t';
      else if (c == '\\' || c == '{' || c == '}') literal += c;
      else if (const std::string byte = c == 'x' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::string(); !byte.empty()) {
        literal += byte;
        i += 2;
      } else {
        return bad(cat("escape \\", c));
      }
    } else {
      literal += text[i];
    }
  }
  close();
  const auto has = [&](Part part) { return std::any_of(out.pieces_.begin(), out.pieces_.end(), [&](const Piece& piece) { return piece.part == part; }); };
  if (std::count_if(out.pieces_.begin(), out.pieces_.end(), [](const Piece& piece) { return captures(piece.part); }) != 1)
    return bad("does not capture one {version}, {numeric}, {pathversion}, {java} or {number}");
  const bool anchored = has(Part::Path) || has(Part::PathVersion) || std::any_of(out.pieces_.begin(), out.pieces_.end(), [](const Piece& piece) { return piece.literal.size() >= 3; });
  if (!anchored) return bad("has no literal of three bytes to search for");
  return out;
}

bool BytePattern::captures(Part part) { return part == Part::Version || part == Part::Numeric || part == Part::Java || part == Part::PathVersion || part == Part::Number; }

bool BytePattern::match(std::string_view text, std::size_t piece, const std::vector<Piece>& pieces, std::string_view& captured) {
  for (; piece < pieces.size(); ++piece) {
    std::size_t length = 0;
    switch (pieces[piece].part) {
      case Part::Literal:
      case Part::Path:
        if (!text.starts_with(pieces[piece].literal)) return false;
        length = pieces[piece].literal.size();
        break;
      case Part::Version: length = version_at(text); break;
      case Part::Numeric: length = version_at(text, false); break;
      case Part::Java: length = java_version_at(text); break;
      case Part::PathVersion: length = text.starts_with(pieces[piece].literal) ? version_at(text) : 0; break;
      case Part::Number:
      case Part::Digits: length = digits_at(text); break;
      case Part::Spaces: length = std::min(text.find_first_not_of(" \t"), text.size()); break;
      case Part::Any: {
        constexpr std::size_t kMostAny = 40;
        for (std::size_t skip = 0; skip <= std::min(kMostAny, text.size()); ++skip) {
          if (match(text.substr(skip), piece + 1, pieces, captured)) return true;
          if (skip < text.size() && (text[skip] < ' ' || text[skip] > '~')) return false;
        }
        return false;
      }
    }
    if (length == 0) return false;
    if (captures(pieces[piece].part)) captured = text.substr(0, length);
    text.remove_prefix(length);
  }
  return true;
}

std::optional<std::string> BytePattern::find(Bytes file, std::string_view name) const {
  if (file.empty()) return std::nullopt;  // memmem may not be called with a null pointer
  std::vector<Piece> pieces = pieces_;
  const std::string_view in_name = version_in_name(name);
  for (Piece& piece : pieces) {
    if (piece.part != Part::Path && piece.part != Part::PathVersion) continue;
    if (in_name.empty()) return std::nullopt;
    piece.literal = piece.part == Part::Path ? std::string(in_name) : cat(in_name, ".");
  }
  // Neighbouring literals become one: "\0" and "3.11" and "." are a better anchor together.
  for (std::size_t i = 0; i + 1 < pieces.size();) {
    const auto is_text = [](const Piece& piece) { return piece.part == Part::Literal || piece.part == Part::Path; };
    if (!is_text(pieces[i]) || !is_text(pieces[i + 1])) {
      ++i;
      continue;
    }
    pieces[i].literal += pieces[i + 1].literal;
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  const auto longest = std::max_element(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.literal.size() < b.literal.size(); });
  const std::string& anchor = longest->literal;
  const std::string_view text = as_text(file);
  constexpr std::size_t kMostBefore = 128, kMostPlaces = 10'000;
  const std::size_t before = longest == pieces.begin() ? 0 : kMostBefore;
  std::size_t places = 0;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); places < kMostPlaces; ++places) {
    const void* const found = memmem(at, static_cast<std::size_t>(end - at), anchor.data(), anchor.size());
    if (!found) break;
    const auto place = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    for (std::size_t back = 0; back <= std::min(before, place); ++back) {
      const std::size_t begin = place - back;
      // The pattern's first bytes must not cut a number in two: "11.2.3" is no "1.2.3".
      if (pieces.front().part != Part::Literal && begin > 0 && (is_digit(text[begin - 1]) || text[begin - 1] == '.')) continue;
      std::string_view captured;
      if (match(text.substr(begin, 2 * kMostBefore + 400), 0, pieces, captured)) return std::string(captured);
    }
    at = static_cast<const char*>(found) + 1;
  }
  return std::nullopt;
}

}  // namespace plimsoll::inventory
