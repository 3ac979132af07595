// redhat_repositories: which products Red Hat's package repositories (content sets) belong to.
//
// Input   repository-to-cpe.json: {"data": {"rhel-9-for-x86_64-baseos-rpms": {"cpes": ["cpe:/o:redhat:..."]}}}.
// Output  repositories with their CPEs; no statement on packages. Those of sources and debugging symbols are left out: no
//         image has packages of them.
// Source  https://security.access.redhat.com/data/metrics/repository-to-cpe.json
#include "advisory/feed.h"
#include "base/text.h"

namespace plimsoll::advisory {
namespace {

constexpr std::size_t kMaxCpes = 1000;  // of one repository; real ones have some dozens

int claims(const FeedFile& file) { return !file.json.empty() && file.has("\"cpes\"") && file.has("\"data\"") && file.has("cpe:/") ? 7 : 0; }

bool has_binaries(std::string_view name) { return name.find("-source-rpms") == std::string_view::npos && name.find("-debug-rpms") == std::string_view::npos; }

Status read(Input& input, FeedSink& sink, const Limits& limits) {
  return each_json(input, sink, limits, [&](JsonValue document, std::string_view where) {
    if (!document["data"].is_object()) return sink.note(where, "no table of repositories");
    for (const auto& [name, repository] : document["data"].members()) {
      if (!has_binaries(name)) continue;
      std::vector<std::string> cpes;
      for (const JsonValue& cpe : repository["cpes"].items())
        if (cpe.text().starts_with("cpe:/") && cpe.text().size() <= 256 && cpes.size() < kMaxCpes) cpes.push_back(to_utf8(cpe.text()));
      if (name.size() > 256 || !repository["cpes"].is_array()) sink.note(where, cat("a repository without a list of CPEs: ", to_utf8(name.substr(0, 100))));
      else if (!cpes.empty()) sink.repository(to_utf8(name), std::move(cpes));
    }
  });
}

}  // namespace

Feed redhat_repositories() { return {.name = "redhat_repositories", .source = "Red Hat, repository to CPE mapping", .licence = "CC-BY-4.0", .priority = 0, .scope = "rhel-product", .claims = claims, .read = read}; }
}  // namespace plimsoll::advisory
