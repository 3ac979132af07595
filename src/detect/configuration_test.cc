// Every shipped rule on its own examples, through the same readers as a scan.
#include "detect/configuration.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "detect/engine.h"
#include "detect/subjects.h"

namespace plimsoll::detect {
namespace {

// The findings of one rule on one example.
std::vector<Finding> run(const ConfigurationRule& rule, const JsonValue& example) {
  std::vector<Finding> out;
  const std::vector<ConfigurationRule> rules = {rule};
  std::string path = "x";
  const auto visit = [&](const Subject& subject) { judge(rules, subject, path, out); };
  const auto config = [&](std::string_view text, std::string_view passwd) {
    const std::vector<Account> accounts = read_accounts(passwd);
    const Status status = image_subjects(text, {accounts, !passwd.empty()}, {}, visit);
    EXPECT_TRUE(status) << status.error().message();
  };
  if (const JsonValue image = example["image"]; image.exists()) {
    config(cat("{\"config\":", image.dump(), "}"), example["passwd"].text());
  } else if (const JsonValue history = example["history"]; history.exists()) {
    config(cat("{\"history\":[{\"created_by\":", history.dump(), "}]}"), "");
  } else if (const JsonValue text = example["dockerfile"]; text.exists()) {
    const Status status = dockerfile_subjects(text.text(), {}, visit);
    EXPECT_TRUE(status) << status.error().message();
  } else if (const JsonValue yaml = example["kubernetes"]; yaml.exists()) {
    EXPECT_TRUE(looks_like_kubernetes(yaml.text()));
    const Status status = kubernetes_subjects(yaml.text(), {}, visit);
    EXPECT_TRUE(status) << status.error().message();
  } else if (const JsonValue file = example["file"]; file.exists()) {
    path = file["path"].text();
    const std::string capabilities = from_hex(file["capabilities"].text());
    FileView view{.path = path, .content = {}, .capabilities = capabilities, .directory = file["directory"].boolean().value_or(false)};
    for (const char c : file["mode"].text()) view.mode = view.mode * 8 + static_cast<std::uint32_t>(c - '0');
    visit(file_subject(view));
  } else if (const JsonValue content = example["content"]; content.exists()) {
    path = content["path"].text();
    if (path == "etc/passwd" || path == "etc/shadow") account_subjects(path, content["text"].text(), visit);
    else setting_subjects(path, content["text"].text(), visit);
  } else {
    const JsonValue fields = example["subject"];
    EXPECT_TRUE(fields.is_object()) << rule.id << ": an example of no known form: " << example.dump();
    Subject subject{.kind = rule.subject, .fields = {}, .documents = {}};
    for (const auto& [name, value] : fields.members()) subject.add(name, value.text());
    visit(subject);
  }
  return out;
}

TEST(configuration_rules, examples) {
  const std::string folder = PLIMSOLL_TEST_DATA "/../../rules/configuration";
  const auto names = list_directory(folder);
  ASSERT_TRUE(names);
  std::vector<ConfigurationRule> rules;
  for (const std::string& name : *names) {
    const auto text = read_file(cat(folder, "/", name));
    ASSERT_TRUE(text);
    auto some = read_configuration_rules(name, *text);
    ASSERT_TRUE(some) << some.error().message();
    rules.insert(rules.end(), some->begin(), some->end());
  }
  EXPECT_GE(rules.size(), 60u);
  EXPECT_EQ(rules.size(), shipped_configuration_rules().size());
  for (const ConfigurationRule& rule : rules) {
    for (const std::string& text : rule.match) {
      const auto example = JsonDocument::parse(text);
      ASSERT_TRUE(example);
      const auto found = run(rule, example->root());
      EXPECT_FALSE(found.empty()) << rule.id << " does not match " << text;
      const auto line = example->root()["line"].integer();
      if (!line || found.empty()) continue;
      EXPECT_EQ(found.front().locations.front().line, *line) << rule.id << " " << text;
    }
    for (const std::string& text : rule.no_match) {
      const auto example = JsonDocument::parse(text);
      ASSERT_TRUE(example);
      EXPECT_TRUE(run(rule, example->root()).empty()) << rule.id << " matches " << text;
    }
  }
}

TEST(configuration_rules, errors_name_file_rule_and_reason) {
  const auto error = [](std::string_view yaml) {
    const auto rules = read_configuration_rules("own.yaml", yaml);
    return rules ? std::string("loads") : rules.error().message();
  };
  EXPECT_NE(error("rules: [").find("own.yaml"), std::string::npos);
  EXPECT_EQ(error("a: 1\n"), "own.yaml: it has no list \"rules\"");
  const std::string rest = "title: t, severity: low, subject: file, why: w, fix: f, match: [{}], no_match: [{}]";
  EXPECT_EQ(error(cat("rules: [{id: a, ", rest, "}]")), "own.yaml:1: rule a: it has no conditions under \"when\"");
  EXPECT_EQ(error(cat("rules: [{id: a, when: [{field: x}], ", rest, "}]")),
            "own.yaml:1: rule a: a condition needs \"field\" and one of is, like, has, matches, at_least, at_most, missing");
  EXPECT_EQ(error(cat("rules: [{id: a, when: [{field: x, missing: true}], sevrity: x, ", rest, "}]")), "own.yaml:1: rule a: \"sevrity\" is no member of a rule");
  EXPECT_EQ(error(cat("rules: [{id: a, when: [{field: x, missing: true}], ", rest, "}]")), "loads");
}

TEST(configuration_rules, a_check_goes_on_after_a_bad_rule) {
  std::vector<RuleProblem> refused;
  const std::string rest = "title: t, severity: low, subject: file, why: w, fix: f, match: [{}], no_match: [{}]";
  const auto rules = read_configuration_rules("own.yaml", cat("rules:\n  - {id: a, ", rest, "}\n  - {id: b, when: [{field: x, missing: true}], ", rest, "}\n"), {}, &refused);
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->size(), 1u);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].line, 2u);
  EXPECT_EQ(refused[0].rule, "a");
}

TEST(configuration_rules, values_of_variables_are_never_evidence) {
  std::vector<Finding> found;
  const auto visit = [&](const Subject& subject) { judge(shipped_configuration_rules(), subject, "", found); };
  ASSERT_TRUE(image_subjects(R"({"config":{"Env":["DB_PASSWORD=hunter2hunter2"]}})", {}, {}, visit));
  bool seen = false;
  for (const Finding& f : found) {
    seen |= f.id == "credential-in-variable";
    for (const auto& [key, value] : f.evidence) EXPECT_EQ(value.find("hunter2"), std::string::npos);
  }
  EXPECT_TRUE(seen);
}

TEST(configuration, capabilities) {
  EXPECT_EQ(capability_names(from_hex("0100000200200000000000000000000000000000")), std::vector<std::string>{"net_raw"});
  EXPECT_TRUE(capability_names("short").empty());
}

TEST(rule_files, whose_they_are) {
  EXPECT_EQ(*engine_of({"x/gitleaks.toml", ""}), "secrets");
  EXPECT_EQ(*engine_of({"a.yara", ""}), "malware");
  EXPECT_EQ(*engine_of({"a.yaml", "engine: configuration\nrules: []\n"}), "configuration");
  EXPECT_EQ(*engine_of({"rules/configuration/a.yaml", "rules: []\n"}), "configuration");
  EXPECT_FALSE(engine_of({"a.yaml", "engine: nobody\n"}));
  EXPECT_FALSE(engine_of({"a.txt", ""}));
}

}  // namespace
}  // namespace plimsoll::detect
