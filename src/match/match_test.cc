#include "match/match.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/text.h"
#include "match/content_sets.h"
#include "match/risk.h"
#include "model/ecosystem.h"
#include "version/scheme.h"

namespace plimsoll::match {
namespace {

// An index held in memory, with the records as a feed would give them.
class FakeIndex : public AdvisoryIndex {
 public:
  FakeIndex& covers(const std::string& key) {
    EcosystemInfo& info = ecosystems_[key];
    info.key = key;
    info.scheme = scheme_of_ecosystem(key);
    info.feeds = {"test"};
    return *this;
  }
  FakeIndex& add(AdvisoryRecord record, const std::string& ecosystem, Affected affected, std::uint32_t layer = 0) {
    covers(ecosystem);
    affected.ecosystem = ecosystem;
    if (record.feed.empty()) record.feed = "test";
    statements_.push_back({std::move(affected), static_cast<std::uint32_t>(records_.size()), layer});
    records_.push_back(std::move(record));
    return *this;
  }
  std::map<std::string, CveFacts> cves;
  std::vector<EndOfLife> ends;

  const EcosystemInfo* ecosystem(std::string_view key) const override {
    const auto at = ecosystems_.find(key);
    return at == ecosystems_.end() ? nullptr : &at->second;
  }
  Status candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const override {
    for (const Statement& s : statements_) {
      if (s.affected.ecosystem != ecosystem || s.affected.name != name) continue;
      const Affected& a = s.affected;
      Candidate c{.record = s.record, .layer = s.layer, .first_interval = static_cast<std::uint32_t>(out.intervals.size()), .intervals = static_cast<std::uint32_t>(a.intervals.size()),
                  .name_kind = a.name_kind, .state = a.state, .severity = a.severity, .withdrawn = records_[s.record].withdrawn, .word = a.word, .module = a.module, .channel = a.channel,
                  .native = a.native, .except = a.except, .aliases = {}};
      for (const Interval& i : a.intervals)
        out.intervals.push_back({.introduced = i.introduced, .introduced_key = key(a.ecosystem, i.introduced), .end = i.end, .end_key = key(a.ecosystem, i.end),
                                 .introduced_exclusive = i.introduced_exclusive, .end_kind = i.end_kind});
      out.candidates.push_back(c);
    }
    return Ok{};
  }
  Result<AdvisoryRecord> record(const Candidate& candidate) const override { return records_[candidate.record]; }
  Result<std::optional<CveFacts>> cve(std::string_view id) const override {
    const auto at = cves.find(std::string(id));
    return at == cves.end() ? std::optional<CveFacts>{} : std::optional(at->second);
  }
  std::optional<EndOfLife> end_of_life(std::string_view distribution, std::string_view release) const override {
    for (const EndOfLife& end : ends)
      if (end.distribution == distribution && end.release == release) return end;
    return std::nullopt;
  }
  Result<std::vector<std::string>> repository(std::string_view name) const override {
    const auto at = repositories.find(name);
    return at == repositories.end() ? std::vector<std::string>{} : at->second;
  }
  std::vector<Shortfall> shortfalls() const override { return missing; }
  std::map<std::string, std::vector<std::string>, std::less<>> repositories;
  std::vector<Shortfall> missing;
  DatabaseInfo info() const override { return {.digest = "sha256:0", .built_at = "2026-01-01T00:00:00Z", .feeds = {{"test", "2026-01-01"}}}; }

