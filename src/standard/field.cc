#include "standard/field.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace plimsoll::standard {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::string_view, kSubjects> kSubjectNames = {"findings", "packages", "layers", "gaps", "coverage", "image", "workload"};
constexpr std::array<std::string_view, kSubjects> kOneOf = {"finding", "package", "layer", "gap", "ecosystem", "image", "container"};

constexpr std::string_view kClasses[] = {"vulnerability", "secret", "sensitive-file", "malware", "webshell", "configuration", "integrity", "behaviour"};
constexpr std::string_view kSeverities[] = {"unknown", "negligible", "low", "medium", "high", "critical"};
constexpr std::string_view kStates[] = {"fixed", "not-fixed", "will-not-fix", "postponed", "not-affected", "under-investigation", "end-of-life"};
constexpr std::string_view kOrigins[] = {"unknown", "base", "own"};

double day_number(std::int32_t day) { return day == kNoDay ? kUnknown : day; }
double count_number(std::size_t count) { return static_cast<double>(count); }
double truth(bool value) { return value ? 1 : 0; }
std::string_view of(const std::string& text) { return text; }

const FindingRow& F(const void* item) { return *static_cast<const FindingRow*>(item); }
const PackageRow& P(const void* item) { return *static_cast<const PackageRow*>(item); }
const LayerRow& L(const void* item) { return *static_cast<const LayerRow*>(item); }
const GapRow& G(const void* item) { return *static_cast<const GapRow*>(item); }
const CoverageRow& C(const void* item) { return *static_cast<const CoverageRow*>(item); }
const Container& W(const void* item) { return *static_cast<const Container*>(item); }

double score_of(const Facts& facts, FindingClass klass) { return facts.image.score_by_class[static_cast<std::size_t>(klass)]; }

Texts views(const std::vector<std::string>& from) {
  // Workload and provenance are small and read a few times a verdict; a ring keeps the views alive that long.
  static thread_local std::array<std::vector<std::string_view>, 16> ring;
  static thread_local std::size_t next = 0;
  auto& out = ring[next++ % ring.size()];
  out.assign(from.begin(), from.end());
  return out;
}

Texts said(const Facts& facts, std::string_view ClaimRow::*member) {
  static thread_local std::array<std::vector<std::string_view>, 8> ring;
  static thread_local std::size_t next = 0;
  auto& out = ring[next++ % ring.size()];
  out.clear();
  for (const ClaimRow& claim : facts.claims)
    if ((claim.*member).data() != nullptr && std::find(out.begin(), out.end(), claim.*member) == out.end()) out.push_back(claim.*member);
  return out;
}
bool has_statement(const Facts& facts) {
  return std::any_of(facts.claims.begin(), facts.claims.end(), [](const ClaimRow& claim) { return claim.predicate_type.data() != nullptr; });
}

#define NUM [](const Facts& facts, const void* item) -> double { (void)facts; (void)item; return
#define TXT [](const Facts& facts, const void* item) -> std::string_view { (void)facts; (void)item; return
#define LST [](const Facts& facts, const void* item) -> Texts { (void)facts; (void)item; return
#define MAP [](const Facts& facts, const void* item) -> Pairs { (void)facts; (void)item; return
#define END ; }

Field truth_field(Subject s, std::string_view name, std::string_view help, double (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Truth, .help = help, .example = "true", .number = get};
}
Field number_field(Subject s, std::string_view name, std::string_view help, std::string_view example, double (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Number, .help = help, .example = example, .number = get};
}
Field date_field(Subject s, std::string_view name, std::string_view help, double (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Date, .help = help, .example = "30d", .number = get};
}
Field word_field(Subject s, std::string_view name, std::string_view help, std::string_view example, std::span<const std::string_view> words, bool ordered, double (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Word, .help = help, .example = example, .words = words, .ordered = ordered, .number = get};
}
Field text_field(Subject s, std::string_view name, std::string_view help, std::string_view example, std::string_view (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Text, .help = help, .example = example, .text = get};
}
Field texts_field(Subject s, std::string_view name, std::string_view help, std::string_view example, Texts (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Many, .help = help, .example = example, .texts = get};
}
Field map_field(Subject s, std::string_view name, std::string_view help, std::string_view example, Pairs (*get)(const Facts&, const void*)) {
  return {.subject = s, .name = name, .kind = FieldKind::Map, .help = help, .example = example, .pairs = get};
}

