#include "detect/dockerfile.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/json.h"
#include "base/text.h"

namespace plimsoll::detect {
namespace {

constexpr std::array<std::string_view, 18> kKeywords = {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
                                                        "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};
constexpr std::size_t kMostText = 1 << 20;  // of one instruction, once its variables are expanded

bool is_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

// Words as a shell would part them, quotes taken away.
std::vector<std::string> words_of(std::string_view text, char escape) {
  std::vector<std::string> out;
  std::string word;
  bool any = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      else if (c == escape && quote == '"' && i + 1 < text.size()) word += text[++i];
      else word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      any = true;
    } else if (c == escape && i + 1 < text.size()) {
      word += text[++i];
      any = true;
    } else if (c == ' ' || c == '\t') {
      if (any || !word.empty()) out.push_back(std::move(word));
      word.clear();
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) out.push_back(std::move(word));
  return out;
}

using Variables = std::map<std::string, std::string, std::less<>>;

class Expander {
 public:
  Expander(const Variables& variables, char escape) : variables_(variables), escape_(escape) {}
  bool unresolved = false;

  std::string expand(std::string_view text, int depth = 0) {
    std::string out;
    for (std::size_t i = 0; i < text.size() && out.size() < kMostText;) {
      if (text[i] == escape_ && i + 1 < text.size() && text[i + 1] == '$') {
        out += '$';
        i += 2;
      } else if (text[i] == '\'') {  // nothing is expanded between single quotes
        const std::size_t end = std::min(text.find('\'', i + 1), text.size() - 1);
        out.append(text.substr(i, end - i + 1));
        i = end + 1;
      } else if (text[i] != '$' || i + 1 == text.size()) {
        out += text[i++];
      } else {
        i = variable(text, i, depth, out);
      }
    }
    return out;
  }

 private:
  // At "$": appends its value; returns where it ends.
  std::size_t variable(std::string_view text, std::size_t at, int depth, std::string& out) {
    const bool braces = text[at + 1] == '{';
    std::size_t end = at + (braces ? 2 : 1);
    const std::size_t begin = end;
    while (end < text.size() && is_name(text[end])) ++end;
    const std::string_view name = text.substr(begin, end - begin);
    std::string_view operation, word;
    if (braces) {
      int open = 1;
      std::size_t close = end;
      for (; close < text.size(); ++close) {
        if (text[close] == '{') ++open;
        if (text[close] == '}' && --open == 0) break;
      }
      if (close >= text.size()) {  // no end: taken as it is written
        unresolved = true;
        out.append(text.substr(at));
        return text.size();
      }
      const std::string_view rest = text.substr(end, close - end);
      const std::size_t used = rest.starts_with(':') ? 2 : 1;
      operation = rest.substr(0, std::min(used, rest.size()));
      word = rest.substr(operation.size());
      end = close + 1;
    }
    if (name.empty()) {
      out.append(text.substr(at, end - at));
      return end;
    }
    const auto found = variables_.find(name);
    const bool set = found != variables_.end() && (!operation.starts_with(':') || !found->second.empty());
    if (operation.ends_with('+')) {
      if (set && depth < 4) out += expand(word, depth + 1);
    } else if (set) {
      out += found->second;
    } else if (operation.ends_with('-') && depth < 4) {
      out += expand(word, depth + 1);
    } else {
      unresolved = true;
      out.append(text.substr(at, end - at));
    }
    return end;
  }

  const Variables& variables_;
  char escape_;
};

// Lines joined into instructions.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) { directives(text); }
  char escape() const { return escape_; }

  struct Logical {
    std::string text;
    std::uint32_t line = 0;
    std::vector<std::string> heredocs;
  };
  // False at the end.
  Result<bool> next(Logical& out) {
    out = {};
    std::string_view line;
    while (take(line)) {
      const std::string_view plain = trim(line);
      if (plain.empty() || plain.starts_with('#')) continue;
      if (out.line == 0) out.line = number_;
      const std::string_view kept = trim_right(line);
      if (!kept.ends_with(escape_)) {
        out.text += line;
        break;
      }
      out.text += kept.substr(0, kept.size() - 1);
      if (out.text.size() > kMostText) return limit_reached(cat("Dockerfile line ", out.line, ": an instruction of more than 1 MiB"));
    }
    if (out.line == 0) return false;
    PLIM_CHECK(heredocs(out));
    return true;
  }

