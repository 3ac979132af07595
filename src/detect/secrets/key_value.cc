#include "detect/secrets/key_value.h"

#include <algorithm>

#include "base/hash.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/secrets/dummy.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& secret_key_files();

namespace {

constexpr std::size_t kMostKey = 128, kMostValue = 2048;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_key(char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '$'; }
bool blank(char c) { return c == ' ' || c == '\t'; }

std::vector<std::string> texts(JsonValue value) {
  std::vector<std::string> out;
  for (const JsonValue item : value.items()) out.emplace_back(item.text());
  return out;
}

// A cursor that never leaves the text.
struct At {
  std::string_view text;
  std::size_t i;
  char peek() const { return i < text.size() ? text[i] : '\0'; }
  void blanks() {
    while (i < text.size() && blank(text[i])) ++i;
  }
  void white() {
    while (i < text.size() && (blank(text[i]) || text[i] == '\n' || text[i] == '\r')) ++i;
  }
  bool take(std::string_view what) {
    if (!text.substr(i).starts_with(what)) return false;
    i += what.size();
    return true;
  }
};

// A quoted text at the cursor; escapes are kept as they are. false when it does not end on its line.
bool quoted(At& at, std::string_view& value) {
  const char quote = at.peek();
  if (quote != '"' && quote != '\'' && quote != '`') return false;
  const std::size_t begin = ++at.i;
  while (at.i < at.text.size() && at.i - begin <= kMostValue && at.text[at.i] != quote && at.text[at.i] != '\n') at.i += at.text[at.i] == '\\' ? 2 : 1;
  if (at.i >= at.text.size() || at.text[at.i] != quote) return false;
  value = at.text.substr(begin, at.i - begin);
  ++at.i;
  return true;
}

// To the end of the line, without a comment that stands apart.
std::string_view bare(At& at, FileForm form) {
  const std::size_t begin = at.i;
  std::string_view value = at.text.substr(begin, kMostValue + 1);
  value = value.substr(0, value.find('\n'));
  if (value.size() > kMostValue) return {};
  for (std::size_t i = 1; i < value.size(); ++i)
    if ((value[i] == '#' || value[i] == ';') && blank(value[i - 1])) {
      value = value.substr(0, i);
      break;
    }
  // `A=1 B=2` in shells and Dockerfiles.
  if (form == FileForm::Shell) value = value.substr(0, value.find_first_of(" \t;&|)"));
  return trim(value);
}

std::string_view line_before(std::string_view text, std::size_t at) {
  constexpr std::size_t kMost = 512;
  const std::size_t from = at > kMost ? at - kMost : 0;
  const std::string_view before = text.substr(from, at - from);
  const std::size_t line_end = before.rfind('\n');
  return line_end == std::string_view::npos ? before : before.substr(line_end + 1);
}

// XML text up to the next tag.
std::optional<KeyValue> element_text(std::string_view text, std::string_view key, std::size_t from) {
  const std::string_view value = text.substr(from, kMostValue);
  const std::size_t end = value.find('<');
  if (end == std::string_view::npos) return std::nullopt;
  return KeyValue{key, trim(value.substr(0, end)), true};
}

// The key is itself the value of `name` or `key`: the value stands beside it under `value`.
std::optional<KeyValue> named_pair(std::string_view text, std::string_view key, std::size_t after, FileForm form) {
  constexpr std::size_t kNear = 200;
  const std::string_view near = text.substr(after, kNear);
  if (form == FileForm::Xml && near.starts_with(">")) {  // <property name="X">value</property>
    return element_text(text, key, after + 1);
  }
  const std::size_t word = near.find("alue");
  if (word == std::string_view::npos || word == 0 || (near[word - 1] != 'v' && near[word - 1] != 'V')) return std::nullopt;
  // Nothing but marks and white space may lie between, else it is another pair's.
  const std::string_view between = near.substr(0, word - 1);
  if (between.find_first_of("abcdfghijklmopqrstuwxyzABCDEFGHIJKLMOPQRSTUVWXYZ") != std::string_view::npos && between.find("</name>") == std::string_view::npos) return std::nullopt;
  At at{text, after + word + 4};
  if (at.peek() == '"' || at.peek() == '\'') ++at.i;
  if (form == FileForm::Xml && at.take(">")) {
    return element_text(text, key, at.i);
  }
  at.blanks();
  if (!at.take(":") && !at.take("=")) return std::nullopt;
  at.blanks();
  KeyValue out{.key = key, .value = {}, .quoted = true};
  if (quoted(at, out.value)) return out;
  if (form != FileForm::Yaml) return std::nullopt;
  out.quoted = false;
  out.value = bare(at, form);
  return out;
}

// `=`, `:`, `=>`, `:=`, `?=`, `::=`, `.=`, `+=`; not a comparison.
bool assigned(At& at) {
  const std::string_view rest = at.text.substr(at.i, 5);
  const std::size_t marks = std::min(rest.find_first_not_of(":?.+|"), rest.size());
  if (marks < rest.size() && rest[marks] == '=') {
    if (marks == 0 && rest.size() > 1 && (rest[1] == '=' || rest[1] == '~')) return false;
    at.i += marks + 1;
    at.take(">");
    return true;
  }
  return at.take(":");
}

// KEY=VALUE inside a string constant: "config": "API_TOKEN=abc\nX=1".
std::optional<KeyValue> in_string(std::string_view text, std::string_view key, std::size_t begin, std::size_t end) {
  At at{text, end};
  // At its beginning, or behind a written-out line end, whose n then is part of what looks like the key.
  const bool first = begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'');
  const bool after_line = begin > 0 && text[begin - 1] == '\\' && key.starts_with('n');
  if ((!first && !after_line) || !at.take("=")) return std::nullopt;
  std::string_view value = text.substr(at.i, kMostValue);
  const std::size_t stop = value.find_first_of("\"'\\ ;&\n`<>,)");
  if (stop == std::string_view::npos || stop == 0 || value[stop] == '\n') return std::nullopt;
  return KeyValue{key, value.substr(0, stop), true};
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += w;
  return out;
}

