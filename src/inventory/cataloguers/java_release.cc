// java_release: Java runtimes by the `release` file at their root.
//
// Input   **/release with JAVA_VERSION; hostile. Other files of that name say nothing and give nothing.
// Output  one generic package per runtime, named after its vendor's product, with a CPE.
// Errors  none.
// Cost    O(bytes), at most 64 KiB.
// Source  JEP 223 (version strings), the release file as OpenJDK's make writes it.
#include <array>

#include "inventory/cataloguer.h"

namespace plimsoll::inventory {
namespace {

struct Product {
  std::string_view implementor;  // how IMPLEMENTOR begins, lower case
  std::string_view name, cpe_vendor, cpe_product;
};
constexpr std::array<Product, 12> kProducts = {{
    {"eclipse adoptium", "temurin", "eclipse", "temurin"},
    {"adoptopenjdk", "adoptopenjdk", "adoptium", "adoptopenjdk"},
    {"azul", "zulu", "azul", "zulu"},
    {"amazon", "corretto", "amazon", "corretto"},
    {"bellsoft", "liberica", "bellsoft", "libericajdk"},
    {"microsoft", "microsoft-openjdk", "microsoft", "build_of_openjdk"},
    {"sap", "sapmachine", "sap", "sapmachine"},
    {"ibm", "semeru", "ibm", "semeru_runtime"},
    {"international business", "semeru", "ibm", "semeru_runtime"},
    {"graalvm", "graalvm", "oracle", "graalvm"},
    {"red hat", "openjdk", "redhat", "openjdk"},
    {"oracle", "jdk", "oracle", "jdk"},
}};

Result<Facts> extract(const FileView& file, const Limits&) {
  constexpr std::size_t kMostBytes = 64 << 10;
  Facts facts;
  std::string_view rest = as_text(file.content).substr(0, kMostBytes), line;
  std::string version, runtime, implementor;
  bool graal = false;
  while (next_line(rest, line)) {
    const auto [key, quoted] = cut(line, '=');
    std::string_view value = trim(quoted);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (key == "JAVA_VERSION") version = to_utf8(value);
    if (key == "JAVA_RUNTIME_VERSION" || key == "FULL_VERSION" || key == "SEMANTIC_VERSION") runtime = runtime.empty() ? to_utf8(value) : runtime;
    if (key == "IMPLEMENTOR") implementor = lower(value);
    graal |= key == "GRAALVM_VERSION";
  }
  if (version.empty()) return facts;
  Package p{.type = "generic", .name = "openjdk", .version = version};
  std::string_view vendor = "oracle", product = "openjdk";
  for (const Product& known : kProducts) {
    if (!implementor.starts_with(known.implementor) && !(graal && known.name == "graalvm")) continue;
    p.name = known.name;
    vendor = known.cpe_vendor;
    product = known.cpe_product;
    break;
  }
  p.set_property("cpe", cat("cpe:2.3:a:", vendor, ":", product, ":", version, ":*:*:*:*:*:*:*"));
  if (!runtime.empty()) p.set_property("runtime-version", runtime);
  if (!implementor.empty()) p.set_property("vendor", implementor);
  facts.packages.push_back(std::move(p));
  return facts;
}

}  // namespace

Cataloguer java_release() {
  return {.name = "java_release", .paths = {"**/release"}, .scope = Scope::Image, .input = Posture::Hostile, .extract = extract, .resolve = resolve_each};
}

}  // namespace plimsoll::inventory