 private:
  struct Statement {
    Affected affected;
    std::uint32_t record, layer;
  };
  std::string_view key(const std::string& ecosystem, const std::string& text) const {
    return *keys_.insert(version::find_scheme(scheme_of_ecosystem(ecosystem))->parse(text).key).first;
  }
  std::map<std::string, EcosystemInfo, std::less<>> ecosystems_;
  std::vector<Statement> statements_;
  std::vector<AdvisoryRecord> records_;
  mutable std::set<std::string> keys_;
};

AdvisoryRecord rec(std::string id, std::vector<std::string> aliases = {}, std::vector<std::string> fixes = {}) {
  AdvisoryRecord record;
  record.id = std::move(id), record.aliases = std::move(aliases), record.fixes = std::move(fixes);
  return record;
}
Affected below(std::string name, std::string fix, NameKind kind = NameKind::Either) {
  Affected a;
  a.name = std::move(name), a.name_kind = kind;
  a.intervals.push_back({.introduced = {}, .end = std::move(fix), .introduced_exclusive = false, .end_kind = IntervalEnd::Fixed});
  return a;
}
Affected open(std::string name, FixState state, std::string word, Severity severity = Severity::Unknown) {
  Affected a;
  a.name = std::move(name), a.name_kind = NameKind::Source, a.state = state, a.word = std::move(word), a.severity = severity;
  a.intervals.emplace_back();
  return a;
}
Affected with(Affected a, std::string module, std::string channel = {}) {
  a.module = std::move(module), a.channel = std::move(channel);
  return a;
}
Package pkg(std::string type, std::string name, std::string version, std::string source = {}, std::string source_version = {}) {
  Package p;
  p.type = std::move(type), p.name = std::move(name), p.version = std::move(version);
  p.source_name = std::move(source), p.source_version = std::move(source_version);
  p.id = cat(p.type, ":", p.name, "@", p.version);
  p.locations = {{.path = "x", .layer = {}}};
  return p;
}
Distribution debian(std::string version = "12") { return {.id = "debian", .version_id = std::move(version)}; }
Distribution rhel(std::string version = "9.4") { return {.id = "rhel", .version_id = std::move(version)}; }

MatchResult run(const FakeIndex& index, std::vector<Package> packages, const Distribution& distribution = debian(), std::string at = {}) {
  auto result = match_packages(packages, distribution, index, {.at = std::move(at)});
  EXPECT_TRUE(result.has_value());
  return std::move(*result);
}
std::string ids(const MatchResult& result) {
  std::string out;
  for (const Finding& f : result.findings) out += cat(out.empty() ? "" : " ", f.id);
  return out;
}

// ---- the traps of other scanners, each by its number in the study of them

TEST(trap, trap_1_feeds_key_on_the_source_package) {
  FakeIndex index;
  index.add(rec("CVE-2024-0001"), "debian:12", below("openssl", "3.0.11-1", NameKind::Source));
  EXPECT_EQ(ids(run(index, {pkg("deb", "libssl3", "3.0.9-1", "openssl")})), "CVE-2024-0001");
  EXPECT_EQ(ids(run(index, {pkg("deb", "libssl3", "3.0.9-1")})), "");  // its own name is not the source's
  // The source's version decides where it differs: binNMU and packages with versions of their own.
  EXPECT_EQ(ids(run(index, {pkg("deb", "libssl3", "99-1", "openssl", "3.0.9-1")})), "CVE-2024-0001");
  EXPECT_EQ(ids(run(index, {pkg("deb", "libssl3", "1-1", "openssl", "3.0.11-1")})), "");
}
TEST(trap, trap_2_missing_epoch) {
  FakeIndex index;
  index.add(rec("CVE-2024-0002"), "rhel:9", below("bind", "32:9.16.23-11.el9", NameKind::Binary));
  EXPECT_EQ(ids(run(index, {pkg("rpm", "bind", "32:9.16.23-12.el9")}, rhel())), "");
  EXPECT_EQ(ids(run(index, {pkg("rpm", "bind", "32:9.16.23-1.el9")}, rhel())), "CVE-2024-0002");
}
TEST(trap, trap_3_no_fixed_version_means_unfixed_not_skipped) {
  FakeIndex index;
  index.add(rec("CVE-2024-0003"), "debian:12", open("zlib", FixState::NotFixed, ""));
  const MatchResult result = run(index, {pkg("deb", "zlib1g", "1:1.2.13", "zlib")});
  ASSERT_EQ(ids(result), "CVE-2024-0003");
  EXPECT_EQ(result.findings[0].state, FixState::NotFixed);
  EXPECT_EQ(result.findings[0].fixed_version, "");
}
TEST(trap, trap_4_debian_states_stay_apart) {
  FakeIndex index;
  index.add(rec("CVE-2024-0041"), "debian:12", open("a", FixState::NotFixed, "unimportant", Severity::Negligible));
  index.add(rec("CVE-2024-0042"), "debian:12", open("a", FixState::NotFixed, "no-dsa"));
  index.add(rec("CVE-2024-0043"), "debian:12", open("a", FixState::Postponed, "postponed"));
  index.add(rec("CVE-2024-0044"), "debian:12", open("a", FixState::WillNotFix, "ignored"));
  index.add(rec("CVE-2024-0045"), "debian:12", open("a", FixState::EndOfLife, "end-of-life"));
  const MatchResult result = run(index, {pkg("deb", "a", "1")});
  ASSERT_EQ(result.findings.size(), 5u);
  EXPECT_EQ(result.findings[0].severity, Severity::Negligible);
  const FixState states[] = {FixState::NotFixed, FixState::NotFixed, FixState::Postponed, FixState::WillNotFix, FixState::EndOfLife};
  const char* words[] = {"unimportant", "no-dsa", "postponed", "ignored", "end-of-life"};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(result.findings[i].state, states[i]);
    EXPECT_NE(std::find(result.findings[i].evidence.begin(), result.findings[i].evidence.end(), std::pair<std::string, std::string>("state", words[i])), result.findings[i].evidence.end());
  }
}
TEST(trap, trap_4_not_listed_for_an_old_release_is_not_affected) {
  FakeIndex index;
  index.add(rec("CVE-2024-0004"), "debian:12", below("curl", "9", NameKind::Source)).covers("debian:11");
  EXPECT_EQ(ids(run(index, {pkg("deb", "curl", "7")}, debian("11"))), "");
}
TEST(trap, trap_7_language_packages_the_os_owns_are_suppressed_but_not_third_parties) {
  FakeIndex index;
  index.add(rec("PYSEC-1", {"CVE-2024-0007"}), "pypi", below("requests", "2.32")).covers("debian:12").covers("rhel:9");
  Package owner = pkg("deb", "python3-requests", "2.28.1+dfsg-1", "requests");
  Package owned = pkg("pypi", "requests", "2.28.1");
  owned.owned_by = owner.id;
  const MatchResult suppressed = run(index, {owner, owned});
  EXPECT_EQ(ids(suppressed), "");
  ASSERT_EQ(suppressed.suppressed.size(), 1u);
  EXPECT_EQ(suppressed.suppressed[0].by, "os-owned");
  EXPECT_EQ(suppressed.suppressed[0].id, "CVE-2024-0007");
  Package vendor = pkg("rpm", "acme-agent", "1-1");
  vendor.set_property("vendor", "ACME Inc.");
  Package theirs = owned;
  theirs.owned_by = vendor.id;
  EXPECT_EQ(ids(run(index, {vendor, theirs}, rhel())), "CVE-2024-0007");
  // No feed for the owner's distribution: then nobody else would tell.
  EXPECT_EQ(ids(run(index, {owner, owned}, debian("13"))), "CVE-2024-0007");
}
TEST(trap, trap_8_rhel_modules_and_minor_streams) {
  FakeIndex index;
  index.add(rec("RHSA-1", {}, {"CVE-2024-0081"}), "rhel:8", with(below("nodejs", "1:16.20.2-1.module+el8", NameKind::Binary), "nodejs:16"));
  index.add(rec("RHSA-2", {}, {"CVE-2024-0082"}), "rhel:8", with(below("nodejs", "1:18.20.2-1.module+el8", NameKind::Binary), "nodejs:18"));
  index.add(rec("RHSA-3", {}, {"CVE-2024-0083"}), "rhel:8", below("nodejs", "1:20-1.el8", NameKind::Binary));
  Package modular = pkg("rpm", "nodejs", "1:16.1.0-1.module+el8");
  modular.set_property("modularity", "nodejs:16");
  EXPECT_EQ(ids(run(index, {modular}, rhel("8.9"))), "CVE-2024-0081");
  EXPECT_EQ(ids(run(index, {pkg("rpm", "nodejs", "1:16.1.0-1.module+el8")}, rhel("8.9"))), "CVE-2024-0081");  // the SBOM does not say its module
  EXPECT_EQ(ids(run(index, {pkg("rpm", "nodejs", "1:10-1.el8")}, rhel("8.9"))), "CVE-2024-0083");

  FakeIndex streams;
  streams.add(rec("CVE-2024-0084"), "rhel:9", below("sudo", "1.9.5p2-10.el9_4", NameKind::Binary));
  streams.add(rec("CVE-2024-0084"), "rhel:9", with(below("sudo", "1.9.5p2-7.el9_2.1", NameKind::Binary), "", "eus:9.2"));
  EXPECT_EQ(ids(run(streams, {pkg("rpm", "sudo", "1.9.5p2-7.el9_2.1")}, rhel("9.2"))), "");  // the stream fixed it
  EXPECT_EQ(ids(run(streams, {pkg("rpm", "sudo", "1.9.5p2-7.el9_2")}, rhel("9.2"))), "CVE-2024-0084");
  EXPECT_EQ(ids(run(streams, {pkg("rpm", "sudo", "1.9.5p2-9.el9")}, rhel("9.4"))), "CVE-2024-0084");
  EXPECT_EQ(ids(run(streams, {pkg("rpm", "sudo", "1.9.5p2-10.el9_4")}, rhel("9.4"))), "");
}
TEST(trap, trap_8_rhel_content_sets_vary_per_layer) {
  FakeIndex index;
  index.add(rec("CVE-2024-0090"), "rhel:9", below("sudo", "1.9.5p2-10.el9_4", NameKind::Binary));
  index.add(rec("CVE-2024-0091"), "rhel:9", with(below("sudo", "1.9.5p2-7.el9_2.3", NameKind::Binary), "", "eus:9.2"));
  index.add(rec("CVE-2024-0092"), "rhel:9", with(below("sudo", "1.9.5p2-7.el9_2.4", NameKind::Binary), "", "e4s:9.2"));
  index.add(rec("CVE-2024-0093"), "rhel:9", open("sudo", FixState::WillNotFix, "will-not-fix"));
  index.add(rec("CVE-2024-0094"), "rhel-product:openshift:4.12:el9", below("cri-o", "1.25.3-2.el9", NameKind::Binary));
  index.add(rec("CVE-2024-0095"), "rhel-product:openshift:4", open("cri-o", FixState::NotFixed, "affected"));
  index.add(rec("CVE-2024-0096"), "rhel-product:openshift:4.13:el9", below("cri-o", "1.26.0-1.el9", NameKind::Binary));
  index.add(rec("CVE-2024-0097"), "rhel:9", open("cri-o", FixState::NotFixed, "affected")).covers("rhel-product");
  index.repositories["rhocp-4.12-for-rhel-9-x86_64-rpms"] = {"cpe:/a:redhat:openshift:4.12::el9"};
  const auto of = [&](Package package, const char* sets) {
    if (*sets) package.set_property("content-sets", sets);
    const MatchResult result = run(index, {std::move(package)}, rhel("9.2"));
    EXPECT_TRUE(result.gaps.empty());
    return ids(result);
  };
  const Package sudo = pkg("rpm", "sudo", "1.9.5p2-7.el9_2.1"), crio = pkg("rpm", "cri-o", "1.25.0-1.el9");
  // Layers of one image: base of the main stream, another built from EUS, a third with a product.
  EXPECT_EQ(of(sudo, "rhel-9-for-x86_64-appstream-rpms rhel-9-for-x86_64-baseos-rpms"), "CVE-2024-0090 CVE-2024-0093");
  EXPECT_EQ(of(sudo, "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"), "CVE-2024-0091 CVE-2024-0093");  // no fix: told of the release as a whole
  EXPECT_EQ(of(sudo, "rhel-9-for-x86_64-baseos-eus-rpms"), "CVE-2024-0091 CVE-2024-0093");
  EXPECT_EQ(of(sudo, "rhel-9-for-x86_64-baseos-e4s-rpms__9_DOT_2 rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"), "CVE-2024-0091 CVE-2024-0092 CVE-2024-0093");
  EXPECT_EQ(of(crio, "rhel-9-for-x86_64-baseos-rpms rhocp-4.12-for-rhel-9-x86_64-rpms"), "CVE-2024-0094 CVE-2024-0095 CVE-2024-0097");
  EXPECT_EQ(of(crio, "ubi-9-for-x86_64-baseos-rpms"), "CVE-2024-0097");  // OpenShift is none of that layer's business
  // Nothing told: the distribution's release, streams told by versions alone. RHEL 8's repositories say nothing of an image of 9.
  EXPECT_EQ(of(sudo, ""), "CVE-2024-0090 CVE-2024-0091 CVE-2024-0092 CVE-2024-0093");
  EXPECT_EQ(of(sudo, "rhel-8-for-x86_64-baseos-rpms"), of(sudo, ""));
}
TEST(trap, trap_8_content_sets_that_nobody_knows_narrow_nothing_and_are_told) {
  FakeIndex index;
  index.add(rec("CVE-2024-0098"), "rhel:9", below("sudo", "2-1.el9", NameKind::Binary));
  Package package = pkg("rpm", "sudo", "1-1.el9");
  package.set_property("content-sets", "releases secret-repo");
  const MatchResult unknown = run(index, {package}, rhel());
  EXPECT_EQ(ids(unknown), "CVE-2024-0098");
  ASSERT_EQ(unknown.gaps.size(), 1u);
  EXPECT_NE(unknown.gaps[0].why.find("releases and 1 more"), std::string::npos);
  package.set_property("content-sets", " ");
  EXPECT_TRUE(run(index, {package}, rhel()).gaps.empty());
  // One of several: what is known narrows, the other is told; names of a build's own repositories are not.
  package.set_property("content-sets", "rhel-9-for-x86_64-baseos-rpms releases");
  EXPECT_TRUE(run(index, {package}, rhel()).gaps.empty());
  package.set_property("content-sets", "rhel-9-for-x86_64-baseos-rpms newproduct-1-for-rhel-9-x86_64-rpms");
  const MatchResult partly = run(index, {package}, rhel());
  EXPECT_EQ(ids(partly), "CVE-2024-0098");
  ASSERT_EQ(partly.gaps.size(), 1u);
  EXPECT_NE(partly.gaps[0].why.find("newproduct-1-for-rhel-9"), std::string::npos);
  // A product that the database's feeds do not speak of.
  index.repositories["rhocp-4.12-for-rhel-9-x86_64-rpms"] = {"cpe:/a:redhat:openshift:4.12::el9"};
  package.set_property("content-sets", "rhocp-4.12-for-rhel-9-x86_64-rpms");
  const MatchResult uncovered = run(index, {package}, rhel());
  EXPECT_EQ(ids(uncovered), "CVE-2024-0098");
  ASSERT_EQ(uncovered.gaps.size(), 1u);
  EXPECT_EQ(uncovered.gaps[0].where, "Red Hat products beside RHEL");
}
TEST(trap, trap_8_an_sbom_names_the_repository_in_its_purls) {
  FakeIndex index;
  index.add(rec("CVE-2024-0099"), "rhel:9", with(below("sudo", "2-1.el9_2", NameKind::Binary), "", "eus:9.2"));
  Package package = pkg("rpm", "sudo", "1-1.el9_2");
  package.ns = "redhat";
  package.set_property("purl:repository_id", "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2");
  EXPECT_EQ(ids(run(index, {package}, {})), "CVE-2024-0099");
  package.set_property("purl:repository_id", "rhel-9-for-x86_64-baseos-rpms");
  EXPECT_EQ(ids(run(index, {package}, {})), "");
}
TEST(content_sets, names_of_rhel_tell_their_product) {
  const auto of = [](std::string_view name) {
    const std::vector<std::string> cpes = cpes_of_name(name);
    return cpes.empty() ? std::string("-") : cpes.front();
  };
  EXPECT_EQ(of("rhel-9-for-x86_64-baseos-rpms"), "cpe:/o:redhat:enterprise_linux:9");
  EXPECT_EQ(of("ubi-8-for-aarch64-appstream-rpms"), "cpe:/o:redhat:enterprise_linux:8");
  EXPECT_EQ(of("ubi-8-appstream-rpms"), "cpe:/o:redhat:enterprise_linux:8");
  EXPECT_EQ(of("rhel-7-server-rpms"), "cpe:/o:redhat:enterprise_linux:7");
  EXPECT_EQ(of("rhel-10-for-x86_64-baseos-eus-rpms__10_DOT_0"), "cpe:/o:redhat:enterprise_linux_eus:10.0");
  EXPECT_EQ(of("rhel-8-for-x86_64-appstream-tus-rpms__8_DOT_6"), "cpe:/o:redhat:rhel_tus:8.6");
  EXPECT_EQ(of("codeready-builder-for-rhel-9-x86_64-rpms"), "cpe:/o:redhat:enterprise_linux:9");
  EXPECT_EQ(of("rhel-9-for-x86_64-baseos-eus-rpms"), "cpe:/o:redhat:rhel_eus:9");  // of every minor release
  for (const char* other : {"", "-", "rhocp-4.12-for-rhel-9-x86_64-rpms", "rhel-x-for-y-rpms", "rhel-9-for-x86_64-baseos-eus-rpms__8_DOT_2", "rhel-9", "ubi", "rhel-99999-a-rpms"}) EXPECT_EQ(of(other), "-") << other;
}
TEST(trap, trap_15_go_library_and_pseudo_versions) {
  FakeIndex index;
  Affected stdlib;
  stdlib.name = "stdlib";
  stdlib.intervals = {{.introduced = {}, .end = "1.20.10", .introduced_exclusive = false, .end_kind = IntervalEnd::Fixed},
                      {.introduced = "1.21.0-0", .end = "1.21.3", .introduced_exclusive = false, .end_kind = IntervalEnd::Fixed}};
  index.add(rec("GO-2023-2102", {"CVE-2023-39325"}), "golang", stdlib);
  index.add(rec("GO-1"), "golang", below("golang.org/x/net", "0.0.0-20220906165146-f3363e06e74c"));
  EXPECT_EQ(ids(run(index, {pkg("golang", "stdlib", "go1.21.1 X:nocoverageredesign")})), "CVE-2023-39325");
  EXPECT_EQ(ids(run(index, {pkg("golang", "stdlib", "1.20.10")})), "");
  Package net = pkg("golang", "net", "v0.0.0-20220101000000-abcdefabcdef");
  net.ns = "golang.org/x";
  EXPECT_EQ(ids(run(index, {net})), "GO-1");
  net.version = "v0.1.0";
  EXPECT_EQ(ids(run(index, {net})), "");
}
TEST(trap, trap_16_cpe_only_for_what_has_no_ecosystem) {
  FakeIndex index;
  index.add(rec("CVE-2024-0016"), "cpe", below("redis:redis", "7.0.5"));
  index.covers("gem");
  Package binary = pkg("generic", "redis", "7.0.1");
  binary.set_property("cpe", "cpe:2.3:a:redis:redis:7.0.1:*:*:*:*:*:*:*");
  EXPECT_EQ(ids(run(index, {binary})), "CVE-2024-0016");
  Package gem = pkg("gem", "redis", "4.0");
  gem.set_property("cpe", "cpe:2.3:a:redis:redis:4.0:*:*:*:*:*:*:*");
  EXPECT_EQ(ids(run(index, {gem})), "");
}
TEST(trap, kernel_headers_are_not_the_kernel) {
  FakeIndex index;
  index.add(rec("CVE-2024-0100"), "debian:12", below("linux", "6.2", NameKind::Source));
  const MatchResult result = run(index, {pkg("deb", "linux-libc-dev", "6.1.0-1", "linux"), pkg("deb", "linux-image-amd64", "6.1.0-1", "linux")});
  ASSERT_EQ(result.findings.size(), 2u);
  EXPECT_EQ(result.findings[0].state, FixState::NotAffected);
  EXPECT_EQ(result.findings[0].risk_0_100, 0);
  EXPECT_EQ(result.findings[1].state, FixState::Fixed);
}
TEST(trap, patched_forks_are_not_the_original) {
  FakeIndex index;
  index.add(rec("GHSA-1"), "npm", below("lodash", "4.17.21"));
  const MatchResult result = run(index, {pkg("npm", "lodash", "4.17.15+patched.2")});
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].state, FixState::UnderInvestigation);
}
TEST(trap, withdrawn_records_match_nothing) {
  FakeIndex index;
  AdvisoryRecord record = rec("GHSA-2");
  record.withdrawn = true;
  index.add(record, "npm", below("lodash", "4.17.21"));
  EXPECT_EQ(ids(run(index, {pkg("npm", "lodash", "1.0.0")})), "");
}
TEST(trap, aliases_are_one_finding_with_all_names) {
  FakeIndex index;
  index.add(rec("PYSEC-2021-1", {"CVE-2021-1111"}), "pypi", below("django", "3.2.1"));
  index.add(rec("GHSA-zzzz", {"CVE-2021-1111"}), "pypi", below("django", "3.2.2"));
  index.add(rec("GHSA-yyyy", {"PYSEC-2021-1"}), "pypi", below("django", "3.2.1"));
  const MatchResult result = run(index, {pkg("pypi", "django", "3.2.0")});
  ASSERT_EQ(ids(result), "CVE-2021-1111");
  EXPECT_EQ(result.findings[0].aliases, (std::vector<std::string>{"GHSA-yyyy", "GHSA-zzzz", "PYSEC-2021-1"}));
  EXPECT_EQ(result.findings[0].fixed_version, "3.2.2");
}
TEST(trap, a_notice_gives_one_finding_for_each_cve) {
  FakeIndex index;
  index.add(rec("ALSA-1", {}, {"CVE-2024-1", "CVE-2024-2"}), "almalinux:9", below("curl", "8-1.el9", NameKind::Either));
  index.add(rec("ALSA-2", {}, {"CVE-2024-2"}), "almalinux:9", below("curl", "9-1.el9", NameKind::Either));
  const MatchResult result = run(index, {pkg("rpm", "curl", "7-1.el9")}, {.id = "almalinux", .version_id = "9.4"});
  ASSERT_EQ(ids(result), "CVE-2024-1 CVE-2024-2");
  EXPECT_EQ(result.findings[0].aliases, std::vector<std::string>{"ALSA-1"});
  EXPECT_EQ(result.findings[1].aliases, (std::vector<std::string>{"ALSA-1", "ALSA-2"}));
  EXPECT_EQ(result.findings[1].fixed_version, "9-1.el9");
}
TEST(ecosystem, every_way_a_distribution_is_named) {
  FakeIndex index;
  for (const char* key : {"wolfi", "chainguard", "openeuler:22.03-lts", "azurelinux:3", "opensuse-leap:15.5", "sles:15.5", "alpine:3.18", "photon:5.0"})
    index.add(rec(cat("X-", key)), key, below("vim", "9.1-1"));
  const auto found = [&](const char* type, const char* ns, const char* distro) {
    Package p = pkg(type, "vim", "9.0-1");
    p.ns = ns;
    if (*distro) p.set_property("distro", distro);
    return ids(run(index, {p}, {.id = "almalinux", .version_id = "9"}));
  };
  EXPECT_EQ(found("apk", "wolfi", "wolfi-20230201"), "X-wolfi");
  EXPECT_EQ(found("apk", "chainguard", ""), "X-chainguard");
  EXPECT_EQ(found("rpm", "openeuler", "openEuler-22.03-LTS"), "X-openeuler:22.03-lts");
  EXPECT_EQ(found("rpm", "azurelinux", "azurelinux-3.0"), "X-azurelinux:3");
  EXPECT_EQ(found("rpm", "opensuse", "opensuse-leap-15.5"), "X-opensuse-leap:15.5");
  EXPECT_EQ(found("rpm", "suse", "sles-15.5"), "X-sles:15.5");
  EXPECT_EQ(found("apk", "alpine", "alpine-3.18.4"), "X-alpine:3.18");
  EXPECT_EQ(found("rpm", "photon", "photon-5.0"), "X-photon:5.0");
  EXPECT_EQ(found("rpm", "almalinux", ""), "");
}
TEST(trap, ubuntu_pro_fixes_are_told_as_such) {
  FakeIndex index;
  index.add(rec("CVE-2024-5"), "ubuntu:20.04", open("ffmpeg", FixState::NotFixed, ""));
  index.add(rec("CVE-2024-5"), "ubuntu:20.04", with(below("ffmpeg", "7:4.2.7-0ubuntu0.1+esm5", NameKind::Source), "", "esm"));
  const Distribution focal{.id = "ubuntu", .version_id = "20.04"};
  const MatchResult plain = run(index, {pkg("deb", "ffmpeg", "7:4.2.7-0ubuntu0.1")}, focal);
  ASSERT_EQ(ids(plain), "CVE-2024-5");
  EXPECT_EQ(plain.findings[0].fixed_version, "7:4.2.7-0ubuntu0.1+esm5");
  EXPECT_NE(plain.findings[0].fix.find("Ubuntu Pro"), std::string::npos);
  EXPECT_EQ(ids(run(index, {pkg("deb", "ffmpeg", "7:4.2.7-0ubuntu0.1+esm5")}, focal)), "");
}

