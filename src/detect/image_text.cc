#include "detect/image_text.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "detect/secrets/findings.h"

namespace plimsoll::detect {
namespace {

// Names that give a text its form (key_value.h): a build step reads as a Dockerfile does, KEY=VALUE to its end.
constexpr std::string_view kStep = "Dockerfile", kPair = "image.properties";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

// KEY="VALUE": all of VALUE is one value, spaces too, in whichever quotes it does not hold itself.
std::string quoted_pair(std::string_view key, std::string_view value) {
  for (const char quote : {'"', '\'', '`'})
    if (value.find(quote) == std::string_view::npos && value.find('\\') == std::string_view::npos) return cat(key, "=", quote, value, quote);
  return cat(key, "=", value);
}

// `out` without the secrets of `text`, which is read as `form`.
std::string redacted_text(std::string_view text, std::string_view form, const Secrets& secrets, std::string out) {
  // Longest first: one secret may be part of another.
  std::vector<std::pair<std::string, std::string_view>> found;
  for (const SecretMatch& match : secrets.matches({.path = form, .text = text, .commit = {}}).matches) {
    // What was found in a decoded piece stands in the text in its encoded form.
    found.emplace_back(match.decoded.empty() ? match.secret : std::string(text.substr(match.begin, match.end - match.begin)), "[redacted]");
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (const auto& [secret, shown] : found) replace_all(out, secret, "[redacted]");
  return out;
}

std::string redacted_step(std::string_view text, const Secrets& secrets) { return redacted_text(text, kStep, secrets, std::string(text)); }

class ConfigScan {
 public:
  ConfigScan(const Secrets& secrets, ImageConfigText& out) : secrets_(secrets), out_(out) {}

  void run(JsonValue root) {
    for (const JsonValue layer : root["rootfs"]["diff_ids"].items()) layers_.emplace_back(layer.text());
    for (const std::string_view part : {"config", "container_config", "Config"}) {
      const JsonValue config = root[part];
      for (const JsonValue item : config["Env"].items()) {
        const auto [name, content] = cut(item.text(), '=');
        pair(cat(part, "/Env/", name), quoted_pair(name, content));
      }
      for (const auto& label : config["Labels"].members()) pair(cat(part, "/Labels/", label.name), quoted_pair(label.name, label.value.text()));
      for (const std::string_view list : {"Cmd", "Entrypoint", "Shell", "OnBuild"}) step(cat(part, "/", list), joined(config[list]), {});
      step(cat(part, "/Healthcheck"), joined(config["Healthcheck"]["Test"]), {});
    }
    std::size_t index = 0, layer = 0;
    for (const JsonValue entry : root["history"].items()) {
      const bool empty = entry["empty_layer"].boolean().value_or(false);
      const std::string id = !empty && layer < layers_.size() ? layers_[layer] : std::string();
      layer += !empty;
      step(cat("history/", index), entry["created_by"].text(), id);
      step(cat("history/", index, "/comment"), entry["comment"].text(), id);
      ++index;
    }
    JsonWriter writer(out_.redacted_json);
    write(writer, root, {});
  }

 private:
  static std::string joined(JsonValue list) {
    std::string out(list.text());
    for (const JsonValue item : list.items()) out.append(out.empty() ? "" : " ").append(item.text());
    return out;
  }
  void pair(const std::string& where, std::string_view text) { look(where, text, kPair, {}); }
  void step(const std::string& where, std::string_view text, const std::string& layer) { look(where, text, kStep, layer); }

  void look(const std::string& where, std::string_view text, std::string_view form, const std::string& layer) {
    if (text.empty()) return;
    const ScanOutcome outcome = secrets_.matches({.path = form, .text = text, .commit = {}});
    for (const std::string& why : outcome.gaps) out_.gaps.push_back({"secrets", cat("image ", where), why});
    for (const SecretMatch& match : outcome.matches) {
      const Location location{.path = where, .layer = layer, .line = 0};
      const auto [at, fresh] = known_.try_emplace({match.rule->id, match.secret}, out_.findings.size());
      if (!fresh) {
        out_.findings[at->second].locations.push_back(location);
        continue;
      }
      Finding finding = secret_findings(where, {match}, secrets_.fingerprint_key()).at(0);
      finding.evidence.emplace_back("in", where.starts_with("history/") ? "the image's history" : "the image's configuration");
      finding.locations = {location};
      out_.findings.push_back(std::move(finding));
    }
  }

  void write(JsonWriter& writer, JsonValue value, std::string_view key) {
    switch (value.kind()) {
      case JsonValue::Kind::Object:
        writer.begin_object();
        for (const auto& member : value.members()) {
          writer.key(member.name);
          write(writer, member.value, member.name);
        }
        writer.end_object();
        return;
      case JsonValue::Kind::Array:
        writer.begin_array();
        for (const JsonValue item : value.items()) write(writer, item, {});
        writer.end_array();
        return;
      case JsonValue::Kind::String: {
        // As a step, as KEY=VALUE where it is one (ENV), and as the value of its member's name (LABEL).
        const std::string_view text = value.text();
        std::string out = redacted_step(text, secrets_);
        if (const auto [name, content] = cut(text, '='); !content.empty() && name.find_first_of(" \t\n\"'") == std::string_view::npos) out = redacted_text(quoted_pair(name, content), kPair, secrets_, std::move(out));
        if (!key.empty()) out = redacted_text(quoted_pair(key, text), kPair, secrets_, std::move(out));
        writer.value(out);
        return;
      }
      default: writer.raw(value.dump()); return;
    }
  }

  const Secrets& secrets_;
  ImageConfigText& out_;
  std::vector<std::string> layers_;
  std::map<std::pair<std::string, std::string>, std::size_t> known_;
};

}  // namespace

std::string redact(std::string_view text, const Secrets& secrets) { return redacted_step(text, secrets); }

Result<ImageConfigText> scan_image_config(std::string_view config_json, const Secrets& secrets, const Limits& limits) {
  PLIM_TRY(const JsonDocument document, JsonDocument::parse(config_json, limits).context("image configuration"));
  if (!document.root().is_object()) return malformed("image configuration: not a JSON object");
  ImageConfigText out;
  ConfigScan(secrets, out).run(document.root());
  return out;
}

}  // namespace plimsoll::detect
