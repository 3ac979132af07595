// db update: the public feeds (or your mirror's) fetched over HTTPS and compiled.
#include <ctime>

#include "advisory/update.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {

Verb db_update() {
  struct Flags {
    std::string database, folder;
    std::vector<std::string> feeds, ca_files;
    bool plain_http = false;
  };
  return {.name = "db update",
          .summary = "Fetch the advisory feeds over HTTPS and compile them",
          .examples = {"plimsoll db update", "plimsoll db update --feed osv.zip=https://mirror.example/osv/all.zip --ca-file mirror.pem"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.value("--db", flags->database, "the database file to write");
            options.value("--feeds-cache", flags->folder, "where feed files are kept between updates");
            options.values("--feed", flags->feeds, "NAME=URL: fetch these instead of the public feeds");
            options.values("--ca-file", flags->ca_files, "trust these certificates too (PEM)");
            options.flag("--plain-http", flags->plain_http, "allow http:// beyond this machine");
            return [flags](Context& context) {
              const std::string path = database_path(flags->database);
              advisory::UpdateOptions update;
              update.folder = flags->folder.empty() ? cat(Context::cache_directory(), "/feeds") : flags->folder;
              for (const std::string& feed : flags->feeds) {
                const auto [name, url] = cut(feed, '=');
                if (name.empty() || url.empty() || name.find('/') != std::string_view::npos || name.starts_with('.')) return context.usage(cat("--feed is NAME=URL, not ", to_utf8(feed)));
                update.feeds.push_back({std::string(name), std::string(url)});
              }
              if (update.feeds.empty()) update.feeds = advisory::public_feeds();
              update.http.ca_files = flags->ca_files;
              update.http.proxy = environment_proxy();
              update.plain_http = flags->plain_http;
              update.import.built_at = std::time(nullptr);
              if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0)
                if (const Status made = make_directories(path.substr(0, slash)); !made.has_value()) return context.fail(made.error());
              const auto summary = advisory::update(path, update);
              if (!summary.has_value()) return context.fail(summary.error(), "the database that was there is unchanged");
              for (const Gap& gap : summary->import.gaps) context.warn(cat(gap.where, ": ", gap.why));
              context.out(cat(summary->fetched, " feeds fetched, ", summary->unchanged, " unchanged; ", path, " is ", summary->import.digest, "\n"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
