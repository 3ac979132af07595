// Subjects of image configs and of their history.
// Source  OCI image-spec config.md; what Docker's classic builder and BuildKit write into history[].created_by.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "detect/dockerfile.h"
#include "detect/subjects.h"

namespace plimsoll::detect {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "1000:1000", "app", "" -> the user's number, by the image's own passwd; "unknown" where nobody can say.
void add_user(Subject& image, std::string_view user, const ImageContext& context) {
  const std::string_view name = trim(cut(user, ':').first);
  image.add("user", user.empty() ? "(none, so root)" : user);
  if (name.empty() || name == "root") {
    image.add("uid", "0");
  } else if (all_digits(name)) {
    image.add("uid", name.find_first_not_of('0') == std::string_view::npos ? "0" : name);
    image.add("numeric", "yes");
  } else {
    const auto found = std::find_if(context.accounts.begin(), context.accounts.end(), [&](const Account& a) { return a.name == name; });
    image.add("uid", found != context.accounts.end() ? found->uid : "unknown");
    if (found == context.accounts.end()) image.add("user_known", context.has_accounts ? "no" : "unknown");
    image.add("numeric", "no");
  }
}

// "/bin/sh -c #(nop)  CMD [...]", "RUN /bin/sh -c x # buildkit", "|1 A=b /bin/sh -c x" -> keyword and arguments.
std::pair<std::string, std::string_view> instruction_of(std::string_view created_by) {
  constexpr std::string_view kShell = "/bin/sh -c ", kNop = "#(nop)", kBuildkit = "# buildkit";
  std::string_view text = trim(created_by);
  if (text.ends_with(kBuildkit)) text = trim(text.substr(0, text.size() - kBuildkit.size()));
  if (const std::size_t shell = text.find(kShell); text.starts_with('|') && shell != std::string_view::npos) text = text.substr(shell);
  if (text.starts_with(kShell)) {
    const std::string_view command = trim(text.substr(kShell.size()));
    if (!command.starts_with(kNop)) return {"RUN", command};
    text = trim(command.substr(kNop.size()));
  }
  const auto [word, rest] = cut(text, ' ');
  static constexpr std::array<std::string_view, 17> kWords = {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL",
                                                              "MAINTAINER", "ONBUILD", "RUN", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"};
  if (std::binary_search(kWords.begin(), kWords.end(), word)) return {std::string(word), trim(rest)};
  return {"", text};
}

// A URL without what may be secret in it: user information and query.
std::string bare_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const std::size_t host = scheme + 3, end = std::min(url.find('/', host), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  return at == std::string_view::npos || at < host ? std::string(url) : cat(url.substr(0, host), url.substr(at + 1));
}

bool is_url(std::string_view word) { return word.starts_with("http://") || word.starts_with("https://"); }

void add_words(Subject& subject, const std::vector<std::string_view>& words) {
  for (const std::string_view word : words)
    if (is_url(word)) subject.add("url", bare_url(word));
}

}  // namespace

bool credential_variable(std::string_view name, std::string_view value) {
  const std::string upper_name = [&] {
    std::string out(name);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c == '-' || c == '.' ? '_' : c;
    return out;
  }();
  static constexpr std::string_view kNames[] = {"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL", "ENCRYPTION_KEY", "SIGNING_KEY", "MASTER_KEY"};
  static constexpr std::string_view kNotEnds[] = {"_FILE", "_PATH", "_DIR", "_NAME", "_ID", "_HEADER", "_LENGTH", "_TTL", "_TYPE", "_ISSUER", "_URL", "_URI", "_HOST",
                                                  "_EXPIRY", "_EXPIRATION", "_EXPIRES", "_ALGORITHM", "_ENDPOINT", "_SIZE", "_COUNT", "_LIMIT", "_ENABLED", "_REQUIRED",
                                                  "_POLICY", "_KEYS", "_STORE", "_MANAGER", "_PROVIDER", "_FIELD", "_MAX", "_MIN"};
  const bool password_token = ("_" + upper_name + "_").find("_PASS_") != std::string::npos;
  const auto in_name = [&](std::string_view word) { return upper_name.find(word) != std::string::npos; };
  if (!password_token && std::none_of(std::begin(kNames), std::end(kNames), in_name)) return false;
  if (in_name("PUBLIC") || std::any_of(std::begin(kNotEnds), std::end(kNotEnds), [&](std::string_view end) { return upper_name.ends_with(end); })) return false;
  const std::string small = lower(trim(value));
  if (small.empty() || small.front() == '/' || small.starts_with("./") || small.front() == '<' || small.find('$') != std::string::npos || small.starts_with("{{")) return false;
  if (small.find_first_not_of("x*.-_?#") == std::string::npos) return false;
  static constexpr std::string_view kNoValue[] = {"true", "false", "none", "null", "nil", "yes", "no", "on", "off", "undefined", "disabled", "enabled"};
  if (std::any_of(std::begin(kNoValue), std::end(kNoValue), [&](std::string_view word) { return small == word; })) return false;
  return !(all_digits(small) && small.size() < 4);
}

Status image_subjects(std::string_view config_json, const ImageContext& context, const Limits& limits, const SubjectVisitor& visit) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(config_json, limits).context("image config"));
  const JsonValue root = document.root(), config = root["config"];
  Subject image{.kind = "image", .fields = {}, .documents = {{"config", config}, {"root", root}}};
  add_user(image, config["User"].text(), context);
  const JsonValue test = config["Healthcheck"]["Test"];
  image.add("healthcheck", !test.exists() ? "missing" : test.at(0).text() == "NONE" ? "disabled" : "set");
  visit(image);

  for (const JsonValue item : config["Env"].items()) {
    const auto [name, value] = cut(item.text(), '=');
    Subject variable{.kind = "variable", .fields = {}, .documents = {}};
    variable.add("name", name).add("credential", credential_variable(name, value) ? "yes" : "no").add("where", "image config");
    visit(variable);
    if (name != "PATH") continue;
    for (const std::string_view entry : split(value, ':')) {
      Subject path{.kind = "path-entry", .fields = {}, .documents = {}};
      visit(path.add("entry", entry.empty() ? "." : entry).add("relative", entry.starts_with('/') ? "no" : "yes"));
    }
  }
  for (const auto& [name, value] : config["ExposedPorts"].members()) {
    const auto [number, protocol] = cut(name, '/');
    Subject port{.kind = "port", .fields = {}, .documents = {}};
    visit(port.add("port", number).add("protocol", protocol.empty() ? "tcp" : protocol).add("where", "image config"));
  }
  for (const std::string_view key : {"org.opencontainers.image.base.name"}) {
    const std::string_view name = config["Labels"][key].text();
    if (name.empty()) continue;
    const ImageName parts = split_image_name(name);
    Subject base{.kind = "base", .fields = {}, .documents = {}};
    visit(base.add("image", name).add("tag", parts.tag).add("digest", parts.digest).add("where", "image config"));
  }
  for (const JsonValue entry : root["history"].items()) {
    const auto [keyword, text] = instruction_of(entry["created_by"].text());
    Subject history{.kind = "history", .fields = {}, .documents = {}};
    history.add("instruction", keyword).add("text", text);
    add_words(history, split(text, ' '));
    visit(history);
  }
  return Ok{};
}

