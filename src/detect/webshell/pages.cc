#include "detect/webshell/pages.h"

#include <algorithm>
#include <iterator>

#include "base/path.h"
#include "base/text.h"

namespace plimsoll::detect::web {
namespace {

struct Ending {
  std::string_view text;
  Family family;
};
constexpr Ending kEndings[] = {
    {".php", Family::Php},    {".php3", Family::Php},   {".php4", Family::Php},   {".php5", Family::Php},   {".php7", Family::Php},   {".php8", Family::Php},    {".phtml", Family::Php},  {".pht", Family::Php},
    {".phps", Family::Php},   {".inc", Family::Php},    {".module", Family::Php}, {".jsp", Family::Jsp},    {".jspx", Family::Jsp},   {".jspf", Family::Jsp},    {".jspa", Family::Jsp},   {".tag", Family::Jsp},
    {".tagx", Family::Jsp},   {".asp", Family::Asp},    {".asa", Family::Asp},    {".cer", Family::Asp},    {".cdx", Family::Asp},    {".aspx", Family::Aspx},   {".ashx", Family::Aspx},  {".asmx", Family::Aspx},
    {".ascx", Family::Aspx},  {".cshtml", Family::Aspx}, {".py", Family::Python},  {".pyw", Family::Python}, {".wsgi", Family::Python}, {".pl", Family::Perl},     {".pm", Family::Perl},    {".psgi", Family::Perl},
    {".js", Family::Node},    {".mjs", Family::Node},   {".cjs", Family::Node},   {".sh", Family::Shell},   {".bash", Family::Shell}};

std::uint32_t lines_in(std::string_view text) { return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')); }

std::optional<Family> by_shebang(std::string_view text) {
  if (!text.starts_with("#!")) return std::nullopt;
  std::string_view line = text.substr(2, std::min<std::size_t>(text.find('\n'), 200) - 2);
  const auto has = [&](std::string_view word) { return line.find(word) != std::string_view::npos; };
  if (has("python")) return Family::Python;
  if (has("perl")) return Family::Perl;
  if (has("node")) return Family::Node;
  if (has("php")) return Family::Php;
  if (has("sh")) return Family::Shell;
  return std::nullopt;
}

std::size_t find_ignore_case(std::string_view text, std::string_view what, std::size_t from) {
  const auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto it = std::search(text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())), text.end(), what.begin(), what.end(), [&](char a, char b) { return fold(a) == b; });
  return it == text.end() ? std::string_view::npos : static_cast<std::size_t>(it - text.begin());
}

// The value of attribute `name` in a tag's text; quotes are optional.
std::string attribute(std::string_view tag, std::string_view name) {
  std::size_t at = 0;
  while ((at = find_ignore_case(tag, name, at)) != std::string_view::npos) {
    std::size_t j = at + name.size();
    const bool whole = at == 0 || !is_name_char(tag[at - 1]);
    at = j;
    while (j < tag.size() && (tag[j] == ' ' || tag[j] == '\t' || tag[j] == '\r' || tag[j] == '\n')) ++j;
    if (!whole || j >= tag.size() || tag[j] != '=') continue;
    ++j;
    while (j < tag.size() && (tag[j] == ' ' || tag[j] == '\t')) ++j;
    if (j >= tag.size()) return {};
    if (tag[j] == '"' || tag[j] == '\'') return std::string(tag.substr(j + 1, std::min(tag.find(tag[j], j + 1), tag.size()) - j - 1));
    std::size_t end = j;
    while (end < tag.size() && (is_name_char(tag[end]) || tag[end] == '#' || tag[end] == '.')) ++end;
    return std::string(tag.substr(j, end - j));
  }
  return {};
}

// Where PHP code that starts at `from` ends: behind strings and comments, at "?>".
std::size_t php_end(std::string_view s, std::size_t from) {
  std::size_t i = from;
  while (i < s.size()) {
    const char c = s[i];
    if (c == '?' && i + 1 < s.size() && s[i + 1] == '>') return i;
    if (c == '\'' || c == '"' || c == '`') {
      for (++i; i < s.size() && s[i] != c; ++i)
        if (s[i] == '\\') ++i;
      ++i;
    } else if (c == '/' && i + 1 < s.size() && s[i + 1] == '*') {
      const std::size_t end = s.find("*/", i + 2);
      i = end == std::string_view::npos ? s.size() : end + 2;
    } else if (c == '#' || (c == '/' && i + 1 < s.size() && s[i + 1] == '/')) {
      i = std::min(std::min(s.find('\n', i), s.find("?>", i)), s.size());
    } else if (c == '<' && s.substr(i).starts_with("<<<")) {
      std::size_t j = i + 3;
      while (j < s.size() && (s[j] == ' ' || s[j] == '\'' || s[j] == '"')) ++j;
      const std::size_t start = j;
      while (j < s.size() && is_name_char(s[j])) ++j;
      const std::string_view label = s.substr(start, j - start);
      i = j;
      if (label.empty()) continue;
      std::size_t line = s.find('\n', j);
      while (line != std::string_view::npos) {
        std::size_t k = line + 1;
        while (k < s.size() && (s[k] == ' ' || s[k] == '\t')) ++k;
        if (s.substr(k).starts_with(label)) {
          i = k + label.size();
          break;
        }
        line = s.find('\n', line + 1);
      }
      if (line == std::string_view::npos) return s.size();
    } else {
      ++i;
    }
  }
  return s.size();
}

class MarkupReader {
 public:
  MarkupReader(Family family, std::string_view text, Page& page) : family_(family), s_(text), page_(page) {
    language_ = family == Family::Jsp ? Language::Java : family == Family::Asp ? Language::VisualBasic : Language::CSharp;
    find_language();
  }

