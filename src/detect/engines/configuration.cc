// configuration: how an image is set up, and what its Dockerfile and Kubernetes manifests would make of it.
//
// Input   image config (resolve); etc/passwd, shadow, sshd_config, sudoers, apt's sources; every setuid, setgid,
//         world-writable or capable file and directory; in source trees Dockerfiles and Kubernetes YAML. Hostile.
// Output  findings of class configuration by rules/configuration/*.yaml and the user's rules (detect/configuration.h).
// Errors  load: Malformed with file and rule. A Dockerfile or manifest that cannot be read is a Gap.
// Cost    one pass over those files; YAML is parsed only when it looks like a manifest.
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "detect/configuration.h"
#include "detect/engine.h"
#include "detect/subjects.h"

namespace plimsoll::detect {

const std::vector<std::pair<std::string_view, std::string_view>>& configuration_rule_files();

namespace {

constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kMostText = 4 << 20;  // of an account file, a Dockerfile, a manifest

bool is_dockerfile(std::string_view path) {
  const std::string name = lower(base_name(path));
  return name == "dockerfile" || name == "containerfile" || name.starts_with("dockerfile.") || name.starts_with("containerfile.") || name.ends_with(".dockerfile");
}

class Configuration {
 public:
  Configuration(std::vector<ConfigurationRule> rules, Scope scope) : rules_(std::move(rules)), scope_(scope) {
    for (const ConfigurationRule& rule : rules_) groups_[rule.id] = rule.group;
  }

  std::vector<std::string> paths() const {
    if (scope_ == Scope::Directory)
      return {"**/{Dockerfile,dockerfile,Containerfile,containerfile}", "**/{Dockerfile,dockerfile,Containerfile}.*", "**/*.{Dockerfile,dockerfile}", "**/*.{yaml,yml}"};
    std::vector<std::string> out = {"etc/{passwd,shadow}", "etc/ssh/sshd_config", "etc/ssh/sshd_config.d/*", "etc/sudoers", "etc/sudoers.d/*",
                                    "etc/apt/sources.list", "etc/apt/sources.list.d/*", "etc/apt/apt.conf.d/*"};
    for (const ConfigurationRule& rule : rules_) out.insert(out.end(), rule.files.begin(), rule.files.end());
    return out;
  }

  Result<Facts> extract(const FileView& file, const Limits& limits) const {
    Facts facts;
    const auto visit = [&](const Subject& subject) { judge(rules_, subject, file.path, facts.findings); };
    const std::string_view text = as_text(file.content).substr(0, kMostText);
    if (scope_ == Scope::Directory) {
      const bool dockerfile = is_dockerfile(file.path);
      if (!dockerfile && !looks_like_kubernetes(text)) return facts;
      Status status = Ok{};
      if (file.content.size() > kMostText) status = limit_reached("longer than 4 MiB");
      else if (!dockerfile && text.find("{{") != std::string_view::npos) status = unsupported("a template: what it would become is not known before it is rendered");
      else status = dockerfile ? dockerfile_subjects(text, limits, visit) : kubernetes_subjects(text, limits, visit);
      if (!status) facts.gaps.push_back({"configuration", std::string(file.path), status.error().message()});
      return facts;
    }
    visit(file_subject(file));
    if (file.directory) {
      if ((file.mode & 02) != 0) facts.notes.emplace_back("writable", "");
      return facts;
    }
    if (!file.path.starts_with("etc/")) return facts;
    if (file.path == "etc/passwd" || file.path == "etc/shadow") account_subjects(file.path, text, visit);
    else if (file.path.starts_with("etc/ssh/") || file.path.starts_with("etc/sudoers") || file.path.starts_with("etc/apt/")) setting_subjects(file.path, text, visit);
    if (file.path == "etc/passwd")
      for (const Account& account : read_accounts(text)) facts.notes.emplace_back("account", cat(account.name, ":", account.uid));
    return facts;
  }

  Result<Catalogue> resolve(const SquashedFacts& facts) const {
    PLIM_TRY(Catalogue out, resolve_findings(facts, false));
    if (!facts.config_json.empty()) {
      if (Status status = judge_image(facts, out.findings); !status) out.gaps.push_back({"configuration", "image config", status.error().message()});
    }
    group(out.findings);
    return out;
  }

