// github_actions: the actions and reusable workflows that a repository's workflows run.
//
// Input   .github/workflows/*.yml, .github/actions/**/action.yml, action.yml; hostile.
// Output  one githubactions Package for each "uses: owner/name[/path]@ref", version as written; for a commit with a
//         comment that names its release ("@0123... # v4.1.0") the release, and the commit in property "vcs-commit".
//         Local actions and docker:// images are none.
// Errors  Limit. A reference without "@" is a gap.
// Cost    one pass by lines: the place of each is kept.
// Source  docs.github.com: workflow syntax, jobs.<id>.steps[*].uses.
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

bool is_commit(std::string_view ref) {
  return ref.size() == 40 && ref.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  PLIM_TRY(std::string_view text, text_of(file, limits));
  Harvest harvest(file, "github_actions", limits);
  std::string_view line;
  for (std::uint32_t number = 1; next_line(text, line); ++number) {
    std::string_view item = trim(line);
    if (item.starts_with("- ")) item = trim(item.substr(2));
    if (!item.starts_with("uses:") && !item.starts_with("\"uses\":")) continue;
    item = trim(item.substr(item.find(':') + 1));
    const std::size_t comment_at = item.find(" #");
    const std::string_view comment =
        comment_at == std::string_view::npos ? std::string_view() : trim(item.substr(comment_at + 2));
    const std::string_view reference = unquote(trim(item.substr(0, comment_at)));
    if (reference.empty() || reference.starts_with("./") || reference.starts_with("../") ||
        reference.starts_with("docker://") || reference.find("${{") != std::string_view::npos)
      continue;
    const auto [place, ref] = cut(reference, '@');
    const auto parts = split(place, '/');
    if (ref.empty() || parts.size() < 2) {
      harvest.gap(cat("line ", number, ": \"", to_utf8(reference.substr(0, 100)), "\" names no version"));
      continue;
    }
    std::string_view version = ref;
    const std::string_view release = comment.substr(0, comment.find(' '));
    const bool named =
        is_commit(ref) && release.size() > 1 && (release[0] == 'v' || (release[0] >= '0' && release[0] <= '9'));
    if (named) version = release;
    const std::size_t before = harvest.packages().size();
    Package* package = harvest.add("githubactions", parts[0], parts[1], version);
    if (!package) continue;
    if (is_commit(ref)) package->set_property("vcs-commit", ref);
    if (parts.size() > 2 && package->property("path").empty())
      package->set_property("path", place.substr(parts[0].size() + parts[1].size() + 2));
    if (harvest.packages().size() > before) harvest.facts().notes.emplace_back("line", std::to_string(number));
  }
  return harvest.take();
}

Result<Catalogue> resolve(const SquashedFacts& facts) {
  Catalogue out;
  for (const FileFacts& file : facts.files)
    for (std::size_t i = 0; i < file.facts->packages.size(); ++i) {
      Package package = file.facts->packages[i];
      package.locations = {facts.location(file)};
      if (i < file.facts->notes.size())
        package.locations.front().line = static_cast<std::uint32_t>(parse_u64(file.facts->notes[i].second).value_or(0));
      out.packages.push_back(std::move(package));
    }
  return out;
}

}  // namespace

Cataloguer github_actions() {
  return {
      .name = "github_actions",
      .version = 1,
      .paths = {"**/.github/workflows/*.{yml,yaml}", "**/.github/actions/**/action.{yml,yaml}", "action.{yml,yaml}"},
      .scope = Scope::Directory,
      .input = Posture::Hostile,
      .extract = extract,
      .resolve = resolve};
}

}  // namespace plimsoll::inventory
