// The main path, a list of named steps: open the database, open the target, walk, resolve, merge, match, report.
#include "scan/scan.h"

#include <algorithm>
#include <map>
#include <iterator>
#include <memory>
#include <span>
#include <unordered_map>

#include "advisory/database.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "build_info.h"
#include "detect/engine.h"
#include "image/walk.h"
#include "inventory/cataloguer.h"
#include "inventory/classifiers.h"
#include "inventory/merge.h"
#include "inventory/rules.h"
#include "inventory/sbom.h"
#include "match/match.h"
#include "oci/open.h"
#include "model/digest.h"
#include "report/stored.h"
#include "scan/binaries.h"
#include "scan/detection.h"
#include "scan/remembered.h"
#include "standard/score.h"

namespace plimsoll::scan {
namespace {

// Everything that looks at files during the walk: the cataloguers, then the detectors.
struct Analysers {
  Detection detection;
  std::vector<Analyser> all;
  std::size_t cataloguers = 0;                             // how many
  std::size_t checksums = kNowhere, executables = kNowhere;  // their places
};

// Who wants only detectors still gets the distribution, which stands in every report, and its packages, which tell what
// of the findings is public.
bool wants_packages(const Request& request) {
  return std::any_of(request.parts.begin(), request.parts.end(), [](Part part) {
    return part == Part::Inventory || part == Part::Vulnerabilities || part == Part::Integrity || part == Part::Profile;
  });
}

using Cataloguers = std::vector<inventory::Cataloguer>;

// The program's cataloguers, with the user's classifier rules where a folder of them is given.
Result<Cataloguers> choose_cataloguers(const Request& request) {
  Cataloguers out = inventory::cataloguers();
  if (request.classifiers.empty()) return out;
  const auto classifier = std::find_if(out.begin(), out.end(), [](const auto& c) { return c.name == "classifier"; });
  PLIM_ASSERT(classifier != out.end());
  PLIM_TRY(*classifier, inventory::classifier_with(request.classifiers).context("classifiers", request.classifiers));
  return out;
}

Result<Analysers> load_analysers(const Request& request, Scope scope) {
  PLIM_TRY(Detection detection, Detection::load(request, scope));
  Analysers out{.detection = std::move(detection), .all = {}};
  // Whose a file is: told in every report.
  const auto owns_files = [](std::string_view name) { return name == "os" || name == "dpkg" || name == "rpm" || name == "apk"; };
  PLIM_TRY(Cataloguers cataloguers, choose_cataloguers(request));
  for (inventory::Cataloguer& cataloguer : cataloguers)
    if (wants_packages(request) || owns_files(cataloguer.name)) out.all.push_back(std::move(cataloguer));
  out.cataloguers = out.all.size();
  out.all.insert(out.all.end(), out.detection.analysers().begin(), out.detection.analysers().end());
  if (scope == Scope::Image) add_binary_analysers(request, out.all, out.checksums, out.executables);
  return out;
}

Result<advisory::Stack> open_database(const Request& request) {
  std::vector<advisory::Database> databases;
  PLIM_TRY(auto shipped, advisory::Database::open(request.database).context("advisory database", request.database));
  databases.push_back(std::move(shipped));
  for (const std::string& path : request.overlays) {
    PLIM_TRY(auto overlay, advisory::Database::open(path).context("overlay", path));
    databases.push_back(std::move(overlay));
  }
  return advisory::Stack(std::move(databases));
}

image::WalkOptions walk_options(const Request& request, const Analysers& analysers) {
  image::WalkOptions options{.limits = request.limits,
                             .threads = request.threads,
                             .analysers = analysers.all,
                             .cache_directory = request.cache_directory,
                             .rules_digest = cat(inventory::rules_digest(), analysers.detection.cache_digest()),
                             .known_bases = request.known_bases,
                             .log = request.log};
  if (request.progress)
    options.progress = [&request](const image::WalkProgress& p) {
      request.progress({p.bytes_done, p.bytes_total, p.layers_done, p.layers_total});
    };
  return options;
}

// Facts -> packages. The distribution is resolved first, since the others ask for it.
// `owners`: its keys are the paths (owned_path_hash) whose package is asked for; the values become that package's purl.
// `any_database`: whether there is one of what packages own.
Result<inventory::Inventory> resolve(const image::WalkedImage& walked, std::span<const Analyser> cataloguers, std::unordered_map<std::uint64_t, std::string>& owners, bool& any_database) {
  std::vector<inventory::Found> found(cataloguers.size());
  Distribution distribution;
  const auto resolve_one = [&](std::size_t i) -> Status {
    PLIM_TRY(found[i].catalogue, cataloguers[i].resolve(walked.squashed(i, &distribution)).context("cataloguer", cataloguers[i].name));
    found[i].cataloguer = cataloguers[i].name;
    return Ok{};
  };
  const auto os = std::find_if(cataloguers.begin(), cataloguers.end(), [](const auto& c) { return c.name == "os"; });
  PLIM_ASSERT(os != cataloguers.end());
  const auto os_index = static_cast<std::size_t>(os - cataloguers.begin());
  PLIM_CHECK(resolve_one(os_index));
  if (const auto& known = found[os_index].catalogue.distributions; !known.empty()) distribution = known.front();
  for (std::size_t i = 0; i < cataloguers.size(); ++i)
    if (i != os_index) PLIM_CHECK(resolve_one(i));
  for (const inventory::Found& each : found)
    for (const OwnedPaths& owned : each.catalogue.owned) {
      any_database = true;
      if (owners.empty() || owned.package >= each.catalogue.packages.size()) break;
      std::string purl;
      for (const std::uint64_t path : owned.paths)
        if (const auto asked = owners.find(path); asked != owners.end()) {
          if (purl.empty()) purl = each.catalogue.packages[owned.package].purl_text();
          asked->second = purl;
        }
    }
  std::vector<inventory::LayerOrigin> layers;
  for (const LayerInfo& layer : walked.layers()) layers.push_back({layer.diff_id, layer.origin});
  return inventory::merge(std::move(found), layers);
}

// What analysers could not read in files that are still there.
void add_gaps(const image::WalkedImage& walked, std::size_t analysers, Gaps& gaps) {
  for (std::size_t i = 0; i < analysers; ++i)
    for (const FileFacts& file : walked.squashed(i).files) gaps.insert(gaps.end(), file.facts->gaps.begin(), file.facts->gaps.end());
}

// Where detectors stopped following a file by their own bounds: said once a reason, with how many files and the first.
void add_effort_bounds(const image::WalkedImage& walked, const Analysers& analysers, std::vector<Notice>& notices) {
  for (std::size_t i = analysers.cataloguers; i < analysers.all.size(); ++i) {
    std::map<std::string_view, std::pair<std::size_t, std::string_view>> reasons;  // files, the first of them
    for (const FileFacts& file : walked.squashed(i).files)
      for (const auto& [key, why] : file.facts->notes)
        if (key == kEffortBound) ++reasons.try_emplace(why, 0, file.path).first->second.first;
    for (const auto& [why, files] : reasons)
      notices.push_back({"effort bound", cat(analysers.all[i].name, " ", files.second), cat(files.first, files.first == 1 ? " file: " : " files, the first of them here: ", why)});
  }
}

std::string id_of_os_package(const std::vector<Package>& packages, std::string_view name) {
  for (const Package& package : packages)
    if (package.name == name && inventory::is_os_type(package.type)) return package.id;
  return {};
}

// Whose package a file is of, for detectors.
class Owners : public FileOwners {
 public:
  Owners(const std::unordered_map<std::uint64_t, std::string>& purls, bool known) : purls_(purls), known_(known) {}
  bool known() const override { return known_; }
  std::string owner(std::string_view path) const override {
    const auto found = purls_.find(owned_path_hash(path));
    return found == purls_.end() ? std::string() : found->second;
  }

