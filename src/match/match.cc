#include "match/match.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/text.h"
#include "match/applies.h"
#include "match/content_sets.h"
#include "match/explain.h"
#include "match/risk.h"
#include "match/installed.h"
#include "model/cvss.h"
#include "model/ecosystem.h"
#include "model/life_table.h"

namespace plimsoll::match {
namespace {

// A statement that holds for an installed version.
struct Hit {
  Candidate candidate;
  std::optional<IntervalView> interval;  // none for a native range
  std::string_view installed;            // the version that was compared: the binary's or the source's
  bool by_source = false;
  AdvisoryRecord record;
};

// One vulnerability of one package: the hits that name it.
struct Subject {
  std::vector<std::string> names;  // that make it the same vulnerability
  std::vector<std::string> others; // notices that fix it
  std::vector<const Hit*> hits;
};

int id_rank(std::string_view id) {
  if (id.starts_with("CVE-")) return 0;
  if (id.starts_with("GHSA-")) return 1;
  if (id.starts_with("GO-") || id.starts_with("PYSEC-") || id.starts_with("RUSTSEC-") || id.starts_with("MAL-")) return 2;
  return 3;
}

// The text of a bound decides which of two fixes is the later.
bool later_fix(const version::Scheme& scheme, std::string_view a, std::string_view b) { return version::compare(scheme, a, b) > 0; }

class Matcher {
 public:
  Matcher(std::span<const Package> packages, const Distribution& distribution, const AdvisoryIndex& index, const MatchOptions& options)
      : packages_(packages), distribution_(distribution), index_(index), options_(options), content_sets_(index), shortfalls_(index.shortfalls()) {}

  Result<MatchResult> run() {
    by_id_.reserve(packages_.size());
    for (const Package& package : packages_) by_id_.emplace(package.id, &package);
    for (const Package& package : packages_) PLIM_CHECK(one(package));
    judge_distribution();
    judge_content_sets();
    for (const auto& [key, counted] : counted_) result_.coverage.push_back(cover(key, counted));
    std::sort(result_.gaps.begin(), result_.gaps.end());
    result_.gaps.erase(std::unique(result_.gaps.begin(), result_.gaps.end()), result_.gaps.end());
    return std::move(result_);
  }

 private:
  struct Counted {
    std::uint64_t packages = 0;
    std::uint64_t without_version = 0;
  };

  Coverage cover(const std::string& key, const Counted& counted) {
    Coverage row{.ecosystem = key, .packages = counted.packages, .feed = {}, .feed_date = {}};
    const EcosystemInfo* info = index_.ecosystem(key);
    if (info && !info->overlay_only) {
      for (const std::string& feed : info->feeds) {  // dates in the order of the feeds: none speaks for another
        row.feed_date.append(row.feed.empty() ? "" : ", ");
        row.feed.append(row.feed.empty() ? "" : ", ").append(feed);
        const auto known = std::find_if(feed_dates().begin(), feed_dates().end(), [&](const FeedInfo& f) { return f.name == feed; });
        row.feed_date.append(known == feed_dates().end() || known->date.empty() ? "unknown" : known->date);
      }
    } else if (is_distribution_key(key)) {
      result_.gaps.push_back({.part = "feed", .where = ecosystem_title(key), .why = cat("no feed of the database covers it: ", counted.packages, " packages are not judged")});
    }
    add_shortfalls(key, ecosystem_title(key));
    if (counted.without_version > 0)
      result_.gaps.push_back({.part = "match", .where = ecosystem_title(key), .why = cat(counted.without_version, " packages have no version and are not judged")});
    return row;
  }

  // Feeds that the database was made without: what they would have said is not known.
  void add_shortfalls(std::string_view key, const std::string& title) {
    constexpr std::size_t kTold = 5;
    std::size_t more = 0;
    for (const Shortfall& each : shortfalls_) {
      if (!each.concerns(key)) continue;
      if (++more <= kTold) result_.gaps.push_back({.part = "feed", .where = title, .why = cat("the database was made without ", each.where, " (", each.why, ")")});
    }
    if (more > kTold) result_.gaps.push_back({.part = "feed", .where = title, .why = cat("the database was made without ", more - kTold, " files more of its feeds: see `plimsoll db status`")});
  }