void add_findings(std::vector<Field>& out) {
  constexpr Subject S = Subject::Findings;
  out.push_back(word_field(S, "class", "kind of finding", "vulnerability", kClasses, false, NUM static_cast<double>(F(item).klass) END));
  out.push_back(word_field(S, "severity", "as rated by the source that speaks for this very package", "critical", kSeverities, true, NUM static_cast<double>(F(item).severity) END));
  out.push_back(word_field(S, "state", "what the distribution or advisory says of a vulnerability in this package", "fixed", kStates, false, NUM static_cast<double>(F(item).state) END));
  out.push_back(word_field(S, "origin", "who brought it: the base image or this image's own layers", "own", kOrigins, false, NUM static_cast<double>(F(item).origin) END));
  out.push_back(truth_field(S, "fixAvailable", "a version or a change that removes it exists", NUM truth(F(item).fix_available) END));
  out.push_back(truth_field(S, "exploited", "in CISA's catalogue of known exploited vulnerabilities", NUM truth(F(item).exploited) END));
  out.push_back(truth_field(S, "ransomware", "known to be used by ransomware, says that catalogue", NUM truth(F(item).ransomware) END));
  out.push_back(number_field(S, "risk", "plimsoll's risk of the finding, 0 to 100", "70", NUM F(item).risk END));
  out.push_back(number_field(S, "cvss", "CVSS base score, 0 to 10, of the newest version given", "9", NUM F(item).cvss END));
  out.push_back(number_field(S, "epss", "probability, 0 to 1, that it is exploited in the next 30 days", "0.1", NUM F(item).epss END));
  out.push_back(number_field(S, "epssPercentile", "share, 0 to 1, of vulnerabilities with a lower EPSS", "0.95", NUM F(item).epss_percentile END));
  out.push_back(date_field(S, "published", "day its advisory was published", NUM day_number(F(item).published) END));
  out.push_back(date_field(S, "exploitedSince", "day it came into the catalogue of exploited vulnerabilities", NUM day_number(F(item).exploited_since) END));
  out.push_back(date_field(S, "exploitedDue", "day until which that catalogue wants it fixed", NUM day_number(F(item).exploited_due) END));
  out.push_back(text_field(S, "id", "its most specific id: a CVE before a GHSA; a rule's id for other classes", "CVE-2021-44228", TXT F(item).id() END));
  out.push_back(texts_field(S, "ids", "its id and all its aliases", "CVE-2021-44228", LST F(item).ids END));
  out.push_back(text_field(S, "rule", "id of the rule that found it", "aws-access-key", TXT F(item).rule END));
  out.push_back(text_field(S, "title", "its title", "*remote code execution*", TXT F(item).title END));
  out.push_back(text_field(S, "key", "its stable key", "0a1b2c", TXT F(item).key END));
  out.push_back(text_field(S, "package", "name of the package it is in", "log4j-core", TXT F(item).package_name END));
  out.push_back(text_field(S, "packageType", "type of that package, as in package URLs", "maven", TXT F(item).package_type END));
  out.push_back(text_field(S, "source", "source package of that package", "openssl", TXT F(item).package_source END));
  out.push_back(text_field(S, "installedVersion", "version that is installed", "1.2.3", TXT F(item).installed END));
  out.push_back(text_field(S, "fixedVersion", "version that fixes it", "1.2.4", TXT F(item).fixed END));
  out.push_back(text_field(S, "severitySource", "who rated the severity", "debian", TXT F(item).severity_source END));
  out.push_back(texts_field(S, "paths", "where it was found", "app/**", LST F(item).paths END));
  out.push_back(map_field(S, "evidence", "why it was found, by name", "file", MAP F(item).evidence END));
}

