#include "detect/webshell/shell_values.h"

#include <algorithm>

#include "base/text.h"
#include "detect/webshell/shell_split.h"
#include "detect/webshell/token.h"
#include "detect/webshell/value.h"

namespace plimsoll::detect::web {

bool opens_shell_command(std::string_view text) {
  std::string t(trim(text));
  while (!t.empty() && (t.back() == '"' || t.back() == '\'')) t.pop_back();
  return t.empty() || t.ends_with(";") || t.ends_with("&") || t.ends_with("|") || t.ends_with("(") || t.ends_with("`") || t.ends_with(" -c") || t.ends_with("eval");
}

Data ShellValues::constant(std::string text) {
  Data d;
  d.text = std::move(text);
  return d;
}

Data ShellValues::request(std::string name, std::uint32_t line, std::uint8_t origin) const {
  Data d;
  d.known = false;
  d.tainted = true;
  d.origin = origin;
  d.line = line;
  d.source = std::move(name);
  return d;
}

Data ShellValues::join(Data a, const Data& b) {
  if (b.tainted && !a.tainted) {
    Data out = b;
    out.text = a.known ? a.text + b.text : "";
    out.known = false;
    out.head = b.head && (!a.known || opens_shell_command(a.text));
    return out;
  }
  if (a.known && b.known && a.text.size() + b.text.size() < kMaxText) {
    a.text += b.text;
    a.layers = std::max(a.layers, b.layers);
    return a;
  }
  a.known = false;
  return a;
}

Data ShellValues::changed(Data d) {
  d.known = false;
  d.text.clear();
  return d;
}

std::string escapes(std::string_view in) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '\\' || i + 1 >= in.size()) {
      out += in[i];
      continue;
    }
    const bool hex = in[i + 1] == 'x';
    std::size_t j = i + (hex ? 2 : 1), digits = 0;
    int code = 0;
    for (; j < in.size() && digits < (hex ? 2u : 4u); ++j, ++digits) {
      const char c = in[j];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
      if (digit >= (hex ? 16 : 8)) break;
      code = code * (hex ? 16 : 8) + digit;
    }
    if (digits == 0 || code > 255) {
      out += in[i];
      continue;
    }
    out += static_cast<char>(code);
    i = j - 1;
  }
  return out;
}

Data ShellValues::variable(const std::string& name, std::uint32_t line) {
  if (const auto found = variables_.find(name); found != variables_.end()) return found->second;
  const std::string group = name.starts_with("HTTP_") ? "HTTP_" : name;
  if (rules_.find(group, Rule::Use::Source)) return request(cat("$", name), line);
  if (any_.tainted && !name.empty() && is_name_start(name[0])) return any_;
  Data d;
  d.known = false;
  return d;
}

void ShellValues::set(const std::string& name, Data value) {
  if (variables_.size() > 5000) return;
  if (value.tainted) value.way += cat(value.way.empty() ? "" : " -> ", "$", name.substr(0, 40));
  if (value.way.size() > 400) value.way.resize(400);
  variables_[name] = std::move(value);
}

Data ShellValues::expand(std::string_view w, std::uint32_t line, int depth) {
  Data out = constant("");
  if (depth > kMaxShellDepth || ++steps_ > kMaxShellSteps) return changed(out);
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out = join(std::move(out), constant(std::move(plain)));
    plain.clear();
  };
  for (std::size_t i = 0; i < w.size();) {
    const char c = w[i];
    if (c == '\'') {
      const std::size_t end = skip_quoted(w, i);
      plain += w.substr(i + 1, end > i + 1 ? end - i - 2 : 0);
      i = end;
    } else if (c == '"') {
      const std::size_t end = skip_quoted(w, i);
      flush();
      out = join(std::move(out), expand_quoted(w.substr(i + 1, end > i + 1 ? end - i - 2 : 0), line, depth + 1));
      i = end;
    } else if (c == '\\' && i + 1 < w.size()) {
      plain += w[i + 1];
      i += 2;
    } else if (c == '$' && i + 1 < w.size() && w[i + 1] == '\'') {
      const std::size_t end = skip_quoted(w, i + 1);
      plain += unescape(w.substr(i + 2, end > i + 2 ? end - i - 3 : 0), true, false);
      i = end;
    } else if (c == '$' || c == '`' || (c == '<' && i + 1 < w.size() && w[i + 1] == '(')) {
      flush();
      std::size_t used = 1;
      out = join(std::move(out), dollar(w.substr(i), used, line, depth));
      i += std::max<std::size_t>(used, 1);
    } else {
      plain += c;
      ++i;
    }
  }
  flush();
  return out;
}