 private:
  static std::string_view trim_right(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
  }
  bool take(std::string_view& line) {
    if (!next_line(rest_, line)) return false;
    ++number_;
    return true;
  }
  // "# escape=`" and "# syntax=..." before anything else.
  void directives(std::string_view text) {
    std::string_view line;
    while (next_line(text, line)) {
      std::string_view plain = trim(line);
      if (!plain.starts_with('#')) return;
      const auto [name, value] = cut(trim(plain.substr(1)), '=');
      const std::string key = lower(trim(name));
      if (key != "escape" && key != "syntax" && key != "check") return;
      if (key == "escape" && trim(value) == "`") escape_ = '`';
    }
  }
  Status heredocs(Logical& out) {
    const std::string keyword = upper(trim(cut(std::string(trim(out.text)), ' ').first));
    if (keyword != "RUN" && keyword != "COPY" && keyword != "ADD") return Ok{};
    for (std::size_t at = 0; (at = out.text.find("<<", at)) != std::string::npos;) {
      std::size_t begin = at + 2;
      if (begin < out.text.size() && out.text[begin] == '<') {  // a here-string
        at = begin + 1;
        continue;
      }
      if (begin < out.text.size() && out.text[begin] == '-') ++begin;
      const bool quoted = begin < out.text.size() && (out.text[begin] == '"' || out.text[begin] == '\'');
      if (quoted) ++begin;
      std::size_t end = begin;
      while (end < out.text.size() && is_name(out.text[end])) ++end;
      if (end == begin || (out.text[begin] >= '0' && out.text[begin] <= '9')) {  // a shift, an arithmetic expression
        at += 2;
        continue;
      }
      const std::string name = out.text.substr(begin, end - begin);
      std::string body;
      bool ended = false;
      std::string_view line;
      while (!ended && take(line)) {
        ended = line == name || (out.text[at + 2] == '-' && trim(line) == name);
        if (!ended) body.append(line).push_back('\n');
        if (body.size() > kMostText) return limit_reached(cat("Dockerfile line ", out.line, ": a heredoc of more than 1 MiB"));
      }
      if (!ended) return malformed(cat("Dockerfile line ", out.line, ": the heredoc ", to_utf8(name), " has no end"));
      out.heredocs.push_back(std::move(body));
      at = end;
    }
    return Ok{};
  }

  std::string_view rest_;
  std::uint32_t number_ = 0;
  char escape_ = '\\';
};

class DockerfileReader {
 public:
  DockerfileReader(std::string_view text, const Limits& limits) : lines_(text), limits_(limits) {}

  Result<std::vector<DockerInstruction>> read() {
    LineReader::Logical logical;
    while (true) {
      PLIM_TRY(const bool more, lines_.next(logical));
      if (!more) break;
      if (out_.size() >= limits_.records) return limit_reached(cat("Dockerfile of more than ", limits_.records, " instructions"));
      PLIM_CHECK(add(logical));
    }
    return std::move(out_);
  }

 private:
  Status add(LineReader::Logical& logical) {
    const std::string_view text = trim(logical.text);
    const std::size_t space = std::min(text.find_first_of(" \t"), text.size());
    DockerInstruction i{.keyword = upper(text.substr(0, space)), .text = {}, .flags = {}, .words = {}, .heredocs = std::move(logical.heredocs), .line = logical.line};
    if (!std::binary_search(kKeywords.begin(), kKeywords.end(), i.keyword))
      return malformed(cat("Dockerfile line ", logical.line, ": \"", to_utf8(i.keyword.substr(0, 40)), "\" is no instruction"));
    std::string_view rest = trim(text.substr(space));
    if (i.keyword == "FROM") {
      ++stage_;
      variables_ = global_;
    }
    i.stage = stage_;
    if (i.keyword != "ENV" && i.keyword != "LABEL")
      while (rest.starts_with("--")) {
        const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
        i.flags.emplace_back(rest.substr(0, end));
        rest = trim(rest.substr(end));
      }
    Expander expander(variables_, lines_.escape());
    static constexpr std::array<std::string_view, 6> kShell = {"CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD", "RUN", "SHELL"};
    const bool shell = std::binary_search(kShell.begin(), kShell.end(), i.keyword);
    i.text = shell ? std::string(rest) : expander.expand(rest);
    for (std::string& flag : i.flags) flag = expander.expand(flag);
    i.unresolved = expander.unresolved;
    if (rest.starts_with('['))
      if (const auto list = JsonDocument::parse(i.text, limits_); list && list->root().is_array())
        for (const JsonValue& item : list->root().items()) i.words.emplace_back(item.text());
    if (i.words.empty()) i.words = words_of(i.text, lines_.escape());
    define(i);
    out_.push_back(std::move(i));
    return Ok{};
  }

  void set(std::string name, std::string value) {
    if (stage_ == 0) global_[name] = value;
    variables_[std::move(name)] = std::move(value);
  }
  void define(const DockerInstruction& i) {
    if (i.keyword == "ARG") {
      for (const std::string& word : i.words) {
        const auto [name, value] = cut(word, '=');
        if (word.find('=') != std::string::npos) set(std::string(name), std::string(value));
        else if (const auto found = global_.find(name); found != global_.end()) set(std::string(name), found->second);
      }
    } else if (i.keyword == "ENV" && !i.words.empty()) {
      if (i.words.front().find('=') == std::string::npos) {  // ENV NAME the rest of the line
        const std::string_view rest = trim(std::string_view(i.text).substr(std::min(i.text.find_first_of(" \t"), i.text.size())));
        set(i.words.front(), std::string(rest));
        return;
      }
      for (const std::string& word : i.words) {
        const auto [name, value] = cut(word, '=');
        set(std::string(name), std::string(value));
      }
    }
  }

  LineReader lines_;
  const Limits& limits_;
  Variables global_, variables_;
  std::uint32_t stage_ = 0;
  std::vector<DockerInstruction> out_;
};

}  // namespace

Result<std::vector<DockerInstruction>> read_dockerfile(std::string_view text, const Limits& limits) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return DockerfileReader(text, limits).read();
}

ImageName split_image_name(std::string_view name) {
  ImageName out;
  const std::size_t at = name.find('@');
  if (at != std::string_view::npos) {
    out.digest = name.substr(at + 1);
    name = name.substr(0, at);
  }
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.find(':', slash == std::string_view::npos ? 0 : slash);
  out.repository = name.substr(0, colon);
  if (colon != std::string_view::npos) out.tag = name.substr(colon + 1);
  return out;
}

}  // namespace plimsoll::detect