struct Makeup {
  std::size_t lower = 0, upper = 0, digit = 0, space = 0, mark = 0, high = 0;
};
Makeup makeup(std::string_view text) {
  Makeup m;
  for (const char c : text) {
    if (is_lower(c)) ++m.lower;
    else if (is_upper(c)) ++m.upper;
    else if (is_digit(c)) ++m.digit;
    else if (blank(c)) ++m.space;
    else if (static_cast<unsigned char>(c) >= 128) ++m.high;
    else ++m.mark;
  }
  return m;
}

// Words of interfaces and code where a value should be: "new-password", "PasswordField", "auth.token", "csrf_token".
bool names_a_thing(std::string_view value, const Makeup& m) {
  if (m.digit > 0 && m.digit * 4 > value.size()) return false;
  const std::string text = lower(value);
  static constexpr std::string_view kNames[] = {"password", "passwd", "passphrase", "token", "secret", "apikey", "api_key", "api-key", "credential", "username", "login", "auth"};
  if (std::none_of(std::begin(kNames), std::end(kNames), [&](std::string_view n) { return text.find(n) != std::string::npos; })) return false;
  // "MyS3cretPassword!" is somebody's password; "user-password" is a name.
  return m.digit == 0 && value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.: /") == std::string_view::npos;
}

