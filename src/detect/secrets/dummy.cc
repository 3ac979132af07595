#include "detect/secrets/dummy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& published_example_files();

namespace {

bool alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return text.find(w) != std::string_view::npos; });
}

// Characters that continue a run: the same again, or the next up or down.
std::size_t longest_run(std::string_view text, int step) {
  std::size_t best = text.empty() ? 0 : 1, run = best;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int before = lower_char(text[i - 1]), now = lower_char(text[i]);
    const bool follows = (step == 0 ? text[i] == text[i - 1] : now - before == step) || (step == 1 && ((before == '9' && (now == '0' || now == 'a')) || (before == 'z' && (now == '0' || now == 'a')) || (before == 'f' && now == '0')));
    run = follows && (step == 0 || alnum(text[i])) ? run + 1 : 1;
    best = std::max(best, run);
  }
  return best;
}

// The text is one short piece over and over: "abcabcabc", "1234512345".
bool repeats(std::string_view text) {
  for (std::size_t period = 1; period <= 8 && period * 3 <= text.size(); ++period) {
    bool same = true;
    for (std::size_t i = period; same && i < text.size(); ++i) same = text[i] == text[i - period];
    if (same) return true;
  }
  return false;
}

constexpr std::string_view kDummyWords[] = {"example", "sample", "dummy", "placeholder", "changeme", "change_me", "change-me", "your_", "your-", "yourtoken", "yourkey", "yoursecret", "yourapi", "yourpassword", "insert_", "insert-", "replace_", "replace-", "replaceme", "redacted", "xxxxx", "0000000", "testtest", "foobar", "todo", "fixme", "notreal", "not-a-real", "not_a_real", "fakefake", "fake_", "fake-", "this_is", "this-is", "thisis", "my_secret", "mysecret", "my-secret", "secret_here", "token_here", "key_here", "goes_here", "goeshere", "deadbeef", "abcdefgh", "12345678", "87654321", "lorem", "qwerty", "asdf"};

}  // namespace

double entropy_bits(std::string_view text) {
  if (text.empty()) return 0;
  std::array<std::uint32_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double out = 0;
  const auto size = static_cast<double>(text.size());
  for (const std::uint32_t n : counts)
    if (n) out -= n / size * std::log2(n / size);
  return out;
}

bool is_dummy_token(std::string_view secret) {
  if (secret.empty()) return true;
  // A key of many lines is judged by its structure (checks.h), not by words that base64 may spell by chance.
  if (secret.size() > 400) return false;
  const std::string text = lower(secret);
  if (contains_any(text, kDummyWords)) {
    // In a long random text a short word is chance: only believe it in a text that has few other characters, or twice.
    const bool short_word = secret.size() > 64 && entropy_bits(secret) > 4.5;
    if (!short_word) return true;
  }
  if (secret.find("${") != std::string_view::npos || secret.find("{{") != std::string_view::npos || secret.find("<%") != std::string_view::npos || secret.find("...") != std::string_view::npos || secret.find("***") != std::string_view::npos) return true;
  if (secret.front() == '<' && secret.back() == '>') return true;
  const std::size_t run = std::max(longest_run(secret, 1), longest_run(secret, -1)), same = longest_run(secret, 0);
  if (same >= 6 || run >= 8 || same * 2 > secret.size() || (run * 2 > secret.size() && run >= 5)) return true;
  return repeats(secret);
}

std::string_view published_examples() { return published_example_files().front().second; }

bool is_published_example(std::string_view secret) {
  static const std::unordered_set<std::string_view> kDigests = [] {
    std::unordered_set<std::string_view> out;
    std::string_view rest = published_examples(), line;
    while (next_line(rest, line))
      if (!line.starts_with('#')) out.insert(cut(line, '\t').first);
    return out;
  }();
  return kDigests.contains(hash_hex(HashKind::Sha256, as_bytes(secret)));
}

bool is_placeholder_value(std::string_view value) {
  value = trim(value);
  if (value.empty()) return true;
  const std::string text = lower(value);
  // References: shells', templates', formats', secret stores'.
  static constexpr std::string_view kReferences[] = {"${", "$(", "{{", "<%", "#{", "@{", "%(", "{%", "$env:", "env.", "env(", "env[", "getenv", "os.environ", "process.env", "environ.get", "system.getenv", "secretref", "valuefrom", "!vault", "!secret", "!ref", "!sub", "!getatt", "vault:", "vault.", "{cipher}", "enc(", "enc[", "sops:", "ansible-vault", "$ansible_vault", "arn:aws:", "projects/", "secretsmanager", "keyvault", "config.", "settings.", "secrets.", "/run/secrets/", "file:"};
  if (contains_any(text, kReferences)) return true;
  if (value.front() == '$' || value.front() == '<' || (value.front() == '[' && value.back() == ']') || (value.front() == '{' && value.back() == '}') || (value.front() == '%' && value.back() == '%' && value.size() > 2) || (value.starts_with("__") && value.ends_with("__")) || (value.front() == '@' && value.back() == '@')) return true;
  static constexpr std::string_view kWords[] = {"none", "null", "nil", "undefined", "true", "false", "yes", "no", "on", "off", "empty", "todo", "tbd", "n/a", "na", "string", "text", "password", "passwd", "pass", "pwd", "secret", "token", "key", "value", "required", "optional", "default", "required.", "prompt", "ask", "hidden", "masked", "redacted", "unset", "disabled", "enabled", "...", "your", "xxx", "user", "username"};
  if (std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords)) return true;
  static constexpr std::string_view kParts[] = {"your_", "your-", "your ", "yourpass", "yoursecret", "yourtoken", "yourkey", "<your", "placeholder", "replace_", "replace-", "replaceme", "replace me", "replace with", "insert_", "insert-", "example", "redacted", "changeme", "changeit", "anonymous", "change_me", "change-me", "change me", "changethis", "change_this", "xxxx", "****", "....", "-----", "_here", "-here", "goes here", "dummy", "not-set", "not_set", "fill_me", "fill-in", "enter_", "enter your", "my_password", "mypassword", "my-password", "some_password", "somepassword", "the_password", "todo", "fixme", "lorem", "sample"};
  if (contains_any(text, kParts)) return true;
  // One character over and over, or nothing but marks.
  if (std::all_of(value.begin(), value.end(), [&](char c) { return c == value.front(); })) return true;
  return std::none_of(value.begin(), value.end(), [](char c) { return alnum(c) || static_cast<unsigned char>(c) >= 128; });
}

}  // namespace plimsoll::detect
