#include "model/cvss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "base/text.h"

namespace plimsoll {
namespace {

// A parsed vector: one letter a metric of at most three letters.
struct Metrics {
  struct Value {
    std::string_view name, value;
  };
  std::array<Value, 40> values;
  std::size_t count = 0;

  char get(std::string_view name, char absent = '\0') const {
    for (std::size_t i = 0; i < count; ++i)
      if (values[i].name == name) return values[i].value[0];
    return absent;
  }
  std::string_view text(std::string_view name) const {
    for (std::size_t i = 0; i < count; ++i)
      if (values[i].name == name) return values[i].value;
    return {};
  }
};

// "AV:N/AC:L" -> metrics. Each name once, name and value not empty.
std::optional<Metrics> parse(std::string_view text) {
  Metrics out;
  while (!text.empty()) {
    const auto [part, rest] = cut(text, '/');
    const auto [name, value] = cut(part, ':');
    if (name.empty() || value.empty() || out.count == out.values.size() || !out.text(name).empty()) return std::nullopt;
    out.values[out.count++] = {name, value};
    text = rest;
  }
  return out;
}

// The weight of a metric's value, by a table of letters; nullopt when the letter is not in it.
std::optional<double> weight(const Metrics& m, std::string_view name, std::string_view letters, std::span<const double> weights) {
  const std::string_view value = m.text(name);
  if (value.size() != 1) return std::nullopt;
  const std::size_t at = letters.find(value[0]);
  return at == std::string_view::npos ? std::nullopt : std::optional(weights[at]);
}

std::optional<double> score_v2(const Metrics& m) {
  static constexpr double kAv[] = {0.395, 0.646, 1.0}, kAc[] = {0.35, 0.61, 0.71}, kAu[] = {0.45, 0.56, 0.704}, kImpact[] = {0, 0.275, 0.660};
  const auto av = weight(m, "AV", "LAN", kAv), ac = weight(m, "AC", "HML", kAc), au = weight(m, "Au", "MSN", kAu);
  const auto c = weight(m, "C", "NPC", kImpact), i = weight(m, "I", "NPC", kImpact), a = weight(m, "A", "NPC", kImpact);
  if (!av || !ac || !au || !c || !i || !a) return std::nullopt;
  const double impact = 10.41 * (1 - (1 - *c) * (1 - *i) * (1 - *a));
  const double exploitability = 20 * *av * *ac * *au;
  return std::round((0.6 * impact + 0.4 * exploitability - 1.5) * (impact == 0 ? 0 : 1.176) * 10) / 10;
}

// v3.1 appendix A: the smallest number with one decimal that is not below the input, without floating-point surprises.
double round_up(double value) {
  const auto scaled = static_cast<long long>(std::llround(value * 100000));
  return scaled % 10000 == 0 ? static_cast<double>(scaled) / 100000.0 : (std::floor(static_cast<double>(scaled) / 10000.0) + 1) / 10.0;
}

std::optional<double> score_v3(const Metrics& m) {
  static constexpr double kAv[] = {0.85, 0.62, 0.55, 0.2}, kAc[] = {0.77, 0.44}, kUi[] = {0.85, 0.62}, kImpact[] = {0.56, 0.22, 0};
  static constexpr double kPr[] = {0.85, 0.62, 0.27}, kPrChanged[] = {0.85, 0.68, 0.5};
  const char scope = m.get("S");
  if (scope != 'U' && scope != 'C') return std::nullopt;
  const bool changed = scope == 'C';
  const auto av = weight(m, "AV", "NALP", kAv), ac = weight(m, "AC", "LH", kAc), ui = weight(m, "UI", "NR", kUi);
  const auto pr = changed ? weight(m, "PR", "NLH", kPrChanged) : weight(m, "PR", "NLH", kPr);
  const auto c = weight(m, "C", "HLN", kImpact), i = weight(m, "I", "HLN", kImpact), a = weight(m, "A", "HLN", kImpact);
  if (!av || !ac || !ui || !pr || !c || !i || !a) return std::nullopt;
  const double iss = 1 - (1 - *c) * (1 - *i) * (1 - *a);
  const double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * std::pow(iss - 0.02, 15) : 6.42 * iss;
  if (impact <= 0) return 0;
  const double exploitability = 8.22 * *av * *ac * *pr * *ui;
  return round_up(std::min(changed ? 1.08 * (impact + exploitability) : impact + exploitability, 10.0));
}

// v4.0: scores of the MacroVectors in tenths, by EQ1 (3), EQ2 (2), EQ3 (3), EQ4 (3), EQ5 (3), EQ6 (2), the last running
// fastest; -1 where there is no such MacroVector. Figures: FIRST, CVSS v4.0 specification, MacroVector look-up.
constexpr std::int8_t kMacroScores[3 * 2 * 3 * 3 * 3 * 2] = {
    100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68,
    98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48,
    -1, 92, -1, 82, -1, 72, -1, 79, -1, 69, -1, 50, -1, 69, -1, 55, -1, 27,
    99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53,
    95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30,
    -1, 86, -1, 75, -1, 52, -1, 71, -1, 52, -1, 29, -1, 63, -1, 29, -1, 17,
    98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49,
    94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25,
    -1, 83, -1, 70, -1, 54, -1, 65, -1, 58, -1, 26, -1, 53, -1, 21, -1, 13,
    95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30,
    89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16,
    -1, 71, -1, 59, -1, 30, -1, 58, -1, 26, -1, 15, -1, 23, -1, 13, -1, 6,
    93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22,
    85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8,
    -1, 64, -1, 51, -1, 20, -1, 47, -1, 21, -1, 11, -1, 24, -1, 9, -1, 4,
    88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11,
    75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2,
    -1, 53, -1, 24, -1, 14, -1, 24, -1, 12, -1, 5, -1, 10, -1, 3, -1, 1,
};

using Levels = std::array<int, 6>;  // EQ1..EQ6
int macro_score(const Levels& eq) {
  static constexpr int kSizes[] = {3, 2, 3, 3, 3, 2};
  int index = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    if (eq[i] >= kSizes[i]) return -1;
    index = index * kSizes[i] + eq[i];
  }
  return kMacroScores[index];
}

// Severity levels of each v4 metric, most severe first; a distance is a difference of places.
constexpr std::pair<std::string_view, std::string_view> kV4Levels[] = {
    {"AV", "NALP"}, {"PR", "NLH"}, {"UI", "NPA"}, {"AC", "LH"}, {"AT", "NP"}, {"VC", "HLN"}, {"VI", "HLN"},
    {"VA", "HLN"},  {"SC", "SHLN"}, {"SI", "SHLN"}, {"SA", "SHLN"}, {"CR", "HML"}, {"IR", "HML"}, {"AR", "HML"}};

int level_of(std::string_view metric, char value) {
  for (const auto& [name, letters] : kV4Levels)
    if (name == metric) {
      const std::size_t at = letters.find(value);
      return at == std::string_view::npos ? -1 : static_cast<int>(at);
    }
  return -1;
}

// The highest-severity vectors of each EQ and level (specification §8.3, table of MacroVectors' highest vectors).
struct Highest {
  int set, level;  // set 1, 2, 4: that EQ; set 3: EQ3 * 10 + EQ6 as level
  std::string_view vector;
};
constexpr Highest kHighest[] = {
    {1, 0, "AV:N/PR:N/UI:N"}, {1, 1, "AV:A/PR:N/UI:N"}, {1, 1, "AV:N/PR:L/UI:N"}, {1, 1, "AV:N/PR:N/UI:P"}, {1, 2, "AV:P/PR:N/UI:N"},
    {1, 2, "AV:A/PR:L/UI:P"}, {2, 0, "AC:L/AT:N"}, {2, 1, "AC:H/AT:N"}, {2, 1, "AC:L/AT:P"},
    {3, 0, "VC:H/VI:H/VA:H/CR:H/IR:H/AR:H"}, {3, 1, "VC:H/VI:H/VA:L/CR:M/IR:M/AR:H"}, {3, 1, "VC:H/VI:H/VA:H/CR:M/IR:M/AR:M"},
    {3, 10, "VC:L/VI:H/VA:H/CR:H/IR:H/AR:H"}, {3, 10, "VC:H/VI:L/VA:H/CR:H/IR:H/AR:H"}, {3, 11, "VC:L/VI:H/VA:L/CR:H/IR:M/AR:H"},
    {3, 11, "VC:L/VI:H/VA:H/CR:H/IR:M/AR:M"}, {3, 11, "VC:H/VI:L/VA:H/CR:M/IR:H/AR:M"}, {3, 11, "VC:H/VI:L/VA:L/CR:M/IR:H/AR:H"},
    {3, 11, "VC:L/VI:L/VA:H/CR:H/IR:H/AR:M"}, {3, 21, "VC:L/VI:L/VA:L/CR:H/IR:H/AR:H"},
    {4, 0, "SC:H/SI:S/SA:S"}, {4, 1, "SC:H/SI:H/SA:H"}, {4, 2, "SC:L/SI:L/SA:L"}};

class V4 {
 public:
  explicit V4(const Metrics& metrics) : m_(metrics) {}