  const std::vector<FeedInfo>& feed_dates() {
    if (feeds_.empty()) feeds_ = index_.info().feeds;
    return feeds_;
  }

  // The end of the distribution's life: after it a feed falls silent, which must not look clean.
  void judge_distribution() {
    std::set<std::string> judged;
    for (const auto& [key, counted] : counted_)
      if (is_distribution_key(key)) judge_end(key);
    if (without_distribution_ > 0)
      result_.gaps.push_back({.part = "feed", .where = "distribution unknown",
                              .why = cat(without_distribution_, " packages of an operating system are not judged: nothing says which distribution and release they are of")});
  }

  void judge_end(const std::string& key) {
    const auto [id, release] = split_ecosystem(key);
    std::optional<EndOfLife> end;
    const bool of_image = key == distribution_key(distribution_.id, distribution_.version_id);
    if (of_image) {  // CentOS is filed under rhel, and ends on dates of its own
      const auto [own_id, own_release] = life_key(distribution_);
      end = index_.end_of_life(own_id, own_release);
    }
    if (!end) end = index_.end_of_life(id, release);
    if (!end) return;
    if (of_image) result_.end_of_life = end->date;
    const std::string& last = end->free_until();
    if (options_.at.size() >= 10 && last < options_.at.substr(0, 10) && index_.ecosystem(key))
      result_.gaps.push_back({.part = "feed", .where = ecosystem_title(key), .why = cat("it reached its end of life on ", last, ": vulnerabilities found since are in no feed")});
  }

  Status one(const Package& package) {
    std::string key = ecosystem_of(package, distribution_);
    if (key.empty() && package.type == "rpm") {
      PLIM_TRY(key, release_of_content_sets(package));
    }
    if (key.empty()) {
      ++without_distribution_;
      return Ok{};
    }
    const std::string cpe = package.type == "generic" ? cpe_name(package.property("cpe")) : std::string{};
    const std::string asked = cpe.empty() ? key : "cpe";
    Counted& counted = counted_[asked];
    ++counted.packages;
    const bool of_distribution = is_distribution_key(asked);
    const EcosystemInfo* info = index_.ecosystem(asked);
    if (!info && of_distribution) info = index_.ecosystem(split_ecosystem(asked).first);  // records that speak of every release
    if (package.version.empty()) {
      // "unversioned": its own metadata states that it has none, which is no loss of ours
      if (info && asked != "golang" && package.property("unversioned").empty()) ++counted.without_version;
      return Ok{};
    }
    if (!info) return Ok{};
    if (!of_distribution && language_version(package).empty()) {  // "go", " ": written, but no version
      ++counted.without_version;
      return Ok{};
    }
    hits_.clear();
    cleared_.clear();
    corrected_.clear();
    const version::Scheme* scheme = scheme_of(*info);
    enabled_ = nullptr;
    if (of_distribution) PLIM_CHECK(system_package(package, asked, *scheme));
    else PLIM_CHECK(ask(package, asked, cpe.empty() ? ecosystem_name(package) : cpe, language_version(package), {}, *info, *scheme));
    if (hits_.empty()) return Ok{};
    PLIM_CHECK(clear_streams());
    return report(package, *scheme);
  }

  const version::Scheme* scheme_of(const EcosystemInfo& info) {
    const auto [at, fresh] = schemes_.try_emplace(&info, nullptr);
    if (fresh && !(at->second = version::find_scheme(info.scheme))) at->second = version::find_scheme("generic");
    return at->second;
  }