void add_packages(std::vector<Field>& out) {
  constexpr Subject S = Subject::Packages;
  out.push_back(text_field(S, "name", "its name", "openssl", TXT P(item).name END));
  out.push_back(text_field(S, "type", "its type, as in package URLs", "deb", TXT P(item).type END));
  out.push_back(text_field(S, "namespace", "its namespace: distribution, group, scope", "debian", TXT P(item).ns END));
  out.push_back(text_field(S, "version", "its version; inRange compares by the order of its ecosystem", "1.2.3", TXT P(item).version END));
  out.push_back(text_field(S, "source", "its source package", "glibc", TXT P(item).source END));
  out.push_back(text_field(S, "arch", "its architecture", "amd64", TXT P(item).arch END));
  out.push_back(word_field(S, "origin", "who brought it", "own", kOrigins, false, NUM static_cast<double>(P(item).origin) END));
  out.push_back(truth_field(S, "owned", "its files belong to a package of the operating system", NUM truth(!P(item).owned_by.empty()) END));
  out.push_back(texts_field(S, "licenses", "its licences, SPDX expressions where they can be told", "GPL-3.0-only", LST P(item).licenses END));
  out.push_back(texts_field(S, "paths", "where it lies", "usr/bin/*", LST P(item).paths END));
  out.push_back(map_field(S, "properties", "what else its ecosystem says, by name", "true", MAP P(item).properties END));
}

void add_small(std::vector<Field>& out) {
  out.push_back(word_field(Subject::Layers, "origin", "who brought it", "own", kOrigins, false, NUM static_cast<double>(L(item).origin) END));
  out.push_back(number_field(Subject::Layers, "sizeBytes", "its size as stored", "100000000", NUM static_cast<double>(L(item).size_bytes) END));
  out.push_back(text_field(Subject::Layers, "createdBy", "the instruction that made it", "ADD **", TXT L(item).created_by END));
  out.push_back(text_field(Subject::Gaps, "part", "what kind of reading was cut short", "feed", TXT G(item).part END));
  out.push_back(text_field(Subject::Gaps, "where", "path, layer, feed or distribution", "app/**", TXT G(item).where END));
  out.push_back(text_field(Subject::Gaps, "why", "the sentence that explains it", "*password*", TXT G(item).why END));
  constexpr Subject S = Subject::Coverage;
  out.push_back(text_field(S, "ecosystem", "distribution or language", "npm", TXT C(item).ecosystem END));
  out.push_back(number_field(S, "packages", "packages of it in the image", "1", NUM static_cast<double>(C(item).packages) END));
  out.push_back(truth_field(S, "covered", "a feed of the advisory database covers it", NUM truth(!C(item).feed.empty()) END));
  out.push_back(text_field(S, "feed", "names of the feeds that cover it", "osv", TXT C(item).feed END));
  out.push_back(date_field(S, "feedDate", "day of the oldest of these feeds", NUM day_number(C(item).feed_day) END));
}

