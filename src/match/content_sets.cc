#include "match/content_sets.h"

#include <algorithm>

#include "base/text.h"

namespace plimsoll::match {
namespace {

bool is_number(std::string_view text) { return !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string_view::npos; }

// The words of a name that are streams, as CPEs call them.
std::string_view stream_of_word(std::string_view word) {
  static constexpr std::pair<std::string_view, std::string_view> kStreams[] = {{"eus", "rhel_eus"}, {"aus", "rhel_aus"}, {"tus", "rhel_tus"}, {"e4s", "rhel_e4s"}, {"els", "rhel_els"}};
  for (const auto& [name, product] : kStreams)
    if (word == name) return product;
  return {};
}

}  // namespace

bool EnabledProducts::has(std::string_view key, std::string_view channel) const {
  return std::any_of(products.begin(), products.end(), [&](const EcosystemRef& p) {
    if (p.key != key) return false;
    // "eus:9", of a repository that names no minor release: the streams of all of them.
    const bool all = !p.channel.empty() && p.channel.find('.') == std::string::npos && channel.size() > p.channel.size() && channel[p.channel.size()] == '.';
    return p.channel == channel || (all && channel.starts_with(p.channel));
  });
}

bool EnabledProducts::any_stream_of(std::string_view key) const {
  return std::any_of(products.begin(), products.end(), [&](const EcosystemRef& p) { return p.key == key; });
}

std::string_view content_sets_of(const Package& package) {
  if (package.type != "rpm") return {};
  const std::string_view sets = package.property("content-sets");
  return sets.empty() ? package.property("purl:repository_id") : sets;
}

std::vector<std::string> cpes_of_name(std::string_view repository) {
  const auto [name, release] = [&]() -> std::pair<std::string_view, std::string_view> {
    const std::size_t at = repository.find("__");  // "...__9_DOT_2": of that minor release
    return at == std::string_view::npos ? std::pair(repository, std::string_view{}) : std::pair(repository.substr(0, at), repository.substr(at + 2));
  }();
  const std::vector<std::string_view> words = split(name, '-');
  std::string_view major;
  const bool own = words[0] == "rhel" || words[0] == "ubi";
  if (own && words.size() > 3 && is_number(words[1])) major = words[1];
  else if (name.starts_with("codeready-builder-for-rhel-") || name.starts_with("codeready-builder-for-ubi-")) {
    if (words.size() > 5 && is_number(words[4])) major = words[4];
  }
  if (major.empty() || (words.back() != "rpms" && words.back() != "source" && words.back() != "debug")) return {};
  std::string_view stream;
  for (const std::string_view word : words)
    if (const std::string_view found = stream_of_word(word); !found.empty()) stream = found;
  if (stream.empty()) return {cat("cpe:/o:redhat:enterprise_linux:", major)};
  const std::size_t dot = release.find("_DOT_");
  if (release.empty()) return {cat("cpe:/o:redhat:", stream, ":", major)};
  if (dot == std::string_view::npos || release.substr(0, dot) != major || !is_number(release.substr(dot + 5))) return {};  // a stream of no release
  const std::string minor = cat(major, ".", release.substr(dot + 5));
  // Since RHEL 10 the stream is called by another product.
  return {stream == "rhel_eus" && major.size() > 1 ? cat("cpe:/o:redhat:enterprise_linux_eus:", minor) : cat("cpe:/o:redhat:", stream, ":", minor)};
}

Result<const EnabledProducts*> ContentSetTable::of(std::string_view names) {
  if (const auto at = seen_.find(names); at != seen_.end()) return &at->second;
  EnabledProducts out;
  for (const std::string_view name : split(names, ' ')) {
    if (name.empty()) continue;
    PLIM_TRY(std::vector<std::string> cpes, index_.repository(name));
    if (cpes.empty()) cpes = cpes_of_name(name);
    bool known = false;
    for (const std::string& cpe : cpes) {
      EcosystemRef product = ecosystem_of_cpe(cpe);
      if (product.key.empty()) continue;
      known = true;
      out.beside_rhel = out.beside_rhel || product.key.starts_with("rhel-product:");
      if (!out.has(product.key, product.channel)) out.products.push_back(std::move(product));
    }
    if (!known) out.unknown.emplace_back(name);
  }
  std::sort(out.products.begin(), out.products.end(), [](const EcosystemRef& a, const EcosystemRef& b) { return std::pair(a.key, a.channel) < std::pair(b.key, b.channel); });
  for (const EcosystemRef& product : out.products)
    for (std::string& key : product_keys(product.key))
      if (std::find(out.keys.begin(), out.keys.end(), key) == out.keys.end()) out.keys.push_back(std::move(key));
  return &seen_.emplace(std::string(names), std::move(out)).first->second;
}

}  // namespace plimsoll::match