  Status system_package(const Package& package, const std::string& key, const version::Scheme& scheme) {
    const std::string_view source = package.source_name.empty() ? std::string_view(package.name) : std::string_view(package.source_name);
    const std::string_view source_version = package.source_version.empty() ? std::string_view(package.version) : std::string_view(package.source_version);
    const std::string family(split_ecosystem(key).first);
    std::vector<std::string> keys = {key};
    if (family != key) keys.push_back(family);  // the family alone: records that speak of every release
    if (family == "rhel") PLIM_CHECK(narrow(package, key, keys));
    for (const std::string& each : keys) {
      const EcosystemInfo* of = index_.ecosystem(each);
      if (!of) continue;
      if (source == package.name) {
        PLIM_CHECK(ask(package, each, package.name, package.version, source_version, *of, scheme));
      } else {
        PLIM_CHECK(ask(package, each, package.name, package.version, {}, *of, scheme));
        PLIM_CHECK(ask(package, each, source, {}, source_version, *of, scheme));
      }
    }
    return Ok{};
  }

  // A package of a layer whose content sets are known asks the products and streams that they enable, and no others. Those of
  // another release of RHEL than the image's count for nothing; where none is of its release, all of that is asked.
  Status narrow(const Package& package, const std::string& key, std::vector<std::string>& keys) {
    const std::string_view sets = content_sets_of(package);
    if (sets.empty()) return Ok{};
    PLIM_TRY(const EnabledProducts* const enabled, content_sets_.of(sets));
    if (enabled->products.empty()) return Ok{};  // told as a gap, see judge_content_sets
    enabled_ = enabled;
    for (const std::string& each : enabled->keys)
      if (!each.starts_with("rhel:") && each != key) keys.push_back(each);
    return Ok{};
  }

  // An SBOM may name no distribution, but the repository that a package is of.
  Result<std::string> release_of_content_sets(const Package& package) {
    const std::string_view sets = content_sets_of(package);
    if (sets.empty()) return std::string{};
    PLIM_TRY(const EnabledProducts* const enabled, content_sets_.of(sets));
    for (const EcosystemRef& product : enabled->products)
      if (product.key.starts_with("rhel:")) return product.key;
    return std::string{};
  }

  // Streams that the package's content sets do not enable say nothing of it. What has no fix is stated for the release as a
  // whole, and holds for all its streams.
  bool stream_enabled(const Candidate& candidate, std::string_view key) const {
    if (!enabled_ || enabled_->has(key, candidate.channel)) return true;
    if (!enabled_->any_stream_of(key)) return true;  // a wider key of a product
    return candidate.channel.empty() && candidate.intervals > 0 && list_.intervals[candidate.first_interval].end_kind == IntervalEnd::Open;
  }

  void judge_content_sets() {
    const auto gap = [&](std::string why) { result_.gaps.push_back({.part = "match", .where = "content sets", .why = std::move(why)}); };
    for (const auto& [names, enabled] : content_sets_.seen()) {
      if (enabled.products.empty()) {
        if (!enabled.unknown.empty())
          gap(cat("no product is known of ", enabled.unknown.front(), enabled.unknown.size() > 1 ? cat(" and ", enabled.unknown.size() - 1, " more") : std::string(),
                  ": packages of that layer are judged as any of the distribution's release"));
        continue;
      }
      // "newproduct-1-for-rhel-9-x86_64-rpms" is a product's; "releases" is a build's own.
      for (const std::string& name : enabled.unknown)
        if (name.find("-for-") != std::string::npos) {
          gap(cat("no product is known of ", name, ": whether packages of that layer are of it, and what its advisories say, is not judged"));
          break;
        }
      if (!enabled.beside_rhel) continue;
      if (index_.ecosystem("rhel-product")) add_shortfalls("rhel-product", "Red Hat products beside RHEL");
      else result_.gaps.push_back({.part = "feed", .where = "Red Hat products beside RHEL", .why = "content sets of the image enable some, and no feed of the database speaks of them"});
    }
  }