void add_image(std::vector<Field>& out) {
  constexpr Subject S = Subject::Image;
  out.push_back(text_field(S, "reference", "the image as it was named", "registry.example/shop:1.2", TXT facts.image.reference END));
  out.push_back(text_field(S, "registry", "host of its registry", "registry.example", TXT facts.image.registry END));
  out.push_back(text_field(S, "repository", "its name without tag", "registry.example/shop", TXT facts.image.repository END));
  out.push_back(text_field(S, "tag", "its tag", "latest", TXT facts.image.tag END));
  out.push_back(text_field(S, "digest", "digest of its manifest", "sha256:...", TXT facts.image.digest END));
  out.push_back(text_field(S, "kind", "image, rootfs, directory or sbom", "image", TXT facts.image.kind END));
  out.push_back(text_field(S, "platform", "operating system and architecture", "linux/amd64", TXT facts.image.platform END));
  out.push_back(date_field(S, "created", "day it was built", NUM day_number(facts.image.created) END));
  out.push_back(number_field(S, "sizeBytes", "size of all layers as stored", "1000000000", NUM facts.layers.empty() ? kUnknown : static_cast<double>(facts.image.size_bytes) END));
  out.push_back(number_field(S, "layers", "number of layers", "40", NUM count_number(facts.layers.size()) END));
  out.push_back(text_field(S, "os.id", "distribution", "debian", TXT facts.image.os_id END));
  out.push_back(text_field(S, "os.version", "its release", "12", TXT facts.image.os_version END));
  out.push_back(date_field(S, "os.endOfLife", "day its ordinary support ends", NUM day_number(facts.image.os_end_of_life) END));
  out.push_back(text_field(S, "base.name", "name of the base image, where known", "docker.io/library/debian:*", TXT facts.image.base_name END));
  out.push_back(text_field(S, "base.digest", "digest of the base image, where known", "sha256:...", TXT facts.image.base_digest END));
  out.push_back(text_field(S, "config.user", "user that the image sets; empty for root", "app", TXT facts.image.config_known ? facts.image.user : std::string_view() END));
  out.push_back(truth_field(S, "config.root", "it runs as root unless the workload says otherwise", NUM facts.image.runs_as_root END));
  out.push_back(truth_field(S, "config.healthcheck", "it has a health check", NUM facts.image.healthcheck END));
  out.push_back(texts_field(S, "config.exposedPorts", "ports it exposes", "22/tcp", LST facts.image.exposed_ports END));
  out.push_back(texts_field(S, "config.volumes", "volumes it declares", "/data", LST facts.image.volumes END));
  out.push_back(texts_field(S, "config.environment", "names of its environment variables", "*PASSWORD*", LST facts.image.environment END));
  out.push_back(text_field(S, "config.command", "entry point and command, joined by spaces", "sshd*", TXT facts.image.config_known ? facts.image.entrypoint : std::string_view() END));
  out.push_back(text_field(S, "config.workingDir", "its working directory", "/app", TXT facts.image.config_known ? facts.image.working_dir : std::string_view() END));
  out.push_back(map_field(S, "labels", "its labels, by name", "shop-team", MAP facts.image.labels END));
  out.push_back(texts_field(S, "history", "the instructions that made its layers", "ADD **", LST facts.image.history END));
  out.push_back(truth_field(S, "complete", "everything could be read", NUM truth(facts.image.complete) END));
  out.push_back(number_field(S, "gaps", "parts that could not be read", "0", NUM count_number(facts.gaps.size()) END));
  out.push_back(number_field(S, "findings", "findings of all classes", "100", NUM count_number(facts.findings.size()) END));
  out.push_back(number_field(S, "packages", "packages", "200", NUM count_number(facts.packages.size()) END));
  out.push_back(number_field(S, "score.total", "score of the image, 0 to 100", "80", NUM facts.image.score_total END));
  out.push_back(number_field(S, "score.vulnerability", "score of its vulnerabilities alone", "90", NUM score_of(facts, FindingClass::Vulnerability) END));
  out.push_back(number_field(S, "score.secret", "score of its secrets alone", "100", NUM score_of(facts, FindingClass::Secret) END));
  out.push_back(number_field(S, "score.sensitive-file", "score of its sensitive files alone", "90", NUM score_of(facts, FindingClass::SensitiveFile) END));
  out.push_back(number_field(S, "score.malware", "score of its malware alone", "100", NUM score_of(facts, FindingClass::Malware) END));
  out.push_back(number_field(S, "score.webshell", "score of its web shells alone", "100", NUM score_of(facts, FindingClass::Webshell) END));
  out.push_back(number_field(S, "score.configuration", "score of its configuration alone", "90", NUM score_of(facts, FindingClass::Configuration) END));
  out.push_back(number_field(S, "score.integrity", "score of its integrity alone", "100", NUM score_of(facts, FindingClass::Integrity) END));
  out.push_back(number_field(S, "score.behaviour", "score of its behaviour alone", "90", NUM score_of(facts, FindingClass::Behaviour) END));
  out.push_back(date_field(S, "database.builtAt", "day the advisory database was built", NUM day_number(facts.image.database_day) END));
  out.push_back(text_field(S, "database.digest", "digest of the advisory database", "sha256:...", TXT facts.image.database_digest END));
  out.push_back(truth_field(S, "claimed.present", "the image carries a statement of how it was built (SLSA provenance, as BuildKit and others attach it); nobody checked its signature", NUM facts.claims.empty() ? kUnknown : truth(has_statement(facts)) END));
  out.push_back(truth_field(S, "claimed.verified", "that statement's signature was checked: in this version always false", NUM facts.claims.empty() ? kUnknown : 0 END));
  out.push_back(texts_field(S, "claimed.builders", "ids of the builders that such statements name, unverified", "https://github.com/actions/runner/**", LST said(facts, &ClaimRow::builder) END));
  out.push_back(texts_field(S, "claimed.sources", "repositories that such statements, or the image's own annotations, name; unverified", "https://git.example/**", LST said(facts, &ClaimRow::source) END));
  out.push_back(texts_field(S, "claimed.revisions", "commits that they name, unverified", "0123abcd*", LST said(facts, &ClaimRow::revision) END));
  out.push_back(texts_field(S, "claimed.predicateTypes", "types of such statements", "https://slsa.dev/provenance/v1", LST said(facts, &ClaimRow::predicate_type) END));
  out.push_back(truth_field(S, "provenance.signed", "a signature was verified", NUM facts.provenance == nullptr ? kUnknown : truth(facts.provenance->is_signed) END));
  out.push_back(texts_field(S, "provenance.signers", "who signed it: key names or identities that were verified", "release-key", LST facts.provenance == nullptr ? Texts() : views(facts.provenance->signers) END));
  out.push_back(texts_field(S, "provenance.attestations", "predicate types of the attestations that were verified", "https://slsa.dev/provenance/v1", LST facts.provenance == nullptr ? Texts() : views(facts.provenance->attestations) END));
  out.push_back(text_field(S, "provenance.builder", "who built it, says a verified attestation", "https://ci.example/*", TXT facts.provenance == nullptr || facts.provenance->builder.empty() ? std::string_view() : of(facts.provenance->builder) END));
  out.push_back(text_field(S, "provenance.source", "what it was built from, says a verified attestation", "https://git.example/**", TXT facts.provenance == nullptr || facts.provenance->source.empty() ? std::string_view() : of(facts.provenance->source) END));
}

