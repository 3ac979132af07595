#include "advisory/feed_list.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "model/ecosystem.h"

namespace plimsoll::advisory {
namespace {

constexpr std::array<std::pair<std::string_view, FeedForm>, 5> kForms = {
    {{"file", FeedForm::File}, {"latest", FeedForm::Latest}, {"repomd", FeedForm::Repomd}, {"mirrorlist", FeedForm::MirrorList}, {"pages", FeedForm::Pages}}};

// OSV's folder of an ecosystem, and the keys that its records are filed under. Those marked are young or small: where
// OSV has none yet, nothing is missed.
struct OsvFolder {
  std::string_view folder, covers;
  bool optional;
};
constexpr OsvFolder kOsv[] = {{"npm", "npm", false}, {"PyPI", "pypi", false}, {"Maven", "maven", false}, {"Go", "golang", false}, {"crates.io", "cargo", false}, {"RubyGems", "gem", false},
                              {"Packagist", "composer", false}, {"NuGet", "nuget", false}, {"Hex", "hex", false}, {"Pub", "pub", false}, {"SwiftURL", "swift", true},
                              {"GitHub%20Actions", "githubactions", true}, {"CRAN", "cran", true}, {"Hackage", "hackage", true}, {"Julia", "julia", true}, {"Bitnami", "bitnami", true},
                              {"AlmaLinux", "almalinux:", false}, {"Rocky%20Linux", "rocky:", false}, {"Ubuntu", "ubuntu:", false}, {"Red%20Hat", "rhel:", false}, {"SUSE", "sles:", false},
                              {"openSUSE", "opensuse-leap:", false}, {"Chainguard", "chainguard", true}, {"MinimOS", "minimos", true}, {"openEuler", "openeuler:", true}, {"Mageia", "mageia:", true},
                              {"Azure%20Linux", "azurelinux:", true}};

std::string file_name(std::string_view folder) {
  const auto [first, second] = cut(folder, '%');  // "Red%20Hat"
  return second.empty() ? lower(first) : cat(lower(first), "-", lower(second.substr(2)));
}

void add_osv(std::vector<RemoteFeed>& out) {
  for (const OsvFolder& each : kOsv)
    out.push_back({.name = cat("osv-", file_name(each.folder), ".zip"), .url = cat("https://osv-vulnerabilities.storage.googleapis.com/", each.folder, "/all.zip"), .form = FeedForm::File, .group = {},
                   .optional = each.optional, .covers = {std::string(each.covers)}});
}

void add_alpine(std::vector<RemoteFeed>& out) {
  // Branches behind the last known one are asked for too: a database made later has them without a new program.
  for (int minor = 16; minor <= 28; ++minor)
    for (const char* repository : {"main", "community"})
      out.push_back({.name = cat("alpine-v3.", minor, "-", repository, ".json"), .url = cat("https://secdb.alpinelinux.org/v3.", minor, "/", repository, ".json"), .form = FeedForm::File, .group = {},
                     .optional = minor > 22, .covers = {cat("alpine:3.", minor)}});
  for (const char* repository : {"main", "community"})
    out.push_back({.name = cat("alpine-edge-", repository, ".json"), .url = cat("https://secdb.alpinelinux.org/edge/", repository, ".json"), .form = FeedForm::File, .group = {}, .optional = false,
                   .covers = {"alpine:edge"}});
}

void add_amazon(std::vector<RemoteFeed>& out) {
  for (const auto& [name, place] : {std::pair<std::string_view, std::string_view>{"amazon-2-core", "2/core/latest/x86_64"}, {"amazon-2023-core", "al2023/core/mirrors/latest/x86_64"}})
    out.push_back({.name = cat(name, ".xml"), .url = cat("https://cdn.amazonlinux.com/", place, "/mirror.list"), .form = FeedForm::MirrorList, .group = {}, .optional = false,
                   .covers = {name == "amazon-2-core" ? "amzn:2" : "amzn:2023"}});
}

void add_large(std::vector<RemoteFeed>& out) {
  const auto large = [&](std::string name, std::string url, FeedForm form, std::string group, std::vector<std::string> covers, bool optional = false) {
    out.push_back({.name = std::move(name), .url = std::move(url), .form = form, .group = std::move(group), .optional = optional, .covers = std::move(covers)});
  };
  large("redhat-vex.tar.zst", "https://security.access.redhat.com/data/csaf/v2/vex/archive_latest.txt", FeedForm::Latest, "redhat-vex", {"rhel:", "rhel-product:", "rhel-product"});
  for (const char* release : {"6", "7", "8", "9"})
    large(cat("redhat-oval-", release, ".xml.bz2"), cat("https://security.access.redhat.com/data/oval/v2/RHEL", release, "/rhel-", release, "-including-unpatched.oval.xml.bz2"), FeedForm::File,
          "redhat-oval", {cat("rhel:", release)});
  for (const char* product : {"suse.linux.enterprise.server.12", "suse.linux.enterprise.server.15", "suse.linux.enterprise.server.16", "opensuse.leap.15.5", "opensuse.leap.15.6", "opensuse.leap.16.0"})
    for (const char* kind : {"patch", "affected"}) {
      const bool leap = std::string_view(product).starts_with("opensuse");
      large(cat(product, "-", kind, ".xml.gz"), cat("https://ftp.suse.com/pub/projects/security/oval/", product, "-", kind, ".xml.gz"), FeedForm::File, "suse-oval", {leap ? "opensuse-leap:" : "sles:"},
            std::string_view(product).find("16") != std::string_view::npos);
    }
  large("suse-vex.tar.bz2", "https://ftp.suse.com/pub/projects/security/csaf-vex.tar.bz2", FeedForm::File, "suse-vex", {"sles:", "opensuse-leap:"});
  for (const char* release : {"xenial", "bionic", "focal", "jammy", "noble"})
    large(cat("ubuntu-oval-", release, ".xml.bz2"), cat("https://security-metadata.canonical.com/oval/com.ubuntu.", release, ".usn.oval.xml.bz2"), FeedForm::File, "ubuntu-oval", {"ubuntu:"});
  large("ubuntu-vex.tar.xz", "https://security-metadata.canonical.com/vex/vex-all.tar.xz", FeedForm::File, "ubuntu-vex", {"ubuntu:"});
  large("cve5.zip", "https://github.com/CVEProject/cvelistV5/archive/refs/heads/main.zip", FeedForm::File, "cve5", {});
  large("vulnrichment.zip", "https://github.com/cisagov/vulnrichment/archive/refs/heads/develop.zip", FeedForm::File, "vulnrichment", {});
  for (int year = 2002; year <= 2030; ++year)
    large(cat("nvd-", year, ".json.gz"), cat("https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-", year, ".json.gz"), FeedForm::File, "nvd", {"cpe"}, year > 2025);
  large("nvd-api.jsonl", "https://services.nvd.nist.gov/rest/json/cves/2.0", FeedForm::Pages, "nvd-api", {"cpe"});
}

}  // namespace

const std::vector<RemoteFeed>& public_feeds() {
  static const std::vector<RemoteFeed> feeds = [] {
    std::vector<RemoteFeed> out = {
        {.name = "debian-tracker.json", .url = "https://security-tracker.debian.org/tracker/data/json", .form = FeedForm::File, .group = {}, .optional = false, .covers = {"debian:"}},
        {.name = "kev.json", .url = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json", .form = FeedForm::File, .group = {}, .optional = false, .covers = {}},
        {.name = "epss.csv.gz", .url = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", .form = FeedForm::File, .group = {}, .optional = false, .covers = {}},
        {.name = "wolfi.json", .url = "https://packages.wolfi.dev/os/security.json", .form = FeedForm::File, .group = {}, .optional = false, .covers = {"wolfi"}},
        {.name = "chainguard.json", .url = "https://packages.cgr.dev/chainguard/security.json", .form = FeedForm::File, .group = {}, .optional = false, .covers = {"chainguard"}},
        {.name = "oracle-oval.xml.bz2", .url = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2", .form = FeedForm::File, .group = {}, .optional = false, .covers = {"ol:"}},
        {.name = "redhat-repositories.json", .url = "https://security.access.redhat.com/data/metrics/repository-to-cpe.json", .form = FeedForm::File, .group = {}, .optional = false,
         .covers = {"rhel-product"}},
    };
    add_osv(out);
    add_alpine(out);
    add_amazon(out);
    add_large(out);
    return out;
  }();
  return feeds;
}

Result<std::vector<RemoteFeed>> chosen_feeds(const std::vector<std::string>& groups) {
  std::set<std::string> known;
  std::vector<RemoteFeed> out;
  for (const RemoteFeed& feed : public_feeds()) {
    if (!feed.group.empty()) known.insert(feed.group);
    if (feed.group.empty() || std::find(groups.begin(), groups.end(), feed.group) != groups.end()) out.push_back(feed);
  }
  for (const std::string& group : groups) {
    if (known.count(group)) continue;
    std::string names;
    for (const std::string& name : known) names += cat(names.empty() ? "" : ", ", name);
    return not_found(cat("no feeds are called ", to_utf8(group), "; there are ", names));
  }
  return out;
}

Result<RemoteFeed> parse_remote_feed(std::string_view text) {
  const auto [name, url] = cut(text, '=');
  if (name.empty() || url.empty() || name.find('/') != std::string_view::npos || name.starts_with('.')) return malformed(cat("a feed is NAME=URL, not ", to_utf8(text)));
  RemoteFeed feed{.name = std::string(name), .url = std::string(url)};
  const auto [form, rest] = cut(url, '+');
  for (const auto& [word, value] : kForms)
    if (form == word && !rest.empty()) feed.form = value, feed.url = std::string(rest);
  if (std::vector<std::string> covers = ecosystems_of_name(name); !covers.empty()) feed.covers = std::move(covers);
  return feed;
}

std::string_view to_string(FeedForm form) {
  for (const auto& [word, value] : kForms)
    if (value == form) return word;
  return "file";
}

}  // namespace plimsoll::advisory