  // Statements on `name`. `binary` is the version for those on binaries, `source` for those on sources; empty: such
  // statements do not concern this question. Either: the binary's where given.
  Status ask(const Package& package, std::string_view key, std::string_view name, std::string_view binary, std::string_view source, const EcosystemInfo& info,
             const version::Scheme& scheme) {
    list_.clear();
    PLIM_CHECK(index_.candidates(key, name, list_));
    if (list_.candidates.empty()) return Ok{};
    const bool language = !is_distribution_key(key);
    std::optional<Installed> of_binary, of_source;
    if (!binary.empty()) of_binary.emplace(scheme, binary, info.keys_usable);
    if (!source.empty() && source != binary) of_source.emplace(scheme, source, info.keys_usable);
    const Installed* const source_version = of_source ? &*of_source : source.empty() ? nullptr : &*of_binary;
    for (const Candidate& candidate : list_.candidates) {
      const bool wants_source = candidate.name_kind == NameKind::Source;
      const Installed* installed = language ? &*of_binary : nullptr;
      bool by_source = false;
      if (!language) {
        if (wants_source || !of_binary) installed = candidate.name_kind == NameKind::Binary ? nullptr : source_version, by_source = true;
        else installed = &*of_binary;
      }
      if (!installed) continue;
      const std::string_view text = by_source ? source : binary;
      if (!module_applies(candidate, package, list_, text) || !channel_applies(candidate, distribution_, key, text) || !stream_enabled(candidate, key)) continue;
      std::optional<IntervalView> inside;
      for (std::uint32_t i = 0; i < candidate.intervals && !inside; ++i)
        if (const IntervalView& interval = list_.intervals[candidate.first_interval + i]; installed->inside(interval)) inside = interval;
      const bool holds = !candidate.withdrawn && (inside || installed->inside(candidate.native, candidate.except));
      if (candidate.layer > 0) corrected_.push_back(candidate);
      if (holds && candidate.state != FixState::NotAffected) hits_.push_back({.candidate = candidate, .interval = inside, .installed = text, .by_source = by_source && source != binary, .record = {}});
      else if (!candidate.withdrawn && (!candidate.channel.empty() || candidate.state == FixState::NotAffected)) cleared_.push_back(candidate);
    }
    return Ok{};
  }

  // What an update stream this package is built for has fixed, or a feed says it is not affected by, is not to be
  // reported from the main stream: the CVEs of such statements.
  Status clear_streams() {
    cleared_names_.clear();
    for (const Candidate& candidate : cleared_) {
      PLIM_TRY(const AdvisoryRecord record, index_.record(candidate));
      for (const std::string& name : record.fixes) cleared_names_.insert(name);
      if (record.fixes.empty()) cleared_names_.insert(record.id), cleared_names_.insert(record.aliases.begin(), record.aliases.end());
    }
    corrected_names_.clear();
    for (const Candidate& candidate : corrected_) {
      PLIM_TRY(const AdvisoryRecord record, index_.record(candidate));
      corrected_names_.emplace(record.id, candidate.layer);
      for (const auto* list : {&record.fixes, &record.aliases})
        for (const std::string& name : *list) corrected_names_.emplace(name, candidate.layer);
    }
    return Ok{};
  }

  Status report(const Package& package, const version::Scheme& scheme) {
    for (Hit& hit : hits_) {
      PLIM_TRY(hit.record, index_.record(hit.candidate));
    }
    std::vector<Subject> subjects = group();
    std::sort(subjects.begin(), subjects.end(), [](const Subject& a, const Subject& b) { return a.names < b.names; });
    const std::size_t first = result_.findings.size();
    for (Subject& subject : subjects) PLIM_CHECK(finding_of(package, subject, scheme));
    drop_security_uploads(first);
    return Ok{};
  }

  // "A security upload is missing", without CVE: worth a line only where no CVE already says to raise the package.
  void drop_security_uploads(std::size_t first) {
    const auto begin = result_.findings.begin() + static_cast<std::ptrdiff_t>(first);
    const auto is_upload = [](const Finding& f) { return std::find(f.evidence.begin(), f.evidence.end(), std::pair<std::string, std::string>("state", "security-upload")) != f.evidence.end(); };
    const bool others = std::any_of(begin, result_.findings.end(), [&](const Finding& f) { return f.state == FixState::Fixed && !is_upload(f); });
    if (others) result_.findings.erase(std::remove_if(begin, result_.findings.end(), is_upload), result_.findings.end());
  }

