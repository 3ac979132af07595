// Feeds bytes to one detector as a file of several kinds, then resolves what came out.
#include <map>

#include "base/text.h"
#include "detect/engine.h"

namespace {

using namespace plimsoll;

class EmptyTree : public Tree {
 public:
  bool contains(std::string_view) const override { return false; }
};

const detect::LoadedEngine& loaded(std::string_view name) {
  static std::map<std::string, detect::LoadedEngine, std::less<>> all;
  const auto known = all.find(name);
  if (known != all.end()) return known->second;
  for (const detect::Engine& engine : detect::engines()) {
    if (engine.name != name) continue;
    auto one = engine.load({.rules = {}, .fingerprint_key = "fuzz"});
    PLIM_ASSERT(one.has_value());
    return all.emplace(std::string(name), std::move(*one)).first->second;
  }
  PLIM_ASSERT(false && "no such engine");
  std::abort();
}

}  // namespace

void fuzz_detect_plugins(std::string_view plugin, Bytes input) {
  const detect::LoadedEngine& engine = loaded(plugin);
  // Paths of the kinds that detectors tell apart by name.
  for (const char* path : {"app/settings.py", "app/config.yml", "srv/app.json", "srv/web.config", "root/.env", "etc/app.conf", "root/.ssh/id_rsa", "var/www/index.php", "usr/bin/program"}) {
    const auto facts = engine.analyser.extract({.path = path, .content = input, .mode = 0755}, {});
    if (!facts) continue;
    for (const Finding& finding : facts->findings) PLIM_ASSERT(!finding.id.empty() && !finding.key.empty());
    std::string stored;
    write_facts(stored, *facts);
    PLIM_ASSERT(read_facts(as_bytes(stored)).has_value());
    const FileFacts file{.path = path, .facts = &*facts};
    if (engine.analyser.resolve) static_cast<void>(engine.analyser.resolve({.files = {&file, 1}, .tree = EmptyTree(), .layers = {}}).has_value());
  }
}
