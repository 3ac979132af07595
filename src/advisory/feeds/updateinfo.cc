// updateinfo: the update notices of rpm repositories (Amazon, AlmaLinux, Rocky, Oracle, Fedora).
//
// Input   updateinfo.xml(.gz, .zst) of a repository's repodata: update[type=security] with id, severity, references and
//         a list of packages (module where they are of one).
// Output  a notice a security update: its CVEs are fixed in each listed package below epoch:version-release. The
//         distribution is told by the packages' release tag and the id.
// Source  createrepo_c's updateinfo format; https://docs.aws.amazon.com/linux/al2023/
#include <array>
#include <set>

#include "advisory/feed.h"
#include "base/text.h"
#include "base/xml.h"

namespace plimsoll::advisory {
namespace {

int claims(const FeedFile& file) { return file.has("<updates") && file.has("<update ") ? 8 : 0; }

std::string_view digits_after(std::string_view text, std::string_view tag) {
  const std::size_t at = text.rfind(tag);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + tag.size());
  return rest.substr(0, std::min(rest.find_first_not_of("0123456789"), rest.size()));
}

std::string ecosystem_of(std::string_view id, std::string_view release) {
  if (const std::string_view amazon = digits_after(release, ".amzn"); !amazon.empty()) return distribution_key("amzn", amazon);
  const std::string_view fedora = digits_after(release, ".fc");
  if (!fedora.empty() && id.starts_with("FEDORA-")) return distribution_key("fedora", fedora);
  std::string_view enterprise = digits_after(release, ".el");
  if (enterprise.empty()) enterprise = digits_after(release, ".module_el");
  if (enterprise.empty()) enterprise = digits_after(release, ".module+el");
  if (enterprise.empty()) return {};
  for (const auto& [prefix, distribution] : {std::pair<std::string_view, std::string_view>{"ALSA-", "almalinux"}, {"ALBA-", "almalinux"}, {"RLSA-", "rocky"}, {"RLBA-", "rocky"},
                                             {"RXSA-", "rocky"}, {"ELSA-", "ol"}, {"ELBA-", "ol"}, {"RHSA-", "rhel"}, {"RHBA-", "rhel"}})
    if (id.starts_with(prefix)) return distribution_key(distribution, enterprise);
  return {};
}

class Reader : public XmlHandler {
 public:
  explicit Reader(FeedSink& sink) : sink_(sink) {}

  void start(std::string_view name, const Attributes& attributes) override {
    const auto get = [&](std::string_view key) -> std::string_view {
      for (const auto& [k, v] : attributes)
        if (k == key) return v;
      return {};
    };
    if (name == "update") {
      record_ = {};
      packages_.clear();
      in_update_ = true;
      security_ = get("type") == "security" || get("type").empty();
    } else if (!in_update_) {
      return;
    } else if (name == "issued" || name == "updated") {
      std::string& into = name == "issued" ? record_.published : record_.modified;
      into = iso_date(get("date"));
    } else if (name == "reference") {
      if (std::string cve = cve_id(get("id")); !cve.empty() && is_cve(get("id"))) record_.fixes.push_back(std::move(cve));
    } else if (name == "collection") {
      module_.clear();
    } else if (name == "module") {
      module_ = get("stream").empty() ? std::string{} : cat(get("name"), ":", get("stream"));
    } else if (name == "package" && get("arch") != "src") {
      const std::string_view epoch = get("epoch");
      packages_.insert({std::string(get("name")), cat(epoch.empty() || epoch == "0" ? "" : cat(epoch, ":"), get("version"), "-", get("release")), std::string(get("release")), module_});
    }
  }

  void end(std::string_view name, std::string_view text) override {
    if (!in_update_) return;
    if (name == "id" && record_.id.empty()) record_.id = trim(text);
    else if (name == "title" && record_.title.empty()) record_.title = to_utf8(trim(text).substr(0, 240));
    else if (name == "severity") {
      if (const auto severity = severity_from(lower(trim(text)))) record_.severity = *severity, record_.severity_source = "updateinfo";
    } else if (name == "update") finish();
  }

 private:
  void finish() {
    in_update_ = false;
    sink_.date(record_.modified.empty() ? record_.published : record_.modified);
    if (!security_ && record_.fixes.empty()) return;  // a mere improvement
    if (record_.id.empty()) return sink_.note(record_.title, "an update without an id");
    for (const auto& [name, version, release, module] : packages_) {
      std::string ecosystem = ecosystem_of(record_.id, release);
      if (ecosystem.empty() || name.empty()) continue;
      sink_.covers(ecosystem);
      Affected& affected = record_.affected.emplace_back();
      affected.ecosystem = std::move(ecosystem);
      affected.name = name;
      affected.name_kind = NameKind::Binary;
      // A module's build without its name: which stream is told by its version alone.
      affected.module = module.empty() && release.find(".module") != std::string::npos ? "?" : module;
      affected.intervals.push_back(fixed_below(version));
    }
    if (record_.affected.empty() && !packages_.empty()) return sink_.note(record_.id, "an update whose distribution cannot be told");
    if (!record_.affected.empty()) sink_.record(std::move(record_), Merge::Join);
  }

  FeedSink& sink_;
  bool in_update_ = false, security_ = false;
  AdvisoryRecord record_;
  std::string module_;
  std::set<std::tuple<std::string, std::string, std::string, std::string>> packages_;  // once for all architectures
};

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  Limits wide = limits;
  wide.metadata_bytes = kMaxFeedBytes;
  Reader reader(sink);
  XmlParser parser(reader, wide);
  std::array<std::uint8_t, 64 << 10> buffer;
  for (;;) {
    PLIM_TRY(const std::size_t n, input.read(buffer.data(), buffer.size()));
    if (n == 0) return parser.finish();
    PLIM_CHECK(parser.feed(Bytes(buffer.data(), n)));
  }
}

}  // namespace

Feed updateinfo() { return {.name = "updateinfo", .source = "rpm repositories' update notices", .licence = "that of each vendor", .priority = 0, .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
