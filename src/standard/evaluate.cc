#include "standard/evaluate.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace plimsoll::standard {
namespace {

constexpr std::size_t kEvidenceShown = 50;

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || (!text.empty() && std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) { return glob_match(pattern, text); }));
}

std::string identity_of(const Facts& facts, Subject subject, std::uint32_t index) {
  switch (subject) {
    case Subject::Findings: return std::string(facts.findings[index].key);
    case Subject::Packages: return cat(facts.packages[index].type, "/", facts.packages[index].ns, "/", facts.packages[index].name);
    case Subject::Layers: return std::string(facts.layers[index].created_by);
    case Subject::Gaps: return cat(facts.gaps[index].part, "|", facts.gaps[index].where);
    case Subject::Coverage: return std::string(facts.coverage[index].ecosystem);
    case Subject::Workload: return facts.workload->containers[index].name;
    case Subject::Image: break;
  }
  return "image";
}

double date_of(const Field& field, const Facts& facts, const void* item) { return field.number(facts, item); }

// The day from which a row counts; kNoDay: it counts already.
std::int32_t grace_end(const Grace& grace, const Facts& facts, const void* item) {
  const double since = date_of(*grace.since, facts, item);
  // What has no date has no grace, and what is dated in the future (a clock that jumped) must not have it for ever.
  if (std::isnan(since) || since > facts.today + 1) return kNoDay;
  const auto end = static_cast<std::int32_t>(since) + static_cast<std::int32_t>(grace.days) + 1;
  return end > facts.today ? end : kNoDay;
}

bool score_got_worse(const Condition& condition, const Facts& facts, const Baseline& baseline) {
  if (condition.kind == Condition::Kind::Criterion) {
    if (!condition.field->name.starts_with("score.")) return false;
    const double now = condition.field->number(facts, nullptr);
    double before = baseline.scores[0];
    for (std::size_t i = 0; i < 8; ++i)
      if (condition.field->name.substr(6) == to_string(static_cast<FindingClass>(i))) before = baseline.scores[i + 1];
    return !(now >= before);
  }
  return std::any_of(condition.parts.begin(), condition.parts.end(), [&](const Condition& part) { return score_got_worse(part, facts, baseline); });
}

// The classes a condition over findings is limited to, as bits; all when it is not.
std::uint64_t classes_of(const Condition& condition) {
  if (condition.kind == Condition::Kind::Criterion) return condition.field->name == "class" ? condition.words : ~0ull;
  std::uint64_t out = ~0ull;
  if (condition.kind == Condition::Kind::All)
    for (const Condition& part : condition.parts) out &= classes_of(part);
  return out;
}

// A rule over secrets has nothing to say of a report whose scan did not look for them; that must not look like "none found".
// The score tells which classes were looked for.
bool was_not_searched(const Rule& rule, const Facts& facts) {
  if (rule.check != Subject::Findings || std::isnan(facts.image.score_total)) return false;
  const std::uint64_t classes = classes_of(rule.when);
  if (classes == ~0ull) return false;
  for (std::size_t c = 0; c < 8; ++c)
    if ((classes >> c & 1) != 0 && !std::isnan(facts.image.score_by_class[c])) return false;
  return true;
}

class Evaluation {
 public:
  Evaluation(const Facts& facts, const Context& context) : facts_(facts), context_(context) {}

  RuleResult one(const Rule& rule) {
    RuleResult out{.rule = &rule};
    const auto stage_effect = rule.effects[static_cast<std::size_t>(context_.stage)];
    bool violated = false;
    if (is_single(rule.check)) violated = image(rule, out);
    else if (rule.check == Subject::Workload && facts_.workload == nullptr) violated = out.no_subject = true;
    else violated = list(rule, out);
    if (!violated && out.in_grace == 0 && was_not_searched(rule, facts_)) {
      out.not_searched = true;
      violated = rule.unknown_counts.value_or(false);
      out.effect = violated ? Effect::Off : std::min(stage_effect, Effect::Audit);
    }
    if (out.not_searched && !violated) return out;
    if (violated) {
      out.effect = stage_effect;
      if (rule.grace && rule.grace->until != kNoDay && facts_.today < rule.grace->until && out.effect == Effect::Block) {
        out.effect = Effect::Warn;
        out.grace_ends = rule.grace->until;
        out.in_grace = std::max<std::uint64_t>(out.count, 1);
      }
    } else if (out.in_grace != 0 && out.count + out.in_grace > rule.more_than) {
      out.effect = std::min(stage_effect, Effect::Warn);
    }
    return out;
  }

