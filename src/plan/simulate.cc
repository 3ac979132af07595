#include "plan/simulate.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "standard/excepted.h"

namespace plimsoll::plan {
namespace {

using standard::Effect;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "0";
  const std::uint64_t tenths = (part * 1000 + whole / 2) / whole;
  return tenths % 10 == 0 ? std::to_string(tenths / 10) : cat(tenths / 10, ".", tenths % 10);
}

bool can_be_fixed(const standard::RuleResult& result, const standard::Facts& facts) {
  if (result.rule->check != standard::Subject::Findings || !result.rule->forbid) return true;
  const auto stuck = static_cast<std::uint64_t>(std::count_if(result.items.begin(), result.items.end(), [&](std::uint32_t f) { return !facts.findings[f].fix_available; }));
  return stuck <= result.rule->more_than;
}

}  // namespace

void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& each) {
  const std::size_t wanted = std::min<std::size_t>(count, std::max(1u, threads == 0 ? std::thread::hardware_concurrency() : threads));
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < count;) each(i);
  };
  std::vector<std::thread> running;
  for (std::size_t t = 1; t < wanted; ++t) running.emplace_back(work);
  work();
  for (std::thread& thread : running) thread.join();
}

Simulation simulate(const Index& index, const standard::Resolved& given, const SimulationOptions& options) {
  standard::Resolved standard = given;
  if (options.without_grace)
    for (standard::Rule& rule : standard.rules) rule.grace.reset();
  Simulation out;
  out.results.resize(index.size());
  out.rules.resize(standard.rules.size());
  for (std::size_t r = 0; r < standard.rules.size(); ++r) {
    out.rules[r].id = standard.rules[r].id;
    out.rules[r].title = standard.rules[r].title;
    if (standard.rules[r].check == standard::Subject::Workload && standard.rules[r].effects[static_cast<std::size_t>(options.stage)] != Effect::Off) ++out.rules_passed_over;
  }
  // Entries that cannot be read take nothing out, so they can only block more; the gate refuses such a standard.
  const auto exceptions = standard::own_exceptions(standard, options.at);
  // Counted in slices, so that threads share nothing.
  constexpr std::size_t kSlice = 256;
  const std::size_t slices = (index.size() + kSlice - 1) / kSlice;
  struct Partial {
    std::vector<RuleCount> rules;
    std::uint64_t not_selected = 0;
  };
  std::vector<Partial> partial(slices);
  std::vector<std::uint8_t> selected(index.size(), 1);
  in_parallel(slices, options.threads, [&](std::size_t slice) {
    Partial& mine = partial[slice];
    mine.rules.resize(standard.rules.size());
    for (std::size_t i = slice * kSlice; i < std::min(index.size(), (slice + 1) * kSlice); ++i) {
      standard::Facts facts = index.facts(i, options.at);
      standard::Context context{.stage = options.stage, .ns = options.ns, .environment = options.environment, .without_workload = true};
      if (!standard::selects(standard.selector, facts, context)) {
        selected[i] = 0;
        ++mine.not_selected;
        continue;
      }
      const std::vector<std::uint8_t> left_out = exceptions ? standard::leave_out_excepted(facts, *exceptions) : std::vector<std::uint8_t>();
      context.left_out = left_out;
      const standard::Judgement judgement = standard::evaluate(standard, facts, context);
      ImageResult& result = out.results[i];
      result.worst = judgement.worst;
      result.incomplete = !facts.image.complete && !standard.allow_incomplete;
      for (const standard::RuleResult& each : judgement.results) {
        const auto number = static_cast<std::size_t>(each.rule - standard.rules.data());
        RuleCount& count = mine.rules[number];
        if (each.not_searched) ++count.not_searched;
        if (each.effect == Effect::Warn) ++count.warn;
        if (each.effect != Effect::Block) continue;
        ++count.block;
        if (each.rule->check == standard::Subject::Findings) count.findings += each.items.size();
        result.blocked_by.push_back(static_cast<std::uint16_t>(number));
        if (can_be_fixed(each, facts)) continue;
        ++count.without_fix;
        result.fixable = false;
      }
      if (result.blocked_by.size() == 1) ++mine.rules[result.blocked_by.front()].only;
    }
  });
  for (const Partial& each : partial) {
    out.not_selected += each.not_selected;
    for (std::size_t r = 0; r < each.rules.size(); ++r) {
      out.rules[r].block += each.rules[r].block, out.rules[r].warn += each.rules[r].warn, out.rules[r].only += each.rules[r].only;
      out.rules[r].without_fix += each.rules[r].without_fix, out.rules[r].findings += each.rules[r].findings;
      out.rules[r].not_searched += each.rules[r].not_searched;
    }
  }
  for (std::size_t i = 0; i < out.results.size(); ++i) {
    if (selected[i] == 0) continue;
    const ImageResult& result = out.results[i];
    ++out.images;
    if (result.worst == Effect::Block) ++out.block, out.fixable += result.fixable ? 1 : 0;
    else if (result.incomplete) ++out.incomplete;
    else ++(result.worst == Effect::Warn ? out.warn : out.pass);
  }
  return out;
}

