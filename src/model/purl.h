// Package URL: pkg:type/namespace/name@version?qualifiers#subpath (package-url/purl-spec, PURL-SPECIFICATION.rst).
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>

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

// The canonical text, written straight from its parts: for those who need no Purl in between.
class PurlText {
 public:
  PurlText(std::string_view type, std::string_view ns, std::string_view name, std::string_view version);
  // Keys in alphabetical order; `behind_at` follows the value and an '@'. Nothing is written for an empty value.
  void qualify(std::string_view key, std::string_view value, std::string_view behind_at = {});
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  bool qualified_ = false;
};

// The source package that an `upstream` qualifier names, and its version where it says one: "glibc@2.36-9" (Syft writes only
// the name where the versions agree), "bash-5.1.8-6.el9.src.rpm". The version has no epoch.
std::pair<std::string, std::string> source_of_upstream(std::string_view upstream);

// "Flask_Login" -> "flask-login" (PEP 503).
std::string normalise_pypi_name(std::string_view name);

}  // namespace plimsoll
