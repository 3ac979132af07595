// The main path, a list of named steps: open the database, open the target, walk, resolve, merge, match, report.
#include "scan/scan.h"

#include <algorithm>
#include <memory>

#include "advisory/database.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "build_info.h"
#include "image/walk.h"
#include "inventory/cataloguer.h"
#include "inventory/merge.h"
#include "inventory/sbom.h"
#include "match/match.h"
#include "oci/open.h"
#include "model/digest.h"
#include "report/stored.h"
#include "standard/score.h"

namespace plimsoll::scan {
namespace {

// What each way of reading a target gives: the inventory, and what is known of the image around it.
struct Subject {
  ImageInfo image;
  inventory::Inventory inventory;
  std::vector<Notice> notices;
};

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

image::WalkOptions walk_options(const Request& request) {
  image::WalkOptions options{.limits = request.limits,
                             .threads = request.threads,
                             .analysers = inventory::cataloguers(),
                             .cache_directory = request.cache_directory,
                             .known_bases = request.known_bases,
                             .log = request.log};
  if (request.progress)
    options.progress = [&request](const image::WalkProgress& p) {
      request.progress({p.bytes_done, p.bytes_total, p.layers_done, p.layers_total});
    };
  return options;
}

// Facts -> packages. The distribution is resolved first, since the others ask for it.
Result<inventory::Inventory> resolve(const image::WalkedImage& walked) {
  const auto& cataloguers = inventory::cataloguers();
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
  std::vector<inventory::LayerOrigin> layers;
  for (const LayerInfo& layer : walked.layers()) layers.push_back({layer.diff_id, layer.origin});
  return inventory::merge(std::move(found), layers);
}

Result<Subject> finish_walk(Result<image::WalkedImage> walked, ImageInfo image, const Request& request) {
  if (!walked) return std::move(walked).error();
  PLIM_TRY(auto inventory, resolve(*walked));
  image.layers = walked->layers();
  image.base_name = walked->base().name;
  image.base_digest = walked->base().digest;
  image.base_layers = walked->base().layers;
  image.os = inventory.distribution;
  inventory.gaps.insert(inventory.gaps.end(), walked->gaps().begin(), walked->gaps().end());
  std::vector<Notice> notices;
  for (const std::string& notice : walked->notices()) notices.push_back({"left out", request.image.target, notice});
  return Subject{std::move(image), std::move(inventory), std::move(notices)};
}

// The manifest's and config's facts. Only the members a reader acts on are kept; values in ENV may hold secrets, so
// each is cut down to its name.
std::string redacted_config(const std::string& config_json) {
  const auto document = JsonDocument::parse(config_json);
  if (!document) return {};
  const JsonValue config = document->root()["config"];
  if (!config.is_object()) return {};
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  for (const auto& [name, value] : config.members()) {
    if (name == "Env") {
      writer.key("Env").begin_array();
      for (const JsonValue variable : value.items()) {
        const auto [key, text] = cut(variable.text(), '=');
        writer.value(key == "PATH" ? cat(key, "=", text) : cat(key, "=[redacted]"));
      }
      writer.end_array();
    } else {
      writer.key(name).raw(value.dump());
    }
  }
  writer.end_object();
  return out;
}

Result<Subject> scan_image(const Request& request) {
  PLIM_TRY(const auto source, oci::open_image(request.image, request.limits));
  const ImageConfig& config = source->config();
  ImageInfo image{.reference = request.image.target,
                  .kind = "image",
                  .digest = config.manifest_digest.text(),
                  .image_id = config.config_digest.text(),
                  .platform = cat(config.os, "/", config.architecture, config.variant.empty() ? "" : "/", config.variant),
                  .created = config.created,
                  .config_json = redacted_config(config.config_json)};
  return finish_walk(image::walk_image(*source, walk_options(request)), std::move(image), request);
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
    case oci::TargetKind::RootFs:
      return finish_walk(image::walk_rootfs(target.rest, walk_options(request)), {.reference = request.image.target, .kind = "rootfs"}, request);
    case oci::TargetKind::SourceDirectory:
      return finish_walk(image::walk_directory(target.rest, walk_options(request)), {.reference = request.image.target, .kind = "directory"}, request);
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

Status find_vulnerabilities(const Request& request, const advisory::Stack& database, Report& report) {
  report.tool.database = database.info();
  check_age(request, *report.tool.database, report.gaps);
  PLIM_TRY(auto matched, match::match_packages(report.packages, report.image.os, database, {.at = report.tool.at}));
  report.image.os.end_of_life = matched.end_of_life;
  report.findings = std::move(matched.findings);
  report.coverage = std::move(matched.coverage);
  report.suppressed = std::move(matched.suppressed);
  report.gaps.insert(report.gaps.end(), matched.gaps.begin(), matched.gaps.end());
  return Ok{};
}

// The classes of findings that the parts look for, so that a score can say 100 where nothing was found.
std::vector<FindingClass> classes_of(const std::set<Part>& parts) {
  std::vector<FindingClass> out;
  if (parts.contains(Part::Vulnerabilities)) out.push_back(FindingClass::Vulnerability);
  return out;
}

}  // namespace

std::optional<Part> part_from(std::string_view name) {
  if (name == "inventory") return Part::Inventory;
  if (name == "vulnerabilities") return Part::Vulnerabilities;
  return std::nullopt;
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
  if (database) PLIM_CHECK(find_vulnerabilities(request, *database, report));

  report::sort_report(report);
  if (const std::vector<FindingClass> searched = classes_of(request.parts); !searched.empty()) report.score = standard::score(report, searched);
  report.tool.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
  return report;
}

}  // namespace plimsoll::scan