  void run() {
    while (i_ < s_.size()) {
      const std::size_t next = next_mark();
      if (next == std::string_view::npos) break;
      skip_to(next);
      mark();
    }
    for (Tokens& program : page_.programs) finish(program);
  }

 private:
  static Language by_name(const std::string& name, Language otherwise) {
    const std::string n = lower(name);
    if (n == "jscript" || n == "javascript" || n == "jscript.net" || n == "js") return Language::JavaScript;
    if (n == "vbscript" || n == "vb" || n == "visualbasic") return Language::VisualBasic;
    if (n == "c#" || n == "cs" || n == "csharp") return Language::CSharp;
    return otherwise;
  }

  void find_language() {
    std::size_t at = 0;
    for (int n = 0; n < 20 && (at = s_.find("<%@", at)) != std::string_view::npos; ++n) {
      const std::size_t end = std::min(s_.find("%>", at), s_.size());
      const std::string name = attribute(s_.substr(at, end - at), "language");
      if (!name.empty() && family_ != Family::Jsp) language_ = by_name(name, language_);
      at = end;
    }
  }

  Tokens& program(Language language) {
    for (Tokens& p : page_.programs)
      if (p.language == language) return p;
    page_.programs.emplace_back();
    page_.programs.back().language = language;
    return page_.programs.back();
  }

  void skip_to(std::size_t to) {
    line_ += lines_in(s_.substr(i_, to - i_));
    i_ = to;
  }

  std::size_t next_mark() const {
    for (std::size_t at = i_; at < s_.size(); ++at) {
      const char c = s_[at];
      if (c == '<' && at + 1 < s_.size()) {
        const char n = s_[at + 1];
        if (n == '%' || n == 's' || n == 'S' || n == 'j' || n == 'a' || n == 'i' || n == 't' || n == 'I' || n == 'A' || n == 'o' || n == 'O') return at;
      }
      if ((c == '$' || c == '#') && family_ == Family::Jsp && at + 1 < s_.size() && s_[at + 1] == '{') return at;
      if (c == '@' && razor_ && at + 1 < s_.size()) return at;
    }
    return std::string_view::npos;
  }

  void code(std::string_view text, Language language, std::uint32_t line, bool expression) {
    Tokens& p = program(language);
    if (expression) {
      p.add(Kind::Ident, "out", line);
      p.op(".", line);
      p.add(Kind::Ident, "print", line);
      p.op("(", line);
      lex(p.keep(std::string(text)), line, p);
      // VBScript ends its line with a semicolon of its own.
      while (!p.all.empty() && p.all.back().text == ";") p.all.pop_back();
      p.op(")", line);
      p.op(";", line);
    } else {
      lex(text, line, p);
      if (language != Language::VisualBasic) return;
      p.op(";", line);
    }
  }

