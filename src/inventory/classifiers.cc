#include "inventory/classifiers.h"

#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "inventory/go_buildinfo.h"

namespace plimsoll::inventory {

const std::vector<std::pair<std::string_view, std::string_view>>& classifier_rules();

namespace {

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size()) {
      out += from_hex(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += c == '0' ? '\0' : c == 'n' ? '\n' : c == 't' ? '\t' : c;
    }
  }
  return out;
}

// A list of texts, or one text.
std::vector<std::string> texts(JsonValue value) {
  std::vector<std::string> out;
  if (value.is_string()) out.emplace_back(value.text());
  for (const JsonValue item : value.items()) out.emplace_back(item.text());
  return out;
}

Result<Classifier> read_rule(JsonValue rule) {
  Classifier out{.product = std::string(rule["product"].text()), .fingerprint = hash64(rule.dump())};
  if (out.product.empty()) return malformed("a rule has no product");
  const auto bad = [&](std::string_view why) { return malformed(cat(out.product, ": ", why)); };
  static constexpr std::string_view kKeys[] = {"product", "files", "versions", "go", "purl", "cpe", "match", "no_match", "comment"};
  for (const auto& member : rule.members())
    if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) return bad(cat("no key is called ", member.name));
  out.files = texts(rule["files"]);
  out.go_modules = texts(rule["go"]);
  out.cpes = texts(rule["cpe"]);
  if (out.files.empty() || std::any_of(out.files.begin(), out.files.end(), [](const std::string& glob) { return glob.empty() || glob.find('/') != std::string::npos; }))
    return bad("files must be globs on base names");
  for (const std::string& text : texts(rule["versions"])) {
    auto pattern = BytePattern::parse(text);
    if (!pattern) return bad(pattern.error().message());
    out.versions.push_back(std::move(*pattern));
  }
  if (out.versions.empty() && out.go_modules.empty()) return bad("has neither versions nor go");
  PLIM_TRY(out.purl, Purl::parse(rule["purl"].text()).context("classifier", out.product));
  for (const std::string_view key : {"match", "no_match"}) {
    for (const JsonValue example : rule[key].items()) {
      ClassifierExample read{std::string(example["file"].text(out.files.front())), unescape(example["bytes"].text()), std::string(example["version"].text())};
      if (key == "match" && read.version.empty()) return bad("an example has no version (as text, in quotes)");
      (key == "match" ? out.match : out.no_match).push_back(std::move(read));
    }
  }
  if (!out.versions.empty() && out.match.empty()) return bad("has no example that matches");
  return out;
}

std::string cpe_text(std::string_view vendor_product, std::string_view version) {
  return cat("cpe:2.3:a:", vendor_product, ":", version, ":*:*:*:*:*:*:*");
}

// One file asked by the rules that its name selects.
class Classification {
 public:
  explicit Classification(std::vector<Classifier> rules) : rules_(std::move(rules)) {}