  // Hits -> vulnerabilities: joined where they share a name.
  std::vector<Subject> group() {
    std::vector<Subject> subjects;
    std::unordered_map<std::string, std::size_t> by_name;
    std::vector<std::size_t> into;  // of each subject: itself, or the one it was merged into
    const auto root = [&](std::size_t i) {
      while (into[i] != i) i = into[i];
      return i;
    };
    const auto add = [&](std::vector<std::string> names, std::vector<std::string> others, const Hit& hit) {
      std::size_t mine = subjects.size();
      into.push_back(mine);
      subjects.push_back({std::move(names), std::move(others), {&hit}});
      for (const std::string& name : std::vector<std::string>(subjects[mine].names)) {
        const auto [at, fresh] = by_name.try_emplace(name, mine);
        if (fresh) continue;
        const std::size_t other = root(at->second), self = root(mine);
        if (other == self) continue;
        Subject& to = subjects[other];
        Subject& from = subjects[self];
        to.names.insert(to.names.end(), from.names.begin(), from.names.end());
        to.others.insert(to.others.end(), from.others.begin(), from.others.end());
        to.hits.insert(to.hits.end(), from.hits.begin(), from.hits.end());
        from = {};
        into[self] = other;
      }
    };
    for (const Hit& hit : hits_) {
      std::vector<std::string> others;
      for (const std::string_view alias : split(hit.candidate.aliases, ' '))
        if (!alias.empty()) others.emplace_back(alias);
      if (hit.record.fixes.empty()) {
        std::vector<std::string> names = hit.record.aliases;
        names.push_back(hit.record.id);
        add(std::move(names), std::move(others), hit);
        continue;
      }
      others.push_back(hit.record.id);
      others.insert(others.end(), hit.record.aliases.begin(), hit.record.aliases.end());
      for (const std::string& cve : hit.record.fixes) add({cve}, others, hit);
    }
    std::erase_if(subjects, [](const Subject& s) { return s.hits.empty(); });
    for (Subject& subject : subjects) {
      std::sort(subject.names.begin(), subject.names.end(), [](const std::string& a, const std::string& b) { return std::pair(id_rank(a), a) < std::pair(id_rank(b), b); });
      subject.names.erase(std::unique(subject.names.begin(), subject.names.end()), subject.names.end());
    }
    return subjects;
  }

  Status finding_of(const Package& package, Subject& subject, const version::Scheme& scheme) {
    if (std::any_of(subject.names.begin(), subject.names.end(), [&](const std::string& n) { return cleared_names_.count(n) > 0; }))
      std::erase_if(subject.hits, [](const Hit* h) { return h->candidate.channel.empty() && h->candidate.layer == 0; });
    const std::size_t before = subject.hits.size();
    for (const std::string& name : subject.names) {
      const auto [first, last] = corrected_names_.equal_range(name);
      for (auto at = first; at != last; ++at) std::erase_if(subject.hits, [&](const Hit* h) { return h->candidate.layer < at->second; });
    }
    if (subject.hits.empty()) {
      if (before > 0) suppress(package, subject, "overlay", "an overlay corrects the record: this version is not affected");
      return Ok{};
    }
    Finding finding;
    finding.klass = FindingClass::Vulnerability;
    finding.id = subject.names.front();
    finding.aliases.assign(subject.names.begin() + 1, subject.names.end());
    finding.aliases.insert(finding.aliases.end(), subject.others.begin(), subject.others.end());
    std::sort(finding.aliases.begin(), finding.aliases.end());
    finding.aliases.erase(std::unique(finding.aliases.begin(), finding.aliases.end()), finding.aliases.end());
    std::erase(finding.aliases, finding.id);
    finding.key = finding_key(finding.klass, finding.id, cat(package.type, "/", package.ns, "/", package.name));
    finding.package = package.id;
    finding.installed_version = package.version;
    finding.locations = package.locations;
    finding.origin = package.origin;

    const Hit& hit = choose(subject, scheme, finding);
    PLIM_TRY(const std::optional<CveFacts> facts, enrich(subject, finding));
    if (facts && facts->rejected && hit.record.feed != "osv") {
      suppress(package, subject, "rejected", "the CVE was rejected by its numbering authority");
      return Ok{};
    }
    if (const std::string owner = owning_system_package(package); !owner.empty()) {
      suppress(package, subject, "os-owned", cat("the file belongs to ", owner, ", whose own advisories count"));
      return Ok{};
    }
    rate(subject, hit, finding);
    finding.evidence = evidence_of(hit.record, hit.candidate, hit.interval, hit.by_source ? cat(package.source_name, " ", hit.installed) : std::string{}, subject.hits.size());
    judge_special(package, finding);
    finding.published = published_of(hit, facts);
    finding.title = title_of(subject);
    finding.fix = fix_sentence(package, finding, hit.candidate, hit.interval, distribution_);
    finding.references = references_of(finding, distribution_);
    finding.risk_0_100 = risk_0_100(risk_input(finding));
    result_.findings.push_back(std::move(finding));
    return Ok{};
  }