  void mark() {
    const std::string_view rest = s_.substr(i_);
    if (rest.starts_with("<%--")) {
      const std::size_t end = s_.find("--%>", i_);
      return skip_to(end == std::string_view::npos ? s_.size() : end + 4);
    }
    if (rest.starts_with("<%@")) {
      const std::size_t end = s_.find("%>", i_);
      const std::string_view directive = s_.substr(i_, std::min(end, s_.size()) - i_);
      const std::size_t stop = end == std::string_view::npos ? s_.size() : end + 2;
      const bool whole = find_ignore_case(directive, "webhandler", 0) != std::string_view::npos || find_ignore_case(directive, "webservice", 0) != std::string_view::npos;
      skip_to(stop);
      if (whole) {
        code(s_.substr(i_), language_, line_, false);
        i_ = s_.size();
      }
      return;
    }
    if (rest.starts_with("<%")) {
      const std::size_t end = s_.find("%>", i_ + 2);
      const std::size_t stop = std::min(end, s_.size());
      std::string_view inside = s_.substr(i_ + 2, stop - i_ - 2);
      const char kind = inside.empty() ? '\0' : inside[0];
      const bool expression = kind == '=' || kind == '#' || kind == ':';
      if (expression || kind == '!') inside.remove_prefix(1);
      if (expression && inside.starts_with("#")) inside.remove_prefix(1);
      code(inside, language_, line_, expression);
      return skip_to(std::min(stop + 2, s_.size()));
    }
    if (rest[0] == '$' || rest[0] == '#') return expression_language();
    if (rest[0] == '@') return razor();
    tag();
  }

  void expression_language() {
    std::size_t j = i_ + 2, depth = 1;
    char quote = '\0';
    for (; j < s_.size() && depth > 0; ++j) {
      const char c = s_[j];
      if (quote) {
        if (c == '\\') ++j;
        else if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '{') {
        ++depth;
      } else if (c == '}') {
        --depth;
      } else if (c == '<' && s_.substr(j).starts_with("<%")) {
        break;
      }
    }
    const std::size_t end = std::min(j, s_.size());
    const std::string_view inside = s_.substr(i_ + 2, end > i_ + 3 ? end - i_ - 3 : 0);
    Tokens& p = program(Language::Java);
    const std::size_t first = p.all.size();
    lex(inside, line_, p);
    for (std::size_t k = first; k < p.all.size(); ++k) {
      Token& t = p.all[k];
      const bool begins = k == first || p.all[k - 1].text != ".";
      if (t.kind == Kind::Ident && begins && (t.text == "param" || t.text == "paramValues" || t.text == "header" || t.text == "headerValues" || t.text == "cookie")) t.text = "el$param";
      if (t.kind == Kind::Ident && begins && (t.text == "pageScope" || t.text == "requestScope" || t.text == "sessionScope" || t.text == "applicationScope")) t.text = "pageContext";
    }
    p.op(";", line_);
    skip_to(end);
  }