std::string simulation_json(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const Simulation& s, bool with_images) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("standard", standard.name).member("digest", standard.digest).member("stage", standard::to_string(options.stage)).member("at", format_time(options.at));
  json.member("images", s.images).member("pass", s.pass).member("warn", s.warn).member("block", s.block).member("incomplete", s.incomplete);
  if (s.not_selected != 0) json.member("notSelected", s.not_selected);
  if (s.rules_passed_over != 0) json.member("workloadRulesPassedOver", s.rules_passed_over);
  json.key("toReach").begin_object().member("imagesToChange", s.fixable).member("imagesWithoutFix", s.block - s.fixable).end_object();
  json.key("rules").begin_array();
  for (const RuleCount& rule : s.rules)
    json.begin_object().member("id", rule.id).member("block", rule.block).member("warn", rule.warn).member("only", rule.only).member("withoutFix", rule.without_fix).member("findings", rule.findings).member("notSearched", rule.not_searched).end_object();
  json.end_array().key("unreadable").begin_array();
  for (const Unreadable& each : index.unreadable()) json.begin_object().member("path", each.path).member("why", each.why).end_object();
  json.end_array();
  if (with_images) {
    json.key("blocked").begin_array();
    for (std::size_t i = 0; i < s.results.size(); ++i) {
      if (s.results[i].worst != Effect::Block) continue;
      json.begin_object().member("reference", index.reference(i)).member("report", index.path(i)).member("fixable", s.results[i].fixable).key("rules").begin_array();
      for (const std::uint16_t rule : s.results[i].blocked_by) json.value(s.rules[rule].id);
      json.end_array().end_object();
    }
    json.end_array();
  }
  json.end_object();
  out += '\n';
  return out;
}

std::string simulation_text(const Index& index, const standard::Resolved& standard, const SimulationOptions& options, const Simulation& s) {
  std::string out = cat(standard.name, " at stage ", standard::to_string(options.stage), " on ", s.images, " images\n");
  const auto row = [&](std::string_view name, std::uint64_t count) { out += cat("  ", name, std::string(12 - name.size(), ' '), count, "  (", percent(count, s.images), " %)\n"); };
  row("pass", s.pass);
  row("warn", s.warn);
  row("block", s.block);
  if (s.incomplete != 0) row("incomplete", s.incomplete);
  if (s.not_selected != 0) out += cat("  ", s.not_selected, " images are not for this standard\n");
  out += cat("To reach it: ", s.fixable, " images to change; ", s.block - s.fixable, " blocked images have findings without a fix\n");
  std::vector<const RuleCount*> order;
  for (const RuleCount& rule : s.rules)
    if (rule.block + rule.warn != 0) order.push_back(&rule);
  std::stable_sort(order.begin(), order.end(), [](const RuleCount* a, const RuleCount* b) { return std::pair(b->block, b->warn) < std::pair(a->block, a->warn); });
  if (!order.empty()) out += "\n   BLOCK    WARN    ALONE  RULE\n";
  const auto cell = [](std::uint64_t value) {
    const std::string text = std::to_string(value);
    return std::string(text.size() < 8 ? 8 - text.size() : 0, ' ') + text;
  };
  for (const RuleCount* rule : order) out += cat(cell(rule->block), cell(rule->warn), " ", cell(rule->only), "  ", rule->id, "\n");
  for (const RuleCount& rule : s.rules)
    if (rule.not_searched != 0) out += cat("\n", rule.id, ": ", rule.not_searched, " reports were not searched for what it is about");
  if (std::any_of(s.rules.begin(), s.rules.end(), [](const RuleCount& rule) { return rule.not_searched != 0; })) out += "\n";
  if (s.rules_passed_over != 0) out += cat("\n", s.rules_passed_over, " rules over the workload were passed over: a report does not tell how its image is run\n");
  if (!index.unreadable().empty()) {
    out += cat("\n", index.unreadable().size(), " reports could not be read:\n");
    for (std::size_t i = 0; i < std::min<std::size_t>(10, index.unreadable().size()); ++i) out += cat("  ", to_utf8(index.unreadable()[i].path), ": ", to_utf8(index.unreadable()[i].why), "\n");
  }
  return out;
}

}  // namespace plimsoll::plan