// ---- not clean, but unknown

TEST(gap, a_distribution_without_feed_is_not_clean) {
  FakeIndex index;
  index.covers("debian:12");
  const MatchResult result = run(index, {pkg("deb", "curl", "7")}, debian("13"));
  ASSERT_EQ(result.gaps.size(), 1u);
  EXPECT_EQ(result.gaps[0].where, "Debian 13");
}
TEST(gap, packages_of_no_known_distribution) {
  FakeIndex index;
  index.covers("debian:12");
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, {}).gaps.size(), 1u);
}
TEST(gap, a_database_made_without_a_feed_file) {
  FakeIndex index;
  index.covers("debian:12").covers("debian:11").covers("npm").covers("pypi");
  index.missing = {{"debian:12", "oval-bookworm.xml.gz", "gzip stream is cut short"}, {"npm", "osv-npm.zip", "it could not be fetched"}};
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, debian("11")).gaps.size(), 0u);
  EXPECT_EQ(run(index, {pkg("pypi", "curl", "7")}).gaps.size(), 0u);
  const MatchResult debian12 = run(index, {pkg("deb", "curl", "7")});
  ASSERT_EQ(debian12.gaps.size(), 1u);
  EXPECT_EQ(debian12.gaps[0].where, "Debian 12");
  EXPECT_EQ(debian12.gaps[0].why, "the database was made without oval-bookworm.xml.gz (gzip stream is cut short)");
  EXPECT_EQ(run(index, {pkg("npm", "curl", "7")}).gaps.size(), 1u);
  index.missing = {{"debian:", "a", "b"}};
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, debian("11")).gaps.size(), 1u);
  EXPECT_EQ(run(index, {pkg("npm", "curl", "7")}).gaps.size(), 0u);
  index.missing.assign(20, {"*", "a", "b"});
  for (std::size_t i = 0; i < 20; ++i) index.missing[i].where = cat("file", i);
  EXPECT_EQ(run(index, {pkg("npm", "curl", "7")}).gaps.size(), 6u);
}
TEST(gap, a_feed_that_has_ended) {
  FakeIndex index;
  index.covers("debian:10").covers("ubuntu:18.04").covers("rhel:8").covers("rhel:9");
  index.ends = {{"debian", "10", "2022-09-10", "2024-06-30"}, {"ubuntu", "18.04", "2023-05-31", "", "2028-04-30"}, {"centos", "8", "2021-12-31", "", ""}, {"centos-stream", "9", "2027-05-31", "", ""}, {"rhel", "8", "2029-05-31", "", ""}};
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, debian("10"), "2024-01-01").gaps.size(), 0u);  // LTS
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, debian("10"), "2025-01-01T00:00:00Z").gaps.size(), 1u);
  EXPECT_EQ(run(index, {pkg("deb", "curl", "7")}, {.id = "ubuntu", .version_id = "18.04"}, "2025-01-01").gaps.size(), 1u);
  EXPECT_EQ(run(index, {pkg("rpm", "curl", "7")}, rhel("8.4"), "2025-01-01").gaps.size(), 0u);
  EXPECT_EQ(run(index, {pkg("rpm", "curl", "7")}, {.id = "centos", .version_id = "8"}, "2025-01-01").gaps.size(), 1u);
  EXPECT_EQ(run(index, {pkg("rpm", "curl", "7")}, {.id = "centos", .version_id = "9", .codename = {}, .name = "CentOS Stream 9"}, "2028-01-01").gaps.size(), 1u);
}
TEST(gap, languages_without_feed_stand_in_coverage) {
  FakeIndex index;
  index.covers("npm");
  const MatchResult result = run(index, {pkg("nuget", "Newtonsoft.Json", "12"), pkg("npm", "a", "1")});
  ASSERT_EQ(result.coverage.size(), 2u);
  EXPECT_EQ(result.coverage[0].feed, "test");
  EXPECT_EQ(result.coverage[0].feed_date, "2026-01-01");
  EXPECT_EQ(result.coverage[1].ecosystem, "nuget");
  EXPECT_EQ(result.coverage[1].feed, "");
  EXPECT_TRUE(result.gaps.empty());
}