// Root unless told otherwise: the Pod's user, else the image's.
double effective_root(const Facts& facts, const Container& container) {
  if (container.user) return truth(*container.user == 0);
  if (container.run_as_non_root.value_or(false)) return 0;  // the kubelet refuses to start it as root
  return facts.image.runs_as_root;
}
bool any_runtime_socket(const Container& container) {
  return std::any_of(container.host_paths.begin(), container.host_paths.end(), [](const std::string& path) { return is_runtime_socket(path); });
}

void add_workload(std::vector<Field>& out) {
  constexpr Subject S = Subject::Workload;
  out.push_back(text_field(S, "kind", "kind of the workload", "Deployment", TXT of(facts.workload->kind) END));
  out.push_back(text_field(S, "name", "its name", "shop", TXT of(facts.workload->name) END));
  out.push_back(text_field(S, "namespace", "its namespace", "production", TXT of(facts.workload->ns) END));
  out.push_back(text_field(S, "serviceAccount", "its service account", "default", TXT of(facts.workload->service_account) END));
  out.push_back(text_field(S, "container", "name of the container", "app", TXT of(W(item).name) END));
  out.push_back(text_field(S, "containerKind", "container, init or ephemeral", "init", TXT of(W(item).kind) END));
  out.push_back(text_field(S, "image", "the image that the container names", "registry.example/shop:1.2", TXT of(W(item).image) END));
  out.push_back(truth_field(S, "pinned", "that image is named by digest", NUM truth(W(item).image.find("@sha256:") != std::string::npos) END));
  out.push_back(truth_field(S, "root", "it runs as root: by its own user, the Pod's, or the image's", NUM effective_root(facts, W(item)) END));
  out.push_back(truth_field(S, "privileged", "it is privileged", NUM truth(W(item).privileged) END));
  out.push_back(truth_field(S, "allowPrivilegeEscalation", "its processes may gain privileges", NUM truth(W(item).allow_escalation.value_or(true)) END));
  out.push_back(truth_field(S, "readOnlyRoot", "its root file system is read-only", NUM truth(W(item).read_only_root) END));
  out.push_back(texts_field(S, "capabilities", "capabilities added to it", "SYS_ADMIN", LST views(W(item).capabilities) END));
  out.push_back(truth_field(S, "dropsAllCapabilities", "it drops all capabilities first", NUM truth(W(item).drops_all) END));
  out.push_back(text_field(S, "seccomp", "its seccomp profile; empty when not set", "RuntimeDefault", TXT of(W(item).seccomp) END));
  out.push_back(truth_field(S, "hostNetwork", "it shares the node's network", NUM truth(facts.workload->host_network) END));
  out.push_back(truth_field(S, "hostPID", "it shares the node's processes", NUM truth(facts.workload->host_pid) END));
  out.push_back(truth_field(S, "hostIPC", "it shares the node's inter-process communication", NUM truth(facts.workload->host_ipc) END));
  out.push_back(texts_field(S, "hostPaths", "paths of the node that it mounts", "/etc/**", LST views(W(item).host_paths) END));
  out.push_back(truth_field(S, "runtimeSocket", "it mounts the socket of a container runtime", NUM truth(any_runtime_socket(W(item))) END));
  out.push_back(texts_field(S, "hostPorts", "ports of the node that it takes", "80", LST views(W(item).host_ports) END));
  out.push_back(truth_field(S, "cpuLimit", "its processor time is limited", NUM truth(W(item).cpu_limit) END));
  out.push_back(truth_field(S, "memoryLimit", "its memory is limited", NUM truth(W(item).memory_limit) END));
  out.push_back(truth_field(S, "mountsToken", "it mounts a token of its service account", NUM truth(facts.workload->mounts_token.value_or(true)) END));
}