 private:
  const std::set<std::string>* known_to(const Rule& rule) const {
    if (context_.baseline == nullptr) return nullptr;
    const auto found = context_.baseline->failed.find(rule.id);
    return found == context_.baseline->failed.end() ? nullptr : &found->second;
  }

  bool image(const Rule& rule, RuleResult& out) {
    const Truth truth = holds(rule.when, facts_, nullptr);
    bool violated = rule.forbid ? truth == Truth::Yes : truth == Truth::No;
    if (truth == Truth::Unknown && rule.counts_unknown()) violated = out.not_known = true;
    if (!violated) return false;
    if (known_to(rule) != nullptr && !score_got_worse(rule.when, facts_, *context_.baseline)) {
      out.known = 1;
      return false;
    }
    out.count = 1;
    return true;
  }

  bool list(const Rule& rule, RuleResult& out) {
    const std::size_t rows = row_count(facts_, rule.check);
    const bool findings = rule.check == Subject::Findings;
    const bool unknown_counts = rule.counts_unknown();
    const std::set<std::string>* known = known_to(rule);
    const bool timed = rule.grace && rule.grace->days > 0;
    for (std::uint32_t i = 0; i < rows; ++i) {
      if (findings && i < context_.left_out.size() && context_.left_out[i] != 0) continue;
      const void* item = row_at(facts_, rule.check, i);
      const Truth truth = holds(rule.when, facts_, item);
      const bool against = rule.forbid ? truth == Truth::Yes || (truth == Truth::Unknown && unknown_counts) : truth == Truth::No || (truth == Truth::Unknown && unknown_counts);
      if (!against) {
        out.met += truth == Truth::Yes ? 1 : 0;
        continue;
      }
      if (known != nullptr && known->contains(identity_of(facts_, rule.check, i))) {
        ++out.known;
        continue;
      }
      if (timed) {
        if (const std::int32_t end = grace_end(*rule.grace, facts_, item); end != kNoDay) {
          ++out.in_grace;
          if (out.grace_ends == kNoDay || end < out.grace_ends) out.grace_ends = end;
          continue;
        }
      }
      ++out.count;
      out.items.push_back(i);
    }
    if (rule.forbid) return out.count > rule.more_than;
    if (rule.at_least) return out.met < *rule.at_least;
    return out.count > 0;
  }

  const Facts& facts_;
  const Context& context_;
};

void collect_fields(const Condition& condition, std::vector<const Condition*>& out) {
  if (condition.kind == Condition::Kind::Criterion) out.push_back(&condition);
  for (const Condition& part : condition.parts) collect_fields(part, out);
}

std::string number_text(double value) {
  std::string out;
  JsonWriter(out).value(std::round(value * 10000) / 10000);
  return out;
}

// "score.vulnerability is 72.2"
std::string value_text(const Condition& criterion, const Facts& facts, const void* item) {
  const Field& field = *criterion.field;
  const std::string name = criterion.key.empty() ? std::string(field.name) : cat(field.name, " ", criterion.key);
  const auto joined = [](Texts texts) {
    std::string out;
    for (std::size_t i = 0; i < texts.size() && i < 5; ++i) out += cat(i == 0 ? "" : ", ", texts[i]);
    return texts.empty() ? std::string("empty") : texts.size() > 5 ? cat(out, "...") : out;
  };
  switch (field.kind) {
    case FieldKind::Text: {
      const std::string_view text = field.text(facts, item);
      return text.data() == nullptr ? cat(name, " is not known") : text.empty() ? cat(name, " is empty") : cat(name, " is ", to_utf8(text));
    }
    case FieldKind::Many: return cat(name, " is ", to_utf8(joined(field.texts(facts, item))));
    case FieldKind::Map: {
      for (const auto& [key, value] : field.pairs(facts, item))
        if (key == criterion.key) return cat(name, " is ", to_utf8(value));
      return cat(name, " is not there");
    }
    default: break;
  }
  const double value = field.number(facts, item);
  if (std::isnan(value)) return cat(name, " is not known");
  if (field.kind == FieldKind::Date) return cat(name, " is ", day_text(static_cast<std::int32_t>(value)));
  if (field.kind == FieldKind::Truth) return cat(name, value != 0 ? " is true" : " is false");
  if (field.kind == FieldKind::Word) return cat(name, " is ", field.words[static_cast<std::size_t>(value)]);
  return cat(name, " is ", number_text(value));
}

