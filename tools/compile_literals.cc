// compile_literals OUT.cc FOLDER: the shipped rules' literals as Hyperscan databases, for the program to carry.
//
// Runs while the program is built. For each set of literals (secrets, malware) one database for processors with SSSE3 and one
// for those with AVX2, each under what it goes by (literal_search.h), so that one of other rules or of another version of the
// library is never used. FOLDER is for its own files. Without libhs the table is empty: rules are then compiled at run time.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "detect/malware/malware.h"
#include "detect/secrets/scanner.h"

namespace plimsoll::detect {

// This program carries none: it makes them.
const std::vector<std::pair<std::string_view, std::string_view>>& shipped_literal_databases();
const std::vector<std::pair<std::string_view, std::string_view>>& shipped_literal_databases() {
  static const std::vector<std::pair<std::string_view, std::string_view>> none;
  return none;
}

}  // namespace plimsoll::detect

namespace {

using namespace plimsoll;
using namespace plimsoll::detect;
namespace fs = std::filesystem;

// Octal escapes have an end of their own, unlike \x; short pieces keep compilers' length limits away.
std::string literal_of(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 4000 == 0) out += i == 0 ? "\"" : "\"\n\"";
    const auto c = static_cast<unsigned char>(bytes[i]);
    out += {'\\', static_cast<char>('0' + (c >> 6)), static_cast<char>('0' + (c >> 3 & 7)), static_cast<char>('0' + (c & 7))};
  }
  return cat(out, "\"");
}

Result<std::vector<std::vector<Literal>>> shipped_sets() {
  KeyRules keys = shipped_key_rules();
  std::vector<RuleSet> sets;
  sets.push_back(shipped_secret_rules());
  PLIM_TRY(const SecretScanner scanner, SecretScanner::build(std::move(sets), {.method = LiteralSearch::Method::Portable, .key_rules = std::move(keys.rules)}));
  PLIM_TRY(const MalwareRules malware, shipped_malware_rules());
  return std::vector<std::vector<Literal>>{scanner.literals(), scanner.binary_literals(), malware.literals()};
}

Status run(const std::string& out, const std::string& folder) {
  PLIM_TRY(const auto sets, shipped_sets());
  std::error_code error;
  fs::remove_all(folder, error);
  for (const auto& literals : sets) {
    PLIM_TRY(const LiteralSearch any, LiteralSearch::build(literals, folder, LiteralSearch::Method::Ssse3));
    if (!any.accelerated()) std::fprintf(stderr, "compile_literals: no libhs.so.5 here, or no SSSE3: the program compiles its rules at run time\n");
    // A processor without AVX2 compiles for one that has it; only trying it out fails.
    static_cast<void>(LiteralSearch::build(literals, folder, LiteralSearch::Method::Avx2).has_value());
  }
  std::string rows;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    PLIM_TRY(const std::string stored, read_file(file.string()));
    // literals-NAME.hsdb; 32 bytes of hash, then the database (literal_search.cc).
    const std::string name = file.stem().string().substr(std::string_view("literals-").size());
    const std::string body = mask_database(std::string_view(stored).substr(32));
    rows += cat("      {\"", name, "\", {", literal_of(body), ", ", body.size(), "}},\n");
  }
  const std::string text = cat(
      "// Written by tools/compile_literals.cc.\n"
      "#include <string_view>\n#include <utility>\n#include <vector>\n\n"
      "namespace plimsoll::detect {\n"
      "const std::vector<std::pair<std::string_view, std::string_view>>& shipped_literal_databases();\n"
      "const std::vector<std::pair<std::string_view, std::string_view>>& shipped_literal_databases() {\n"
      "  static const std::vector<std::pair<std::string_view, std::string_view>> databases = {\n",
      rows, "  };\n  return databases;\n}\n}  // namespace plimsoll::detect\n");
  // Left alone when nothing changed: then nothing behind it is built anew.
  if (const auto old = read_file(out); old && *old == text) return Ok{};
  return replace_file(out, as_bytes(text));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: compile_literals OUT.cc FOLDER\n"), 2;
  if (const auto done = run(argv[1], argv[2]); !done) return std::fprintf(stderr, "compile_literals: %s\n", done.error().message().c_str()), 1;
  return 0;
}
