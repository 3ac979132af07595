#include "model/exceptions.h"

#include <algorithm>
#include <unordered_map>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

namespace plimsoll {
namespace {

bool is_date(std::string_view text) {
  if (text.size() < 10) return false;
  for (std::size_t i = 0; i < 10; ++i)
    if (i == 4 || i == 7 ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  const auto month = parse_u64(text.substr(5, 2)), day = parse_u64(text.substr(8, 2));
  return *month >= 1 && *month <= 12 && *day >= 1 && *day <= 31 && (text.size() == 10 || text[10] == 'T');
}

Result<ExceptionEntry> read_entry(const JsonValue& value) {
  if (!value.is_object()) return malformed("is not an object");
  ExceptionEntry entry;
  for (const auto& [name, member] : value.members()) {
    if (name == "ids") {
      if (!member.is_array()) return malformed("ids is not a list");
      for (const JsonValue& item : member.items()) entry.ids.emplace_back(item.text());
      continue;
    }
    if (!member.is_string()) return malformed(cat(to_utf8(name), " is not a text"));
    const std::string_view text = trim(member.text());
    if (name == "id") entry.ids.emplace_back(text);
    else if (name == "key") entry.key = text;
    else if (name == "package") entry.package = text;
    else if (name == "path") entry.path = text;
    else if (name == "image") entry.image = text;
    else if (name == "reason") entry.reason = text;
    else if (name == "owner") entry.owner = text;
    else if (name == "expires") entry.expires = text;
    else if (name == "class") {
      entry.klass = finding_class_from(text);
      if (!entry.klass) return malformed(cat("class \"", to_utf8(text), "\" is not known"));
    } else {
      return malformed(cat("has the unknown member \"", to_utf8(name), "\""));
    }
  }
  std::erase(entry.ids, "");
  if (entry.reason.empty()) return malformed("has no reason");
  if (!entry.expires.empty() && !is_date(entry.expires)) return malformed(cat("expires \"", to_utf8(entry.expires), "\" is not a date like 2027-01-31"));
  if (!entry.package.empty() && !entry.package.starts_with("pkg:")) return malformed("package is not a package URL (pkg:type/name)");
  if (entry.ids.empty() && entry.key.empty() && entry.package.empty() && entry.path.empty() && !entry.klass)
    return malformed("names nothing: one of id, ids, key, package, path, class is needed");
  return entry;
}

bool matches(const ExceptionEntry& entry, const Finding& finding, const Package* package) {
  FindingNames names{.klass = finding.klass, .key = finding.key, .rule = finding.rule_id, .ids = {finding.id}};
  names.ids.insert(names.ids.end(), finding.aliases.begin(), finding.aliases.end());
  for (const Location& location : finding.locations) names.paths.push_back(location.path);
  return names_finding(entry, names, package);
}

std::string describe(const ExceptionEntry& entry) {
  std::string out;
  for (const std::string& id : entry.ids) out += cat(out.empty() ? "" : ", ", id);
  for (const std::string* part : {&entry.key, &entry.package, &entry.path})
    if (!part->empty()) out += cat(out.empty() ? "" : " ", *part);
  if (out.empty() && entry.klass) out = to_string(*entry.klass);
  return out;
}

std::string_view without_version(std::string_view purl) { return purl.substr(0, purl.rfind('@')); }

}  // namespace

bool names_package(std::string_view pattern, const Package& package) {
  const auto [bare, qualifiers] = cut(pattern, '?');
  const Purl purl = package.purl();
  for (const std::string_view pair : split(qualifiers, '&')) {
    if (pair.empty()) continue;
    const auto [key, value] = cut(pair, '=');
    const auto found = purl.qualifiers.find(key);
    if (found == purl.qualifiers.end() || found->second != value) return false;
  }
  const bool any_version = bare.find('@', bare.rfind('/') + 1) == std::string_view::npos;
  // Both sides in canonical spelling where the pattern is a purl; with globs in it, it is taken as it stands.
  const bool glob = bare.find_first_of("*?[{") != std::string_view::npos;
  const auto parsed = glob ? Result<Purl>(malformed("")) : Purl::parse(bare);
  std::string wanted = parsed ? parsed->text() : std::string(bare);
  if (const std::size_t scope = wanted.find("/@"); scope != std::string::npos) wanted.replace(scope, 2, "/%40");
  Purl own{.type = purl.type, .ns = purl.ns, .name = purl.name, .version = purl.version};
  for (const std::string_view name : {std::string_view(package.name), std::string_view(package.source_name)}) {
    if (name.empty()) continue;
    own.name = name;
    const std::string text = own.text();
    const std::string_view side = any_version && !own.version.empty() ? without_version(text) : std::string_view(text);
    if (glob ? glob_match(wanted, side) : wanted == side) return true;
  }
  return false;
}

Result<Exceptions> read_exceptions(std::string_view document, std::string_view source, const Limits& limits) {
  PLIM_TRY(const JsonDocument yaml, JsonDocument::parse_yaml(document, limits).context("exceptions", source));
  const JsonValue root = yaml.root();
  if (root["kind"].text() != "Exception") return unsupported(cat("exceptions ", source, ": kind is \"", to_utf8(root["kind"].text().substr(0, 40)), "\", not \"Exception\""));
  if (root["apiVersion"].text() != "plimsoll.dev/v1alpha1")
    return unsupported(cat("exceptions ", source, ": apiVersion is \"", to_utf8(root["apiVersion"].text().substr(0, 40)), "\", not \"plimsoll.dev/v1alpha1\""));
  const JsonValue entries = root["spec"]["entries"];
  if (!entries.is_array()) return malformed(cat("exceptions ", source, ": spec.entries is missing or no list"));
  Exceptions out{.source = std::string(source)};
  for (const JsonValue& item : entries.items()) {
    auto entry = read_entry(item);
    if (!entry) return Error(entry.error().kind(), cat("exceptions ", source, ": entry ", out.entries.size() + 1, " ", entry.error().message()));
    out.entries.push_back(std::move(*entry));
  }
  return out;
}

Exceptions within(Exceptions exceptions, std::uint32_t maximum_days, std::string_view at, std::vector<Notice>& notices) {
  const auto now = parse_time(at.substr(0, 10));
  std::vector<ExceptionEntry> kept;
  for (std::size_t i = 0; i < exceptions.entries.size(); ++i) {
    ExceptionEntry& entry = exceptions.entries[i];
    const auto end = parse_time(std::string_view(entry.expires).substr(0, 10));
    if (now && end && *end <= *now + std::chrono::days(maximum_days)) {
      kept.push_back(std::move(entry));
      continue;
    }
    // It stays, expired, so that the numbers of the entries behind it are those of the file.
    notices.push_back({"exception refused", cat(exceptions.source, " entry ", i + 1), cat(describe(entry), entry.expires.empty() ? " has no expiry" : cat(" lasts until ", entry.expires), ": the standard grants at most ", maximum_days, " days")});
    entry.expires = "0001-01-01";
    kept.push_back(std::move(entry));
  }
  exceptions.entries = std::move(kept);
  return exceptions;
}

bool names_finding(const ExceptionEntry& entry, const FindingNames& finding, const Package* package) {
  const auto is_named = [&](const std::string& id) {
    return equals_ignore_case(id, finding.rule) || std::any_of(finding.ids.begin(), finding.ids.end(), [&](std::string_view each) { return equals_ignore_case(id, each); });
  };
  if (!entry.ids.empty() && std::none_of(entry.ids.begin(), entry.ids.end(), is_named)) return false;
  if (!entry.key.empty() && entry.key != finding.key) return false;
  if (entry.klass && *entry.klass != finding.klass) return false;
  if (!entry.package.empty() && (package == nullptr || !names_package(entry.package, *package))) return false;
  return entry.path.empty() || std::any_of(finding.paths.begin(), finding.paths.end(), [&](std::string_view path) { return glob_match(entry.path, path); });
}

bool is_for_image(const ExceptionEntry& entry, std::string_view reference, std::string_view digest) { return entry.image.empty() || glob_match(entry.image, reference) || entry.image == digest; }
bool has_expired(const ExceptionEntry& entry, std::string_view at) { return !entry.expires.empty() && std::string_view(entry.expires).substr(0, 10) < at.substr(0, 10); }

Report without_excepted(Report report, const Exceptions& exceptions, std::string_view at) {
  std::unordered_map<std::string_view, const Package*> packages;
  for (const Package& package : report.packages) packages.emplace(package.id, &package);
  const std::size_t count = exceptions.entries.size();
  std::vector<bool> here(count), expired(count), used(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    const ExceptionEntry& entry = exceptions.entries[i];
    here[i] = is_for_image(entry, report.image.reference, report.image.digest);
    expired[i] = has_expired(entry, at);
  }
  const auto label = [&](std::size_t i) { return cat(exceptions.source, " entry ", i + 1); };
  std::vector<Finding> kept;
  kept.reserve(report.findings.size());
  for (Finding& finding : report.findings) {
    const auto found = packages.find(finding.package);
    const Package* package = found == packages.end() ? nullptr : found->second;
    std::size_t by = count;
    for (std::size_t i = 0; i < count; ++i) {
      if (!here[i] || !matches(exceptions.entries[i], finding, package)) continue;
      used[i] = true;
      if (!expired[i] && by == count) by = i;
    }
    if (by == count) {
      kept.push_back(std::move(finding));
      continue;
    }
    const ExceptionEntry& entry = exceptions.entries[by];
    std::string reason = entry.reason;
    if (!entry.owner.empty()) reason += cat(" (", entry.owner, ")");
    if (!entry.expires.empty()) reason += cat(", until ", std::string_view(entry.expires).substr(0, 10));
    report.suppressed.push_back({.key = finding.key, .id = finding.id, .package = finding.package, .by = label(by), .reason = std::move(reason)});
  }
  report.findings = std::move(kept);
  for (std::size_t i = 0; i < count; ++i) {
    if (!here[i]) continue;  // of another image: neither used nor unused here
    const ExceptionEntry& entry = exceptions.entries[i];
    if (!used[i]) report.notices.push_back({"exception unused", label(i), cat(describe(entry), " matches nothing in this report")});
    else if (expired[i])
      report.notices.push_back({"exception expired", label(i), cat(describe(entry), " counts again since ", std::string_view(entry.expires).substr(0, 10), entry.owner.empty() ? "" : cat(" (", entry.owner, ")"))});
  }
  return report;
}

}  // namespace plimsoll