std::string counted(std::uint64_t count, std::string_view one) { return cat(count, " ", one, count == 1 ? "" : one.ends_with('y') ? "" : "s"); }

std::string what_text(const RuleResult& result, const Facts& facts) {
  const Rule& rule = *result.rule;
  if (result.not_searched) {
    std::string classes;
    for (std::size_t c = 0; c < 8; ++c)
      if ((classes_of(rule.when) >> c & 1) != 0) classes += cat(classes.empty() ? "" : ", ", to_string(static_cast<FindingClass>(c)));
    return cat("not looked for in this report: ", classes, "; the rule could not speak");
  }
  if (result.no_subject) return "no workload was given (--workload FILE), so it is not known how the image would run";
  const std::string words = in_words(rule.when);
  if (is_single(rule.check)) {
    std::vector<const Condition*> criteria;
    collect_fields(rule.when, criteria);
    std::string now;
    for (const Condition* criterion : criteria) now += cat(now.empty() ? "" : ", ", value_text(*criterion, facts, nullptr));
    if (result.count == 0 && result.known != 0) return cat("as before: ", now);
    return cat(rule.forbid ? "forbidden: " : "required: ", words, now.empty() ? "" : "; ", now);
  }
  const std::string_view one = one_of(rule.check);
  if (rule.at_least) return cat(counted(result.met, one), " where ", words, "; at least ", *rule.at_least, " must be there");
  if (!rule.forbid) return cat(counted(result.count, one), result.count == 1 ? " does" : " do", " not meet: ", words);
  return cat(counted(result.count, one), " where ", words, rule.more_than == 0 ? "" : cat("; ", rule.more_than, " are tolerated"));
}

}  // namespace

bool selects(const Selector& selector, const Facts& facts, const Context& context) {
  if (selector.empty()) return true;
  if (!any_glob(selector.repositories, facts.image.repository)) return false;
  const std::string_view ns = !context.ns.empty() ? context.ns : facts.workload != nullptr ? std::string_view(facts.workload->ns) : std::string_view();
  if (!any_glob(selector.namespaces, ns) || !any_glob(selector.environments, context.environment)) return false;
  for (const auto& [name, pattern] : selector.labels) {
    bool found = false;
    for (const auto& [key, value] : facts.image.labels) found = found || (key == name && glob_match(pattern, value));
    if (facts.workload != nullptr)
      for (const auto& [key, value] : facts.workload->labels) found = found || (key == name && glob_match(pattern, value));
    if (!found) return false;
  }
  return true;
}

Judgement evaluate(const Resolved& standard, const Facts& facts, const Context& context) {
  Judgement out;
  Evaluation evaluation(facts, context);
  for (const Rule& rule : standard.rules) {
    if (rule.effects[static_cast<std::size_t>(context.stage)] == Effect::Off || !selects(rule.selector, facts, context)) continue;
    if (rule.check == Subject::Workload && facts.workload == nullptr && context.without_workload) continue;
    ++out.rules;
    RuleResult result = evaluation.one(rule);
    if (result.effect == Effect::Off && result.known == 0) continue;
    out.worst = std::max(out.worst, result.effect);
    out.results.push_back(std::move(result));
  }
  return out;
}

Baseline baseline_of(const Resolved& standard, const Facts& facts, const Context& context) {
  Baseline out;
  Context plain = context;
  plain.baseline = nullptr;
  Evaluation evaluation(facts, plain);
  for (const Rule& rule : standard.rules) {
    if (rule.check == Subject::Workload && facts.workload == nullptr) continue;
    Rule timeless = rule;
    timeless.grace.reset();  // what was there is known, whether or not its grace has ended since
    const RuleResult result = evaluation.one(timeless);
    if (result.count == 0) continue;
    auto& known = out.failed[rule.id];
    if (is_single(rule.check)) known.insert("image");
    for (const std::uint32_t i : result.items) known.insert(identity_of(facts, rule.check, i));
  }
  out.scores[0] = facts.image.score_total;
  for (std::size_t i = 0; i < 8; ++i) out.scores[i + 1] = facts.image.score_by_class[i];
  return out;
}