 private:
  Status judge_image(const SquashedFacts& facts, std::vector<Finding>& findings) const {
    std::vector<Account> accounts;
    std::set<std::string, std::less<>> writable;
    bool has_accounts = false;
    for (const FileFacts& file : facts.files) {
      has_accounts |= file.path == "etc/passwd";
      for (const auto& [key, value] : file.facts->notes) {
        if (key == "account") accounts.push_back({std::string(cut(value, ':').first), std::string(cut(value, ':').second)});
        if (key == "writable") writable.emplace(file.path);
      }
    }
    return image_subjects(facts.config_json, {accounts, has_accounts}, {}, [&](const Subject& given) {
      Subject subject = given;
      if (subject.kind == "path-entry") {
        const std::string real = facts.tree.real_path(subject.values("entry").front());
        subject.add("world_writable", !real.empty() && writable.contains(real) ? "yes" : "no");
      }
      const std::size_t first = findings.size();
      judge(rules_, subject, {}, findings);
      // They have no path: what they are told apart by is the thing itself.
      for (std::size_t i = first; i < findings.size(); ++i) {
        std::string about;
        for (const std::string_view field : {"name", "port", "entry", "url"})
          for (const std::string& value : subject.values(field)) about += cat("/", value);
        findings[i].key = finding_key(FindingClass::Configuration, findings[i].id, cat("image config", about));
      }
    });
  }

  // One finding for all places, where the rule says so.
  void group(std::vector<Finding>& findings) const {
    std::map<std::string, std::size_t> first;
    std::vector<Finding> out;
    for (Finding& finding : findings) {
      const auto rule = groups_.find(finding.rule_id);
      if (rule == groups_.end() || !rule->second) {
        out.push_back(std::move(finding));
        continue;
      }
      const auto [at, fresh] = first.emplace(finding.rule_id, out.size());
      if (fresh) {
        finding.key = finding_key(FindingClass::Configuration, finding.id, "");
        out.push_back(std::move(finding));
        continue;
      }
      Finding& into = out[at->second];
      into.locations.insert(into.locations.end(), finding.locations.begin(), finding.locations.end());
      for (auto& pair : finding.evidence)
        if (std::find(into.evidence.begin(), into.evidence.end(), pair) == into.evidence.end()) into.evidence.push_back(std::move(pair));
    }
    findings = std::move(out);
  }

  std::vector<ConfigurationRule> rules_;
  std::map<std::string, bool> groups_;
  Scope scope_;
};

Result<LoadedEngine> load(const EngineOptions& options) {
  std::vector<ConfigurationRule> rules;
  std::string text = cat("configuration ", kVersion, "\n");
  const auto add = [&](std::vector<ConfigurationRule> more) {
    for (ConfigurationRule& rule : more) {  // a user's rule replaces the shipped one of its id
      std::erase_if(rules, [&](const ConfigurationRule& known) { return known.id == rule.id; });
      rules.push_back(std::move(rule));
    }
  };
  if (!options.only_user_rules) {
    rules = shipped_configuration_rules();
    for (const auto& [name, yaml] : configuration_rule_files()) text += cat(name, "\n", yaml, "\n");
  }
  for (const RuleFile& file : options.rules) {
    PLIM_TRY(std::vector<ConfigurationRule> more, read_configuration_rules(file.path, file.text, options.limits));
    add(std::move(more));
    text += cat(file.text, "\n");
  }
  LoadedEngine out;
  out.rules = rules.size();
  out.rules_digest = hash_hex(HashKind::Sha256, as_bytes(text));
  const auto configuration = std::make_shared<const Configuration>(std::move(rules), options.scope);
  out.analyser = {.name = "configuration",
                  .version = kVersion,
                  .paths = configuration->paths(),
                  .attributes = options.scope != Scope::Directory,
                  .scope = options.scope,
                  .input = Posture::Hostile,
                  .nested = false,
                  .extract = [configuration](const FileView& file, const Limits& limits) { return configuration->extract(file, limits); },
                  .resolve = [configuration](const SquashedFacts& facts) { return configuration->resolve(facts); }};
  return out;
}

RuleCheck check(const RuleFile& file, const Limits& limits) {
  RuleCheck out;
  const auto rules = read_configuration_rules(file.path, file.text, limits, &out.refused);
  if (!rules) out.refused.push_back({.line = 0, .rule = {}, .why = rules.error().message()});
  else out.loads = rules->size();
  return out;
}

}  // namespace

Engine configuration() { return {.name = "configuration", .classes = {FindingClass::Configuration}, .load = load, .check = check}; }

}  // namespace plimsoll::detect
