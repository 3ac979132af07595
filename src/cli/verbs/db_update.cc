// db update: the public feeds (or your mirror's) fetched over HTTPS and compiled.
#include <ctime>

#include "advisory/update.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/database.h"
#include "cli/verb.h"

namespace plimsoll::cli {

namespace {

Exit list(Context& context, const std::vector<advisory::RemoteFeed>& feeds) {
  std::string out;
  for (const advisory::RemoteFeed& feed : feeds) {
    std::string covers;
    for (const std::string& each : feed.covers) covers += cat(covers.empty() ? "" : ",", each);
    out += cat(feed.name, "\t", feed.form == advisory::FeedForm::File ? "" : cat(advisory::to_string(feed.form), "+"), feed.url, "\t", covers.empty() ? "-" : covers, feed.optional ? "\tif there" : "", "\n");
  }
  context.out(out);
  return Exit::Pass;
}

}  // namespace

Verb db_update() {
  struct Flags {
    std::string database, folder;
    std::vector<std::string> feeds, with, ca_files;
    bool plain_http = false, list = false;
  };
  return {.name = "db update",
          .summary = "Fetch the advisory feeds over HTTPS and compile them",
          .examples = {"plimsoll db update", "plimsoll db update --with redhat-vex --with nvd", "plimsoll db update --feed osv.zip=https://mirror.example/osv/all.zip --ca-file mirror.pem"},
          .declare = [](Options& options) -> Action {
            const auto flags = std::make_shared<Flags>();
            options.value("--db", flags->database, "the database file to write");
            options.value("--feeds-cache", flags->folder, "where feed files are kept between updates");
            options.values("--feed", flags->feeds, "NAME=URL: fetch these instead of the public feeds; the URL of an index is written repomd+URL, mirrorlist+URL, latest+URL or pages+URL");
            options.values("--with", flags->with, "take these large feeds too: redhat-vex, redhat-oval, suse-oval, suse-vex, ubuntu-oval, ubuntu-vex, cve5, vulnrichment, nvd, nvd-api");
            options.flag("--list", flags->list, "print the feeds and where they come from, and fetch nothing");
            options.values("--ca-file", flags->ca_files, "trust these certificates too (PEM)");
            options.flag("--plain-http", flags->plain_http, "allow http:// beyond this machine");
            return [flags](Context& context) {
              const std::string path = database_path(flags->database);
              advisory::UpdateOptions update;
              update.folder = flags->folder.empty() ? cat(Context::cache_directory(), "/feeds") : flags->folder;
              for (const std::string& feed : flags->feeds) {
                auto remote = advisory::parse_remote_feed(feed);
                if (!remote.has_value()) return context.usage(cat("--feed: ", remote.error().message()));
                update.feeds.push_back(std::move(*remote));
              }
              if (update.feeds.empty() || !flags->with.empty()) {
                auto chosen = advisory::chosen_feeds(flags->with);
                if (!chosen.has_value()) return context.usage(cat("--with: ", chosen.error().message()));
                update.feeds.insert(update.feeds.begin(), chosen->begin(), chosen->end());
              }
              if (flags->list) return list(context, update.feeds);
              for (const advisory::RemoteFeed& feed : update.feeds)
                if (feed.url.starts_with("https://services.nvd.nist.gov/")) update.page_pause = std::chrono::seconds(6);  // what NVD asks of callers without a key
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
