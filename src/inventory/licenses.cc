#include "inventory/licenses.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"

namespace plimsoll::inventory {

const std::vector<std::pair<std::string_view, std::string_view>>& license_rules();

namespace {

using Names = std::unordered_map<std::string, std::string_view>;
struct Table {
  Names licenses, exceptions;
};

const Table& table() {
  static const Table built = [] {
    Table out;
    for (const auto& [path, text] : license_rules()) {
      std::string_view rest = text, line;
      while (next_line(rest, line)) {
        const auto [kind, row] = cut(line, '\t');
        const auto [name, value] = cut(row, '\t');
        if (kind == "id" || kind == "alias") out.licenses.emplace(lower(name), value);
        if (kind == "exception") out.exceptions.emplace(lower(name), value);
      }
    }
    return out;
  }();
  return built;
}

// The GNU family is written in many ways: "GPL-2+", "GPLv2+", "gpl 2.0 or later", "LGPL2.1". Empty when it is none.
std::string gnu_license(std::string_view name) {
  std::string text = lower(name);
  std::string family;
  for (const std::string_view known : {"agpl", "lgpl", "gpl", "gfdl"})
    if (text.starts_with(known)) family = known;
  if (family.empty()) return {};
  std::string_view rest = std::string_view(text).substr(family.size());
  while (!rest.empty() && (rest.front() == '-' || rest.front() == ' ' || rest.front() == 'v' || rest.front() == '_')) rest.remove_prefix(1);
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
  std::string version(rest.substr(0, digits));
  rest.remove_prefix(digits);
  const bool later = rest == "+" || rest == "-or-later" || rest == " or later";
  if (!later && !rest.empty() && rest != "-only") return {};
  while (version.ends_with(".0.0") || version.ends_with('.')) version.resize(version.size() - 1);
  std::transform(family.begin(), family.end(), family.begin(), [](char c) { return static_cast<char>(c - 32); });
  if (version.empty()) {
    if (!later && rest.empty()) return family == "LGPL" ? "LGPL-2.0-or-later" : family == "GPL" ? "GPL-1.0-or-later" : "";
    return {};
  }
  if (version.find('.') == std::string::npos) version += ".0";
  const auto found = table().licenses.find(lower(cat(family, "-", version, later ? "-or-later" : "-only")));
  return found == table().licenses.end() ? std::string() : std::string(found->second);
}

std::string collapse_spaces(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (space && out.ends_with(' ')) continue;
    out += space ? ' ' : c;
  }
  return out;
}

// One licence without operators.
std::string single(std::string_view name) {
  const auto& names = table().licenses;
  if (const auto found = names.find(lower(name)); found != names.end()) {
    // "GPL-2.0" and "GPL-2.0+" are identifiers too, deprecated: their present form says which is meant.
    if (const std::string gnu = gnu_license(name); !gnu.empty()) return gnu;
    return std::string(found->second);
  }
  if (std::string gnu = gnu_license(name); !gnu.empty()) return gnu;
  if (name.ends_with('+')) {
    const auto found = names.find(lower(name.substr(0, name.size() - 1)));
    if (found != names.end() && found->second.find(' ') == std::string_view::npos) return cat(found->second, "+");
  }
  return {};
}

// A licence, perhaps "X with Y exception".
std::string operand(std::string_view text) {
  text = trim(text);
  if (std::string whole = single(text); !whole.empty()) return whole;
  const std::size_t with = lower(text).find(" with ");
  if (with == std::string::npos) return {};
  const std::string license = single(trim(text.substr(0, with)));
  const auto exception = table().exceptions.find(lower(trim(text.substr(with + 6))));
  if (license.empty() || license.find(' ') != std::string::npos || exception == table().exceptions.end()) return {};
  return cat(license, " WITH ", exception->second);
}

// Recursive descent over "or", "and", parentheses. A comma before an operator binds loosest, as in Debian's DEP-5.
class Expression {
 public:
  explicit Expression(std::string_view text) : text_(text), lower_(lower(text)) {}
  std::string parse() { return level(0, text_.size(), 0); }

 private:
  static constexpr int kMostDepth = 16;

  // Positions of `word` at parenthesis depth 0 in [begin, end).
  std::vector<std::size_t> places(std::string_view word, std::size_t begin, std::size_t end) const {
    std::vector<std::size_t> out;
    if (lower_.find(word, begin) > end - word.size()) return out;
    int depth = 0;
    for (std::size_t i = begin; i + word.size() <= end; ++i) {
      if (text_[i] == '(') ++depth;
      if (text_[i] == ')') --depth;
      if (depth == 0 && std::string_view(lower_).substr(i, word.size()) == word) out.push_back(i);
    }
    return out;
  }

