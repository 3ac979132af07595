// openvex: OpenVEX documents about packages of distributions (Canonical's for Ubuntu; Wolfi's and Chainguard's).
//
// Input   JSON: statements[] of a vulnerability, products named by package URL (deb, apk, rpm with a distro) and a status.
// Output  per product a statement: "fixed" is fixed below the product's version; "affected" is open; "under_investigation"
//         as it is; "not_affected" silences what other feeds say of that package. "arch=source" names a source package.
//         A distro "esm-infra/xenial" or "esm-apps/jammy" is of channel "esm", "fips..." of "fips".
// Source  https://github.com/openvex/spec (0.2.0); https://documentation.ubuntu.com/security/security-updates/vex/
#include <optional>

#include "advisory/feed.h"
#include "base/text.h"
#include "model/purl.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return !file.json.empty() && file.has("openvex.dev/ns") ? 9 : 0; }

struct Product {
  std::string ecosystem, channel, name, version;
  NameKind kind = NameKind::Binary;
};

// nullopt: a package of no distribution, of which an OpenVEX document of a feed says nothing we can use.
std::optional<Product> product_of(std::string_view text) {
  const auto purl = Purl::parse(text);
  if (!purl || (purl->type != "deb" && purl->type != "apk" && purl->type != "rpm") || purl->name.empty()) return std::nullopt;
  const auto get = [&](std::string_view key) -> std::string {
    const auto at = purl->qualifiers.find(key);
    return at == purl->qualifiers.end() ? std::string() : at->second;
  };
  Product out{.ecosystem = {}, .channel = {}, .name = purl->name, .version = purl->version};
  const std::string named = get("distro");
  std::string_view distro = named;
  if (const std::size_t slash = distro.find('/'); slash != std::string_view::npos) {
    const std::string_view archive = distro.substr(0, slash);
    if (archive.starts_with("esm")) out.channel = "esm";
    else if (archive.starts_with("fips")) out.channel = "fips";
    distro.remove_prefix(slash + 1);
  }
  Package package{.type = purl->type, .ns = purl->ns};
  if (!distro.empty()) package.set_property("distro", distro);
  out.ecosystem = ecosystem_of(package, {});
  if (out.ecosystem.empty()) return std::nullopt;
  if (const std::string epoch = get("epoch"); !epoch.empty() && epoch != "0" && out.version.find(':') == std::string::npos && !out.version.empty()) out.version = cat(epoch, ":", out.version);
  const std::string arch = get("arch");
  if (arch == "source" || arch == "src") out.kind = NameKind::Source;
  else if (purl->type == "apk") out.kind = NameKind::Either;
  return out;
}

struct Said {
  FixState state;
  std::string_view word;
  bool fixed = false;
};
std::optional<Said> status_of(std::string_view text) {
  if (text == "fixed") return Said{FixState::Fixed, "", true};
  if (text == "affected") return Said{FixState::NotFixed, "affected"};
  if (text == "under_investigation") return Said{FixState::UnderInvestigation, "under-investigation"};
  if (text == "not_affected") return Said{FixState::NotAffected, "not-affected"};
  return std::nullopt;
}

void read_statement(JsonValue statement, std::string_view where, std::string_view date, FeedSink& sink) {
  AdvisoryRecord record;
  JsonValue vulnerability = statement["vulnerability"];
  record.id = vulnerability.is_object() ? vulnerability["name"].text() : vulnerability.text();  // an object since 0.2.0
  if (record.id.empty() || record.id.size() > 128) return sink.note(where, "a statement without a vulnerability");
  for (const JsonValue& alias : vulnerability["aliases"].items())
    if (!alias.text().empty()) record.aliases.emplace_back(alias.text());
  const auto status = status_of(statement["status"].text());
  if (!status) return sink.note(cat(where, " ", record.id), cat("unknown status \"", to_utf8(statement["status"].text().substr(0, 40)), "\""));
  record.modified = iso_date(statement["timestamp"].text(date));
  for (const JsonValue& item : statement["products"].items()) {
    const auto product = product_of(item.is_object() ? item["@id"].text() : item.text());
    if (!product || (status->fixed && product->version.empty())) continue;
    Affected& one = record.affected.emplace_back();
    one.ecosystem = product->ecosystem, one.channel = product->channel, one.name = product->name, one.name_kind = product->kind;
    one.intervals.push_back(status->fixed ? fixed_below(product->version) : all_versions());
    if (!status->fixed) one.state = status->state, one.word = status->word;
    sink.covers(one.ecosystem);
  }
  if (!record.affected.empty()) sink.record(std::move(record), Merge::Join);
}

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue document, std::string_view where) {
    if (!document["statements"].is_array()) return sink.note(where, "a document without statements");
    const std::string_view date = document["timestamp"].text();
    sink.date(iso_date(date));
    for (const JsonValue& statement : document["statements"].items()) read_statement(statement, where, date, sink);
  });
}

}  // namespace

Feed openvex() { return {.name = "openvex", .source = "OpenVEX documents of distributions", .licence = "that of each publisher", .priority = 0, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
