// Secrets in files of the host: how fast, against a plain memchr over the same bytes, and what was found.
//
//   secrets_bench [--rules FILE] [--cache DIR] [--list] [--rounds N] PATH...
//
// --rules FILE  only the rules of this file (gitleaks TOML or our YAML)
// --cache DIR   keeps the compiled rules there, as a scan does in its cache
// --list        prints path, rule, line and keyed fingerprint of each finding (key "differential"), not the speed
// One core; files are read before the clock runs. Best of N rounds (3).
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "detect/secrets/secrets.h"

namespace {

using namespace plimsoll;
namespace fs = std::filesystem;

// Processor time of this thread: other work on the machine does not count.
struct Clock {
  using time_point = double;
  static double now() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  }
};
double seconds_since(Clock::time_point start) { return Clock::now() - start; }

struct File {
  std::string path, text;
};

void read_tree(const fs::path& path, std::vector<File>& out) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    if (auto text = read_file(path.string(), 1ull << 30)) out.push_back({path.string(), std::move(*text)});
    return;
  }
  for (auto it = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error); it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (error || it->is_symlink() || !it->is_regular_file()) continue;
    if (auto text = read_file(it->path().string(), 1ull << 30)) out.push_back({it->path().string(), std::move(*text)});
  }
}

}  // namespace

int main(int argc, char** argv) {
  detect::EngineOptions options{.rules = {}, .fingerprint_key = "differential"};
  bool list = false;
  int rounds = 3;
  std::vector<File> files;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--list") {
      list = true;
    } else if (argument == "--rounds" && i + 1 < argc) {
      rounds = std::max(1, std::atoi(argv[++i]));
    } else if (argument == "--cache" && i + 1 < argc) {
      options.cache_directory = argv[++i];
    } else if (argument == "--rules" && i + 1 < argc) {
      auto text = read_file(argv[++i]);
      if (!text) return std::fprintf(stderr, "%s\n", text.error().message().c_str()), 2;
      options.rules.push_back({argv[i], std::move(*text)});
      options.only_user_rules = true;
    } else {
      read_tree(argument, files);
    }
  }
  const auto loading = Clock::now();
  const auto secrets = detect::Secrets::load(options);
  if (!secrets) return std::fprintf(stderr, "%s\n", secrets.error().message().c_str()), 2;
  const double load = seconds_since(loading);
  std::size_t bytes = 0, found = 0;
  for (const File& file : files) bytes += file.text.size();
  if (list) {
    for (const File& file : files)
      for (const Finding& f : secrets->examine({.path = file.path, .text = file.text, .commit = {}}).findings)
        for (const Location& at : f.locations) {
          std::string print;
          for (const auto& [name, value] : f.evidence)
            if (name == "fingerprint") print = value;
          std::printf("%s\t%s\t%u\t%s\n", at.path.c_str(), f.rule_id.c_str(), at.line, print.c_str());
        }
    return 0;
  }
  double best = 1e9, plain = 1e9;
  for (int round = 0; round < rounds; ++round) {
    auto start = Clock::now();
    std::size_t marks = 0;
    for (const File& file : files)
      for (const char *at = file.text.data(), *end = at + file.text.size(); (at = static_cast<const char*>(std::memchr(at, 1, static_cast<std::size_t>(end - at)))); ++at) ++marks;
    plain = std::min(plain, seconds_since(start) + (marks == ~0ull ? 1 : 0));
    start = Clock::now();
    found = 0;
    for (const File& file : files) found += secrets->examine({.path = file.path, .text = file.text, .commit = {}}).findings.size();
    best = std::min(best, seconds_since(start));
  }
  std::printf("{\"rules\":%zu,\"loadMs\":%.1f,\"files\":%zu,\"megabytes\":%.1f,\"seconds\":%.3f,\"megabytesPerSecond\":%.0f,\"memchrMegabytesPerSecond\":%.0f,\"findings\":%zu}\n", secrets->rules(), load * 1e3, files.size(),
              static_cast<double>(bytes) / 1e6, best, static_cast<double>(bytes) / 1e6 / best, static_cast<double>(bytes) / 1e6 / plain, found);
  return 0;
}