  void tag() {
    const std::size_t close = s_.find('>', i_);
    const std::string_view head = s_.substr(i_, std::min(close, s_.size()) - i_);
    const auto named = [&](std::string_view name) { return head.size() > name.size() && equals_ignore_case(head.substr(1, name.size()), name) && !is_name_char(head.size() > name.size() + 1 ? head[name.size() + 1] : ' '); };
    const std::size_t behind = close == std::string_view::npos ? s_.size() : close + 1;
    if (named("script") && equals_ignore_case(attribute(head, "runat"), "server")) {
      const Language language = by_name(attribute(head, "language"), language_);
      const std::size_t end = std::min(find_ignore_case(s_, "</script", behind), s_.size());
      skip_to(behind);
      code(s_.substr(i_, end - i_), language, line_, false);
      return skip_to(end);
    }
    for (const std::string_view name : {"jsp:scriptlet", "jsp:declaration", "jsp:expression"}) {
      if (!named(name) || family_ != Family::Jsp) continue;
      const std::size_t end = std::min(s_.find(cat("</", name), behind), s_.size());
      skip_to(behind);
      std::string text(s_.substr(i_, end - i_));
      for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"<![CDATA[", ""}, {"]]>", ""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}})
        for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
      Tokens& p = program(Language::Java);
      code(p.keep(std::move(text)), Language::Java, line_, name == "jsp:expression");
      return skip_to(end);
    }
    if (named("object") && equals_ignore_case(attribute(head, "runat"), "server") && page_.objects.size() < 64) {
      static constexpr std::pair<std::string_view, std::string_view> kClasses[] = {{"72c24dd5-d70a-438b-8a42-98424b88afb8", "WScript.Shell"}, {"13709620-c279-11ce-a49e-444553540000", "Shell.Application"}, {"0d43fe01-f093-11cf-8940-00a0c9054228", "Scripting.FileSystemObject"}, {"00000566-0000-0010-8000-00aa006d2ea4", "ADODB.Stream"}};
      std::string program = attribute(head, "progid");
      const std::string id = lower(attribute(head, "classid"));
      for (const auto& [number, name] : kClasses)
        if (id.find(number) != std::string::npos) program = name;
      if (!program.empty()) page_.objects.emplace_back(attribute(head, "id"), program);
    }
    if (family_ == Family::Aspx && equals_ignore_case(attribute(head, "runat"), "server")) {
      const std::string id = attribute(head, "id");
      const bool input = named("asp:textbox") || named("asp:fileupload") || named("asp:hiddenfield") || named("asp:dropdownlist") || named("input") || named("textarea") || named("asp:listbox") || named("select");
      if (input && !id.empty() && page_.controls.size() < 256) page_.controls.push_back(id);
    }
    // A template's attributes may hold expressions, so only the name is left behind.
    skip_to(std::min(i_ + 2, s_.size()));
  }

  // The end of a bracket that opens at `open`, strings skipped.
  std::size_t bracket_end(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t j = open; j < s_.size(); ++j) {
      const char c = s_[j];
      if (c == '"' || c == '\'') {
        for (++j; j < s_.size() && s_[j] != c && s_[j] != '\n'; ++j)
          if (s_[j] == '\\') ++j;
      } else if (c == '{' || c == '(' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ')' || c == ']') && --depth == 0) {
        return j;
      }
    }
    return s_.size();
  }

  void razor() {
    std::size_t j = i_ + 1;
    if (s_[j] == '@' || s_[j] == '*') return skip_to(std::min(j + 1, s_.size()));
    std::size_t word = j;
    while (word < s_.size() && is_name_char(s_[word])) ++word;
    const std::string_view name = s_.substr(j, word - j);
    if (name == "using" || name == "model" || name == "inherits") return skip_to(std::min(s_.find('\n', j), s_.size()));
    std::size_t open = word;
    while (open < s_.size() && (s_[open] == ' ' || s_[open] == '\n' || s_[open] == '\r')) ++open;
    if (name.empty() || name == "functions" || name == "code" || name == "if" || name == "foreach" || name == "while" || name == "for") {
      if (!name.empty() && open < s_.size() && s_[open] == '(') {
        const std::size_t end = bracket_end(open);
        code(s_.substr(j, std::min(end + 1, s_.size()) - j), Language::CSharp, line_, false);
        return skip_to(std::min(end + 1, s_.size()));
      }
      if (open < s_.size() && (s_[open] == '{' || (s_[open] == '(' && name.empty()))) {
        const std::size_t end = bracket_end(open);
        code(s_.substr(open + 1, end - open - 1), Language::CSharp, line_, s_[open] == '(');
        return skip_to(std::min(end + 1, s_.size()));
      }
      return skip_to(std::max(word, j));
    }
    std::size_t end = word;
    while (end < s_.size()) {
      if (s_[end] == '(' || s_[end] == '[') end = std::min(bracket_end(end) + 1, s_.size());
      else if (s_[end] == '.' && end + 1 < s_.size() && is_name_start(s_[end + 1])) ++end;
      else if (is_name_char(s_[end])) ++end;
      else break;
    }
    code(s_.substr(j, end - j), Language::CSharp, line_, true);
    skip_to(end);
  }

 public:
  void set_razor() { razor_ = true; }

 private:
  Family family_;
  std::string_view s_;
  Page& page_;
  Language language_;
  std::size_t i_ = 0;
  std::uint32_t line_ = 1;
  bool razor_ = false;
};

}  // namespace

