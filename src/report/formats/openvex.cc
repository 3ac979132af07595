// openvex: OpenVEX 0.2: what this scan says of each vulnerability, ready to be edited and given back with --vex.
//
// Output  one statement for each vulnerability, state and package: affected with the change that fixes it (or that there is
//         none), under_investigation, not_affected; also what a VEX document left out of this report. The product is the
//         image, the packages are its subcomponents; without an image digest the package is the product. An image with no
//         vulnerability gives a document without statements.
// Source  OpenVEX specification 0.2.0.
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "report/documents.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/order.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

constexpr std::string_view kNoUuid = "00000000-0000-8000-8000-000000000000";

struct Said {
  std::string status, justification, impact, action;
  std::set<std::string> aliases, packages;  // purls; none: the whole image
};

Said said_of(const Finding& finding) {
  switch (finding.state) {
    case FixState::NotAffected: return {.status = "not_affected", .impact = "the advisory source says that this package is not affected"};
    case FixState::UnderInvestigation: return {.status = "under_investigation"};
    case FixState::Fixed:
      if (!finding.fixed_version.empty()) return {.status = "affected", .action = finding.fix.empty() ? cat("raise to ", printable(finding.fixed_version)) : printable(finding.fix)};
      [[fallthrough]];
    default: return {.status = "affected", .action = cat("no fixed version is published: ", in_words(finding.state))};
  }
}

bool is_justification(std::string_view word) {
  static constexpr std::string_view kWords[] = {"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
                                                "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

// What a VEX document said (with_vex writes "not_affected: justification: detail"); nullopt for any other way out.
std::optional<Said> said_of(const Suppressed& item) {
  const auto [status, rest] = cut(item.reason, ':');
  if (status == "fixed") return Said{.status = "fixed"};
  if (status != "not_affected") return std::nullopt;
  const auto [word, detail] = cut(trim(rest), ':');
  if (is_justification(word)) return Said{.status = "not_affected", .justification = std::string(word)};
  return Said{.status = "not_affected", .impact = rest.empty() ? "left out by a VEX statement" : printable(trim(rest))};
}

void write_statement(JsonWriter& json, const std::string& id, const Said& said, const std::string& image) {
  json.begin_object().key("vulnerability").begin_object().member("name", id);
  if (!said.aliases.empty()) {
    json.key("aliases").begin_array();
    for (const std::string& alias : said.aliases) json.value(alias);
    json.end_array();
  }
  json.end_object().key("products").begin_array();
  if (!image.empty()) {
    json.begin_object().member("@id", image);
    if (!said.packages.empty()) {
      json.key("subcomponents").begin_array();
      for (const std::string& purl : said.packages) json.begin_object().member("@id", purl).end_object();
      json.end_array();
    }
    json.end_object();
  } else {
    for (const std::string& purl : said.packages) json.begin_object().member("@id", purl).end_object();
  }
  json.end_array().member("status", said.status).text_member("justification", said.justification);
  json.text_member("impact_statement", said.impact).text_member("action_statement", said.action).end_object();
}

Result<std::string> write(const Report& report, const WriteOptions&) {
  const PackageRefs refs(report);
  const std::string image = image_purl(report.image);
  std::map<std::tuple<std::string, std::string, std::string>, Said> statements;  // (id, status, what is said)
  const auto add = [&](std::string_view id, const std::string& package, Said said, const std::vector<std::string>& aliases) {
    const std::ptrdiff_t index = refs.by_id(package);
    if (index < 0 && image.empty()) return;  // nothing to name as the product
    Said& whole = statements.try_emplace({to_utf8(id), said.status, cat(said.justification, said.impact, said.action)}, said).first->second;
    for (const std::string& alias : aliases) whole.aliases.insert(to_utf8(alias));
    if (index >= 0) whole.packages.insert(refs.packages()[static_cast<std::size_t>(index)]->purl_text());
  };
  for (const Finding* finding : ordered(report.findings, FindingOrder()))
    if (finding->klass == FindingClass::Vulnerability) add(finding->id, finding->package, said_of(*finding), finding->aliases);
  for (const Suppressed* item : ordered(report.suppressed, SuppressedOrder()))
    if (auto said = said_of(*item)) add(item->id, item->package, std::move(*said), {});

  const std::string at = date_time(report.tool.at);
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().member("@context", "https://openvex.dev/ns/v0.2.0").member("@id", cat("https://plimsoll.dev/vex/", kNoUuid)).member("author", "plimsoll");
  json.member("timestamp", at.empty() ? "1970-01-01T00:00:00Z" : at).member("version", 1).member("tooling", cat("plimsoll ", report.tool.version));
  json.key("statements").begin_array();
  for (const auto& [key, said] : statements) {
    std::string text;
    JsonWriter record(text);
    write_statement(record, std::get<0>(key), said, image);
    json.raw(text);
  }
  json.end_array().end_object();
  out += '\n';
  const std::string uuid = uuid_of(out);
  return out.replace(out.find(kNoUuid), kNoUuid.size(), uuid);
}

}  // namespace

Format openvex() { return {.name = "openvex", .extension = "openvex.json", .description = "OpenVEX 0.2 statements, to be edited and given back with --vex", .write = write}; }

}  // namespace plimsoll::report