  bool valid() const {
    static constexpr std::pair<std::string_view, std::string_view> kMust[] = {{"AV", "NALP"}, {"AC", "LH"}, {"AT", "NP"}, {"PR", "NLH"}, {"UI", "NPA"}, {"VC", "HLN"},
                                                                              {"VI", "HLN"}, {"VA", "HLN"}, {"SC", "HLN"}, {"SI", "HLN"}, {"SA", "HLN"}};
    for (const auto& [name, letters] : kMust)
      if (m_.text(name).size() != 1 || letters.find(m_.get(name)) == std::string_view::npos) return false;
    for (const auto& [name, letters] : kV4Levels) {
      const std::string modified = cat("M", name);
      const char value = m_.get(modified, 'X');
      if (value != 'X' && letters.find(value) == std::string_view::npos) return false;
    }
    return std::string_view("APUX").find(m_.get("E", 'X')) != std::string_view::npos && std::string_view("HMLX").find(m_.get("CR", 'X')) != std::string_view::npos &&
           std::string_view("HMLX").find(m_.get("IR", 'X')) != std::string_view::npos && std::string_view("HMLX").find(m_.get("AR", 'X')) != std::string_view::npos;
  }

  double score() const {
    bool none = true;
    for (const std::string_view metric : {"VC", "VI", "VA", "SC", "SI", "SA"}) none = none && value(metric) == 'N';
    if (none) return 0;
    const Levels eq = macro_vector();
    const double macro = macro_score(eq);
    // Mean, over the EQs that have a lower neighbour, of how far this vector lies towards it.
    static constexpr int kDepth1[] = {1, 4, 5}, kDepth2[] = {1, 2}, kDepth4[] = {6, 5, 4};
    const int eq36 = eq[2] * 10 + eq[5];
    const int depth36 = eq36 == 0 ? 7 : eq36 == 1 ? 6 : eq36 == 21 ? 10 : 8;
    double sum = 0;
    int neighbours = 0;
    const auto add = [&](int lower, double distance, int depth) {
      if (lower < 0) return;
      ++neighbours;
      sum += (macro - lower) * distance / depth;
    };
    add(macro_score(with(eq, 0)), distance(1, eq[0]), kDepth1[eq[0]]);
    add(macro_score(with(eq, 1)), distance(2, eq[1]), kDepth2[eq[1]]);
    int lower36 = -1;
    if (eq36 == 0) lower36 = std::max(macro_score(with(eq, 5)), macro_score(with(eq, 2)));
    else if (eq36 == 10) lower36 = macro_score(with(eq, 5));
    else if (eq36 == 1 || eq36 == 11) lower36 = macro_score(with(eq, 2));
    add(lower36, distance(3, eq36), depth36);
    add(macro_score(with(eq, 3)), distance(4, eq[3]), kDepth4[eq[3]]);
    add(macro_score(with(eq, 4)), 0, 1);  // EQ5 has one metric, so its distance is always nought
    const double score = macro - (neighbours ? sum / neighbours : 0);
    return std::clamp(std::round(score + 1e-6), 0.0, 100.0) / 10;
  }