// ---- overlays

TEST(overlay, corrects_a_range_of_the_shipped_database) {
  FakeIndex index;
  index.add(rec("GHSA-3", {"CVE-2024-3"}), "npm", below("left-pad", "2.0.0"));
  index.add(rec("GHSA-3"), "npm", below("left-pad", "1.1.0"), 1);
  EXPECT_EQ(ids(run(index, {pkg("npm", "left-pad", "1.0.0")})), "CVE-2024-3");  // names are those of both records
  const MatchResult result = run(index, {pkg("npm", "left-pad", "1.5.0")});
  EXPECT_EQ(ids(result), "");
  ASSERT_EQ(result.suppressed.size(), 1u);
  EXPECT_EQ(result.suppressed[0].by, "overlay");
}

// ---- enrichment and severity

TEST(severity, the_feed_speaks_before_scores) {
  FakeIndex index;
  AdvisoryRecord rated = rec("CVE-2024-6");
  rated.severity = Severity::Low;
  rated.severity_source = "redhat";
  index.add(rated, "rhel:9", below("a", "2", NameKind::Binary));
  index.add(rec("CVE-2024-7"), "rhel:9", below("b", "2", NameKind::Binary));
  for (const char* id : {"CVE-2024-6", "CVE-2024-7"})
    index.cves[id].cvss = {{.version = "2.0", .vector = "v2", .score_0_10 = 10, .source = "nvd"}, {.version = "3.1", .vector = "v3", .score_0_10 = 9.8, .source = "nvd"}};
  index.cves["CVE-2024-7"].epss = Epss{.score = 0.5, .percentile = 0.9, .date = {}};
  const MatchResult result = run(index, {pkg("rpm", "a", "1"), pkg("rpm", "b", "1")}, rhel());
  ASSERT_EQ(result.findings.size(), 2u);
  EXPECT_EQ(result.findings[0].severity, Severity::Low);
  EXPECT_EQ(result.findings[0].severity_source, "redhat");
  EXPECT_EQ(result.findings[1].severity, Severity::Critical);
  EXPECT_EQ(result.findings[1].severity_source, "cvss3.1 by nvd");
  EXPECT_EQ(result.findings[1].cvss.front().version, "3.1");
  EXPECT_DOUBLE_EQ(result.findings[1].epss->score, 0.5);
}