// Dotted and called names, paths, selectors: code and references, not values.
bool is_expression(std::string_view value, bool quoted_value, const Makeup& m) {
  if (!quoted_value && (value.find('(') != std::string_view::npos || value.find("=>") != std::string_view::npos || value.find('[') != std::string_view::npos || value.back() == ',' || value.back() == '{' || value.back() == '[' || value.back() == ';')) return true;
  if (value.front() == '/' && value.find('/', 1) != std::string_view::npos) return true;
  if (value.starts_with("./") || value.starts_with("../") || value.starts_with("~/") || value.starts_with("C:\\") || value.find("://") != std::string_view::npos) return true;
  if ((value.front() == '#' || value.front() == '.') && m.digit == 0) return true;
  static constexpr std::string_view kFiles[] = {".key", ".pem", ".crt", ".txt", ".json", ".yml", ".yaml", ".jks", ".p12", ".so", ".properties", ".conf", ".html", ".php", ".js", ".py"};
  if (std::any_of(std::begin(kFiles), std::end(kFiles), [&](std::string_view f) { return value.ends_with(f); })) return true;
  // words.joined.by.dots, without digits
  if (m.digit == 0 && m.mark > 0 && value.find('.') != std::string_view::npos && value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") == std::string_view::npos) return true;
  // A version, or a path into a document.
  if (value.find_first_not_of("0123456789.^~<>=v*- ") == std::string_view::npos && std::count(value.begin(), value.end(), '.') >= 2) return true;
  if (value.find("[-1]") != std::string_view::npos || value.find("[]") != std::string_view::npos || value.find("[*]") != std::string_view::npos) return true;
  return value.find("[name") != std::string_view::npos || value.find("</") != std::string_view::npos || value.find(" + ") != std::string_view::npos || value.find("%s") != std::string_view::npos || value.find("{0}") != std::string_view::npos;
}

bool is_translation(std::string_view path) {
  static constexpr std::string_view kPlaces[] = {"locale", "i18n", "l10n", "lang", "translations", "messages", "strings", "intl", "nls"};
  const std::string text = lower(path);
  return std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](std::string_view p) { return text.find(p) != std::string::npos; });
}

// How much of the letters reads like words: the share of neighbouring pairs that are among the commonest of English.
// Random letters have some 0.1, words and names 0.4 and more.
double word_likeness(std::string_view text) {
  static constexpr std::string_view kPairs = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui rg ib tl ny ki rk ys ob mm fu ph og ms ye ud mb ip ub oi rl gu dr hr cc tw ft wn nu af hu nn eo vo rv nf xp gn sm fl iz ok nl my gl aw ju oa eq sy sl ps jo lf nv je nk kn gs dy hy ze ks xt bs ik dd pm tp sk";
  std::size_t pairs = 0, common = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char a = static_cast<char>(text[i - 1] | 0x20), b = static_cast<char>(text[i] | 0x20);
    if (!is_lower(a) || !is_lower(b)) continue;
    ++pairs;
    // The first hundred and fifty of the list are the common ones.
    const std::size_t at = kPairs.substr(0, 150 * 3).find(std::string{a, b});
    common += at != std::string_view::npos && at % 3 == 0;
  }
  return pairs == 0 ? 0 : static_cast<double>(common) / static_cast<double>(pairs);
}

bool password_value(const KeyValue& pair, FileForm form, std::string_view path) {
  const std::string_view value = pair.value;
  if (value.size() < 4 || value.size() > 128) return false;
  const Makeup m = makeup(value);
  if (m.space > 0 && (!pair.quoted || m.space > 1 || m.digit == 0)) return false;
  if (names_a_thing(value, m) || is_expression(value, pair.quoted, m)) return false;
  static constexpr std::string_view kSources[] = {"files", "compat", "systemd", "ldap", "winbind", "crypt", "bcrypt", "plain", "basic", "digest", "base64", "md5", "sha256", "sha512", "argon2", "scram-sha-256"};
  if (std::find(std::begin(kSources), std::end(kSources), lower(value)) != std::end(kSources)) return false;
  if (m.high * 2 > value.size()) return false;  // another script: a label
  const bool word_only = m.digit == 0 && m.mark == 0;
  if (is_translation(path) && (word_only || m.high > 0)) return false;
  if (form == FileForm::Code) {
    // In code a plain word is a name far more often than a password.
    if (value.size() < 5 || word_only || (m.digit == 0 && m.upper == 0 && value.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-. :") == std::string_view::npos)) return false;
    return true;
  }
  if (word_only && m.upper > 0 && m.lower > 0 && is_upper(value.front()) && m.upper == 1 && value.size() < 12) return false;  // "Passwort", "String"
  return true;
}

bool token_value(const KeyValue& pair, FileForm form) {
  const std::string_view value = pair.value;
  const bool random = word_likeness(value) < 0.3;
  const std::size_t least = form == FileForm::Code && !random ? 16 : 12;
  if (value.size() < least || value.size() > 512) return false;
  const Makeup m = makeup(value);
  if (m.space > 0 || m.digit == 0 || m.lower + m.upper == 0 || m.high > 0) return false;
  if (names_a_thing(value, m) || is_expression(value, pair.quoted, m) || is_dummy_token(value) || is_published_example(value)) return false;
  const double bits = entropy_bits(value);
  if (bits < (value.size() < 20 ? 2.8 : 3.0)) return false;
  // Words joined by marks with a number at the end are names: "my-app-tls-v2", "us-east-1-prod".
  std::size_t longest = 0, run = 0, words = 0;
  for (const char c : value) {
    run = is_lower(c) || is_upper(c) ? run + 1 : 0;
    longest = std::max(longest, run);
    words += run == 4;
  }
  if (!random && m.mark >= 1 && words >= 2 && m.digit * 5 < value.size() && (m.upper == 0 || m.lower == 0)) return false;
  return m.digit * 12 >= value.size() || m.upper * m.lower > 0 || random;
}

bool auth_value(const KeyValue& pair) {
  std::string text;
  if (from_base64(pair.value, text) && text.find(':') != std::string::npos && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; })) return !is_placeholder_value(cut(text, ':').second);
  return pair.value.size() >= 16 && token_value(pair, FileForm::Config);
}

}  // namespace

