// db pull: the advisory database out of a registry; only what changed is fetched.
#include "advisory/artefact.h"
#include "advisory/signature.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/image_options.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

struct Flags {
  std::string reference, database, key;
  ImageOptions registry;
};

Exit pull(Context& context, const Flags& flags) {
  const auto reference = oci::Reference::parse(flags.reference);
  if (!reference) return context.usage(reference.error().message());
  auto request = image_request(flags.registry, flags.reference);
  if (!request) return context.usage(request.error().message());
  advisory::PullOptions options;
  if (!flags.key.empty()) {
    const auto pem = read_file(flags.key);
    if (!pem) return context.fail(pem.error());
    auto raw = advisory::read_public_key(*pem);
    if (!raw) return context.fail(raw.error());
    options.public_key = std::move(*raw);
  }
  const std::string path = database_path(flags.database);
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
    if (const Status made = make_directories(path.substr(0, slash)); !made) return context.fail(made.error());
  oci::Registry registry(std::move(request->registry));
  const auto pulled = advisory::pull_database(registry, *reference, path, options);
  if (!pulled) {
    context.fail(pulled.error(), "the database that was there is unchanged");
    return pulled.error().kind() == ErrorKind::Denied && !flags.key.empty() ? Exit::No : Exit::Failed;
  }
  if (pulled->unchanged) context.out(cat(path, " is ", pulled->database, " already\n"));
  else context.out(cat(path, " is ", pulled->database, ": ", pulled->fetched_chunks, " of ", pulled->chunks, " chunks fetched, ", pulled->fetched_bytes, " bytes\n"));
  return Exit::Pass;
}

}  // namespace

Verb db_pull() {
  return {.name = "db pull",
          .summary = "Take the advisory database from a registry; only what changed is fetched",
          .examples = {"plimsoll db pull registry.example/security/advisories:latest", "plimsoll db pull registry.example/security/advisories:latest --key publisher.pem"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.argument("REF", flags->reference, "registry/repository:tag[@digest]")
                .value("--db", flags->database, "the database file to write")
                .value("-k,--key", flags->key, "it must be signed by this Ed25519 public key (PEM)");
            declare_image_options(options, flags->registry);
            return [flags](Context& context) { return pull(context, *flags); };
          }};
}

}  // namespace plimsoll::cli
