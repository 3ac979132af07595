#include "detect/webshell/token.h"

#include "base/text.h"

namespace plimsoll::detect::web {

bool is_name_start(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u >= 0x80;
}
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  } else if (c < 0x110000) {
    put(0xf0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3f));
    put(0x80 | ((c >> 6) & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Up to `most` digits of `base` at text[i]; moves i behind them; false when there is none.
bool take_number(std::string_view text, std::size_t& i, int base, std::size_t most, std::uint32_t& value) {
  value = 0;
  std::size_t n = 0;
  while (n < most && i < text.size() && digit_of(text[i]) < base) {
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit_of(text[i++]));
    ++n;
  }
  return n > 0;
}

}  // namespace

std::string unescape(std::string_view in, bool octal, bool keep_unknown) {
  std::string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size();) {
    if (in[i] != '\\' || i + 1 >= in.size()) {
      out += in[i++];
      continue;
    }
    const char c = in[i + 1];
    std::size_t at = i + 2;
    std::uint32_t value = 0;
    if (c == 'x' && take_number(in, at, 16, 2, value)) {
      out += static_cast<char>(value);
    } else if ((c == 'u' || c == 'U') && at < in.size() && in[at] == '{') {
      ++at;
      take_number(in, at, 16, 6, value);
      if (at < in.size() && in[at] == '}') ++at;
      append_utf8(out, value);
    } else if ((c == 'u' && take_number(in, at, 16, 4, value)) || (c == 'U' && take_number(in, at, 16, 8, value))) {
      append_utf8(out, value);
    } else if (octal && c >= '0' && c <= '7') {
      at = i + 1;
      take_number(in, at, 8, 3, value);
      out += static_cast<char>(value & 0xff);
    } else if (c == 'n') {
      out += '\n';
    } else if (c == 't') {
      out += '\t';
    } else if (c == 'r') {
      out += '\r';
    } else if (c == 'v') {
      out += '\v';
    } else if (c == 'f') {
      out += '\f';
    } else if (c == 'e') {
      out += '\x1b';
    } else if (c == '\n') {
      // a line that goes on
    } else {
      if (keep_unknown && c != '\\' && c != '\'' && c != '"' && c != '$' && c != '`' && c != '@') out += '\\';
      out += c;
    }
    i = at;
  }
  return out;
}

void lex(std::string_view code, std::uint32_t line, Tokens& out) {
  switch (out.language) {
    case Language::Python: return lex_python(code, line, out);
    case Language::Perl: return lex_perl(code, line, out);
    case Language::VisualBasic: return lex_visual_basic(code, line, out);
    case Language::Php:
    case Language::Java:
    case Language::CSharp:
    case Language::JavaScript: return lex_c_like(code, line, out);
  }
}

void finish(Tokens& out) {
  const std::uint32_t line = out.all.empty() ? 1 : out.all.back().line;
  out.all.push_back({Kind::End, line, 0, {}});
  // Brackets that do not pair are left with match 0: the reader then treats them as closed at once.
  std::vector<std::uint32_t> open;
  for (std::uint32_t i = 0; i < out.all.size(); ++i) {
    const Token& t = out.all[i];
    if (t.kind != Kind::Op || t.text.size() != 1) continue;
    const char c = t.text[0];
    if (c == '(' || c == '[' || c == '{') {
      open.push_back(i);
    } else if (c == ')' || c == ']' || c == '}') {
      const char want = c == ')' ? '(' : c == ']' ? '[' : '{';
      // A missing inner bracket closes with its outer one, if that is near.
      std::size_t depth = open.size();
      for (std::size_t tries = 0; depth > 0 && tries < 4 && out.all[open[depth - 1]].text[0] != want; ++tries) --depth;
      if (depth == 0 || out.all[open[depth - 1]].text[0] != want) continue;
      out.all[open[depth - 1]].match = i;
      out.all[i].match = open[depth - 1];
      open.resize(depth - 1);
    }
  }
}

}  // namespace plimsoll::detect::web
