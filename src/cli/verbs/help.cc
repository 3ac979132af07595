// help: the long answers, one topic each.
#include "cli/help.h"

#include "base/text.h"
#include "report/embedded.h"
#include "report/format.h"
#include "standard/field.h"
#include "standard/reference.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kTargets =
    "TARGET names what to scan:\n"
    "  registry/repo:tag[@digest]   an image in a registry (docker.io when no host is given)\n"
    "  oci:DIR[:tag]                an OCI layout, as a folder\n"
    "  oci-archive:FILE[:tag]       an OCI layout, as a tar file\n"
    "  docker-archive:FILE[:name]   what `docker save` writes\n"
    "  docker:REF                   an image of the Docker engine, by its socket\n"
    "  containerd:REF               an image in containerd's content store\n"
    "  podman:REF                   an image in podman's or buildah's storage\n"
    "  rootfs:DIR                   an unpacked root file system\n"
    "  dir:DIR                      a directory of source code: lock files and manifests\n"
    "  sbom:FILE                    a CycloneDX or SPDX document\n"
    "A path that exists needs no prefix when its kind is plain.\n";

constexpr std::string_view kExitCodes =
    "0  done, and it passes\n"
    "1  done, and a standard, --fail-on, verification or comparison says no\n"
    "2  the command line is wrong\n"
    "3  could not do the work: unreadable input, a layer that is cut short or fails its digest, no database, network\n"
    "4  done, but parts were unreadable: the report says \"complete\": false and names its gaps. Only with --fail-on,\n"
    "   --standard or --strict, and not with --allow-incomplete; otherwise such a scan exits 0 and says so on stderr\n"
    "1 wins over 4.\n";

constexpr std::string_view kConfiguration =
    "Each option is looked for on the command line, then in the environment as PLIMSOLL_NAME (--fail-on is\n"
    "PLIMSOLL_FAIL_ON), then in plimsoll.yaml of the project (this folder or the nearest above), then in\n"
    "$XDG_CONFIG_HOME/plimsoll/plimsoll.yaml, and then has its default. In a file, options of one verb stand under it:\n"
    "  db: /srv/plimsoll/advisories.db\n"
    "  scan:\n"
    "    fail-on: high:fixed\n"
    "State lies in $XDG_CACHE_HOME/plimsoll (layer results) and $XDG_DATA_HOME/plimsoll (advisory database, keys).\n";

std::string format_list() {
  std::string out;
  for (const report::Format& format : report::formats()) {
    std::string name = format.name;
    for (char& c : name)
      if (c == '_') c = '-';
    name.resize(std::max<std::size_t>(name.size() + 2, 16), ' ');
    out += cat("  ", name, format.description, "\n");
  }
  return out;
}

}  // namespace

Verb help() {
  return {.name = "help",
          .summary = "A topic at length: targets, exit-codes, configuration, formats, report, standard-schema, standard-fields, manual, or a verb",
          .examples = {"plimsoll help targets", "plimsoll help report >report.schema.json", "plimsoll help manual | man -l -"},
          .declare = [](Options& options) -> Action {
            const auto words = std::make_shared<std::vector<std::string>>();
            options.arguments("TOPIC", *words, "a topic, or a verb", false);
            return [words](Context& context) {
              const std::string topic = words->empty() ? "" : words->front();
              if (topic.empty()) context.out(help_overview());
              else if (topic == "targets") context.out(kTargets);
              else if (topic == "exit-codes") context.out(kExitCodes);
              else if (topic == "configuration") context.out(kConfiguration);
              else if (topic == "formats") context.out(format_list());
              else if (topic == "report") context.out(report::report_schema());
              else if (topic == "standard-schema") context.out(standard::standard_schema());
              else if (topic == "standard-fields") context.out(standard::fields_as_markdown());
              else if (topic == "manual") context.out(manual_page());
              else if (find_verb(*words)) {
                std::vector<const char*> arguments = {"plimsoll"};
                for (const std::string& word : *words) arguments.push_back(word.c_str());
                arguments.push_back("--help");
                return run(static_cast<int>(arguments.size()), arguments.data());
              } else if (const std::string group = help_group(topic); !group.empty()) context.out(group);
              else return context.usage(cat("no help on \"", to_utf8(topic), "\"; the topics are targets, exit-codes, configuration, formats, report, standard-schema, standard-fields, manual, and every verb"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
