// debian_oval: Debian's security OVAL, one document a release.
//
// Input   oval-definitions-CODENAME.xml(.bz2): a definition for each CVE, and each DSA, and source package.
// Output  per CVE a statement on the source package: fixed below VERSION. A VERSION of "0" says the issue is open in
//         that release with no fix: to the letter it would match nothing.
// Source  https://www.debian.org/security/oval/
#include "advisory/oval.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return is_oval(file, "<oval:product_name>Debian") ? 9 : 0; }

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  PLIM_TRY(const OvalDocument document, read_oval(input, limits));
  sink.date(iso_date(document.timestamp));
  for (const OvalDefinition& definition : document.definitions) {
    std::string ecosystem;
    for (const std::string& platform : definition.platforms)
      if (platform.starts_with("Debian GNU/Linux ")) ecosystem = distribution_key("debian", std::string_view(platform).substr(17));
    if (ecosystem.empty()) continue;
    sink.covers(ecosystem);
    // A DSA's definition has the CVEs it fixes as references (some have none), a CVE's has itself.
    AdvisoryRecord record;
    const std::string_view first_word = cut(definition.title, ' ').first;
    if (definition.klass == "patch") record.id = first_word;
    for (const auto& [source, id] : definition.references)
      if (definition.klass == "patch") record.fixes.push_back(id);
      else record.id = id;
    if (record.id.empty()) {
      sink.note(definition.title, "a definition without an id");
      continue;
    }
    for (const OvalCondition& condition : definition.conditions) {
      if (!condition.less_than) continue;
      Affected& affected = record.affected.emplace_back();
      affected.ecosystem = ecosystem;
      affected.name = condition.names.front();
      affected.name_kind = NameKind::Source;
      if (condition.version == "0") affected.intervals.push_back(all_versions());
      else affected.intervals.push_back(fixed_below(condition.version));
    }
    sink.record(std::move(record), Merge::Join);
  }
  return Ok{};
}

}  // namespace

Feed debian_oval() {
  return {.name = "debian_oval", .source = "Debian security OVAL", .licence = "Debian project data, none stated", .priority = 3, .scope = "debian:", .claims = claims, .read = read};
}
}  // namespace plimsoll::advisory