  // The hit that speaks for the subject, and with it state and fixed version: one with a fix before one without, the
  // main stream before others, then the later fix (it is safe for all that matched).
  const Hit& choose(const Subject& subject, const version::Scheme& scheme, Finding& finding) {
    const auto fixed = [](const Hit* hit) { return hit->interval && hit->interval->end_kind == IntervalEnd::Fixed; };
    const Hit* best = subject.hits.front();
    for (const Hit* hit : subject.hits) {
      if (hit->candidate.layer != best->candidate.layer) {
        if (hit->candidate.layer > best->candidate.layer) best = hit;
        continue;
      }
      if (fixed(hit) != fixed(best)) {
        if (fixed(hit)) best = hit;
        continue;
      }
      if (hit->candidate.channel.empty() != best->candidate.channel.empty()) {
        if (hit->candidate.channel.empty()) best = hit;
        continue;
      }
      if (fixed(hit) && later_fix(scheme, hit->interval->end, best->interval->end)) best = hit;
    }
    if (fixed(best)) {
      finding.state = FixState::Fixed;
      finding.fixed_version = best->interval->end;
    } else {
      finding.state = best->candidate.state == FixState::Fixed ? FixState::NotFixed : best->candidate.state;
    }
    return *best;
  }

  Result<std::optional<CveFacts>> enrich(const Subject& subject, Finding& finding) {
    std::optional<CveFacts> first;
    for (const std::string& name : subject.names) {
      if (!name.starts_with("CVE-")) break;  // sorted: CVEs come first
      PLIM_TRY(auto facts, index_.cve(name));
      if (!facts) continue;
      finding.cvss.insert(finding.cvss.end(), facts->cvss.begin(), facts->cvss.end());
      if (facts->epss && (!finding.epss || finding.epss->score < facts->epss->score)) finding.epss = facts->epss;
      if (facts->kev && !finding.kev) finding.kev = facts->kev;
      if (!first) first = std::move(facts);
    }
    return first;
  }

  static void rate(const Subject& subject, const Hit& hit, Finding& finding) {
    std::vector<Cvss> own;
    for (const Hit* each : subject.hits) own.insert(own.end(), each->record.cvss.begin(), each->record.cvss.end());
    finding.cvss.insert(finding.cvss.begin(), own.begin(), own.end());
    std::stable_sort(finding.cvss.begin(), finding.cvss.end(), [](const Cvss& a, const Cvss& b) { return a.version > b.version; });
    const auto same = [](const Cvss& a, const Cvss& b) { return a.version == b.version && a.vector == b.vector; };
    finding.cvss.erase(std::unique(finding.cvss.begin(), finding.cvss.end(), same), finding.cvss.end());
    if (hit.candidate.severity != Severity::Unknown) {
      finding.severity = hit.candidate.severity, finding.severity_source = hit.record.feed;
      return;
    }
    for (const Hit* each : subject.hits)
      if (each->record.severity != Severity::Unknown && (finding.severity == Severity::Unknown || each == &hit)) {
        finding.severity = each->record.severity;
        finding.severity_source = each->record.severity_source.empty() ? each->record.feed : each->record.severity_source;
      }
    if (finding.severity != Severity::Unknown) return;
    std::stable_sort(own.begin(), own.end(), [](const Cvss& a, const Cvss& b) { return a.version > b.version; });
    const std::vector<Cvss>& scores = own.empty() ? finding.cvss : own;
    if (scores.empty()) return;
    finding.severity = severity_of_score(scores.front().version, scores.front().score_0_10);
    finding.severity_source = cat("cvss", scores.front().version, scores.front().source.empty() ? "" : cat(" by ", scores.front().source));
  }