 private:
  static Levels with(Levels eq, std::size_t place) { return ++eq[place], eq; }

  // A metric as it counts: the modified one when given, else its own; requirements and E default to the worst.
  char value(std::string_view metric) const {
    if (metric == "CR" || metric == "IR" || metric == "AR") {
      const char given = m_.get(metric, 'X');
      return given == 'X' ? 'H' : given;
    }
    const char modified = m_.get(cat("M", metric), 'X');
    return modified != 'X' ? modified : m_.get(metric);
  }

  Levels macro_vector() const {
    const auto is = [&](std::string_view metric, char letter) { return value(metric) == letter; };
    Levels eq{};
    const int easy = is("AV", 'N') + is("PR", 'N') + is("UI", 'N');
    eq[0] = easy == 3 ? 0 : easy > 0 && !is("AV", 'P') ? 1 : 2;
    eq[1] = is("AC", 'L') && is("AT", 'N') ? 0 : 1;
    eq[2] = is("VC", 'H') && is("VI", 'H') ? 0 : is("VC", 'H') || is("VI", 'H') || is("VA", 'H') ? 1 : 2;
    eq[3] = is("SI", 'S') || is("SA", 'S') ? 0 : is("SC", 'H') || is("SI", 'H') || is("SA", 'H') ? 1 : 2;
    const char exploit = m_.get("E", 'X');
    eq[4] = exploit == 'P' ? 1 : exploit == 'U' ? 2 : 0;
    eq[5] = (is("CR", 'H') && is("VC", 'H')) || (is("IR", 'H') && is("VI", 'H')) || (is("AR", 'H') && is("VA", 'H')) ? 0 : 1;
    return eq;
  }