std::string row_text(const Facts& facts, Subject subject, std::uint32_t index) {
  switch (subject) {
    case Subject::Findings: {
      const FindingRow& row = facts.findings[index];
      std::string out = cat(to_utf8(row.id()), " ", to_string(row.severity));
      if (row.exploited) out += ", exploited";
      if (!row.package_name.empty()) out += cat(", ", to_utf8(row.package_name), row.installed.empty() ? "" : " ", to_utf8(row.installed));
      else if (!row.title.empty()) out += cat(", ", to_utf8(row.title));
      if (!row.fixed.empty()) out += cat(" -> ", to_utf8(row.fixed));
      if (!row.paths.empty()) out += cat(" (", to_utf8(row.paths.front()), ")");
      return out;
    }
    case Subject::Packages: {
      const PackageRow& row = facts.packages[index];
      std::string licenses;
      for (const std::string_view each : row.licenses) licenses += cat(licenses.empty() ? ", " : " and ", each);
      return to_utf8(cat(row.type, " ", row.name, " ", row.version, licenses));
    }
    case Subject::Layers: return to_utf8(cat("layer ", index + 1, ": ", facts.layers[index].created_by));
    case Subject::Gaps: return to_utf8(cat(facts.gaps[index].part, " ", facts.gaps[index].where, ": ", facts.gaps[index].why));
    case Subject::Coverage: return to_utf8(cat(facts.coverage[index].ecosystem, ", ", facts.coverage[index].packages, " packages"));
    case Subject::Workload: return to_utf8(cat(facts.workload->kind, " ", facts.workload->name, ", container ", facts.workload->containers[index].name));
    case Subject::Image: break;
  }
  return to_utf8(facts.image.reference);
}

Verdict describe(const Judgement& judgement, const Resolved& standard, const Facts& facts, const Context& context) {
  Verdict out{.standard = standard.name, .digest = standard.digest, .stage = std::string(to_string(context.stage)), .at = format_time(facts.at)};
  out.rules = judgement.rules;
  out.result = judgement.worst == Effect::Block ? "block" : judgement.worst == Effect::Warn ? "warn" : "pass";
  out.incomplete = !facts.image.complete && !standard.allow_incomplete;
  for (const Effect effect : {Effect::Block, Effect::Warn, Effect::Audit, Effect::Off})
    for (const RuleResult& result : judgement.results) {
      if (result.effect != effect) continue;
      const Rule& rule = *result.rule;
      VerdictReason reason{.rule = rule.id, .title = rule.title, .effect = std::string(to_string(effect == Effect::Off ? Effect::Audit : effect)), .what = what_text(result, facts), .why = rule.why, .fix = rule.fix};
      reason.count = result.count, reason.known = result.known, reason.in_grace = result.in_grace, reason.grace_ends = day_text(result.grace_ends);
      reason.exception_by = rule.exception_by.empty() ? standard.granted_by : rule.exception_by;
      if (!reason.exception_by.empty() && standard.maximum_days) reason.exception_by += cat(", for at most ", *standard.maximum_days, " days");
      if (rule.from != standard.name) reason.from = rule.from;
      for (std::size_t i = 0; i < result.items.size() && i < kEvidenceShown; ++i) reason.evidence.push_back(row_text(facts, rule.check, result.items[i]));
      if (result.items.size() > kEvidenceShown) reason.evidence.push_back(cat("and ", result.items.size() - kEvidenceShown, " more"));
      if (rule.check == Subject::Findings) {
        for (const std::uint32_t i : result.items) reason.finding_keys.emplace_back(facts.findings[i].key);
        std::sort(reason.finding_keys.begin(), reason.finding_keys.end());
        reason.finding_keys.erase(std::unique(reason.finding_keys.begin(), reason.finding_keys.end()), reason.finding_keys.end());
      }
      out.reasons.push_back(std::move(reason));
    }
  return out;
}

}  // namespace plimsoll::standard
