// db verify: reads the whole database against its checksums, and its signature.
#include "advisory/signature.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb db_verify() {
  struct Flags {
    std::string database, key;
  };
  return {.name = "db verify",
          .summary = "Read all of the database against its checksums and signature",
          .examples = {"plimsoll db verify", "plimsoll db verify --db advisories.db --key publisher.pem"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.value("--db", flags->database, "the database");
            options.value("-k,--key", flags->key, "it must be signed by this Ed25519 public key (PEM)");
            return [flags](Context& context) {
              std::string key;
              if (!flags->key.empty()) {
                const auto pem = read_file(flags->key);
                if (!pem.has_value()) return context.fail(pem.error());
                auto raw = advisory::read_public_key(*pem);
                if (!raw.has_value()) return context.fail(raw.error());
                key = std::move(*raw);
              }
              const std::string path = database_path(flags->database);
              const auto database = advisory::Database::open(path);
              if (!database.has_value()) return context.fail(database.error());
              const auto check = database->verify(key);
              if (!check.has_value()) {
                context.fail(check.error());
                return Exit::No;
              }
              context.out(cat(path, ": ", check->blocks, " blocks, ", check->bytes, " bytes as they were built; ",
                              check->is_signed ? cat("signed by key ", check->key_id, key.empty() ? " (no key was demanded)" : "") : std::string("not signed"), "\n"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
