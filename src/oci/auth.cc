#include "oci/auth.h"

#include <algorithm>
#include <optional>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

namespace plimsoll::oci {
namespace {

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Reads a header's text from front to back.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of(characters)));
  }
  std::string_view token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(out.size());
    return out;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string quoted() {  // after the opening quote
    std::string out;
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      out.push_back(rest_[0]);
      rest_.remove_prefix(1);
    }
    take('"');
    return out;
  }
  void drop() { rest_.remove_prefix(1); }

 private:
  std::string_view rest_;
};

constexpr std::string_view kDockerHubKey = "https://index.docker.io/v1/";

// "https://host/v1/" -> "host"; keys of older config files are addresses.
std::string_view bare_key(std::string_view key) {
  if (const std::size_t mark = key.find("://"); mark != std::string_view::npos) key = key.substr(mark + 3);
  for (const std::string_view end : {"/v1/", "/v2/", "/v1", "/v2", "/"})
    if (key.ends_with(end)) return key.substr(0, key.size() - end.size());
  return key;
}

Result<Credential> from_entry(JsonValue entry, std::string_view file) {
  Credential out;
  out.identity_token = entry["identitytoken"].text();
  out.username = entry["username"].text();
  out.password = entry["password"].text();
  if (const std::string_view packed = entry["auth"].text(); !packed.empty()) {
    std::string plain;
    if (!from_base64(packed, plain) || plain.find(':') == std::string::npos)
      return malformed(cat("an \"auth\" entry is not base64 of user:password: file ", file));
    const auto [user, password] = cut(plain, ':');
    out.username = user;
    out.password = password.substr(0, password.find('\0'));
  }
  if (!out.identity_token.empty()) out.username.clear();
  return out;
}

Result<std::optional<Credential>> from_helper(std::string_view name, std::string_view registry,
                                              std::chrono::milliseconds time) {
  if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) { return is_token_char(c) && c != '%'; }))
    return malformed("a credential helper's name may hold letters, digits, '-', '_' and '.' only");
  const std::string program = cat("docker-credential-", name);
  const std::string server(registry == "docker.io" ? kDockerHubKey : registry);
  PLIM_TRY(const ProcessOutput output, run_process({program, "get"}, server + "\n", time).context("credential helper"));
  if (output.exit_code != 0) {
    if (output.out.find("credentials not found") != std::string::npos) return std::optional<Credential>();
    return denied(cat(program, " failed with exit code ", output.exit_code));
  }
  auto document = JsonDocument::parse(output.out);
  if (!document) return malformed(cat(program, " did not answer with JSON"));
  const JsonValue root = document->root();
  Credential out{std::string(root["Username"].text()), std::string(root["Secret"].text()), ""};
  if (out.username == "<token>") out = {"", "", out.password};
  return std::optional<Credential>(std::move(out));
}

Result<Credential> find_in(const std::string& file, std::string_view registry, std::string_view repository,
                           std::chrono::milliseconds time) {
  PLIM_TRY(const std::string text, read_file(file, 4 << 20));
  auto document = JsonDocument::parse(text);
  if (!document) return malformed(cat("not JSON: file ", file));  // its text may hold secrets: not quoted
  const JsonValue root = document->root();
  std::string_view helper;
  for (const auto& [key, value] : root["credHelpers"].members())
    if (bare_key(key) == registry || (registry == "docker.io" && bare_key(key) == "index.docker.io"))
      helper = value.text();
  if (helper.empty()) helper = root["credsStore"].text();
  if (!helper.empty()) {
    PLIM_TRY(auto found, from_helper(helper, registry, time).context("file", file));
    if (found) return std::move(*found);
  }
  // The longest key that leads to the repository: host/team/app, host/team, host.
  const std::string full = cat(registry, "/", repository, "/");
  JsonValue best;
  std::size_t best_length = 0;
  for (const auto& [key, value] : root["auths"].members()) {
    std::string_view bare = bare_key(key);
    if (bare == "index.docker.io") bare = "docker.io";
    if (bare.size() > best_length && full.starts_with(cat(bare, "/"))) best = value, best_length = bare.size();
  }
  if (!best.exists()) return Credential{};
  return from_entry(best, file);
}

}  // namespace

std::string Challenge::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

std::vector<Challenge> parse_challenges(std::string_view header) {
  constexpr std::size_t kMost = 64;
  std::vector<Challenge> out;
  Scanner scanner(header.substr(0, 16 << 10));
  while (!scanner.at_end()) {
    scanner.skip(" \t,");
    const std::string_view word = scanner.token();
    if (word.empty()) {
      if (!scanner.at_end()) scanner.drop();
      continue;
    }
    scanner.skip(" \t");
    if (!scanner.take('=')) {  // a word of its own opens a challenge
      if (out.size() == kMost) return out;
      out.push_back({lower(word), {}});
      continue;
    }
    scanner.skip(" \t");
    std::string value = scanner.take('"') ? scanner.quoted() : std::string(scanner.token());
    if (!out.empty() && out.back().parameters.size() < kMost)
      out.back().parameters.emplace_back(lower(word), std::move(value));
  }
  return out;
}

CredentialFiles CredentialFiles::from_environment() {
  CredentialFiles out;
  const std::string home = environment("HOME").value_or("");
  if (const auto file = environment("REGISTRY_AUTH_FILE")) out.files.push_back(*file);
  if (const auto folder = environment("DOCKER_CONFIG")) {
    out.files.push_back(*folder + "/config.json");
  } else if (!home.empty()) {
    out.files.push_back(home + "/.docker/config.json");
  }
  if (const auto folder = environment("XDG_RUNTIME_DIR")) out.files.push_back(*folder + "/containers/auth.json");
  if (!home.empty()) out.files.push_back(home + "/.config/containers/auth.json");
  return out;
}

Result<Credential> find_credential(const CredentialFiles& files, std::string_view registry,
                                   std::string_view repository) {
  for (const std::string& file : files.files) {
    if (!exists(file)) continue;
    PLIM_TRY(Credential found, find_in(file, registry, repository, files.helper_time));
    if (!found.empty()) return found;
  }
  return Credential{};
}

}  // namespace plimsoll::oci
