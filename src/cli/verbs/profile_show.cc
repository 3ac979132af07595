// profile show: what a binary profile holds.
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/profiles.h"
#include "cli/verb.h"

namespace plimsoll::cli {
namespace {

std::string octal(std::uint32_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

std::string as_json(const std::vector<profile::ProfileEntry>& entries) {
  std::string out;
  JsonWriter json(out, true);
  json.begin_object().key("executables").begin_array();
  for (const profile::ProfileEntry& e : entries) {
    json.on_one_line([&](JsonWriter& record) {
      record.begin_object().member("path", e.path).member("kind", profile::to_string(e.facts.kind)).member("mode", octal(e.facts.mode)).member("sizeBytes", e.facts.size_bytes);
      record.member("sha256", to_hex(e.facts.sha256)).member("fsverity", to_hex(e.facts.verity)).text_member("buildId", to_hex(e.facts.build_id));
      record.text_member("interpreter", e.facts.interpreter).text_member("capabilities", to_hex(e.facts.capabilities)).text_member("package", e.owner).text_member("layer", e.layer);
      record.end_object();
    });
  }
  json.end_array().end_object();
  return out + "\n";
}

std::string as_table(const std::vector<profile::ProfileEntry>& entries) {
  std::string out;
  for (const profile::ProfileEntry& e : entries)
    out += cat(octal(e.facts.mode), "  ", to_hex(e.facts.sha256).substr(0, 12), "  ", to_utf8(e.path), e.owner.empty() ? "" : "  ", e.owner, "\n");
  return cat(out, entries.size(), " executables\n");
}

}  // namespace

Verb profile_show() {
  return {.name = "profile show",
          .summary = "What can be executed in an image, by its binary profile",
          .examples = {"plimsoll profile show report.json", "plimsoll profile show sha256:4e1f... --format json"},
          .declare = [](Options& options) -> Action {
            const auto name = std::make_shared<std::string>(), folder = std::make_shared<std::string>(), format = std::make_shared<std::string>("table");
            options.argument("PROFILE", *name, "a profile's file, a report of a scan, or a digest")
                .choice("-f,--format", *format, {"table", "json"}, "form of the result")
                .value("--profile-dir", *folder, "folder of stored profiles, instead of the cache's");
            return [=](Context& context) {
              const auto entries = load_profile(*name, *folder);
              if (!entries) return context.fail(entries.error(), "plimsoll scan IMAGE --profile-dir DIR stores one");
              context.out(*format == "json" ? as_json(*entries) : as_table(*entries));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
