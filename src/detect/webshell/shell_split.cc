#include "detect/webshell/shell_split.h"

#include <algorithm>

#include "base/text.h"
#include "detect/webshell/token.h"

namespace plimsoll::detect::web {

std::size_t skip_quoted(std::string_view s, std::size_t i, int depth) {
  // From an opening quote, "$(", "${" or "`" to behind its end.
  if (depth > 20) return s.size();
  const char c = s[i];
  if (c == '\'') {
    const std::size_t end = s.find('\'', i + 1);
    return end == std::string_view::npos ? s.size() : end + 1;
  }
  if (c == '"' || c == '`') {
    std::size_t j = i + 1;
    while (j < s.size() && s[j] != c) {
      if (s[j] == '\\') j += 2;
      else if (c == '"' && s[j] == '$' && j + 1 < s.size() && (s[j + 1] == '(' || s[j + 1] == '{')) j = skip_quoted(s, j, depth + 1);
      else if (c == '"' && s[j] == '`') j = skip_quoted(s, j, depth + 1);
      else ++j;
    }
    return std::min(j + 1, s.size());
  }
  // $( ${ <(
  const char open = s[i + 1], close = open == '(' ? ')' : '}';
  std::size_t depth_here = 0, j = i + 1;
  while (j < s.size()) {
    if (s[j] == '\\') {
      j += 2;
      continue;
    }
    if (s[j] == open) ++depth_here;
    if (s[j] == close && --depth_here == 0) return j + 1;
    if (s[j] == '\'' && open == '(') j = skip_quoted(s, j, depth + 1);
    else if (s[j] == '"') j = skip_quoted(s, j, depth + 1);
    else ++j;
  }
  return s.size();
}

std::vector<Piece> split_pieces(std::string_view s, std::uint32_t line) {
  std::vector<Piece> out;
  std::vector<std::pair<std::size_t, std::string>> documents;  // piece index, label
  std::size_t i = 0;
  const auto newline = [&] {
    out.push_back({Piece::Kind::Op, ";", line});
    ++line;
    ++i;
    for (const auto& [index, label] : documents) {
      std::string body;
      const std::uint32_t start = line;
      while (i < s.size()) {
        const std::size_t end = std::min(s.find('\n', i), s.size());
        const std::string_view row = s.substr(i, end - i);
        i = std::min(end + 1, s.size());
        ++line;
        if (trim(row) == label) break;
        body.append(row).push_back('\n');
      }
      out[index].text = std::move(body);
      out[index].line = start;
    }
    documents.clear();
  };
  while (i < s.size() && out.size() < 200'000) {
    const char c = s[i];
    if (c == '\n') {
      newline();
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++i;
    } else if (c == '\\' && i + 1 < s.size() && s[i + 1] == '\n') {
      i += 2;
      ++line;
    } else if (c == '#') {
      i = std::min(s.find('\n', i), s.size());
    } else if (s.substr(i).starts_with("<<<")) {
      out.push_back({Piece::Kind::Op, "<<<", line});
      i += 3;
    } else if (s.substr(i).starts_with("<<")) {
      i += 2;
      if (i < s.size() && s[i] == '-') ++i;
      while (i < s.size() && s[i] == ' ') ++i;
      std::size_t j = i;
      while (j < s.size() && (is_name_char(s[j]) || s[j] == '\'' || s[j] == '"' || s[j] == '\\')) ++j;
      std::string label(s.substr(i, j - i));
      const bool quoted = label.find_first_of("'\"\\") != std::string::npos;
      std::erase_if(label, [](char q) { return q == '\'' || q == '"' || q == '\\'; });
      i = j;
      if (label.empty()) continue;
      out.push_back({Piece::Kind::Op, "<<", line});
      documents.emplace_back(out.size(), label);
      out.push_back({Piece::Kind::Document, "", line, quoted});
    } else if ((c == '<' || c == '>') && i + 1 < s.size() && s[i + 1] == '(') {
      const std::size_t end = skip_quoted(s, i);
      out.push_back({Piece::Kind::Word, std::string(s.substr(i, end - i)), line});
      line += static_cast<std::uint32_t>(std::count(s.begin() + static_cast<std::ptrdiff_t>(i), s.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      i = end;
    } else if (std::string_view(";&|()<>").find(c) != std::string_view::npos) {
      static constexpr std::string_view kOps[] = {"&>>", ";;", "&&", "||", "|&", ">>", ">&", "<&", "<>", "&>"};
      std::string_view op = s.substr(i, 1);
      for (const std::string_view text : kOps)
        if (s.substr(i).starts_with(text)) op = text;
      out.push_back({Piece::Kind::Op, std::string(op), line});
      i += op.size();
    } else {
      std::size_t j = i;
      while (j < s.size()) {
        const char d = s[j];
        if (d == '\\') j = std::min(j + 2, s.size());
        else if (d == '\'' || d == '"' || d == '`') j = skip_quoted(s, j);
        else if (d == '$' && j + 1 < s.size() && (s[j + 1] == '(' || s[j + 1] == '{')) j = skip_quoted(s, j);
        else if (d == ' ' || d == '\t' || d == '\n' || d == '\r' || std::string_view(";&|()<>").find(d) != std::string_view::npos) break;
        else ++j;
      }
      if (j == i) ++j;
      out.push_back({Piece::Kind::Word, std::string(s.substr(i, j - i)), line});
      line += static_cast<std::uint32_t>(std::count(s.begin() + static_cast<std::ptrdiff_t>(i), s.begin() + static_cast<std::ptrdiff_t>(j), '\n'));
      i = j;
    }
  }
  return out;
}

}  // namespace plimsoll::detect::web