std::optional<Family> family_of(std::string_view path, std::string_view text) {
  const std::string name = lower(base_name(path));
  if (name.ends_with(".min.js") || name.ends_with(".d.ts")) return std::nullopt;
  for (const Ending& ending : kEndings) {
    if (!name.ends_with(ending.text)) continue;
    if (ending.family == Family::Php && (ending.text == ".inc" || ending.text == ".module") && text.find("<?") == std::string_view::npos) return std::nullopt;
    if (ending.family == Family::Perl && text.starts_with(":-")) return std::nullopt;  // Prolog
    return ending.family;
  }
  if (const auto family = by_shebang(text)) return family;
  const bool picture = text.starts_with("GIF8") || text.starts_with("\xff\xd8\xff") || text.starts_with("\x89PNG");
  if (picture && text.substr(0, 1 << 20).find("<?php") != std::string_view::npos) return Family::Php;
  // A name without an ending says nothing (standard input, an upload): the first tag does.
  if (name.find('.') != std::string::npos) return std::nullopt;
  const std::string_view front = trim(text.substr(0, 512));
  if (front.starts_with("<?php") || front.starts_with("<?=")) return Family::Php;
  if (front.starts_with("<%@")) return lower(front.substr(0, front.find("%>"))).find("java") != std::string::npos ? Family::Jsp : Family::Aspx;
  return std::nullopt;
}

std::vector<std::string> script_paths() {
  std::vector<std::string> out{"**/*.cgi"};
  for (const Ending& ending : kEndings) out.push_back(cat("**/*", ending.text));
  for (const char* upper : {"PHP", "PhP", "Php", "JSP", "ASP", "ASPX", "phP", "pHp"}) out.push_back(cat("**/*.", upper));
  return out;
}

void read_php(std::string_view s, std::uint32_t line, bool in_code, Tokens& out) {
  out.language = Language::Php;
  std::size_t i = 0;
  bool code = in_code;
  while (i < s.size() && !out.cut) {
    bool echo = false;
    if (!code) {
      std::size_t open = s.find("<?", i);
      const std::size_t script = find_ignore_case(s.substr(0, std::min(s.size(), open)), "<script language=\"php\"", i);
      if (script != std::string_view::npos) {
        open = std::min(s.find('>', script), s.size() - 1);
        line += lines_in(s.substr(i, open + 1 - i));
        i = open + 1;
      } else {
        if (open == std::string_view::npos) return;
        line += lines_in(s.substr(i, open - i));
        i = open + 2;
        if (s.substr(i).starts_with("=")) {
          echo = true;
          ++i;
        } else if (s.size() - i >= 3 && equals_ignore_case(s.substr(i, 3), "php")) {
          i += 3;
        } else if (s.size() - i >= 3 && equals_ignore_case(s.substr(i, 3), "xml")) {
          continue;
        }
      }
    }
    code = false;
    const std::size_t end = php_end(s, i);
    if (echo) out.add(Kind::Ident, "echo", line);
    lex(s.substr(i, end - i), line, out);
    out.op(";", line);
    line += lines_in(s.substr(i, end - i));
    i = std::min(end + 2, s.size());
  }
}

Page read_page(Family family, std::string_view text) {
  Page page;
  switch (family) {
    case Family::Php: {
      page.programs.emplace_back();
      read_php(text, 1, false, page.programs.back());
      finish(page.programs.back());
      break;
    }
    case Family::Jsp:
    case Family::Asp:
    case Family::Aspx: {
      MarkupReader reader(family, text, page);
      // Razor pages have no <% at all.
      if (family == Family::Aspx && text.find("<%") == std::string_view::npos && text.find("runat") == std::string_view::npos) reader.set_razor();
      reader.run();
      break;
    }
    case Family::Python:
    case Family::Perl:
    case Family::Node: {
      page.programs.emplace_back();
      page.programs.back().language = family == Family::Python ? Language::Python : family == Family::Perl ? Language::Perl : Language::JavaScript;
      lex(text, 1, page.programs.back());
      finish(page.programs.back());
      break;
    }
    case Family::Shell: break;
  }
  return page;
}

}  // namespace plimsoll::detect::web
