// Package URL: pkg:type/namespace/name@version?qualifiers#subpath (package-url/purl-spec, PURL-SPECIFICATION.rst).
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace plimsoll {

struct Purl {
  std::string type, ns, name, version, subpath;             // decoded
  std::map<std::string, std::string, std::less<>> qualifiers;  // decoded, keys lower case

  // Canonical text: type rules for case and separators applied (pypi, github, npm scopes...), qualifiers sorted.
  std::string text() const;
  // Errors: Malformed. Type and namespace rules are applied, so that parse(x).text() is canonical.
  static Result<Purl> parse(std::string_view text);
};

// "Flask_Login" -> "flask-login" (PEP 503).
std::string normalise_pypi_name(std::string_view name);

}  // namespace plimsoll