  std::string level(std::size_t begin, std::size_t end, int depth) {
    if (depth > kMostDepth) return {};
    while (begin < end && text_[begin] == ' ') ++begin;
    while (end > begin && text_[end - 1] == ' ') --end;
    if (begin >= end) return {};
    if (std::string known = operand(text_.substr(begin, end - begin)); !known.empty()) return known;
    static constexpr std::pair<std::string_view, std::string_view> kOperators[] = {
        {", or ", " OR "}, {", and ", " AND "}, {" or ", " OR "}, {" | ", " OR "}, {" || ", " OR "}, {"/", " OR "}, {" and ", " AND "}, {" & ", " AND "}, {", ", " AND "}, {";", " AND "}};
    for (const auto& [word, spdx] : kOperators) {
      const std::vector<std::size_t> found = places(word, begin, end);
      if (found.empty()) continue;
      std::string out;
      std::size_t from = begin;
      for (std::size_t i = 0; i <= found.size(); ++i) {
        const std::size_t to = i < found.size() ? found[i] : end;
        std::string part = level(from, to, depth + 1);
        if (part.empty()) return {};
        if (spdx == " AND " && part.find(" OR ") != std::string::npos && !part.starts_with('(')) part = cat("(", part, ")");
        out += cat(i == 0 ? std::string_view() : spdx, part);
        if (i < found.size()) from = found[i] + word.size();
      }
      return out;
    }
    if (text_[begin] == '(' && text_[end - 1] == ')') {
      std::string inner = level(begin + 1, end - 1, depth + 1);
      if (inner.empty() || inner.find(' ') == std::string::npos) return inner;
      return cat("(", inner, ")");
    }
    return {};
  }

  std::string_view text_;
  std::string lower_;
};

constexpr std::size_t kMostExpression = 2000;

void add(std::vector<std::string>& out, std::string value) {
  if (!value.empty() && std::find(out.begin(), out.end(), value) == out.end()) out.push_back(std::move(value));
}

// The License fields of the header and of Files paragraphs; paragraphs of License alone only give the texts.
std::vector<std::string> machine_readable(std::string_view text) {
  std::vector<std::string> out;
  std::string_view rest = text, line;
  std::string license;
  bool has_files = true;  // the header paragraph counts
  const auto close = [&] {
    if (has_files && !license.empty()) add(out, license_or_text(license));
    license.clear();
    has_files = false;
  };
  while (next_line(rest, line)) {
    if (trim(line).empty()) close();
    if (line.starts_with("Files:")) has_files = true;
    if (line.starts_with("License:") && license.empty()) license = trim(line.substr(8));
  }
  close();
  return out;
}

}  // namespace

std::string spdx_expression(std::string_view text) {
  if (text.size() > kMostExpression) return {};
  const std::string line = collapse_spaces(text);
  return Expression(line).parse();
}

std::string license_or_text(std::string_view text) {
  std::string spdx = spdx_expression(text);
  return spdx.empty() ? to_utf8(collapse_spaces(text.substr(0, 200))) : spdx;
}

std::vector<std::string> licenses_of_copyright(std::string_view text) {
  if (std::vector<std::string> out; text.substr(0, 2000).find("copyright-format") != std::string_view::npos)
    if (out = machine_readable(text); !out.empty()) return out;
  std::vector<std::string> out;
  const bool later = text.find("any later version") != std::string_view::npos || text.find("any\nlater version") != std::string_view::npos ||
                     text.find("later version") != std::string_view::npos;
  constexpr std::string_view kFolder = "/usr/share/common-licenses/";
  for (std::size_t at = text.find(kFolder); at != std::string_view::npos; at = text.find(kFolder, at + 1)) {
    std::string_view name = text.substr(at + kFolder.size(), 24);
    name = name.substr(0, std::min(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."), name.size()));
    while (name.ends_with('.')) name.remove_suffix(1);
    if (name == "BSD") add(out, "BSD-3-Clause");
    else if (name.find("GPL-") != std::string_view::npos || name.starts_with("GFDL-")) add(out, spdx_expression(cat(name, later ? "+" : "")));
    else add(out, spdx_expression(name));
  }
  if (text.find("Permission is hereby granted, free of charge, to any person") != std::string_view::npos) add(out, "MIT");
  if (text.find("Redistribution and use in source and binary forms") != std::string_view::npos)
    add(out, text.find("either the name") != std::string_view::npos || text.find("may be used to endorse") != std::string_view::npos ? "BSD-3-Clause" : "BSD-2-Clause");
  return out;
}

}  // namespace plimsoll::inventory
