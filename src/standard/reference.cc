#include "standard/reference.h"

#include <algorithm>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "standard/document.h"
#include "standard/resolve.h"

namespace plimsoll::standard {
namespace {

// One member of the document. `type`: "text", "count", "truth", "date", "texts", "map", "list", "condition", "value",
// "anything", or words separated by '|'.
struct Member {
  std::string_view name, type, help;
  bool required = false;
  std::vector<Member> members;  // of a map, or of each element of a list
};

constexpr std::string_view kEffectWords = "none|audit|warn|block", kStageWords = "build|push|deploy|run";

std::vector<Member> effects_members() {
  return {{"effect", kEffectWords, "what it does: block stops, warn tells, audit only counts, none is as if it were not there; block when not said"},
          {"stages", "stages", "the stages at which it has that effect; all when not said"},
          {"effects", "map", "instead of effect and stages: the effect of each stage; a stage that is not named has none", false,
           {{"build", kEffectWords, "when an image is built"}, {"push", kEffectWords, "when it is pushed to a registry"}, {"deploy", kEffectWords, "when a workload that runs it is admitted"}, {"run", kEffectWords, "while it runs"}}}};
}
std::vector<Member> grace_members() {
  return {{"days", "count", "days in which something does not count yet"}, {"since", "text", "the date of what is checked from which they count: published, exploitedSince...; what has no date has no grace"}, {"until", "date", "instead: the rule as a whole only warns until this day"}};
}
std::vector<Member> selector_members() {
  return {{"repositories", "texts", "globs on the repository"}, {"namespaces", "texts", "globs on the namespace it runs in"}, {"environments", "texts", "globs on the environment (--environment)"}, {"labels", "words", "labels of the image or the workload: name and glob"}};
}

std::vector<Member> rule_members() {
  std::vector<Member> out = {{"id", "text", "its name, of a-z, 0-9 and -", true},
                             {"title", "text", "what it asks, in a few words"},
                             {"why", "text", "one sentence for whom it stops", true},
                             {"fix", "text", "one sentence on what to do", true},
                             {"check", "subjects", "what it looks at", true},
                             {"forbid", "condition", "what must not be: each thing that meets it counts against the rule"},
                             {"require", "condition", "or: what must be; over a list, of each thing, or of atLeast so many"},
                             {"moreThan", "count", "with forbid over a list: so many are tolerated; 0 when not said"},
                             {"atLeast", "count", "with require over a list: so many must meet it; each when not said"}};
  for (Member& member : effects_members()) out.push_back(std::move(member));
  out.push_back({"unknown", "counts|ignored", "what is not known counts against the rule, or not; counts for image and workload, ignored for lists, when not said"});
  out.push_back({"grace", "map", "how long something may be there before it counts", false, grace_members()});
  out.push_back({"selector", "map", "which images and places it is for; all when not said", false, selector_members()});
  out.push_back({"exceptionBy", "text", "who can grant an exception from it, where that differs from the standard's"});
  return out;
}

std::vector<Member> override_members() {
  std::vector<Member> out = {{"rule", "text", "id of the inherited rule", true}, {"why", "text", "why it differs here", true}};
  for (Member& member : effects_members()) out.push_back(std::move(member));
  out.push_back({"moreThan", "count", "another threshold"});
  out.push_back({"atLeast", "count", "another threshold"});
  out.push_back({"value", "value", "another value, where the rule has one criterion"});
  out.push_back({"forbid", "condition", "another condition"});
  out.push_back({"require", "condition", "another condition"});
  out.push_back({"grace", "grace", "another grace, or none", false, grace_members()});
  return out;
}

std::vector<Member> document_members() {
  return {{"apiVersion", "plimsoll.dev/v1alpha1", "the version of this form", true},
          {"kind", "SecurityStandard", "the kind of document", true},
          {"metadata", "map", "what it is called", true,
           {{"name", "text", "its name, of a-z, 0-9 and -", true}, {"title", "text", "a few words"}, {"description", "text", "a few sentences"}, {"version", "text", "its version, for people; verdicts name the digest"}, {"namespace", "text", "of a custom resource"}, {"labels", "words", "of a custom resource"}, {"annotations", "words", "of a custom resource"}}},
          {"spec", "map", "what it asks", true,
           {{"inherits", "texts", "standards whose rules are taken over: shipped names, or files beside this one"},
            {"selector", "map", "which images it is for; all when not said", false, selector_members()},
            {"incomplete", "allow|refuse", "what a report with gaps is worth: refuse (no pass) when not said"},
            {"exceptions", "map", "who may be excepted, and for how long", false, {{"grantedBy", "text", "who grants them; told to whom is blocked"}, {"maximumDays", "count", "longest time an exception may last; those that last longer, or for ever, are refused"}, {"entries", "anything", "exceptions that are part of the standard: entries of a document of kind Exception"}}},
            {"rules", "list", "its own rules", false, rule_members()},
            {"overrides", "list", "changes to inherited rules, each with its reason", false, override_members()},
            {"examples", "list", "what it proves itself with (standard test)", false,
             {{"name", "text", "what it shows", true}, {"stage", kStageWords, "the stage; build when not said"}, {"expect", "pass|warn|block", "the verdict", true}, {"rules", "texts", "rules that must speak"}, {"at", "date", "the day; 2026-11-01 when not said"}, {"report", "anything", "a report in short: image, packages, findings, gaps, coverage, score, database, all optional"}, {"workload", "anything", "a Kubernetes manifest"}, {"provenance", "anything", "what was verified: signed, signers, attestations, builder, source"}}}}}};
}

// ---- the schema

void write_words(JsonWriter& json, const std::vector<std::string_view>& words) {
  json.key("enum").begin_array();
  for (const std::string_view word : words) json.value(word);
  json.end_array();
}

void write_condition_schema(JsonWriter& json, int depth) {
  json.begin_object().member("type", "object").member("additionalProperties", false).key("properties").begin_object();
  json.key("field").begin_object().member("type", "string").end_object();
  std::vector<std::string_view> operators;
  for (int op = 0; op <= static_cast<int>(Operator::Exists); ++op) operators.push_back(to_string(static_cast<Operator>(op)));
  json.key("operator").begin_object().member("type", "string");
  write_words(json, operators);
  json.end_object().key("value").begin_object().member("x-kubernetes-preserve-unknown-fields", true).end_object();
  json.key("cel").begin_object().member("type", "string").end_object();
  if (depth < kMaxNesting) {
    for (const std::string_view name : {"all", "any"}) {
      json.key(name).begin_object().member("type", "array").member("minItems", 1).key("items");
      write_condition_schema(json, depth + 1);
      json.end_object();
    }
    json.key("not");
    write_condition_schema(json, depth + 1);
  }
  json.end_object().end_object();
}

void write_map(JsonWriter& json, const std::vector<Member>& members);

void write_type(JsonWriter& json, const Member& member) {
  const std::string_view type = member.type;
  if (type == "condition") return write_condition_schema(json, 0);
  if (type == "map") return write_map(json, member.members);
  json.begin_object().member("description", member.help);
  if (type == "text") json.member("type", "string");
  else if (type == "count") json.member("type", "integer").member("minimum", 0);
  else if (type == "date") json.member("type", "string").member("pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
  else if (type == "texts") json.member("type", "array").key("items").begin_object().member("type", "string").end_object();
  else if (type == "words") json.member("type", "object").key("additionalProperties").begin_object().member("type", "string").end_object();
  else if (type == "value" || type == "anything" || type == "grace") json.member("x-kubernetes-preserve-unknown-fields", true);
  else if (type == "stages") {
    json.member("type", "array").member("minItems", 1).key("items").begin_object().member("type", "string");
    write_words(json, split(kStageWords, '|'));
    json.end_object();
  } else if (type == "list") {
    json.member("type", "array").key("items");
    write_map(json, member.members);
  } else {
    json.member("type", "string");
    write_words(json, type == "subjects" ? subject_names() : split(type, '|'));
  }
  json.end_object();
}

void write_map(JsonWriter& json, const std::vector<Member>& members) {
  json.begin_object().member("type", "object").member("additionalProperties", false);
  if (std::any_of(members.begin(), members.end(), [](const Member& m) { return m.required; })) {
    json.key("required").begin_array();
    for (const Member& member : members)
      if (member.required) json.value(member.name);
    json.end_array();
  }
  json.key("properties").begin_object();
  for (const Member& member : members) {
    json.key(member.name);
    write_type(json, member);
  }
  json.end_object().end_object();
}

// ---- the reference

std::string type_in_words(const Member& member) {
  const std::string_view type = member.type;
  if (type == "condition") return "[condition](#conditions)";
  if (type == "map") return "map";
  if (type == "list") return "list of maps";
  if (type == "texts") return "list of texts";
  if (type == "words") return "texts by name";
  if (type == "stages") return "list of stages";
  if (type == "value") return "text, number or list";
  if (type == "anything") return "see right";
  if (type == "grace") return "map, or `none`";
  if (type == "subjects" || type.find('|') != std::string_view::npos || type == "SecurityStandard" || type.starts_with("plimsoll.dev")) {
    std::string out;
    for (const std::string_view word : type == "subjects" ? subject_names() : split(type, '|')) out += cat(out.empty() ? "" : ", ", "`", word, "`");
    return out;
  }
  return std::string(type);
}

void write_members(std::string& out, std::string_view path, const std::vector<Member>& members) {
  out += cat("\n### ", path.empty() ? "the document" : path, "\n\n| member | kind | what it says |\n|---|---|---|\n");
  for (const Member& member : members) out += cat("| `", member.name, "`", member.required ? " (needed)" : "", " | ", type_in_words(member), " | ", member.help, " |\n");
  for (const Member& member : members)
    if (!member.members.empty()) write_members(out, cat(path, path.empty() ? "" : ".", member.name, member.type == "list" ? "[]" : ""), member.members);
}

}  // namespace

std::string standard_schema() {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("$schema", "https://json-schema.org/draft/2020-12/schema").member("$id", "https://plimsoll.dev/schema/standard-v1alpha1.json").member("title", "plimsoll SecurityStandard");
  json.member("description", "What an image must satisfy to be built, pushed, deployed and run. Written from the tables in src/standard/reference.cc and field.cc. Structural: a custom resource takes it once additionalProperties: false is dropped.");
  std::string body;
  JsonWriter inner(body, true);
  write_map(inner, document_members());
  // The members of the map stand beside $schema.
  const auto document = JsonDocument::parse(body);
  if (document)
    for (const auto& [name, value] : document->root().members()) json.key(name).raw(value.dump());
  json.end_object();
  out += '\n';
  return out;
}

std::string standard_reference() {
  std::string out =
      "# Reference of the security standard\n\nWritten by the program from its own tables (`PLIMSOLL_UPDATE_GOLDEN=1 standard_test`); a test fails when this page is not\n"
      "current. How to write one is in [standard.md](standard.md); the JSON Schema is `api/standard.schema.json`.\n\n## Members\n";
  write_members(out, "", document_members());
  out +=
      "\n## Conditions\n\nA condition is one of\n\n- a criterion, `{field: F, operator: O, value: V}`, over the [fields](#fields) of what the rule checks;\n- `{all: [...]}`, `{any: [...]}`, `{not: {...}}`, at most three deep;\n"
      "- `{cel: \"...\"}`, an expression in CEL over the same fields ([standard.md](standard.md#expressions)).\n\n| operator | holds when |\n|---|---|\n";
  for (int op = 0; op <= static_cast<int>(Operator::Exists); ++op) out += cat("| `", to_string(static_cast<Operator>(op)), "` | ", help_of(static_cast<Operator>(op)), " |\n");
  out += "\n| kind of field | operators |\n|---|---|\n";
  for (const FieldKind kind : {FieldKind::Truth, FieldKind::Number, FieldKind::Word, FieldKind::Text, FieldKind::Many, FieldKind::Date, FieldKind::Map}) {
    std::string names;
    for (const Operator op : operators_of({.name = "", .kind = kind})) names += cat(names.empty() ? "" : ", ", "`", to_string(op), "`");
    if (kind == FieldKind::Word) names += "; where the words have an order (severity) also `atLeast`, `atMost`, `moreThan`, `lessThan`";
    if (kind == FieldKind::Text) names += "; versions also `inRange`";
    out += cat("| ", to_string(kind), " | ", names, " |\n");
  }
  out += "\n## Fields\n" + fields_as_markdown() + "\n## Shipped standards\n\n| name | inherits | rules | what it asks |\n|---|---|---|---|\n";
  for (const auto& [name, text] : shipped_standards()) {
    Problems problems;
    const auto standard = resolve({std::string(text), name}, [](std::string_view each, std::string_view) -> Result<Document> { return Document{std::string(shipped_standard(each).value_or("")), std::string(each)}; }, problems);
    if (!standard) continue;  // a test says so
    out += cat("| `", name, "` | ", standard->lineage.size() > 1 ? cat("`", standard->lineage[1], "`") : "", " | ", standard->rules.size(), " | ", standard->description, " |\n");
  }
  return out;
}

}  // namespace plimsoll::standard