FileForm form_of(std::string_view path) {
  const std::string name = lower(base_name(path));
  const auto ends = [&](std::initializer_list<std::string_view> list) { return std::any_of(list.begin(), list.end(), [&](std::string_view e) { return name.back() == e.back() && name.ends_with(e); }); };
  if (name.empty()) return FileForm::Config;
  if (name.starts_with("dockerfile") || name.ends_with(".dockerfile") || name.starts_with("containerfile") || name.starts_with(".env") || name.ends_with(".env") || name.find("_history") != std::string::npos || ends({".sh", ".bash", ".zsh", ".ksh", ".profile", ".bashrc", ".envrc", ".bat", ".cmd", ".ps1", ".service"}) || name == "makefile" || name == "jenkinsfile") return FileForm::Shell;
  if (ends({".md", ".html", ".htm", ".rst", ".txt", ".po", ".pot", ".css", ".scss", ".less", ".svg", ".log", ".adoc", ".tex", ".csv", ".tsv", ".diff", ".patch", ".map", ".1", ".2", ".3", ".5", ".7", ".8", ".lock", ".sum", ".d.ts", ".pyi"})) return FileForm::Prose;
  if (ends({".yaml", ".yml"}) || name == "kubeconfig") return FileForm::Yaml;
  if (ends({".json", ".json5", ".jsonc", ".ipynb", ".tfstate", ".dockercfg", ".webmanifest"})) return FileForm::Json;
  if (ends({".xml", ".config", ".csproj", ".xsl", ".plist", ".jmx", ".xhtml"})) return FileForm::Xml;
  if (ends({".py", ".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".java", ".kt", ".scala", ".groovy", ".go", ".rs", ".rb", ".erb", ".php", ".inc", ".phtml", ".c", ".cc", ".cpp", ".h", ".hpp", ".cs", ".vb", ".swift", ".m", ".pl", ".pm", ".lua", ".r", ".dart", ".ex", ".exs", ".clj", ".sql", ".vue", ".svelte", ".vim", ".el", ".tcl", ".tm", ".jsp", ".asp", ".aspx", ".tf", ".tfvars", ".hcl", ".gradle", ".sbt", ".nix", ".pp", ".bicep"})) return FileForm::Code;
  return FileForm::Config;
}

std::vector<std::string> key_words(std::string_view key) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (!is_lower(c) && !is_upper(c) && !is_digit(c)) {
      if (!out.back().empty()) out.emplace_back();
      continue;
    }
    // dbPassword, DBPassword: a capital begins a word after a small letter, or before one in a run of capitals.
    if (is_upper(c) && i > 0 && (is_lower(key[i - 1]) || (is_upper(key[i - 1]) && i + 1 < key.size() && is_lower(key[i + 1]))) && !out.back().empty()) out.emplace_back();
    out.back() += static_cast<char>(is_upper(c) ? c + 32 : c);
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

std::vector<Literal> key_literals(const KeyRule& rule) {
  std::vector<Literal> out;
  const auto add = [&](Literal literal) {
    if (std::find(out.begin(), out.end(), literal) == out.end()) out.push_back(std::move(literal));
  };
  // A key that holds another one is found by it: "client secret" by "secret".
  const auto covered = [&](const std::string& key) {
    return std::any_of(rule.keys.begin(), rule.keys.end(), [&](const auto& other) { return other.size() == 1 && other[0].size() >= 4 && other[0] != key && key.find(other[0]) != std::string::npos; });
  };
  for (const auto& words : rule.keys) {
    if (covered(joined(words))) continue;
    add(caseless(joined(words)));
    if (words.size() < 2 || std::any_of(words.begin(), words.end(), covered)) continue;
    // Each mark by itself: literals alone are what the search is fastest at.
    for (const std::string_view mark : {"_", "-", "."}) {
      std::string apart;
      for (const std::string& word : words) apart.append(apart.empty() ? std::string_view() : mark).append(word);
      add(caseless(std::string_view(apart).substr(0, 16)));
    }
  }
  return out;
}

std::optional<KeyValue> key_value_at(std::string_view text, std::size_t at, FileForm form) {
  if (form == FileForm::Prose) return std::nullopt;
  std::size_t begin = at, end = at;
  while (begin > 0 && at - begin < kMostKey && in_key(text[begin - 1])) --begin;
  while (end < text.size() && end - at < kMostKey && in_key(text[end])) ++end;
  const std::string_view key = text.substr(begin, end - begin);
  const std::string_view before = line_before(text, begin);
  const char opening = begin > 0 ? text[begin - 1] : '\0';
  if (form == FileForm::Xml) {
    constexpr std::size_t kComment = 4096;
    const std::string_view above = text.substr(begin > kComment ? begin - kComment : 0, std::min(begin, kComment));
    const std::size_t open = above.rfind("<!--"), close = above.rfind("-->");
    if (open != std::string_view::npos && (close == std::string_view::npos || close < open)) return std::nullopt;
  }
  At cursor{text, end};
  const bool in_quotes = (opening == '"' || opening == '\'' || opening == '`') && cursor.peek() == opening;
  if (in_quotes) ++cursor.i;
  // "name": "X_PASSWORD", "value": ...   name: X_PASSWORD, value: ...   <add key="X" value="..."/>   <name>X</name><value>
  const std::string_view lead = trim(in_quotes ? before.substr(0, before.size() - 1) : before);
  // Nearly no line has any of these before its key: the last byte says so.
  const auto named = [&](std::string_view word) {
    std::string_view rest = lead;
    if (rest.ends_with('>')) {
      rest.remove_suffix(1);
      return rest.ends_with(word) && rest.substr(0, rest.size() - word.size()).ends_with('<');
    }
    if (rest.ends_with(':')) {
      rest.remove_suffix(rest.ends_with("\":") ? 2 : 1);
      return rest.ends_with(word);
    }
    if (!rest.ends_with('=')) return false;
    rest.remove_suffix(1);
    return rest.ends_with(word);
  };
  if (named("name") || named("key") || named("Name") || named("Key")) return named_pair(text, key, cursor.i, form);
  if (form == FileForm::Xml && !in_quotes && opening == '<' && cursor.take(">")) {
    return element_text(text, key, cursor.i);
  }
  // A comment is not configuration; code's comments hold examples.
  const std::string_view line_start = trim(before);
  if (line_start.starts_with('#') || line_start.starts_with("//") || line_start.starts_with('*') || line_start.starts_with("<!--") || (line_start.starts_with(';') && form == FileForm::Config)) return std::nullopt;
  if (form == FileForm::Code && cursor.peek() == ']') ++cursor.i;  // $config['password'] = 'x'
  // A type may stand between: password: str = "x"
  cursor.blanks();
  bool separated = false, define = false;
  if (form == FileForm::Code) {
    static constexpr std::string_view kCalls[] = {"define(", "define (", "setProperty(", ".put(", ".set(", "putString(", "setenv("};
    static constexpr std::string_view kTypes[] = {"string", "String", "str", "char *", "char*", "*string", "text", "var", "Optional[str]"};
    if (in_quotes && std::any_of(std::begin(kCalls), std::end(kCalls), [&](std::string_view c) { return lead.ends_with(c); }) && cursor.take(",")) separated = define = true;
    else separated = assigned(cursor);
    // Go writes the type behind the name, Python and TypeScript behind a colon.
    if (!define) {
      At typed = cursor;
      typed.blanks();
      for (const std::string_view type : kTypes) {
        At behind = typed;
        if (!behind.take(type)) continue;
        behind.blanks();
        if (behind.take("=")) {
          cursor = behind;
          separated = true;
          break;
        }
      }
    }
    if (!separated && !in_quotes) return in_string(text, key, begin, end);
  } else if (form == FileForm::Json) {
    separated = in_quotes && cursor.take(":");
    if (!separated) return in_string(text, key, begin, end);
  } else if (form == FileForm::Xml) {
    separated = cursor.take("=");
  } else if (form == FileForm::Yaml) {
    separated = cursor.take(":") && (blank(cursor.peek()) || cursor.peek() == '"' || cursor.peek() == '\'');
    if (!separated) separated = assigned(cursor);  // compose's lists: - DB_PASSWORD=x
  } else {
    separated = assigned(cursor) || (in_quotes && begin >= 2 && text[begin - 2] == '(' && cursor.take(","));
    // `requirepass x`, `password x` of .netrc, `ENV X y`.
    const bool netrc = before.find("machine ") != std::string_view::npos || before.find("login ") != std::string_view::npos;
    const bool redis = trim(before).empty() && (key == "requirepass" || key == "masterauth" || key == "password");
    if (!separated && cursor.i > end && cursor.i < text.size() && text[cursor.i] != '\n' && (netrc || redis || trim(before) == "ENV")) {
      std::string_view value = bare(cursor, FileForm::Config);
      // One word and nothing behind it.
      if (value.empty() || (trim(before) != "ENV" && value.find_first_of(" \t=") != std::string_view::npos)) return std::nullopt;
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) value = value.substr(1, value.size() - 2);
      return KeyValue{key, value, false};
    }
  }
  if (!separated) return std::nullopt;
  if (form == FileForm::Json) cursor.white();
  else cursor.blanks();
  KeyValue out{.key = key, .value = {}, .quoted = true};
  cursor.take("r");  // Python's raw strings; harmless elsewhere: a bare value is read from its first letter below
  if (cursor.i > 0 && text[cursor.i - 1] == 'r' && cursor.peek() != '"' && cursor.peek() != '\'') --cursor.i;
  if (quoted(cursor, out.value)) {
    // "x" + variable, "x".format(...), f-strings
    cursor.blanks();
    if (form == FileForm::Code && (cursor.peek() == '+' || cursor.peek() == '.' || cursor.peek() == '%')) return std::nullopt;
    return out;
  }
  if (form == FileForm::Code || form == FileForm::Json || form == FileForm::Xml) return std::nullopt;
  out.quoted = false;
  out.value = bare(cursor, form);
  if (out.value.empty()) return std::nullopt;
  return out;
}

bool is_secret_pair(const KeyRule& rule, const KeyValue& pair, FileForm form, std::string_view path) {
  if (pair.value.empty() || (rule.kind != KeyRule::Kind::Auth && is_placeholder_value(pair.value))) return false;
  if (rule.kind == KeyRule::Kind::Auth && pair.value.front() == '$') return false;
  const std::vector<std::string> words = key_words(pair.key);
  const std::string key = joined(words);
  const auto ends = [&](const std::vector<std::string>& wanted) {
    const std::string text = joined(wanted);
    if (!key.ends_with(text)) return false;
    // "userpassword" ends with it too, but "bypass" does not end with the word pass.
    std::size_t length = 0;
    for (std::size_t i = words.size(); i-- > 0 && length < text.size();) length += words[i].size();
    return length == text.size() || text.size() >= 6;
  };
  if (std::none_of(rule.keys.begin(), rule.keys.end(), ends)) return false;
  static constexpr std::string_view kNoSecret[] = {"public", "csrf", "xsrf", "pad", "eos", "bos", "unk", "sep", "cls", "mask", "max", "min", "next", "continuation", "page", "cancellation", "forgot", "reset", "show", "hide", "toggle", "confirm", "wrong", "invalid", "placeholder", "label", "hint", "no", "is", "has", "use", "enable", "allow", "require", "request", "output", "input", "change", "action", "idempotency", "scroll", "cursor", "resume", "sync", "authenticity", "verification", "antiforgery"};
  if (words.size() > 1 && std::find(std::begin(kNoSecret), std::end(kNoSecret), words.front()) != std::end(kNoSecret)) return false;
  if (words.size() > 1 && std::find(std::begin(kNoSecret), std::end(kNoSecret), words[words.size() - 2]) != std::end(kNoSecret)) return false;
  if (!rule.files.empty() && std::none_of(rule.files.begin(), rule.files.end(), [&](const std::string& glob) { return glob_match(glob, path); })) return false;
  // The value repeats its key: "password: db_password", "token = TOKEN".
  if (equals_ignore_case(pair.value, pair.key) || joined(key_words(pair.value)) == key) return false;
  // Kubernetes' Secret and the like: what the base64 says counts.
  std::string decoded;
  if (form == FileForm::Yaml && pair.value.size() % 4 == 0 && from_base64(pair.value, decoded) && is_utf8(decoded) && is_placeholder_value(decoded)) return false;
  switch (rule.kind) {
    case KeyRule::Kind::Password: return password_value(pair, form, path);
    case KeyRule::Kind::Token: return token_value(pair, form);
    case KeyRule::Kind::Auth: return auth_value(pair);
  }
  return false;
}

KeyRules read_key_rules(std::string_view path, std::string_view text, const Limits& limits) {
  KeyRules out;
  auto document = path.ends_with(".json") ? JsonDocument::parse(text, limits) : JsonDocument::parse_yaml(text, limits);
  if (!document) {
    out.errors.push_back({std::string(path), 0, {}, document.error().message()});
    return out;
  }
  out.not_paths = texts(document->root()["not_paths"]);
  for (const JsonValue value : document->root()["rules"].items()) {
    KeyRule rule;
    const auto bad = [&](std::string why) { out.errors.push_back({std::string(path), 0, rule.rule.id, std::move(why)}); };
    rule.rule.id = value["id"].text();
    rule.rule.title = value["title"].text();
    rule.rule.why = value["why"].text();
    rule.rule.fix = value["fix"].text();
    rule.rule.source = value["source"].text();
    rule.rule.severity = severity_from(value["severity"].text()).value_or(Severity::High);
    const std::string_view kind = value["kind"].text();
    if (kind == "token") rule.kind = KeyRule::Kind::Token;
    else if (kind == "auth") rule.kind = KeyRule::Kind::Auth;
    else if (kind != "password") {
      bad(cat("kind ", kind, " is none of password, token, auth"));
      continue;
    }
    for (const std::string& key : texts(value["keys"])) {
      std::vector<std::string> words;
      for (const std::string_view word : split(key, ' '))
        for (std::string& part : key_words(word)) words.push_back(std::move(part));
      if (!words.empty()) rule.keys.push_back(std::move(words));
    }
    rule.files = texts(value["files"]);
    for (const JsonValue example : value["match"].items()) rule.match.push_back({std::string(example["path"].text()), std::string(example["text"].text())});
    for (const JsonValue example : value["no_match"].items()) rule.no_match.push_back({std::string(example["path"].text()), std::string(example["text"].text())});
    if (rule.rule.id.empty() || rule.rule.title.empty() || rule.keys.empty()) {
      bad("a rule has id, title and keys");
      continue;
    }
    out.rules.push_back(std::move(rule));
  }
  if (out.rules.empty() && out.errors.empty()) out.errors.push_back({std::string(path), 0, {}, "it has no list of `rules`"});
  return out;
}

KeyRules shipped_key_rules() {
  KeyRules out;
  for (const auto& [name, text] : secret_key_files()) {
    KeyRules one = read_key_rules(name, text);
    PLIM_ASSERT(one.errors.empty());
    std::move(one.rules.begin(), one.rules.end(), std::back_inserter(out.rules));
    std::move(one.not_paths.begin(), one.not_paths.end(), std::back_inserter(out.not_paths));
  }
  return out;
}

}  // namespace plimsoll::detect
