// Scores files for tests/detect/webshell_accuracy: paths on standard input, one line each on standard output:
//   path <TAB> score <TAB> kind <TAB> source <TAB> way <TAB> sink <TAB> line <TAB> reasons; score 0 when there is no flow.
// With --everything files that the first look at a file's words rules out are followed too (detect/webshell/reach.h).
// With --time the milliseconds that each took stand before the path; with --gaps files read short are named too.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include "base/file.h"
#include "base/text.h"
#include "detect/webshell/analyse.h"

namespace plimsoll::detect {
const std::vector<std::pair<std::string_view, std::string_view>>& webshell_rules();
}

int main(int argc, char** argv) {
  using namespace plimsoll;
  using namespace plimsoll::detect;
  const bool timed = argc > 1 && std::string_view(argv[1]) == "--time";
  const bool everything = argc > 1 && std::string_view(argv[1]) == "--everything";
  web::RuleSet rules;
  for (const auto& [name, text] : webshell_rules()) {
    if (const Status added = rules.add(name, text, {}); !added) {
      std::fprintf(stderr, "%s\n", added.error().message().c_str());
      return 1;
    }
  }
  std::string path;
  while (std::getline(std::cin, path)) {
    const auto text = read_file(path);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().message().c_str());
      return 1;
    }
    std::fflush(stdout);
    const auto start = std::chrono::steady_clock::now();
    const web::Analysis found = web::analyse(rules, path, *text, {}, everything);
    const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    if (timed) std::printf("%.2f\t", ms);
    if (const web::Report* best = found.best()) {
      std::string reasons;
      for (const std::string& reason : best->reasons) reasons += reason + "; ";
      const std::string kind(to_string(best->kind));
      std::string row = cat(path, "\t", best->score, "\t", kind, "\t", best->source, ":", best->source_line, "\t", best->way, "\t", best->sink, "\t", best->line, "\t", reasons);
      for (char& c : row)
        if (c == '\n' || c == '\r' || c == '\0') c = ' ';
      std::printf("%s\n", row.c_str());
    } else {
      std::printf("%s\t0\t%s\n", path.c_str(), found.exhausted ? "exhausted" : found.candidate ? "" : "no candidate");
    }
  }
}