  // When it became known: the date of the record that spoke, else the CVE's.
  static std::string published_of(const Hit& hit, const std::optional<CveFacts>& facts) {
    if (!hit.record.published.empty()) return hit.record.published.substr(0, 10);
    return facts ? facts->published.substr(0, 10) : std::string();
  }

  static std::string title_of(const Subject& subject) {
    for (const Hit* hit : subject.hits)
      if (!hit->record.title.empty() && hit->record.fixes.size() <= 1) return hit->record.title;
    return {};
  }

  // The OS package that owns a language package's file, when its distribution's feed is the one to ask; empty otherwise.
  std::string owning_system_package(const Package& package) const {
    if (package.owned_by.empty()) return {};
    const auto owner = by_id_.find(package.owned_by);
    if (owner == by_id_.end()) return {};
    const std::string key = ecosystem_of(*owner->second, distribution_);
    if (!is_distribution_key(key) || !index_.ecosystem(key) || is_third_party(*owner->second, key)) return {};
    return cat(owner->second->name, " ", owner->second->version);
  }

  // A package of another repository than the distribution's own: nobody backports fixes for it unseen.
  bool is_third_party(const Package& package, std::string_view key) const {
    if (foreign_vendor(package, split_ecosystem(key).first)) return true;
    const std::string_view maintainer = package.property("maintainer");
    if (package.type != "deb" || maintainer.empty() || maintainer.find("debian") != std::string_view::npos || maintainer.find("ubuntu") != std::string_view::npos) return false;
    CandidateList list;
    const std::string& source = package.source_name.empty() ? package.name : package.source_name;
    return index_.candidates(key, source, list).has_value() && list.candidates.empty() && package.version.find('-') == std::string::npos;
  }

  void suppress(const Package& package, const Subject& subject, std::string by, std::string reason) {
    result_.suppressed.push_back({.key = finding_key(FindingClass::Vulnerability, subject.names.front(), cat(package.type, "/", package.ns, "/", package.name)),
                                  .id = subject.names.front(), .package = package.id, .by = std::move(by), .reason = std::move(reason)});
  }

  std::span<const Package> packages_;
  const Distribution& distribution_;
  const AdvisoryIndex& index_;
  const MatchOptions& options_;
  ContentSetTable content_sets_;
  const std::vector<Shortfall> shortfalls_;
  MatchResult result_;
  std::unordered_map<std::string_view, const Package*> by_id_;
  std::unordered_map<const EcosystemInfo*, const version::Scheme*> schemes_;
  std::map<std::string, Counted> counted_;
  std::uint64_t without_distribution_ = 0;
  std::vector<FeedInfo> feeds_;
  // Of the package at hand.
  const EnabledProducts* enabled_ = nullptr;  // null: nothing tells its content sets
  CandidateList list_;
  std::vector<Hit> hits_;
  std::vector<Candidate> cleared_, corrected_;
  std::set<std::string, std::less<>> cleared_names_;
  std::multimap<std::string, std::uint32_t, std::less<>> corrected_names_;  // name -> overlay that speaks of it
};

}  // namespace

Result<MatchResult> match_packages(std::span<const Package> packages, const Distribution& distribution, const AdvisoryIndex& index, const MatchOptions& options) {
  return Matcher(packages, distribution, index, options).run();
}

}  // namespace plimsoll::match