Data ShellValues::expand_quoted(std::string_view w, std::uint32_t line, int depth) {
  Data out = constant("");
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out = join(std::move(out), constant(std::move(plain)));
    plain.clear();
  };
  for (std::size_t i = 0; i < w.size();) {
    if (w[i] == '\\' && i + 1 < w.size()) {
      if (std::string_view("$`\"\\").find(w[i + 1]) == std::string_view::npos) plain += '\\';
      plain += w[i + 1];
      i += 2;
    } else if (w[i] == '$' || w[i] == '`') {
      flush();
      std::size_t used = 1;
      out = join(std::move(out), dollar(w.substr(i), used, line, depth));
      i += std::max<std::size_t>(used, 1);
    } else {
      plain += w[i++];
    }
  }
  flush();
  return out;
}

Data ShellValues::dollar(std::string_view w, std::size_t& used, std::uint32_t line, int depth) {
  if (depth > kMaxShellDepth) return changed(constant(""));
  if (w[0] == '`') {
    used = skip_quoted(w, 0);
    std::string inside(w.substr(1, used > 1 ? used - 2 : 0));
    std::erase(inside, '\\');
    return output_of(inside, line);
  }
  if (w.size() < 2) return constant("$");
  if (w[0] == '<' || w[1] == '(') {
    used = skip_quoted(w, 0);
    if (w.starts_with("$((")) {
      Data d;
      d.known = false;
      return d;
    }
    return output_of(w.substr(2, used > 2 ? used - 3 : 0), line);
  }
  if (w[1] == '{') {
    used = skip_quoted(w, 0);
    return parameter(w.substr(2, used > 2 ? used - 3 : 0), line, depth);
  }
  std::size_t j = 1;
  while (j < w.size() && is_name_char(w[j])) {
    ++j;
    if (w[1] >= '0' && w[1] <= '9') break;
  }
  if (j == 1 && (w[1] == '@' || w[1] == '*' || w[1] == '#' || w[1] == '?' || w[1] == '$' || w[1] == '!' || w[1] == '-')) ++j;
  used = j;
  return j == 1 ? constant("$") : variable(std::string(w.substr(1, j - 1)), line);
}

Data ShellValues::parameter(std::string_view inside, std::uint32_t line, int depth) {
  const bool indirect = inside.starts_with('!');
  if (indirect || inside.starts_with('#')) {
    if (!indirect) return changed(constant(""));
    inside.remove_prefix(1);
  }
  std::size_t j = 0;
  while (j < inside.size() && (is_name_char(inside[j]) || inside[j] == '@' || inside[j] == '*')) ++j;
  std::string name(inside.substr(0, j));
  std::string_view rest = inside.substr(j);
  Data value = variable(name, line);
  if (rest.starts_with('[')) {
    const std::size_t close = std::min(rest.find(']'), rest.size() - 1);
    const std::string key(rest.substr(1, close - 1));
    if (const auto found = variables_.find(cat(name, "[", key, "]")); found != variables_.end()) value = found->second;
    else if (const auto any = variables_.find(cat(name, "[@]")); any != variables_.end()) value = changed(any->second);
    rest = rest.substr(close + 1);
  }
  if (indirect && value.known) value = variable(value.text, line);
  if (rest.empty()) return value;
  // ${x//[^0-9]/}: what is left is bounded.
  if (rest.starts_with("//[^") && (rest.ends_with("]/") || rest.ends_with("]"))) {
    Data clean;
    clean.known = false;
    return clean;
  }
  if ((rest.starts_with(":-") || rest.starts_with(":=") || rest.starts_with("-") || rest.starts_with(":+")) && !value.tainted) {
    const Data other = expand(rest.substr(rest[0] == ':' ? 2 : 1), line, depth + 1);
    if (other.tainted || !value.known || value.text.empty()) return other.tainted ? other : value.known && value.text.empty() ? other : value;
  }
  if (value.known && rest[0] != '-' && rest[0] != ':') {
    Data d = value;
    d.known = false;
    return d;
  }
  return value.tainted ? changed(value) : value;
}

}  // namespace plimsoll::detect::web