#undef NUM
#undef TXT
#undef LST
#undef MAP
#undef END

}  // namespace

std::string_view to_string(Subject subject) { return kSubjectNames[static_cast<std::size_t>(subject)]; }
std::string_view one_of(Subject subject) { return kOneOf[static_cast<std::size_t>(subject)]; }
std::optional<Subject> subject_from(std::string_view text) {
  for (std::size_t i = 0; i < kSubjects; ++i)
    if (kSubjectNames[i] == text) return static_cast<Subject>(i);
  return std::nullopt;
}
const std::vector<std::string_view>& subject_names() {
  static const std::vector<std::string_view> names(kSubjectNames.begin(), kSubjectNames.end());
  return names;
}

std::string_view to_string(FieldKind kind) {
  constexpr std::string_view names[] = {"true or false", "number", "word", "text", "list of texts", "date", "texts by name"};
  return names[static_cast<std::size_t>(kind)];
}

const std::vector<Field>& fields() {
  static const std::vector<Field> table = [] {
    std::vector<Field> out;
    add_findings(out);
    add_packages(out);
    add_small(out);
    add_image(out);
    add_workload(out);
    return out;
  }();
  return table;
}

const Field* find_field(Subject subject, std::string_view written, std::string_view& key) {
  key = {};
  for (const Field& field : fields()) {
    if (field.subject != subject) continue;
    if (field.kind == FieldKind::Map) {
      if (written.size() <= field.name.size() + 1 || !written.starts_with(field.name) || written[field.name.size()] != '.') continue;
      key = written.substr(field.name.size() + 1);
      return &field;
    }
    if (field.name == written) return &field;
  }
  return nullptr;
}

std::vector<std::string_view> field_names(Subject subject) {
  std::vector<std::string_view> out;
  for (const Field& field : fields())
    if (field.subject == subject) out.push_back(field.name);
  return out;
}

std::size_t row_count(const Facts& facts, Subject subject) {
  switch (subject) {
    case Subject::Findings: return facts.findings.size();
    case Subject::Packages: return facts.packages.size();
    case Subject::Layers: return facts.layers.size();
    case Subject::Gaps: return facts.gaps.size();
    case Subject::Coverage: return facts.coverage.size();
    case Subject::Image: return 1;
    case Subject::Workload: return facts.workload == nullptr ? 0 : facts.workload->containers.size();
  }
  return 0;
}

const void* row_at(const Facts& facts, Subject subject, std::size_t index) {
  switch (subject) {
    case Subject::Findings: return &facts.findings[index];
    case Subject::Packages: return &facts.packages[index];
    case Subject::Layers: return &facts.layers[index];
    case Subject::Gaps: return &facts.gaps[index];
    case Subject::Coverage: return &facts.coverage[index];
    case Subject::Workload: return &facts.workload->containers[index];
    case Subject::Image: return nullptr;
  }
  return nullptr;
}

std::string fields_as_markdown() {
  std::string out;
  std::optional<Subject> last;
  for (const Field& field : fields()) {
    if (last != field.subject) {
      out += cat("\n### ", to_string(field.subject), "\n\n| field | kind | what it says | for example |\n|---|---|---|---|\n");
      last = field.subject;
    }
    std::string kind(to_string(field.kind));
    if (field.kind == FieldKind::Word) {
      kind.clear();
      for (const std::string_view word : field.words) kind += cat(kind.empty() ? "" : field.ordered ? " < " : ", ", "`", word, "`");
    }
    out += cat("| `", field.name, field.kind == FieldKind::Map ? ".NAME" : "", "` | ", kind, " | ", field.help, " | `", field.example, "` |\n");
  }
  return out;
}

}  // namespace plimsoll::standard