// ---- risk: laws

RiskInput random_input(std::mt19937& random) {
  const auto fraction = [&] { return static_cast<double>(random() % 1001) / 1000; };
  RiskInput input;
  input.severity = static_cast<Severity>(random() % 6);
  if (random() % 2) input.cvss_0_10 = fraction() * 10;
  if (random() % 2) input.epss_0_1 = fraction();
  input.exploited = random() % 4 == 0;
  input.fix_available = random() % 2;
  input.never_loaded = random() % 4 == 0;
  input.state = static_cast<FixState>(random() % 7);
  input.exposure_0_1 = fraction(), input.importance_0_1 = fraction();
  return input;
}

TEST(risk, is_monotone_and_bounded) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    const RiskInput input = random_input(random);
    const double risk = risk_0_100(input);
    EXPECT_GE(risk, 0);
    EXPECT_LE(risk, 100);
    const auto not_less = [&](RiskInput more) { EXPECT_GE(risk_0_100(more), risk); };
    RiskInput more = input;
    if (more.cvss_0_10) more.cvss_0_10 = std::min(10.0, *more.cvss_0_10 + 1), not_less(more);
    more = input;
    if (more.epss_0_1) more.epss_0_1 = std::min(1.0, *more.epss_0_1 + 0.1), not_less(more);
    more = input, more.exploited = true, not_less(more);
    more = input, more.fix_available = true, not_less(more);
    more = input, more.never_loaded = false, not_less(more);
    more = input, more.exposure_0_1 = std::min(1.0, more.exposure_0_1 + 0.1), not_less(more);
    more = input, more.importance_0_1 = std::min(1.0, more.importance_0_1 + 0.1), not_less(more);
  }
}
TEST(risk, follows_severity_when_there_is_no_score) {
  RiskInput input;
  double last = -1;
  for (const Severity s : {Severity::Negligible, Severity::Low, Severity::Medium, Severity::High, Severity::Critical}) {
    input.severity = s;
    EXPECT_GT(risk_0_100(input), last);
    last = risk_0_100(input);
  }
  input.state = FixState::NotAffected;
  EXPECT_EQ(risk_0_100(input), 0);
}

}  // namespace
}  // namespace plimsoll::match
