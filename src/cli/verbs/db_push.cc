// db push: the advisory database into a registry, as an OCI artefact.
#include "advisory/artefact.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/image_options.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

Exit push(Context& context, const ImageOptions& options, const std::string& text, const std::string& given) {
  const auto reference = oci::Reference::parse(text);
  if (!reference) return context.usage(reference.error().message());
  auto request = image_request(options, text);
  if (!request) return context.usage(request.error().message());
  oci::Registry registry(std::move(request->registry));
  const auto pushed = advisory::push_database(registry, *reference, database_path(given));
  if (!pushed) return context.fail(pushed.error());
  context.out(cat(reference->name(), "@", pushed->manifest.text(), ": ", pushed->sent_chunks, " of ", pushed->chunks, " chunks sent, ", pushed->sent_bytes, " bytes\n"));
  return Exit::Pass;
}

}  // namespace

Verb db_push() {
  struct Flags {
    std::string reference, database;
    ImageOptions registry;
  };
  return {.name = "db push",
          .summary = "Put the advisory database into a registry, so that it is a mirror of it",
          .examples = {"plimsoll db push registry.example/security/advisories:latest", "plimsoll db push 127.0.0.1:5000/advisories:v1 --db advisories.db"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("REF", flags->reference, "registry/repository:tag").value("--db", flags->database, "the database to send; its overlays are never sent");
            declare_image_options(options, flags->registry);
            return [flags](Context& context) { return push(context, flags->registry, flags->reference, flags->database); };
          }};
}

}  // namespace plimsoll::cli
