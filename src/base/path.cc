#include "base/path.h"

#include "base/text.h"

namespace plimsoll {

std::string normalise_path(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t start = 0; start <= path.size();) {
    std::size_t end = path.find('/', start);
    if (end == std::string_view::npos) end = path.size();
    const std::string_view part = path.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      out.resize(parent_path(out).size());
      continue;
    }
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string resolve_link(std::string_view link, std::string_view target) {
  if (target.starts_with('/')) return normalise_path(target);
  return normalise_path(cat(parent_path(link), "/", target));
}

}  // namespace plimsoll
