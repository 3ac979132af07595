// A finding: one thing that makes an image risky, of any class.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/package.h"

namespace plimsoll {

enum class FindingClass : std::uint8_t { Vulnerability, Secret, SensitiveFile, Malware, Webshell, Configuration, Integrity, Behaviour };
enum class Severity : std::uint8_t { Unknown, Negligible, Low, Medium, High, Critical };  // ordered
// What the distribution or advisory says of a vulnerability in this very package.
enum class FixState : std::uint8_t { Fixed, NotFixed, WillNotFix, Postponed, NotAffected, UnderInvestigation, EndOfLife };

std::string_view to_string(FindingClass value);
std::string_view to_string(Severity value);
std::string_view to_string(FixState value);
std::optional<FindingClass> finding_class_from(std::string_view text);
std::optional<Severity> severity_from(std::string_view text);  // also "important", "moderate", "none", "minor"...
std::optional<FixState> fix_state_from(std::string_view text);

struct Cvss {
  std::string version;  // "2.0", "3.0", "3.1", "4.0"
  std::string vector;
  double score_0_10 = 0;
  std::string source;  // who scored it
};
// Epss score and percentile are fractions 0..1.
struct Epss {
  double score = 0;
  double percentile = 0;
  std::string date;
};
struct Kev {
  std::string date_added, due_date;
  bool ransomware = false;
};

struct Finding {
  std::string id;   // the most specific known: CVE before GHSA before a vendor's; a rule's id for other classes
  std::string key;  // stable identity: see finding_key
  FindingClass klass = FindingClass::Vulnerability;
  std::vector<std::string> aliases;  // sorted, without id
  Severity severity = Severity::Unknown;
  std::string severity_source;
  std::vector<Cvss> cvss;
  std::optional<Epss> epss;
  std::optional<Kev> kev;
  FixState state = FixState::NotFixed;
  std::string package;  // Package::id
  std::string installed_version, fixed_version;
  std::string title;
  std::string rule_id;
  // Why it matched, in order: {"feed", "..."}, {"range", "< 1.2"}, {"record", "..."}, {"state", "no-dsa"}...
  std::vector<std::pair<std::string, std::string>> evidence;
  std::vector<Location> locations;
  Origin origin = Origin::Unknown;
  std::string fix;       // what to do, one sentence
  std::string published;  // ISO date (or time) the advisory was first published; empty when not known
  double risk_0_100 = 0;
  std::vector<std::string> references;
};

// Hash of class, id or rule id, package (type, namespace, name) or real path, and for secrets the fingerprint; never of
// version, layer or line: VEX, exceptions and opened/closed dates use it. 32 hex digits.
std::string finding_key(FindingClass klass, std::string_view id, std::string_view subject, std::string_view fingerprint = {});

}  // namespace plimsoll
