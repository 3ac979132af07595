// Feeds bytes to one engine as files of the names it is asked about most, then resolves what came out.
#include <algorithm>

#include "detect/engine.h"

namespace {

using namespace plimsoll;

class EmptyTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

const Analyser& analyser_of(std::string_view name) {
  static const std::vector<std::pair<std::string, Analyser>> all = [] {
    std::vector<std::pair<std::string, Analyser>> out;
    for (const detect::Engine& engine : detect::engines()) {
      auto loaded = engine.load({.fingerprint_key = "fuzz"});
      PLIM_ASSERT(loaded.has_value());
      out.emplace_back(engine.name, std::move(loaded->analyser));
    }
    return out;
  }();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& pair) { return pair.first == name; });
  PLIM_ASSERT(found != all.end());
  return found->second;
}

}  // namespace

void fuzz_detect_plugins(std::string_view plugin, Bytes input) {
  const Analyser& analyser = analyser_of(plugin);
  static constexpr std::string_view kPaths[] = {"etc/passwd", "etc/shadow", "etc/ssh/sshd_config", "etc/sudoers", "etc/apt/sources.list", "srv/app/.env", "var/www/index.php", "app/settings.py", "app/config.yml", "srv/web.config", "root/.docker/config.json", "usr/bin/program",
                                                "etc/cron.d/job", "root/.ssh/authorized_keys", "etc/pam.d/sshd", "etc/systemd/system/x.service", "tmp/.x/y", "etc/ld.so.preload"};
  std::vector<Facts> kept;
  kept.reserve(std::size(kPaths));
  std::vector<FileFacts> files;
  for (const std::string_view path : kPaths) {
    auto facts = analyser.extract({.path = path, .content = input, .mode = 06777, .capabilities = as_text(input).substr(0, 24)}, {});
    if (!facts) continue;
    kept.push_back(std::move(*facts));
    files.push_back({.path = path, .facts = &kept.back()});
  }
  std::sort(files.begin(), files.end(), [](const FileFacts& a, const FileFacts& b) { return a.path < b.path; });
  const auto catalogue = analyser.resolve({.files = files, .tree = EmptyTree(), .layers = {}, .config_json = as_text(input)});
  if (catalogue)
    for (const Finding& finding : catalogue->findings) PLIM_ASSERT(!finding.rule_id.empty());
}
