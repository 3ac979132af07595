#include "inventory/metadata_license.h"

#include <algorithm>

#include "base/text.h"
#include "inventory/harvest.h"
#include "inventory/licenses.h"

namespace plimsoll::inventory {
namespace {

constexpr std::size_t kLongestExpression = 2000;

// Names after words() has taken out what says nothing ("the", "license", "version"...): words joined by one space.
constexpr std::pair<std::string_view, std::string_view> kNames[] = {
    {"apache", "Apache-2.0"},  // only "Apache License" without a number: 1.x has not been used for new work since 2004
    {"apache 2", "Apache-2.0"},
    {"apache 2.0", "Apache-2.0"},
    {"asl 2.0", "Apache-2.0"},
    {"al 2.0", "Apache-2.0"},
    {"apache 1.1", "Apache-1.1"},
    {"mit", "MIT"},
    {"expat", "MIT"},
    {"mit expat", "MIT"},
    {"mit x11", "MIT"},
    {"x11 mit", "MIT"},
    {"bsd 2 clause", "BSD-2-Clause"},
    {"2 clause bsd", "BSD-2-Clause"},
    {"simplified bsd", "BSD-2-Clause"},
    {"freebsd", "BSD-2-Clause"},
    {"bsd simplified", "BSD-2-Clause"},
    {"bsd 3 clause", "BSD-3-Clause"},
    {"3 clause bsd", "BSD-3-Clause"},
    {"new bsd", "BSD-3-Clause"},
    {"modified bsd", "BSD-3-Clause"},
    {"revised bsd", "BSD-3-Clause"},
    {"bsd new", "BSD-3-Clause"},
    {"bsd 3 clause new or revised", "BSD-3-Clause"},
    {"bsd 4 clause", "BSD-4-Clause"},
    {"eclipse distribution 1.0", "BSD-3-Clause"},
    {"edl 1.0", "BSD-3-Clause"},
    {"zero clause bsd", "0BSD"},
    {"isc", "ISC"},
    {"isc iscl", "ISC"},
    {"gpl 2", "GPL-2.0-only"},
    {"gpl 2.0", "GPL-2.0-only"},
    {"gplv2", "GPL-2.0-only"},
    {"gnu general public 2", "GPL-2.0-only"},
    {"gnu general public 2.0", "GPL-2.0-only"},
    {"gpl 2+", "GPL-2.0-or-later"},
    {"gplv2+", "GPL-2.0-or-later"},
    {"gpl >= 2", "GPL-2.0-or-later"},
    {"gnu general public 2 or later", "GPL-2.0-or-later"},
    {"gpl 3", "GPL-3.0-only"},
    {"gpl 3.0", "GPL-3.0-only"},
    {"gplv3", "GPL-3.0-only"},
    {"gnu general public 3", "GPL-3.0-only"},
    {"gpl 3+", "GPL-3.0-or-later"},
    {"gplv3+", "GPL-3.0-or-later"},
    {"gpl >= 3", "GPL-3.0-or-later"},
    {"gnu general public 3 or later", "GPL-3.0-or-later"},
    {"lgpl 2", "LGPL-2.0-only"},
    {"lgpl 2.1", "LGPL-2.1-only"},
    {"lgplv2.1", "LGPL-2.1-only"},
    {"gnu lesser general public 2.1", "LGPL-2.1-only"},
    {"gnu lesser general public 2", "LGPL-2.0-only"},
    {"gnu library or lesser general public", "LGPL-2.0-or-later"},
    {"lgpl 2.1+", "LGPL-2.1-or-later"},
    {"lgplv2.1+", "LGPL-2.1-or-later"},
    {"lgplv2+", "LGPL-2.0-or-later"},
    {"gnu lesser general public 2 or later", "LGPL-2.0-or-later"},
    {"gnu lesser general public 2.1 or later", "LGPL-2.1-or-later"},
    {"lgpl 3", "LGPL-3.0-only"},
    {"lgpl 3.0", "LGPL-3.0-only"},
    {"lgplv3", "LGPL-3.0-only"},
    {"gnu lesser general public 3", "LGPL-3.0-only"},
    {"lgpl 3+", "LGPL-3.0-or-later"},
    {"lgplv3+", "LGPL-3.0-or-later"},
    {"gnu lesser general public 3 or later", "LGPL-3.0-or-later"},
    {"agpl 3", "AGPL-3.0-only"},
    {"agpl 3.0", "AGPL-3.0-only"},
    {"agplv3", "AGPL-3.0-only"},
    {"gnu affero general public 3", "AGPL-3.0-only"},
    {"gnu affero general public 3 or later", "AGPL-3.0-or-later"},
    {"gpl 2 w classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gpl 2 w cpe", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gpl2 w cpe", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gnu general public 2 with classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"gnu general public 2 with gnu classpath exception", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"cddl", "CDDL-1.0"},
    {"cddl 1.0", "CDDL-1.0"},
    {"cddl 1.1", "CDDL-1.1"},
    {"common development and distribution 1.0", "CDDL-1.0"},
    {"common development and distribution 1.1", "CDDL-1.1"},
    {"cddl + gplv2 with classpath exception", "CDDL-1.0 OR GPL-2.0-only WITH Classpath-exception-2.0"},
    {"eclipse public 1.0", "EPL-1.0"},
    {"epl 1.0", "EPL-1.0"},
    {"eclipse public 2.0", "EPL-2.0"},
    {"eclipse public 2", "EPL-2.0"},
    {"epl 2.0", "EPL-2.0"},
    {"epl 2", "EPL-2.0"},
    {"mozilla public 1.1", "MPL-1.1"},
    {"mpl 1.1", "MPL-1.1"},
    {"mozilla public 2.0", "MPL-2.0"},
    {"mozilla public 2", "MPL-2.0"},
    {"mpl 2.0", "MPL-2.0"},
    {"mpl 2", "MPL-2.0"},
    {"python foundation", "PSF-2.0"},
    {"psf", "PSF-2.0"},
    {"psfl", "PSF-2.0"},
    {"unlicense", "Unlicense"},
    {"unlicense unlicense", "Unlicense"},
    {"cc0", "CC0-1.0"},
    {"cc0 1.0", "CC0-1.0"},
    {"cc0 1.0 universal cc0 1.0 public domain dedication", "CC0-1.0"},
    {"public domain cc0", "CC0-1.0"},
    {"creative commons attribution 4.0", "CC-BY-4.0"},
    {"zlib", "Zlib"},
    {"zlib libpng", "Zlib"},
    {"boost 1.0", "BSL-1.0"},
    {"boost", "BSL-1.0"},
    {"boost 1.0 bsl 1.0", "BSL-1.0"},
    {"artistic 2.0", "Artistic-2.0"},
    {"artistic 2", "Artistic-2.0"},
    {"perl 5", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
    {"perl_5", "Artistic-1.0-Perl OR GPL-1.0-or-later"},
    {"ruby", "Ruby"},
    {"wtfpl", "WTFPL"},
    {"academic free 2.1", "AFL-2.1"},
    {"academic free 3.0", "AFL-3.0"},
    {"historical permission notice and disclaimer hpnd", "HPND"},
    {"historical permission notice and disclaimer", "HPND"},
    {"upl 1.0", "UPL-1.0"},
    {"universal permissive 1.0", "UPL-1.0"},
    {"european union public 1.2 eupl 1.2", "EUPL-1.2"},
    {"european union public 1.2", "EUPL-1.2"},
    {"bouncy castle", "MIT"},
    {"go", "BSD-3-Clause"},
    {"mulan psl 2", "MulanPSL-2.0"},
    {"indiana university extreme! lab 1.1.1", "xpp"},
};

// Where a licence's text lives: the address without scheme and "www.", matched at its front.
constexpr std::pair<std::string_view, std::string_view> kAddresses[] = {
    {"apache.org/licenses/license-2.0", "Apache-2.0"},
    {"apache.org/licenses/license-1.1", "Apache-1.1"},
    {"opensource.org/licenses/apache-2.0", "Apache-2.0"},
    {"opensource.org/licenses/mit", "MIT"},
    {"opensource.org/license/mit", "MIT"},
    {"opensource.org/licenses/bsd-2-clause", "BSD-2-Clause"},
    {"opensource.org/licenses/bsd-3-clause", "BSD-3-Clause"},
    {"opensource.org/license/bsd-3-clause", "BSD-3-Clause"},
    {"opensource.org/licenses/isc", "ISC"},
    {"opensource.org/licenses/mpl-2.0", "MPL-2.0"},
    {"opensource.org/licenses/upl", "UPL-1.0"},
    {"licenses.nuget.org/", ""},  // what follows is an expression
    {"spdx.org/licenses/", ""},
    {"eclipse.org/legal/epl-v10", "EPL-1.0"},
    {"eclipse.org/legal/epl-2.0", "EPL-2.0"},
    {"eclipse.org/legal/epl-v20", "EPL-2.0"},
    {"eclipse.org/org/documents/edl-v10", "BSD-3-Clause"},
    {"eclipse.org/org/documents/epl-v10", "EPL-1.0"},
    {"mozilla.org/mpl/2.0", "MPL-2.0"},
    {"mozilla.org/en-us/mpl/2.0", "MPL-2.0"},
    {"mozilla.org/mpl/mpl-1.1", "MPL-1.1"},
    {"gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only"},
    {"gnu.org/licenses/lgpl-2.1", "LGPL-2.1-only"},
    {"gnu.org/licenses/lgpl-3.0", "LGPL-3.0-only"},
    {"gnu.org/licenses/old-licenses/gpl-2.0", "GPL-2.0-only"},
    {"gnu.org/licenses/gpl-2.0", "GPL-2.0-only"},
    {"gnu.org/licenses/gpl-3.0", "GPL-3.0-only"},
    {"gnu.org/licenses/agpl-3.0", "AGPL-3.0-only"},
    {"gnu.org/software/classpath/license", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"openjdk.java.net/legal/gplv2+ce", "GPL-2.0-only WITH Classpath-exception-2.0"},
    {"creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"},
    {"creativecommons.org/licenses/by/4.0", "CC-BY-4.0"},
    {"bouncycastle.org/licen", "MIT"},
    {"unlicense.org", "Unlicense"},
    {"go.microsoft.com/fwlink/?linkid=329770", "LicenseRef-Microsoft-dotnet-library"},
};

std::string words(std::string_view text) {
  static constexpr std::string_view kSilent[] = {"the",      "license", "licence", "licenses",  "version",
                                                 "software", "v",       "ver",     "agreement", "under",
                                                 "terms",    "lgpl-",   "osi",     "approved",  "public-domain"};
  std::string out, word;
  const auto flush = [&] {
    if (word.size() > 1 && word[0] == 'v' && word[1] >= '0' && word[1] <= '9') word.erase(0, 1);  // v2.0
    while (word.ends_with('.')) word.pop_back();
    if (!word.empty() && std::find(std::begin(kSilent), std::end(kSilent), word) == std::end(kSilent)) {
      if (!out.empty()) out.push_back(' ');
      out += word;
    }
    word.clear();
  };
  int parentheses = 0;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw + 32) : raw;
    if (c == '(') ++parentheses;
    if (c == ')' && parentheses > 0) {
      --parentheses;
      word.clear();  // what stands in parentheses is an abbreviation of what stood before
      continue;
    }
    if (parentheses > 0) continue;
    if (c == ' ' || c == ',' || c == '-' || c == '/' || c == '\t' || c == '"' || c == ';')
      flush();
    else
      word.push_back(c);
  }
  flush();
  return out;
}

std::string_view by_name(std::string_view text) {
  const std::string key = words(text);
  for (const auto& [name, id] : kNames)
    if (name == key) return id;
  return {};
}

}  // namespace

std::string metadata_license(std::string_view raw) {
  std::string_view text = trim(raw);
  // A whole licence text in the field: its first line mostly is the name.
  text = trim(text.substr(0, text.find('\n')));
  if (const std::size_t classifier = text.rfind(" :: ");
      text.starts_with("License :: ") && classifier != std::string_view::npos) {
    if (text == "License :: OSI Approved") return {};
    text = text.substr(classifier + 4);
  }
  text = trim(unquote(text));
  if (text.empty() || equals_ignore_case(text, "unknown") || equals_ignore_case(text, "none") ||
      text.starts_with("SEE LICENSE") || text == "UNLICENSED" || text.starts_with("file "))
    return {};
  if (text.size() > kLongestExpression) return license_or_text(text);
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme > 5) {
    if (std::string known = spdx_expression(text); !known.empty()) return known;
    const auto id = by_name(text);
    return id.empty() ? license_or_text(text) : std::string(id);
  }
  const std::string address = lower(text.substr(scheme + 3));
  const std::string_view key = std::string_view(address).substr(address.starts_with("www.") ? 4 : 0);
  for (const auto& [front, id] : kAddresses) {
    if (!key.starts_with(front)) continue;
    if (!id.empty()) return std::string(id);
    std::string_view expression = key.substr(front.size());
    if (expression.ends_with(".html")) expression.remove_suffix(5);
    if (std::string known = spdx_expression(expression); !known.empty()) return known;
  }
  return license_or_text(text);
}

void add_license(std::vector<std::string>& licenses, std::string_view text) {
  add_unique(licenses, metadata_license(text));
}

}  // namespace plimsoll::inventory
