#include "report/judgement.h"

#include "base/text.h"
#include "report/json_parts.h"

namespace plimsoll::report {
namespace {

Result<std::string> need_text(const JsonValue& object, std::string_view name, std::string_view path) {
  const JsonValue value = object[name];
  if (!value.is_string()) return malformed(cat(path, ".", name, value.exists() ? " is not a text" : " is missing"));
  return std::string(value.text());
}
std::uint64_t count_of(const JsonValue& value) { return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value.integer().value_or(0))); }
std::vector<std::string> texts_of(const JsonValue& value) {
  std::vector<std::string> out;
  for (const JsonValue& item : value.items()) out.emplace_back(item.text());
  return out;
}
bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words)
    if (text == word) return true;
  return false;
}

Result<VerdictReason> read_reason(const JsonValue& value, std::string_view path) {
  VerdictReason out;
  PLIM_TRY(out.rule, need_text(value, "rule", path));
  PLIM_TRY(out.effect, need_text(value, "effect", path));
  if (!one_of(out.effect, {"block", "warn", "audit"})) return malformed(cat(path, ".effect is none of block, warn, audit"));
  PLIM_TRY(out.what, need_text(value, "what", path));
  out.title = value["title"].text();
  out.why = value["why"].text();
  out.fix = value["fix"].text();
  out.evidence = texts_of(value["evidence"]);
  out.finding_keys = texts_of(value["findingKeys"]);
  out.count = count_of(value["count"]);
  out.known = count_of(value["known"]);
  out.in_grace = count_of(value["inGrace"]);
  out.grace_ends = value["graceEnds"].text();
  out.exception_by = value["exceptionBy"].text();
  out.from = value["from"].text();
  return out;
}

}  // namespace

void write_score(JsonWriter& json, const Score& score) {
  json.begin_object().member("total", score.total).key("byClass").begin_object();
  for (const auto& [klass, value] : score.by_class) json.member(to_string(klass), value);
  json.end_object().key("deductions").begin_array();
  for (const Deduction& deduction : score.deductions) {
    json.on_one_line([&](JsonWriter& record) {
      record.begin_object().member("class", to_string(deduction.klass)).member("points", deduction.points).member("why", deduction.why);
      write_texts(record, "findingKeys", deduction.finding_keys);
      record.end_object();
    });
  }
  json.end_array().end_object();
}

Result<Score> read_score(const JsonValue& value) {
  if (!value.is_object()) return malformed("score is not an object");
  Score out;
  const auto total = value["total"].number();
  if (!total || !(*total >= 0 && *total <= 100)) return malformed("score.total is not a number from 0 to 100");
  out.total = *total;
  for (const auto& [name, member] : value["byClass"].members()) {
    const auto klass = finding_class_from(name);
    const auto number = member.number();
    if (!klass || !number || !(*number >= 0 && *number <= 100)) return malformed(cat("score.byClass.", name, " is not the score of a class"));
    out.by_class.emplace_back(*klass, *number);
  }
  for (const JsonValue& item : value["deductions"].items()) {
    Deduction deduction;
    const auto klass = finding_class_from(item["class"].text());
    if (!klass) return malformed("score.deductions: a class is not known");
    deduction.klass = *klass;
    deduction.points = item["points"].number().value_or(0);
    PLIM_TRY(deduction.why, need_text(item, "why", "score.deductions[]"));
    deduction.finding_keys = texts_of(item["findingKeys"]);
    out.deductions.push_back(std::move(deduction));
  }
  return out;
}

void write_verdict(JsonWriter& json, const Verdict& verdict) {
  json.begin_object().member("standard", verdict.standard).text_member("digest", verdict.digest).member("stage", verdict.stage).member("result", verdict.result);
  json.text_member("at", verdict.at).member("rules", verdict.rules).member("fixable", verdict.fixable);
  if (verdict.incomplete) json.member("incomplete", true);
  json.key("reasons").begin_array();
  for (const VerdictReason& reason : verdict.reasons) {
    json.begin_object().member("rule", reason.rule).text_member("title", reason.title).member("effect", reason.effect).member("what", reason.what);
    json.text_member("why", reason.why).text_member("fix", reason.fix).member("count", reason.count);
    if (reason.known != 0) json.member("known", reason.known);
    if (reason.in_grace != 0) json.member("inGrace", reason.in_grace);
    json.text_member("graceEnds", reason.grace_ends).text_member("exceptionBy", reason.exception_by).text_member("from", reason.from);
    write_texts(json, "evidence", reason.evidence);
    write_texts(json, "findingKeys", reason.finding_keys);
    json.end_object();
  }
  json.end_array().key("shortestFix").begin_array();
  for (const VerdictChange& change : verdict.shortest_fix) {
    json.begin_object().member("kind", change.kind).member("target", change.target).member("change", change.change).member("findings", change.findings);
    write_texts(json, "rules", change.rules);
    json.end_object();
  }
  json.end_array().end_object();
}

Result<Verdict> read_verdict(const JsonValue& value) {
  if (!value.is_object()) return malformed("verdict is not an object");
  Verdict out;
  PLIM_TRY(out.standard, need_text(value, "standard", "verdict"));
  PLIM_TRY(out.stage, need_text(value, "stage", "verdict"));
  PLIM_TRY(out.result, need_text(value, "result", "verdict"));
  if (!one_of(out.result, {"pass", "warn", "block"})) return malformed("verdict.result is none of pass, warn, block");
  out.digest = value["digest"].text();
  out.at = value["at"].text();
  out.rules = count_of(value["rules"]);
  out.fixable = value["fixable"].boolean().value_or(true);
  out.incomplete = value["incomplete"].boolean().value_or(false);
  for (const JsonValue& item : value["reasons"].items()) {
    PLIM_TRY(auto reason, read_reason(item, "verdict.reasons[]"));
    out.reasons.push_back(std::move(reason));
  }
  for (const JsonValue& item : value["shortestFix"].items()) {
    VerdictChange change;
    PLIM_TRY(change.kind, need_text(item, "kind", "verdict.shortestFix[]"));
    PLIM_TRY(change.change, need_text(item, "change", "verdict.shortestFix[]"));
    change.target = item["target"].text();
    change.rules = texts_of(item["rules"]);
    change.findings = count_of(item["findings"]);
    out.shortest_fix.push_back(std::move(change));
  }
  return out;
}

}  // namespace plimsoll::report
