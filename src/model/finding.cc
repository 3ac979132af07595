#include "model/finding.h"

#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace plimsoll {
namespace {

constexpr std::array<std::string_view, 8> kClasses = {"vulnerability", "secret", "sensitive-file", "malware", "webshell", "configuration", "integrity", "behaviour"};
constexpr std::array<std::string_view, 6> kSeverities = {"unknown", "negligible", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 7> kStates = {"fixed", "not-fixed", "will-not-fix", "postponed", "not-affected", "under-investigation", "end-of-life"};

template <class T, std::size_t N>
std::optional<T> find(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (equals_ignore_case(names[i], text)) return static_cast<T>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(FindingClass value) { return kClasses[static_cast<std::size_t>(value)]; }
std::string_view to_string(Severity value) { return kSeverities[static_cast<std::size_t>(value)]; }
std::string_view to_string(FixState value) { return kStates[static_cast<std::size_t>(value)]; }
std::optional<FindingClass> finding_class_from(std::string_view text) { return find<FindingClass>(kClasses, text); }
std::optional<FixState> fix_state_from(std::string_view text) { return find<FixState>(kStates, text); }

std::optional<Severity> severity_from(std::string_view text) {
  if (const auto severity = find<Severity>(kSeverities, text)) return severity;
  // Red Hat, Amazon, npm, Ubuntu and CVSS words for the same steps.
  static constexpr std::pair<std::string_view, Severity> kWords[] = {
      {"important", Severity::High}, {"moderate", Severity::Medium}, {"minor", Severity::Low}, {"none", Severity::Negligible}, {"unimportant", Severity::Negligible}};
  for (const auto& [word, severity] : kWords)
    if (equals_ignore_case(word, text)) return severity;
  return std::nullopt;
}

std::string finding_key(FindingClass klass, std::string_view id, std::string_view subject, std::string_view fingerprint) {
  std::string text;
  for (const std::string_view part : {to_string(klass), id, subject, fingerprint}) text.append(part).push_back('\0');
  return to_hex(hash(HashKind::Sha256, as_bytes(text)).substr(0, 16));
}

}  // namespace plimsoll
