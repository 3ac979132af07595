#include "cli/detecting.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/result_files.h"
#include "scan/detect.h"

namespace plimsoll::cli {
namespace {

constexpr std::uint64_t kRuleFileBytes = 512ull << 20;  // ClamAV's containers and lists of a million hashes
constexpr std::uint64_t kInputBytes = 64ull << 20;

bool is_rule_file(std::string_view name) {
  static constexpr std::string_view kEndings[] = {".yaml", ".yml", ".json", ".toml", ".yar", ".yara", ".hashes", ".md5", ".sha1", ".sha256", ".hdb", ".hsb", ".hdu", ".hsu", ".mdb", ".msb", ".mdu", ".msu", ".ndb", ".ndu", ".ldb", ".ldu", ".fp", ".sfp", ".cvd", ".cld", ".cud"};
  return std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view ending) { return name.ends_with(ending); });
}

Result<std::string> random_key() {
  std::array<std::uint8_t, 32> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return errno_error("random numbers for the fingerprint key");
  return to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

// Written aside and linked into place whole: of two that start at once one wins, and both use its key.
Status make_installation_key(const std::string& path) {
  PLIM_TRY(const std::string key, random_key());
  PLIM_CHECK(make_directories(path.substr(0, path.rfind('/'))));
  const std::string aside = cat(path, ".", ::getpid());
  const Fd file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open()) return errno_error(aside);
  Status status = write_all(file, as_bytes(key));
  if (status && ::link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST) status = errno_error(path);
  ::unlink(aside.c_str());
  return status;
}

// Other people's eyes on the key would undo it: whoever has it can test guesses at a secret.
Result<std::string> read_installation_key(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno_error(path);
  if ((info.st_mode & 077) != 0) return denied(cat(path, ": the fingerprint key can be read by others; make it mode 0600, or remove it and a new one is made"));
  PLIM_TRY(std::string key, read_file(path, 4096));
  if (trim(key).size() < 32) return malformed(cat(path, ": the fingerprint key is cut short; remove it and a new one is made"));
  return std::string(trim(key));
}

struct DetectOptions {
  std::vector<std::string> paths, formats;
  std::string output, at, since;
  RuleOptions rules;
  std::uint64_t threads = 0;
  bool strict = false, all = false;
};

Result<std::string> standard_input() {
  std::string out;
  std::array<std::uint8_t, 65536> chunk;
  const Fd input(::dup(0));
  while (true) {
    PLIM_TRY(const std::size_t got, read_some(input, chunk.data(), chunk.size()));
    if (got == 0) return out;
    out.append(reinterpret_cast<const char*>(chunk.data()), got);
    if (out.size() > kInputBytes) return limit_reached(cat("standard input is longer than ", kInputBytes, " bytes; put it into a file"));
  }
}

Exit run_detect(Context& context, const DetectOptions& options, scan::Part part, const std::string& engine) {
  scan::Request request;
  request.parts = {part};
  request.at = system_now();
  request.threads = static_cast<unsigned>(std::min<std::uint64_t>(options.threads, 256));
  request.log = [&](std::string_view message) { context.hint(message); };
  if (!options.at.empty()) {
    const auto at = parse_time(options.at);
    if (!at) return context.usage(cat("--at \"", to_utf8(options.at), "\" is not a time like 2026-11-24T03:00:00Z"));
    request.at = *at;
  }
  const auto files = result_files(options.formats, options.output, "table");
  if (!files) return context.usage(files.error().message());
  if (const Status status = add_rules(options.rules, request); !status) return context.fail(status.error());
  if (const Status status = add_fingerprint_key(request); !status) return context.fail(status.error());
  std::vector<scan::DetectTarget> targets;
  for (const std::string& path : options.paths) {
    targets.push_back({path, {}});
    if (path != "-") continue;
    auto content = standard_input();
    if (!content) return context.fail(content.error());
    targets.back().content = std::move(content).value();
  }
  auto report = scan::detect(request, engine, targets, options.since);
  if (!report) return context.fail(report.error());
  if (const Status written = write_results(context, *files, *report, {.all = options.all, .findings_only = true}); !written) return context.fail(written.error());
  if (report->complete()) return Exit::Pass;
  context.warn(cat("parts could not be read (", report->gaps.size(), "), the first: ", report->gaps.front().part, " ", report->gaps.front().where, ": ", report->gaps.front().why));
  return options.strict ? Exit::Incomplete : Exit::Pass;
}

}  // namespace

void declare_rule_options(Options& options, RuleOptions& into) {
  options.values("--rules", into.rules, "a rule file or a folder of them, added to the shipped rules; repeatable")
      .values("--only-rules", into.only_rules, "the same in place of the shipped rules");
}

Status read_rule_files(const std::string& path, std::vector<detect::RuleFile>& out) {
  std::vector<std::string> paths = {path};
  if (is_directory(path)) {
    paths.clear();
    PLIM_TRY(const std::vector<std::string> names, list_directory(path));
    for (const std::string& name : names)
      if (is_rule_file(name)) paths.push_back(cat(path, path.ends_with('/') ? "" : "/", name));
    if (paths.empty()) return not_found(cat(path, ": no rule file in this folder (.yaml, .toml, .yar, ClamAV's)"));
  }
  for (const std::string& each : paths) {
    PLIM_TRY(std::string text, read_file(each, kRuleFileBytes).context("rule file", each));
    out.push_back({each, std::move(text)});
  }
  return Ok{};
}

Status add_rules(const RuleOptions& options, scan::Request& request) {
  if (!options.rules.empty() && !options.only_rules.empty()) return malformed("--rules adds and --only-rules replaces: give one of them");
  request.only_user_rules = !options.only_rules.empty();
  for (const auto* list : {&options.rules, &options.only_rules})
    for (const std::string& path : *list) PLIM_CHECK(read_rule_files(path, request.rules));
  return Ok{};
}

Status add_fingerprint_key(scan::Request& request) {
  if (auto key = environment("PLIMSOLL_FINGERPRINT_KEY")) {
    request.fingerprint_key = std::move(*key);
    request.fingerprint_shared = true;
    return Ok{};
  }
  const std::string path = Context::data_directory() + "/fingerprint.key";
  if (!exists(path) && !make_installation_key(path)) {  // a place nobody may write to: a key for this run alone, and it says so
    PLIM_TRY(request.fingerprint_key, random_key());
    request.fingerprint_for_run = true;
    return Ok{};
  }
  PLIM_TRY(request.fingerprint_key, read_installation_key(path));
  return Ok{};
}

Action declare_detect(Options& options, scan::Part part, const std::string& engine) {
  const auto o = std::make_shared<DetectOptions>();
  options.arguments("PATH", o->paths, part == scan::Part::Secrets ? "files, folders, - for standard input, or git:DIR for a repository's history" : "files, folders, or - for standard input")
      .values("-f,--format", o->formats, "FORMAT or FORMAT=FILE, repeatable (plimsoll help formats)")
      .value("-o,--output", o->output, "file for the format that names none")
      .value("--at", o->at, "the time the report speaks of")
      .flag("--strict", o->strict, "exit 4 when parts were unreadable")
      .flag("--all", o->all, "tables also show what nobody can act on today")
      .number("--threads", o->threads, "threads, 0 for one per processor");
  if (part == scan::Part::Secrets) options.value("--since", o->since, "of git:DIR only what commits that this revision does not reach brought in");
  declare_rule_options(options, o->rules);
  return [o, part, engine](Context& context) { return run_detect(context, *o, part, engine); };
}

}  // namespace plimsoll::cli
