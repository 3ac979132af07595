#include "scan/redaction.h"

#include "base/json.h"
#include "base/text.h"
#include "detect/subjects.h"

namespace plimsoll::scan {
namespace {

constexpr std::string_view kHidden = "[redacted]";

bool is_name(char c) { return c == '_' || c == '-' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Where a value that begins at `at` ends: at its closing quote, else at white space or what ends a shell word.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) return std::min(text.find(text[at], at + 1), text.size() - 1) + 1;
  return std::min(text.find_first_of(" \t\n;&|\"'\\", at), text.size());
}

// "scheme://user:password@" in front of `at`, where text[at] is '@': where the password begins; npos when it is none.
std::size_t password_begin(std::string_view text, std::size_t at) {
  const std::size_t scheme = text.rfind("://", at);
  if (scheme == std::string_view::npos || at - scheme > 512) return std::string_view::npos;
  const std::string_view user = text.substr(scheme + 3, at - scheme - 3);
  if (user.find_first_of("/ \t\n\"'") != std::string_view::npos) return std::string_view::npos;
  const std::size_t colon = user.find(':');
  return colon == std::string_view::npos ? (user.size() > 12 ? scheme + 3 : std::string_view::npos) : scheme + 3 + colon + 1;
}

}  // namespace

std::string redact_by_form(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  const auto hide = [&](std::size_t begin, std::size_t end) {
    if (begin < copied || end <= begin) return;
    out.append(text.substr(copied, begin - copied)).append(kHidden);
    copied = end;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '@') {
      if (const std::size_t begin = password_begin(text, i); begin != std::string_view::npos) hide(begin, i);
    } else if (text[i] == '=' || text[i] == ' ' || text[i] == ':') {
      // NAME=value; --option value; "Authorization: ..." style headers
      std::size_t begin = i;
      while (begin > 0 && is_name(text[begin - 1])) --begin;
      std::string_view name = text.substr(begin, i - begin);
      const bool option = name.starts_with("--");
      if (text[i] == ' ' && !option) continue;
      if (text[i] == ':' && !equals_ignore_case(name, "authorization")) continue;
      while (name.starts_with('-')) name.remove_prefix(1);
      const std::size_t from = text[i] == ':' && i + 1 < text.size() && text[i + 1] == ' ' ? i + 2 : i + 1;
      if (name.empty() || from >= text.size() || (option && text[from] == '-')) continue;
      const bool header = text[i] == ':';
      const std::size_t end = header ? std::min(text.find_first_of("\"'\n", from), text.size()) : value_end(text, from);
      std::string_view value = text.substr(from, end - from);
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
      if (header || detect::credential_variable(name, value)) hide(from, end);
    }
  }
  out.append(text.substr(copied));
  return out;
}

std::string Redaction::text(std::string_view text) const {
  std::string out = redact_by_form(text);
  for (const Redact& redact : engines_) out = redact(out);
  return out;
}

namespace {

void write_redacted(JsonWriter& json, const JsonValue& value, const Redaction& redaction) {
  switch (value.kind()) {
    case JsonValue::Kind::Object:
      json.begin_object();
      for (const auto& [name, member] : value.members()) {
        json.key(redaction.text(name));
        if (member.is_string() && detect::credential_variable(name, member.text())) json.value(kHidden);
        else write_redacted(json, member, redaction);
      }
      json.end_object();
      return;
    case JsonValue::Kind::Array:
      json.begin_array();
      for (const JsonValue& item : value.items()) write_redacted(json, item, redaction);
      json.end_array();
      return;
    case JsonValue::Kind::String: json.value(redaction.text(value.text())); return;
    default: json.raw(value.dump()); return;
  }
}

}  // namespace

std::string Redaction::config(const std::string& config_json) const {
  const auto document = JsonDocument::parse(config_json);
  if (!document) return {};
  const JsonValue config = document->root()["config"];
  if (!config.is_object()) return {};
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, value] : config.members()) {
    json.key(name);
    if (name != "Env") {
      write_redacted(json, value, *this);
      continue;
    }
    json.begin_array();
    for (const JsonValue variable : value.items()) {
      const auto [key, content] = cut(variable.text(), '=');
      json.value(key == "PATH" ? cat(key, "=", content) : cat(key, "=", kHidden));
    }
    json.end_array();
  }
  json.end_object();
  return out;
}

}  // namespace plimsoll::scan
