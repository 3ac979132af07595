// The first byte says which kind of file the rest is.
#include "detect/engine.h"

namespace {

using namespace plimsoll;

Result<detect::LoadedEngine> loaded() {
  for (const detect::Engine& engine : detect::engines())
    if (engine.name == "webshell") return engine.load({});
  return not_found("webshell");
}

}  // namespace

void fuzz_detect_webshell(plimsoll::Bytes input) {
  static const auto engine = loaded();
  PLIM_ASSERT(engine.has_value());
  static constexpr std::string_view kPaths[] = {"a.php", "a.jsp", "a.asp", "a.aspx", "a.py", "a.pl", "a.js", "a.sh", "a.cshtml", "a.ashx", "a"};
  if (input.empty()) return;
  const std::string_view path = kPaths[input[0] % std::size(kPaths)];
  // Words that open every gate, so that the reading itself is tried.
  std::string text(as_text(input.subspan(1)));
  text += "\n# $_GET request Request CGI req http eval exec Runtime Process QUERY_STRING open listen\n";
  const auto facts = engine->analyser.extract({.path = path, .content = as_bytes(text), .mode = 0644}, {});
  PLIM_ASSERT(facts.has_value());
  for (const Finding& finding : facts->findings) PLIM_ASSERT(!finding.evidence.empty() && !finding.locations.empty());
}