  // Steps from the first of the set's highest vectors that this vector does not exceed in any metric.
  double distance(int set, int level) const {
    for (const Highest& highest : kHighest) {
      if (highest.set != set || highest.level != level) continue;
      int sum = 0;
      bool below = true;
      for (const std::string_view part : split(highest.vector, '/')) {
        const auto [metric, top] = cut(part, ':');
        const int steps = level_of(metric, value(metric)) - level_of(metric, top[0]);
        below = below && steps >= 0;
        sum += steps;
      }
      if (below) return sum;
    }
    return 0;
  }

  const Metrics& m_;
};

}  // namespace

std::optional<CvssScore> score_cvss(std::string_view vector) {
  vector = trim(vector);
  if (vector.size() > 512) return std::nullopt;
  if (vector.starts_with('(') && vector.ends_with(')')) vector = vector.substr(1, vector.size() - 2);
  std::string_view version = "2.0";
  if (vector.starts_with("CVSS:")) {
    const auto [prefix, rest] = cut(vector, '/');
    version = prefix.substr(5);
    vector = rest;
  } else if (vector.starts_with("CVSS2#")) {
    vector.remove_prefix(6);
  }
  const auto metrics = parse(vector);
  if (!metrics) return std::nullopt;
  std::optional<double> score;
  std::string_view known;
  if (version == "2.0") score = score_v2(*metrics), known = "2.0";
  if (version == "3.0") score = score_v3(*metrics), known = "3.0";
  if (version == "3.1") score = score_v3(*metrics), known = "3.1";
  if (version == "4.0") {
    const V4 v4(*metrics);
    if (v4.valid()) score = v4.score();
    known = "4.0";
  }
  if (!score) return std::nullopt;
  return CvssScore{known, *score};
}

Severity severity_of_score(std::string_view version, double score) {
  if (score <= 0) return Severity::Negligible;
  if (score < 4) return Severity::Low;
  if (score < 7) return Severity::Medium;
  if (score < 9 || version == "2.0") return Severity::High;
  return Severity::Critical;
}

}  // namespace plimsoll
