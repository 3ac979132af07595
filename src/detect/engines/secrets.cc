// secrets: keys, tokens and passwords in the text of files.
//
// Input   every file; hostile. Nested archives too.
// Output  one Finding per distinct secret and file, with all lines; the value is never in it (secrets/redact.h).
// Errors  none: what could not be searched to the end is a Gap on the file.
// Cost    about 1 GB/s a core; memory O(places found).
// Source  rules/secrets/*.yaml, each with its provider's page.
#include "detect/secrets/secrets.h"

namespace plimsoll::detect {
namespace {

Result<LoadedEngine> load(const EngineOptions& options) {
  PLIM_TRY(Secrets loaded, Secrets::load(options));
  const auto secrets = std::make_shared<const Secrets>(std::move(loaded));
  LoadedEngine out;
  out.rules_digest = secrets->rules_digest();
  out.rules = secrets->rules();
  out.analyser = {.name = "secrets",
                  .version = 1,
                  .paths = {"**"},
                  .input = Posture::Hostile,
                  .extract = [secrets](const FileView& file, const Limits&) -> Result<Facts> { return secrets->examine({.path = file.path, .text = as_text(file.content), .commit = {}}); },
                  .resolve = resolve_each};
  return out;
}

}  // namespace

Engine secrets() { return {.name = "secrets", .classes = {FindingClass::Secret}, .load = load}; }

}  // namespace plimsoll::detect