Status dockerfile_subjects(std::string_view text, const Limits& limits, const SubjectVisitor& visit) {
  PLIM_TRY(const std::vector<DockerInstruction> instructions, read_dockerfile(text, limits));
  if (instructions.empty()) return Ok{};
  const std::uint32_t last = instructions.back().stage;
  std::vector<std::string> stages;  // names given by AS
  Subject whole{.kind = "dockerfile", .fields = {}, .documents = {}, .line = 1};
  std::string user, base;
  std::uint32_t user_line = 0;
  bool user_unresolved = false;
  std::string healthcheck = "missing";
  for (const DockerInstruction& i : instructions) {
    const std::string where = i.stage == last ? "yes" : "no";
    Subject s{.kind = "instruction", .fields = {}, .documents = {}, .line = i.line};
    s.add("instruction", i.keyword).add("text", i.text).add("last_stage", where).add("unresolved", i.unresolved ? "yes" : "no");
    for (const std::string& word : i.words) {
      s.add("word", word);
      if (is_url(word)) s.add("url", bare_url(word));
    }
    for (const std::string& flag : i.flags) s.add("flag", flag);
    for (const std::string& body : i.heredocs) s.add("text", body);
    visit(s);
    if (i.keyword == "FROM" && !i.words.empty()) {
      const bool own = std::find(stages.begin(), stages.end(), lower(i.words[0])) != stages.end() || i.words[0] == "scratch";
      if (i.words.size() > 2 && equals_ignore_case(i.words[1], "as")) stages.push_back(lower(i.words[2]));
      whole.line = i.line;
      user.clear();
      user_line = 0;
      user_unresolved = false;
      healthcheck = "missing";
      base = i.words[0];
      if (own || i.unresolved) continue;
      const ImageName parts = split_image_name(i.words[0]);
      Subject from{.kind = "base", .fields = {}, .documents = {}, .line = i.line};
      visit(from.add("image", i.words[0]).add("tag", parts.tag).add("digest", parts.digest).add("last_stage", where).add("where", "Dockerfile"));
    } else if (i.keyword == "USER") {
      user = i.text;
      user_line = i.line;
      user_unresolved = i.unresolved;
    } else if (i.keyword == "HEALTHCHECK") {
      healthcheck = equals_ignore_case(i.text, "none") ? "disabled" : "set";
    } else if (i.keyword == "EXPOSE") {
      for (const std::string& word : i.words) {
        const auto [number, protocol] = cut(word, '/');
        Subject port{.kind = "port", .fields = {}, .documents = {}, .line = i.line};
        visit(port.add("port", number).add("protocol", protocol.empty() ? "tcp" : protocol).add("where", "Dockerfile"));
      }
    } else if (i.keyword == "ENV" || i.keyword == "ARG") {
      const bool pair = i.keyword == "ENV" && i.words.size() > 1 && i.words[0].find('=') == std::string::npos;
      for (const std::string& word : i.words) {
        const auto [name, value] = pair ? std::pair<std::string_view, std::string_view>(i.words[0], i.words[1]) : cut(word, '=');
        Subject variable{.kind = "variable", .fields = {}, .documents = {}, .line = i.line};
        variable.add("name", name).add("credential", !i.unresolved && credential_variable(name, value) ? "yes" : "no");
        visit(variable.add("where", cat("Dockerfile ", i.keyword)));
        if (pair) break;
      }
    }
  }
  if (last == 0) return Ok{};  // no FROM: a fragment that others include
  if (user_line != 0) whole.line = user_line;
  const std::string_view name = cut(user, ':').first;
  const bool root = name == "root" || (all_digits(name) && name.find_first_not_of('0') == std::string_view::npos);
  whole.add("user", user).add("uid", user_unresolved ? "unknown" : root ? "0" : user.empty() ? "inherited" : name);
  whole.add("base", base).add("healthcheck", healthcheck);
  visit(whole);
  return Ok{};
}

}  // namespace plimsoll::detect