 private:
  const std::unordered_map<std::uint64_t, std::string>& purls_;
  bool known_;
};

Result<Subject> finish_walk(Result<image::WalkedImage> walked, ImageInfo image, const Request& request, const Analysers& analysers) {
  if (!walked) return std::move(walked).error();
  const bool has_binaries = analysers.executables != kNowhere;
  std::unordered_map<std::uint64_t, std::string> owners;
  for (const std::uint64_t path : analysers.detection.finding_paths(*walked, analysers.cataloguers)) owners[path];
  if (has_binaries)
    for (const std::uint64_t path : executable_paths(*walked, analysers.executables)) owners[path];
  bool owners_known = false;
  PLIM_TRY(auto inventory, resolve(*walked, std::span(analysers.all).first(analysers.cataloguers), owners, owners_known));
  std::vector<Finding> findings;
  const Owners packages(owners, owners_known);
  PLIM_CHECK(analysers.detection.resolve(*walked, analysers.cataloguers, inventory.distribution, findings, inventory.gaps, &packages));
  std::vector<Suppressed> suppressed;
  if (analysers.checksums != kNowhere)
    set_public_aside(*walked, analysers.checksums, analysers.cataloguers, analysers.detection.analysers().size(), inventory.packages, findings, suppressed);
  BinaryAnswers binaries;
  if (has_binaries) {
    const BinaryQuestions questions{.owner = [&](std::string_view path) { return owners[owned_path_hash(path)]; },
                                    .package_of = [&](std::string_view name) { return id_of_os_package(inventory.packages, name); }};
    PLIM_TRY(binaries, finish_binaries(request, *walked, analysers.checksums, analysers.executables, questions));
    std::move(binaries.findings.begin(), binaries.findings.end(), std::back_inserter(findings));
    std::move(binaries.gaps.begin(), binaries.gaps.end(), std::back_inserter(inventory.gaps));
  }
  add_gaps(*walked, analysers.all.size(), inventory.gaps);
  image.layers = walked->layers();
  const Redaction redaction = analysers.detection.redaction();
  for (LayerInfo& layer : image.layers) layer.created_by = redaction.text(layer.created_by);
  image.base_name = walked->base().name;
  image.base_digest = walked->base().digest;
  image.base_layers = walked->base().layers;
  image.os = inventory.distribution;
  inventory.gaps.insert(inventory.gaps.end(), walked->gaps().begin(), walked->gaps().end());
  if (!wants_packages(request)) inventory.packages.clear();
  std::vector<Notice> notices = analysers.detection.notices();
  for (const std::string& notice : walked->notices()) notices.push_back({"left out", request.image.target, notice});
  add_effort_bounds(*walked, analysers, notices);
  return Subject{std::move(image), std::move(inventory), std::move(findings), std::move(suppressed), std::move(binaries.profile), analysers.detection.rules(), std::move(notices)};
}

Result<Subject> walk_image(const Request& request, oci::ImageSource& source) {
  const ImageConfig& config = source.config();
  ImageInfo image{.reference = request.image.target,
                  .kind = "image",
                  .digest = config.manifest_digest.text(),
                  .image_id = config.config_digest.text(),
                  .platform = cat(config.os, "/", config.architecture, config.variant.empty() ? "" : "/", config.variant),
                  .created = config.created};
  PLIM_TRY(const Analysers analysers, load_analysers(request, Scope::Image));
  image.config_json = analysers.detection.redaction().config(config.config_json);
  return finish_walk(image::walk_image(source, walk_options(request, analysers)), std::move(image), request, analysers);
}

// Not remembered with the rest: what lies beside an image may change while the image does not.
void add_provenance(const ImageConfig& config, Subject& subject) {
  for (ProvenanceStatement statement : config.provenance) {
    for (std::string* text : {&statement.builder, &statement.source, &statement.revision, &statement.created}) *text = redact_by_form(*text);
    subject.image.provenance.push_back(std::move(statement));
  }
  for (const std::string& note : config.provenance_notes) subject.notices.push_back({"provenance", subject.image.reference, redact_by_form(note)});
}

Result<Subject> scan_image(const Request& request) {
  PLIM_TRY(const auto source, oci::open_image(request.image, request.limits));
  PLIM_TRY(const Remembered remembered, Remembered::make(request, *source));
  std::optional<Subject> subject = remembered.find();
  if (!subject) {
    PLIM_TRY(subject, walk_image(request, *source));
    remembered.keep(*subject);
  }
  add_provenance(source->config(), *subject);
  return std::move(*subject);
}

Result<Subject> scan_sbom(const Request& request, const std::string& path) {
  PLIM_TRY(const std::string text, read_file(path, request.limits.metadata_bytes));
  PLIM_TRY(auto sbom, inventory::read_sbom(as_bytes(text), request.limits, path).context("SBOM", path));
  Subject subject{.image = {.reference = request.image.target, .kind = "sbom", .os = sbom.distribution}};
  if (const auto digest = Digest::parse(sbom.subject_digest)) subject.image.digest = digest->text();  // VEX names images by it
  std::vector<inventory::Found> found(1);
  found[0].cataloguer = "sbom";
  found[0].catalogue.packages = std::move(sbom.packages);
  found[0].catalogue.gaps = std::move(sbom.gaps);
  found[0].catalogue.distributions.push_back(std::move(sbom.distribution));
  subject.inventory = inventory::merge(std::move(found), {});
  return subject;
}

Result<Subject> read_subject(const Request& request) {
  PLIM_TRY(const oci::Target target, oci::parse_target(request.image.target));
  switch (target.kind) {
    case oci::TargetKind::RootFs: {
      PLIM_TRY(const Analysers analysers, load_analysers(request, Scope::Image));
      return finish_walk(image::walk_rootfs(target.rest, walk_options(request, analysers)), {.reference = request.image.target, .kind = "rootfs"}, request, analysers);
    }
    case oci::TargetKind::SourceDirectory: {
      PLIM_TRY(const Analysers analysers, load_analysers(request, Scope::Directory));
      return finish_walk(image::walk_directory(target.rest, walk_options(request, analysers)), {.reference = request.image.target, .kind = "directory"}, request, analysers);
    }
    case oci::TargetKind::Sbom: return scan_sbom(request, target.rest);
    default: return scan_image(request);
  }
}

// A database older than asked for is a gap: its answer is whole, but may not be today's.
void check_age(const Request& request, const DatabaseInfo& database, Gaps& gaps) {
  if (!request.max_database_age) return;
  const auto built = parse_time(database.built_at);
  if (built && request.at - *built <= *request.max_database_age) return;
  gaps.push_back({"advisory database", database.digest, cat("built at ", database.built_at, ", which is more than ", request.max_database_age->count(), " days old")});
}

// A system that names its distribution has a package database; one without any package was emptied, moved or is not
// understood, and must not look clean.
void check_packages(const Report& report, Gaps& gaps) {
  if (report.image.os.id.empty() || (report.image.kind != "image" && report.image.kind != "rootfs")) return;
  const bool any = std::any_of(report.packages.begin(), report.packages.end(), [](const Package& p) { return inventory::is_os_type(p.type); });
  if (!any) gaps.push_back({"inventory", report.image.os.id, "the image names its distribution, but no package database of one was found: its packages are not judged"});
}

Status find_vulnerabilities(const Request& request, const advisory::Stack& database, Report& report) {
  report.tool.database = database.info();
  check_age(request, *report.tool.database, report.gaps);
  PLIM_TRY(auto matched, match::match_packages(report.packages, report.image.os, database, {.at = report.tool.at}));
  report.image.os.end_of_life = matched.end_of_life;
  report.findings.insert(report.findings.end(), std::make_move_iterator(matched.findings.begin()), std::make_move_iterator(matched.findings.end()));
  report.coverage = std::move(matched.coverage);
  report.suppressed.insert(report.suppressed.end(), std::make_move_iterator(matched.suppressed.begin()), std::make_move_iterator(matched.suppressed.end()));
  report.gaps.insert(report.gaps.end(), matched.gaps.begin(), matched.gaps.end());
  return Ok{};
}

// What a reader must know of how the detectors looked.
void describe(const Request& request, Report& report) {
  if (report.image.kind == "sbom") return;
  if (request.parts.contains(Part::Integrity) && report.image.kind != "directory") {
    static constexpr std::string_view kNames[] = {"none", "executables", "all"};
    report.tool.verify_packages = kNames[static_cast<std::size_t>(request.verify_packages)];
  }
  const auto is_secret = [](const Finding& finding) { return finding.klass == FindingClass::Secret; };
  if (std::any_of(report.findings.begin(), report.findings.end(), is_secret)) {
    report.tool.fingerprints = request.fingerprint_shared ? "shared" : request.fingerprint_for_run ? "run" : "installation";
    if (!request.fingerprint_shared)
      report.notices.push_back({"fingerprints", report.image.reference, cat("secrets are told apart by a key of this ", request.fingerprint_for_run ? "run alone" : "installation", "; to compare them with other machines' reports set PLIMSOLL_FINGERPRINT_KEY")});
  }
}

struct PartInfo {
  std::string_view name;
  Part part;
  std::optional<FindingClass> finds;  // nothing: no findings of its own
  bool by_engine = false;             // of src/detect/engines
};
constexpr PartInfo kParts[] = {{"inventory", Part::Inventory, {}},
                               {"vulnerabilities", Part::Vulnerabilities, FindingClass::Vulnerability},
                               {"secrets", Part::Secrets, FindingClass::Secret, true},
                               {"sensitive-files", Part::SensitiveFiles, FindingClass::SensitiveFile, true},
                               {"malware", Part::Malware, FindingClass::Malware, true},
                               {"webshell", Part::Webshell, FindingClass::Webshell, true},
                               {"configuration", Part::Configuration, FindingClass::Configuration, true},
                               {"integrity", Part::Integrity, FindingClass::Integrity},
                               {"profile", Part::Profile, {}}};

// Whether this build has what the part needs: a class that nothing looks for must be no answer, not an empty one.
bool is_there(const PartInfo& info) {
  if (!info.by_engine) return true;
  return std::any_of(detect::engines().begin(), detect::engines().end(), [&](const detect::Engine& engine) {
    return std::find(engine.classes.begin(), engine.classes.end(), *info.finds) != engine.classes.end();
  });
}

// The classes of findings that the parts look for, so that a score can say 100 where nothing was found.
std::vector<FindingClass> classes_of(const std::set<Part>& parts) {
  std::vector<FindingClass> out;
  for (const PartInfo& info : kParts)
    if (info.finds && parts.contains(info.part) && is_there(info)) out.push_back(*info.finds);
  return out;
}

}  // namespace

std::optional<Part> part_from(std::string_view name) {
  for (const PartInfo& info : kParts)
    if (info.name == name && is_there(info)) return info.part;
  return std::nullopt;
}

std::string part_names() {
  std::string out;
  for (const PartInfo& info : kParts)
    if (is_there(info)) out += cat(out.empty() ? "" : ", ", info.name);
  return out;
}

std::set<Part> all_parts() {
  std::set<Part> out;
  for (const PartInfo& info : kParts)
    if (is_there(info)) out.insert(info.part);
  return out;
}

Result<Report> scan(const Request& request) {
  const auto started = std::chrono::steady_clock::now();
  Report report;
  report.tool = {.version = PLIMSOLL_VERSION, .at = format_time(request.at), .started_at = format_time(system_now())};

  // The database first: without it a long walk would be for nothing.
  std::optional<advisory::Stack> database;
  if (request.parts.contains(Part::Vulnerabilities)) {
    PLIM_TRY(database, open_database(request));
  }
  PLIM_TRY(Subject subject, read_subject(request));
  report.image = std::move(subject.image);
  report.packages = std::move(subject.inventory.packages);
  report.gaps = std::move(subject.inventory.gaps);
  report.notices = std::move(subject.notices);
  report.findings = std::move(subject.findings);
  report.tool.rules = std::move(subject.rules);
  report.suppressed = std::move(subject.suppressed);
  report.profile = std::move(subject.profile);
  describe(request, report);
  if (wants_packages(request)) check_packages(report, report.gaps);  // else they were left out on purpose
  if (database) PLIM_CHECK(find_vulnerabilities(request, *database, report));

  report::sort_report(report);
  if (const std::vector<FindingClass> searched = classes_of(request.parts); !searched.empty()) report.score = standard::score(report, searched);
  report.tool.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  return report;
}

}  // namespace plimsoll::scan