  std::vector<std::string> paths() const {
    std::vector<std::string> out;
    for (const Classifier& rule : rules_)
      for (const std::string& glob : rule.files) out.push_back(cat("**/", glob));
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  Result<Facts> extract(const FileView& file) const {
    Facts facts;
    const std::string_view name = base_name(file.path);
    const auto wanted = [&](const Classifier& rule) { return std::any_of(rule.files.begin(), rule.files.end(), [&](const std::string& glob) { return glob_match(glob, name); }); };
    // Strings of an ELF program lie in one section; a program packed in another way is searched whole.
    Bytes strings;
    Result<GoBuildInfo> go = not_found("");
    if (const auto program = format::read_executable(file.content)) {
      if (const auto* section = program->section(".rodata")) strings = section->data;
      go = read_go_buildinfo(*program);
    }
    for (const Classifier& rule : rules_) {
      if (!wanted(rule)) continue;
      std::optional<GoProgram> program = go_program(rule, go, strings);
      std::optional<std::string> version;
      if (program) version = std::move(program->version);
      for (const BytePattern& pattern : rule.versions) {
        if (!version && !strings.empty()) version = pattern.find(strings, name);
        if (!version) version = pattern.find(file.content, name);
      }
      if (!version) continue;
      // As go_binary writes it, so that the two are one package: the module's own path, the version with its "v".
      if (rule.purl.type == "golang") version->insert(0, "v");
      const std::size_t number = version->starts_with('v') ? 1 : 0;
      const std::string cpe_version = version->substr(number, version->find("+incompatible") - number);
      Package p{.type = rule.purl.type, .ns = rule.purl.ns, .name = rule.purl.name, .version = *version};
      if (program && rule.purl.type == "golang") {
        const std::size_t slash = program->module.rfind('/');
        p.ns = slash == std::string::npos ? std::string() : program->module.substr(0, slash);
        p.name = program->module.substr(slash == std::string::npos ? 0 : slash + 1);
      }
      if (!rule.cpes.empty()) p.set_property("cpe", cpe_text(rule.cpes.front(), cpe_version));
      for (std::size_t i = 1; i < rule.cpes.size(); ++i) p.set_property(cat("cpe:", i + 1), cpe_text(rule.cpes[i], cpe_version));
      facts.packages.push_back(std::move(p));
      break;
    }
    return facts;
  }

 private:
  struct GoProgram {
    std::string module, version;  // the version without its "v"
  };
  // A Go program of one of the rule's modules: the version it states, else the only one among the texts that the linker's
  // -X wrote, which alone in a Go program end in a zero byte.
  static std::optional<GoProgram> go_program(const Classifier& rule, const Result<GoBuildInfo>& go, Bytes strings) {
    if (!go) return std::nullopt;
    // Built without modules (as Debian does) there is only the path of the program's package, inside the module's.
    const auto is_of = [&](const std::string& module) {
      if (!go->main.path.empty()) return go->main.path == module;
      return go->program.starts_with(module) && (go->program.size() == module.size() || go->program[module.size()] == '/');
    };
    const auto module = std::find_if(rule.go_modules.begin(), rule.go_modules.end(), is_of);
    if (module == rule.go_modules.end()) return std::nullopt;
    std::string version = go_main_version(*go);
    if (version.empty()) version = linked_version(as_text(strings));
    const std::string_view digits = version.starts_with('v') ? std::string_view(version).substr(1) : std::string_view(version);
    if (digits.empty()) return std::nullopt;
    return GoProgram{*module, std::string(digits)};
  }

  static std::string linked_version(std::string_view strings) {
    std::string found;
    for (std::size_t at = strings.find('\0'); at != std::string_view::npos; at = strings.find('\0', at + 1)) {
      constexpr std::size_t kMostBytes = 48;
      std::string_view text = strings.substr(at + 1, kMostBytes);
      const std::size_t end = text.find('\0');
      if (end == std::string_view::npos || end < 5) continue;
      text = text.substr(text.starts_with('v') ? 1 : 0, end - (text.starts_with('v') ? 1 : 0));
      const std::size_t length = version_at(text);
      // Three numbers at least, and nothing behind but the packager's own mark ("+dfsg1", "-1").
      if (length == 0 || std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), '.') < 2) continue;
      if (length < text.size() && text[length] != '+' && text[length] != '-' && text[length] != '~') continue;
      const std::string_view version = text.substr(0, length);
      if (!found.empty() && found != version) return {};
      found = version;
    }
    return found;
  }

  std::vector<Classifier> rules_;
};

}  // namespace

Result<std::vector<Classifier>> read_classifiers(std::string_view name, std::string_view yaml, const Limits& limits) {
  auto document = name.ends_with(".json") ? JsonDocument::parse(yaml, limits) : JsonDocument::parse_yaml(yaml, limits);
  if (!document) return std::move(document).error().with_context("classifiers", name);
  std::vector<Classifier> out;
  if (!document->root().is_array()) return malformed(cat("classifiers ", name, ": not a list of rules"));
  for (const JsonValue rule : document->root().items()) {
    auto read = read_rule(rule);
    if (!read) return std::move(read).error().with_context("classifiers", name);
    out.push_back(std::move(*read));
  }
  return out;
}

const std::vector<Classifier>& shipped_classifiers() {
  static const std::vector<Classifier> all = [] {
    std::vector<Classifier> out;
    for (const auto& [name, text] : classifier_rules()) {
      auto rules = read_classifiers(name, text);
      if (!rules) std::fprintf(stderr, "plimsoll: %s\n", rules.error().message().c_str());
      PLIM_ASSERT(rules.has_value());
      std::move(rules->begin(), rules->end(), std::back_inserter(out));
    }
    return out;
  }();
  return all;
}

Cataloguer classifier_of(std::vector<Classifier> rules) {
  std::uint64_t fingerprint = 2;  // raised by hand when extract itself changes
  for (const Classifier& rule : rules) fingerprint = hash64({reinterpret_cast<const char*>(&rule.fingerprint), sizeof rule.fingerprint}, fingerprint);
  // The function objects of a Cataloguer are copied about; the rules are not.
  const auto classification = std::make_shared<const Classification>(std::move(rules));
  return {.name = "classifier",
          .version = static_cast<std::uint32_t>(fingerprint),
          .paths = classification->paths(),
          .scope = Scope::Image,
          .input = Posture::Hostile,
          .nested = false,
          .extract = [classification](const FileView& file, const Limits&) { return classification->extract(file); },
          .resolve = resolve_each};
}

Result<Cataloguer> classifier_with(const std::string& folder) {
  std::vector<Classifier> rules;
  PLIM_TRY(const std::vector<std::string> files, list_directory(folder));
  for (const std::string& name : files) {
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) continue;
    PLIM_TRY(const std::string text, read_file(cat(folder, "/", name)));
    PLIM_TRY(std::vector<Classifier> read, read_classifiers(name, text));
    std::move(read.begin(), read.end(), std::back_inserter(rules));
  }
  for (const Classifier& shipped : shipped_classifiers())
    if (std::none_of(rules.begin(), rules.end(), [&](const Classifier& own) { return own.product == shipped.product; })) rules.push_back(shipped);
  return classifier_of(std::move(rules));
}

}  // namespace plimsoll::inventory
