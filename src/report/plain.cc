#include "report/plain.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "base/text.h"

namespace plimsoll::report {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t length_at(std::string_view utf8, std::size_t at) {
  std::size_t end = at + 1;
  while (end < utf8.size() && is_continuation(utf8[end])) ++end;
  return end - at;
}

std::uint32_t code_point(std::string_view one) {
  const auto first = static_cast<unsigned char>(one[0]);
  std::uint32_t value = one.size() == 1 ? first : first & (0x7Fu >> one.size());
  for (const char c : one.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
  return value;
}

bool unsafe(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE;
}

constexpr std::string_view kEllipsis = "\u2026";

}  // namespace

std::string printable(std::string_view text) {
  const std::string repaired = to_utf8(text);
  std::string out;
  out.reserve(repaired.size());
  for (std::size_t at = 0; at < repaired.size();) {
    const std::string_view one = std::string_view(repaired).substr(at, length_at(repaired, at));
    at += one.size();
    if (const std::uint32_t c = code_point(one); unsafe(c)) {
      char buffer[16];
      std::snprintf(buffer, sizeof buffer, "\\u{%x}", c);
      out += buffer;
    } else {
      out += one;
    }
  }
  return out;
}

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return !is_continuation(c); }));
}

std::string fit(std::string_view text, std::size_t width) {
  std::string out = printable(text);
  if (columns(out) <= width) return out;
  std::size_t end = 0;
  for (std::size_t i = 1; i < width; ++i) end += length_at(out, end);
  return out.substr(0, end) + std::string(kEllipsis);
}

std::string fit_path(std::string_view path, std::size_t width) {
  std::string out = printable(path);
  const std::size_t all = columns(out);
  if (all <= width) return out;
  std::size_t begin = 0;
  for (std::size_t i = all - width + 1; i > 0; --i) begin += length_at(out, begin);
  // Whole names read better than their ends, where that costs little.
  if (const std::size_t slash = out.find('/', begin); slash != std::string::npos && slash - begin < 16) begin = slash;
  return std::string(kEllipsis) + out.substr(begin);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  if (count == 1) return cat("1 ", one);
  return many.empty() ? cat(count, " ", one, "s") : cat(count, " ", many);
}

std::vector<std::string> wrap_list(const std::vector<std::string>& items, std::size_t width, std::size_t lines) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool last = i + 1 == items.size();
    const std::string more = cat("and ", items.size() - i, " more");
    const std::string item = fit(items[i], width - 1);
    const std::size_t used = out.empty() ? width : columns(out.back()) + 1;
    // On the last line there must be room for ", and N more" too.
    const std::size_t reserve = last || out.size() < lines ? 0 : more.size() + 2;
    const std::size_t need = columns(item) + (last ? 0 : 1);
    if (!out.empty() && used + need + reserve <= width) {
      out.back() += " " + item;
    } else if (out.size() < lines && (out.size() + 1 < lines || last || need + more.size() + 2 <= width || out.empty())) {
      out.push_back(item);
    } else {
      if (used + more.size() <= width) out.back() += " " + more;
      else out.push_back(more);
      return out;
    }
    if (!last) out.back() += ",";
  }
  return out;
}

std::vector<std::string> wrap_words(std::string_view text, std::size_t width) {
  std::vector<std::string> out;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const std::string shown = fit(word, width);
    if (!out.empty() && columns(out.back()) + 1 + columns(shown) <= width) out.back() += " " + shown;
    else out.push_back(shown);
  }
  return out;
}

std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string markdown_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\\': case '`': case '*': case '_': case '[': case ']': case '|': case '#': case '~': case '!': case '$':
        out += '\\';
        [[fallthrough]];
      default: out += c;
    }
  }
  return out;
}

std::string short_digest(std::string_view digest) {
  const std::size_t colon = digest.find(':');
  if (colon == std::string_view::npos || digest.size() < colon + 14) return printable(digest);
  return printable(digest.substr(0, colon + 13)) + std::string(kEllipsis);
}

}  // namespace plimsoll::report
